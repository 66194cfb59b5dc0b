package io.lingtan.agent.journal;

import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The outer form of a segment: format byte, length unpacked, CRC-32 of the unpacked bytes, and
 * those deflated. The CRC is ours, because SQLite has none on its pages.
 */
final class Packing {
  /** Most bytes unpacked. A segment that claims more is damaged, not large. */
  static final int MOST = 4 << 20;

  private Packing() {}

  static byte[] pack(int format, byte[] plain) {
    if (plain.length > MOST) {
      throw new IllegalArgumentException("a segment of " + plain.length + " bytes");
    }
    CRC32 crc = new CRC32();
    crc.update(plain);
    ByteSink packed = new ByteSink();
    packed.put(format);
    packed.putVarint(plain.length);
    packed.putVarint(crc.getValue());
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setInput(plain);
      deflater.finish();
      byte[] part = new byte[4096];
      while (!deflater.finished()) {
        packed.put(part, deflater.deflate(part));
      }
    }
    return packed.toBytes();
  }

  static byte[] unpack(int format, byte[] packed) throws DamagedSegment {
    ByteSource source = new ByteSource(packed);
    int found = source.take();
    if (found != format) {
      throw new DamagedSegment("format " + found + " where " + format + " was expected");
    }
    byte[] plain = new byte[source.takeCount(MOST)];
    long expected = source.takeVarint();
    int start = source.position();
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed, start, packed.length - start);
      int length = inflater.inflate(plain);
      // The empty segment's end is only seen by asking for one byte more.
      boolean whole = length == plain.length && inflater.inflate(new byte[1]) == 0;
      if (!whole || !inflater.finished() || inflater.getRemaining() != 0) {
        throw new DamagedSegment("does not unpack to its " + plain.length + " bytes");
      }
    } catch (DataFormatException e) {
      throw new DamagedSegment("cannot be unpacked: " + e.getMessage(), e);
    }
    CRC32 crc = new CRC32();
    crc.update(plain);
    if (crc.getValue() != expected) {
      throw new DamagedSegment("its CRC is wrong");
    }
    return plain;
  }
}
