package io.lingtan.agent.acquire.modbus;

/** What other masters ask, as it is heard on a line that two of them use. */
public final class OverheardRequests {

  /** Unit, function, address, count or value, CRC. */
  private static final int BYTES = 8;

  private static final int LAST_FUNCTION = 6;

  private OverheardRequests() {}

  /**
   * The RTU request with function 1 to 6 that ends at {@code end}.
   *
   * @param bytes what was heard
   * @param end position behind the last byte
   * @return its length; 0 if there is none
   */
  public static int endingAt(byte[] bytes, int end) {
    int from = end - BYTES;
    if (from < 0) {
      return 0;
    }
    int function = bytes[from + 1] & 0xFF;
    if (function < 1 || function > LAST_FUNCTION || (bytes[from] & 0xFF) > 247) {
      return 0;
    }
    int seen = (bytes[end - 2] & 0xFF) | ((bytes[end - 1] & 0xFF) << 8);
    return Crc.of(bytes, from, BYTES - 2) == seen ? BYTES : 0;
  }
}
