package io.lingtan.agent.acquire.item;

/**
 * A read of one data item: DL/T 645-2007, control code 11H; CJ/T 188, control code 01H.
 *
 * @param id data identifier, sent low byte first: DI3 to DI0 of DL/T 645, 0..0x7FFFFFFF, where
 *     00010000H is the forward active energy; of CJ/T 188 two bytes, 0x901F in most meters
 * @param bytes length of its value, 1..196: a frame's data are at most 200 bytes, of which the
 *     identifier takes four
 * @param serial of CJ/T 188 the number that the answer must repeat, 0..255; else 0
 */
public record ItemRead(int id, int bytes, int serial) {

  /** Longest value that one frame carries. */
  public static final int MAX_BYTES = 196;

  public ItemRead {
    if (id < 0) {
      throw new IllegalArgumentException(
          "a data identifier is 0..7FFFFFFF, was " + Integer.toHexString(id));
    }
    if (bytes < 1 || bytes > MAX_BYTES) {
      throw new IllegalArgumentException("a value has 1..196 bytes, was " + bytes);
    }
    if (serial < 0 || serial > 255) {
      throw new IllegalArgumentException("a serial is 0..255, was " + serial);
    }
  }

  /** A read with the serial that every meter repeats. */
  public ItemRead(int id, int bytes) {
    this(id, bytes, 0);
  }

  @Override
  public String toString() {
    return "DI %08X".formatted(id);
  }
}
