package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** State as bytes: whole numbers of as many bytes as they need, texts with their length before. */
final class StateBytes {

  private static final int PAYLOAD_BITS = 7;
  private static final int MORE = 0x80;

  private StateBytes() {}

  /** Writes. */
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

    /**
     * @param number ≥ 0
     */
    Writer number(long number) {
      long rest = number;
      while (rest >= MORE) {
        out.write((int) (rest & (MORE - 1)) | MORE);
        rest >>>= PAYLOAD_BITS;
      }
      out.write((int) rest);
      return this;
    }

    Writer text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      number(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    /** As distances: from, length, gap, length ... */
    Writer numbers(NumberSet set) {
      number(set.size());
      long before = 0;
      for (Range range : set.all()) {
        number(range.from() - before).number(range.length());
        before = range.to();
      }
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  /** Reads what {@link Writer} wrote; the state is our own, so anything else is a fault of ours. */
  static final class Reader {
    private final ByteBuffer in;

    Reader(byte[] bytes) {
      in = ByteBuffer.wrap(bytes);
    }

    long number() {
      long number = 0;
      int shift = 0;
      long part = in.get();
      while ((part & MORE) != 0) {
        number |= (part & (MORE - 1)) << shift;
        shift += PAYLOAD_BITS;
        part = in.get();
      }
      return number | part << shift;
    }

    int count() {
      return Math.toIntExact(number());
    }

    String text() {
      byte[] bytes = new byte[count()];
      in.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    NumberSet numbers() {
      NumberSet set = new NumberSet();
      long before = 0;
      for (int left = count(); left > 0; left--) {
        long from = before + number();
        before = from + number() - 1;
        set.add(from, before);
      }
      return set;
    }
  }
}
