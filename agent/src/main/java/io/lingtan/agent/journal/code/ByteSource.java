package io.lingtan.agent.journal.code;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what a {@link ByteSink} wrote, and believes none of it. */
public final class ByteSource {
  private final byte[] bytes;
  private int at;

  public ByteSource(byte[] bytes) {
    this.bytes = bytes;
  }

  public int take() throws DamagedSegment {
    if (at >= bytes.length) {
      throw new DamagedSegment("ends after " + bytes.length + " bytes in the middle of a value");
    }
    return bytes[at++] & 0xff;
  }

  public long takeVarint() throws DamagedSegment {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int part = take();
      value |= (long) (part & 0x7f) << shift;
      if (part < 0x80) {
        return value;
      }
    }
    throw new DamagedSegment("a number of more than 64 bits at byte " + at);
  }

  public long takeSigned() throws DamagedSegment {
    long value = takeVarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A number that must be in 0..most: a count or an index. */
  public int takeCount(int most) throws DamagedSegment {
    return (int) takeCount((long) most);
  }

  public long takeCount(long most) throws DamagedSegment {
    long value = takeVarint();
    if (value < 0 || value > most) {
      throw new DamagedSegment("a count of " + value + " where at most " + most + " can be");
    }
    return value;
  }

  /** A number of bytes that must be there behind it. */
  private int takeLength() throws DamagedSegment {
    long length = takeVarint();
    if (length < 0 || length > bytes.length - at) {
      throw new DamagedSegment("a length of " + length + " where " + (bytes.length - at) + " are");
    }
    return (int) length;
  }

  public byte[] takeBytes() throws DamagedSegment {
    int length = takeLength();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  public String takeText() throws DamagedSegment {
    int length = takeLength();
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, length)).toString();
      at += length;
      return text;
    } catch (CharacterCodingException e) {
      throw new DamagedSegment("text that is not UTF-8 at byte " + at, e);
    }
  }

  public boolean isEmpty() {
    return at == bytes.length;
  }

  int position() {
    return at;
  }

  /** Nothing may be left: what is left was not understood. */
  public void end() throws DamagedSegment {
    if (at != bytes.length) {
      throw new DamagedSegment((bytes.length - at) + " bytes too many");
    }
  }
}
