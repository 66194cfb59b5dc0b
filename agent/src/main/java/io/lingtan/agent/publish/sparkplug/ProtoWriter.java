package io.lingtan.agent.publish.sparkplug;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the wire form of protocol buffers, as far as Sparkplug's payload needs it: varints,
 * doubles and what has a length (protobuf.dev, "Encoding": key = number &lt;&lt; 3 | wire type; 0
 * varint, 1 eight bytes, 2 length-delimited).
 */
final class ProtoWriter {

  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int WITH_LENGTH = 2;

  private byte[] bytes = new byte[256];
  private int size;

  /** A number without a sign, or with one in its 64-bit two's complement. */
  ProtoWriter number(int field, long value) {
    varint(((long) field << 3) | VARINT);
    varint(value);
    return this;
  }

  ProtoWriter flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  ProtoWriter decimal(int field, double value) {
    varint(((long) field << 3) | EIGHT_BYTES);
    room(Double.BYTES);
    long bits = Double.doubleToLongBits(value);
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      bytes[size++] = (byte) (bits >>> shift);
    }
    return this;
  }

  ProtoWriter text(int field, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return block(field, utf8, utf8.length);
  }

  /** A message in this one. */
  ProtoWriter message(int field, ProtoWriter inner) {
    return block(field, inner.bytes, inner.size);
  }

  private ProtoWriter block(int field, byte[] from, int length) {
    varint(((long) field << 3) | WITH_LENGTH);
    varint(length);
    room(length);
    System.arraycopy(from, 0, bytes, size, length);
    size += length;
    return this;
  }

  private void varint(long value) {
    room(10);
    long left = value;
    while ((left & ~0x7FL) != 0) {
      bytes[size++] = (byte) ((left & 0x7F) | 0x80);
      left >>>= 7;
    }
    bytes[size++] = (byte) left;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }

  int size() {
    return size;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }
}
