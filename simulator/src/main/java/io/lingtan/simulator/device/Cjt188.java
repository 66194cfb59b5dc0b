package io.lingtan.simulator.device;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Frames of CJ/T 188 by the simulator's own hand: 68H, kind of meter, seven bytes of address (the
 * last two digits first), control code, length, data identifier, number of the request, values, the
 * sum of everything from 68H, 16H.
 */
final class Cjt188 {

  static final int READ = 0x01;
  static final int READ_ADDRESS = 0x03;

  private static final int START = 0x68;
  private static final int END = 0x16;
  private static final int WAKE_UP = 0xFE;
  private static final int WAKE_UPS = 3;
  private static final int ANY = 0xAA;
  private static final int ADDRESS_BYTES = 8;
  private static final int CONTROL = 9;
  private static final int HEAD = 11;
  private static final int TAIL = 2;

  private Cjt188() {}

  /**
   * Length of the request that begins at {@code from}, wake-up bytes included.
   *
   * @return 0 while that cannot be said; -1 if it is none
   */
  static int requestLength(byte[] bytes, int from, int available) {
    int end = from + available;
    int start = from;
    while (start < end && (bytes[start] & 0xFF) == WAKE_UP) {
      start++;
    }
    if (start == end) {
      return 0;
    }
    if ((bytes[start] & 0xFF) != START) {
      return -1;
    }
    if (end - start < HEAD) {
      return 0;
    }
    // A request of ours or of anybody who reads has an identifier and a number.
    return bytes[start + HEAD - 1] == 3 ? start - from + HEAD + 3 + TAIL : -1;
  }

  /**
   * A good request, taken apart.
   *
   * @param address kind of meter and address as on the wire
   * @param data identifier and number of the request
   */
  @SuppressWarnings("ArrayRecordComponent") // a view of bytes on the wire, compared by nobody
  record Request(byte[] address, int control, byte[] data) {

    /** Whether the meter with this kind and address is meant. */
    boolean means(byte[] meter) {
      for (int i = 0; i < ADDRESS_BYTES; i++) {
        if ((address[i] & 0xFF) != ANY && address[i] != meter[i]) {
          return false;
        }
      }
      return true;
    }

    int item() {
      return (data[0] & 0xFF) | (data[1] & 0xFF) << 8;
    }
  }

  /** A request of which every check is right; null otherwise: a meter does not answer to it. */
  static @Nullable Request parse(byte[] frame, int length) {
    if (requestLength(frame, 0, length) != length || (frame[length - 1] & 0xFF) != END) {
      return null;
    }
    int start = length - HEAD - 3 - TAIL;
    int sum = 0;
    for (int i = start; i < length - TAIL; i++) {
      sum += frame[i];
    }
    return (byte) sum != frame[length - TAIL]
        ? null
        : new Request(
            Arrays.copyOfRange(frame, start + 1, start + 1 + ADDRESS_BYTES),
            frame[start + CONTROL] & 0xFF,
            Arrays.copyOfRange(frame, start + HEAD, length - TAIL));
  }

  /** A meter's frame, with three FEH before it. */
  static byte[] frame(byte[] address, int control, byte[] data) {
    byte[] frame = new byte[WAKE_UPS + HEAD + data.length + TAIL];
    Arrays.fill(frame, 0, WAKE_UPS, (byte) WAKE_UP);
    frame[WAKE_UPS] = START;
    System.arraycopy(address, 0, frame, WAKE_UPS + 1, ADDRESS_BYTES);
    frame[WAKE_UPS + CONTROL] = (byte) control;
    frame[WAKE_UPS + CONTROL + 1] = (byte) data.length;
    System.arraycopy(data, 0, frame, WAKE_UPS + HEAD, data.length);
    int end = frame.length - TAIL;
    for (int i = WAKE_UPS; i < end; i++) {
      frame[end] += frame[i];
    }
    frame[end + 1] = END;
    return frame;
  }

  /** Kind of meter and fourteen digits as they stand in a frame. */
  static byte[] address(String text) {
    byte[] address = new byte[ADDRESS_BYTES];
    address[0] = (byte) Integer.parseInt(text.substring(0, 2), 16);
    for (int i = 1; i < ADDRESS_BYTES; i++) {
      int at = text.length() - 2 * i;
      address[i] = (byte) Integer.parseInt(text.substring(at, at + 2), 16);
    }
    return address;
  }
}
