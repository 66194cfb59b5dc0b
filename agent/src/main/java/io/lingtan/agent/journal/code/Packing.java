package io.lingtan.agent.journal.code;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The outer form of a segment: format byte, length unpacked, CRC-32 of the segment's place and the
 * unpacked bytes, and those deflated. The CRC is ours, because SQLite has none on its pages; the
 * place is in it because it is only in the row's key. Format 1 had it over the bytes alone.
 */
public final class Packing {
  /** Most bytes unpacked. A segment that claims more is damaged, not large. */
  static final int MOST = 4 << 20;

  private static final int PLACELESS = 1;
  private static final int FORMAT = 2;

  private Packing() {}

  /**
   * Where a segment belongs.
   *
   * @param first seq of its first record
   */
  public record Place(String epoch, long first, int count) {}

  private static CRC32 crc(int format, Place place, byte[] plain) {
    CRC32 crc = new CRC32();
    if (format > PLACELESS) {
      crc.update(
          (place.epoch() + '/' + place.first() + '+' + place.count())
              .getBytes(StandardCharsets.UTF_8));
    }
    crc.update(plain);
    return crc;
  }

  public static byte[] pack(Place place, byte[] plain) {
    if (plain.length > MOST) {
      throw new IllegalArgumentException("a segment of " + plain.length + " bytes");
    }
    ByteSink packed = new ByteSink();
    packed.put(FORMAT);
    packed.putVarint(plain.length);
    packed.putVarint(crc(FORMAT, place, plain).getValue());
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

  public static byte[] unpack(Place place, byte[] packed) throws DamagedSegment {
    ByteSource source = new ByteSource(packed);
    int found = source.take();
    if (found < PLACELESS || found > FORMAT) {
      throw new DamagedSegment("format " + found + " where " + FORMAT + " was expected");
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
    if (crc(found, place, plain).getValue() != expected) {
      throw new DamagedSegment("its CRC is wrong");
    }
    return plain;
  }
}
