package io.lingtan.agent.acquire.dlt645;

/**
 * A meter's communication address: twelve decimal digits, sent low byte first.
 *
 * @param digits 0..999,999,999,999, or -1 for {@link #ANY}
 */
public record Address(long digits) {

  /** Bytes that it takes on the wire. */
  public static final int BYTES = 6;

  /** AAAAAAAAAAAAH: whoever hears it answers, so only one meter may be on the line. */
  public static final Address ANY = new Address(-1);

  private static final long END = 1_000_000_000_000L;
  private static final int ANY_BYTE = 0xAA;

  public Address {
    if (digits < -1 || digits >= END) {
      throw new IllegalArgumentException("an address has at most 12 digits, was " + digits);
    }
  }

  /**
   * The address that is printed on the meter.
   *
   * @param text 1 to 12 digits; missing ones are zeros in front
   */
  public static Address of(String text) {
    if (!text.matches("[0-9]{1,12}")) {
      throw new IllegalArgumentException("an address is 1 to 12 digits, was '" + text + "'");
    }
    return new Address(Long.parseLong(text));
  }

  void put(byte[] into, int at) {
    long rest = digits;
    for (int i = 0; i < BYTES; i++) {
      into[at + i] = (byte) coded(rest);
      rest /= 100;
    }
  }

  /** The last two digits as one byte. */
  private int coded(long rest) {
    int pair = (int) (rest % 100);
    return digits < 0 ? ANY_BYTE : ((pair / 10) << 4) | (pair % 10);
  }

  /** Whether these are the bytes on the wire. */
  boolean isAt(byte[] bytes, int at) {
    long rest = digits;
    for (int i = 0; i < BYTES; i++) {
      if ((bytes[at + i] & 0xFF) != coded(rest)) {
        return false;
      }
      rest /= 100;
    }
    return true;
  }

  /** The digits at {@code at}, each byte less {@code offset}; -1 if they are none. */
  static long digitsAt(byte[] bytes, int at, int offset) {
    long digits = 0;
    for (int i = BYTES - 1; i >= 0; i--) {
      int pair = (bytes[at + i] - offset) & 0xFF;
      if (pair >>> 4 > 9 || (pair & 0xF) > 9) {
        return -1;
      }
      digits = digits * 100 + ((pair >>> 4) * 10L + (pair & 0xF));
    }
    return digits;
  }

  /** Twelve digits, as on the meter's plate. */
  @Override
  public String toString() {
    return digits < 0 ? "AAAAAAAAAAAA" : "%012d".formatted(digits);
  }
}
