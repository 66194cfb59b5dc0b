package io.lingtan.agent.acquire.dlt645;

/**
 * A read of one data item (DL/T 645-2007, control code 11H).
 *
 * @param id data identifier DI3 DI2 DI1 DI0, 0..0x7FFFFFFF; 00010000H is the forward active energy
 * @param bytes length of its value, 1..196: a frame's data are at most 200 bytes, of which the
 *     identifier takes four
 */
public record ItemRead(int id, int bytes) {

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
  }

  @Override
  public String toString() {
    return "DI %08X".formatted(id);
  }
}
