package io.lingtan.simulator.device;

import java.util.Arrays;

/**
 * Frames of DL/T 645-2007, section 5.2, by the simulator's own hand: 68H, six bytes of address (the
 * last two digits first), 68H, control code, length, data with 33H added to each byte, the sum of
 * everything from the first 68H, 16H. A meter sends four FEH before its reply.
 */
final class Dlt645 {

  static final int READ = 0x11;
  static final int READ_ADDRESS = 0x13;
  static final int ADDRESS_BYTES = 6;

  /** Data error: the item is not there (section 7, word of errors). */
  static final int NO_SUCH_ITEM = 0x02;

  private static final int START = 0x68;
  private static final int END = 0x16;
  private static final int WAKE_UP = 0xFE;
  private static final int WAKE_UPS = 4;
  private static final int OFFSET = 0x33;
  private static final int ANY = 0xAA;
  private static final int HEAD = 10;
  private static final int TAIL = 2;

  private Dlt645() {}

  /**
   * Length of the request that begins at {@code from}, wake-up bytes included.
   *
   * @return 0 while that cannot be said; -1 if it is none
   */
  static int requestLength(byte[] bytes, int from, int available) {
    int end = from + available;
    int start = start(bytes, from, end);
    if (start == end) {
      return 0;
    }
    if ((bytes[start] & 0xFF) != START) {
      return -1;
    }
    if (end - start < HEAD) {
      return end - start > 7 && (bytes[start + 7] & 0xFF) != START ? -1 : 0;
    }
    return (bytes[start + 7] & 0xFF) != START
        ? -1
        : start - from + HEAD + (bytes[start + 9] & 0xFF) + TAIL;
  }

  private static int start(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && (bytes[at] & 0xFF) == WAKE_UP) {
      at++;
    }
    return at;
  }

  /**
   * A whole request, taken apart.
   *
   * @param address as on the wire; AAH stands for any two digits
   * @param data without the 33H
   */
  @SuppressWarnings("ArrayRecordComponent") // a view of bytes on the wire, compared by nobody
  record Request(byte[] address, int control, byte[] data) {

    /** Whether the meter with this address is meant. */
    boolean means(byte[] meter) {
      for (int i = 0; i < ADDRESS_BYTES; i++) {
        if ((address[i] & 0xFF) != ANY && address[i] != meter[i]) {
          return false;
        }
      }
      return true;
    }

    /** The item that is asked for, -1 if there is none in it. */
    int item() {
      return data.length < 4
          ? -1
          : (data[0] & 0xFF)
              | (data[1] & 0xFF) << 8
              | (data[2] & 0xFF) << 16
              | (data[3] & 0xFF) << 24;
    }
  }

  /** A request of which every check is right; null otherwise: a meter does not answer to it. */
  static @org.jspecify.annotations.Nullable Request parse(byte[] frame, int length) {
    int start = start(frame, 0, length);
    if (requestLength(frame, 0, length) != length || (frame[length - 1] & 0xFF) != END) {
      return null;
    }
    if (sum(frame, start, length - TAIL) != (frame[length - TAIL] & 0xFF)) {
      return null;
    }
    byte[] data = Arrays.copyOfRange(frame, start + HEAD, length - TAIL);
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (data[i] - OFFSET);
    }
    return new Request(
        Arrays.copyOfRange(frame, start + 1, start + 1 + ADDRESS_BYTES),
        frame[start + 8] & 0xFF,
        data);
  }

  /** A meter's frame, with four FEH before it. */
  static byte[] frame(byte[] address, int control, byte[] data) {
    byte[] frame = new byte[WAKE_UPS + HEAD + data.length + TAIL];
    Arrays.fill(frame, 0, WAKE_UPS, (byte) WAKE_UP);
    int at = WAKE_UPS;
    frame[at] = START;
    System.arraycopy(address, 0, frame, at + 1, ADDRESS_BYTES);
    frame[at + 7] = START;
    frame[at + 8] = (byte) control;
    frame[at + 9] = (byte) data.length;
    for (int i = 0; i < data.length; i++) {
      frame[at + HEAD + i] = (byte) (data[i] + OFFSET);
    }
    int end = frame.length - TAIL;
    frame[end] = (byte) sum(frame, at, end);
    frame[end + 1] = END;
    return frame;
  }

  private static int sum(byte[] bytes, int from, int until) {
    int sum = 0;
    for (int i = from; i < until; i++) {
      sum += bytes[i];
    }
    return sum & 0xFF;
  }

  /**
   * Twelve digits as they stand in a frame.
   *
   * @throws IllegalArgumentException if they are not twelve digits
   */
  static byte[] address(String digits) {
    if (!digits.matches("[0-9]{12}")) {
      throw new IllegalArgumentException("an address has 12 digits, was " + digits);
    }
    byte[] address = new byte[ADDRESS_BYTES];
    for (int i = 0; i < ADDRESS_BYTES; i++) {
      int at = 2 * (ADDRESS_BYTES - 1 - i);
      address[i] = (byte) Integer.parseInt(digits.substring(at, at + 2), 16);
    }
    return address;
  }

  /** Packed decimal digits, the last two first; of a signed item the topmost bit is the sign. */
  static byte[] digits(long count, int bytes, boolean signed) {
    byte[] out = new byte[bytes];
    long most = 1;
    for (int i = 0; i < bytes; i++) {
      most *= 100;
    }
    // What does not fit stays at the end of the scale; of a signed item the top digit is 0..7.
    long left = Math.min(Math.abs(count), (signed ? most / 10 * 8 : most) - 1);
    for (int i = 0; i < bytes; i++) {
      int two = (int) (left % 100);
      out[i] = (byte) (((two / 10) << 4) | (two % 10));
      left /= 100;
    }
    if (signed && count < 0) {
      out[bytes - 1] |= (byte) 0x80;
    }
    return out;
  }
}
