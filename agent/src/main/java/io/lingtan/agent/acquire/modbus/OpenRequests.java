package io.lingtan.agent.acquire.modbus;

import java.nio.ByteBuffer;

/**
 * Modbus TCP requests to which no reply has come: those that are out, and those given up. By these
 * the beginning of such a reply is known wherever it stands. Holds the last {@value #MOST}; older
 * ones are forgotten.
 */
final class OpenRequests {

  static final int MOST = 16;

  /** Transaction id, protocol and length: what stands before the unit. */
  private static final int HEADER = 6;

  private static final int EXCEPTION = 0x80;

  private final int[] transactions = new int[MOST];
  private final int[] units = new int[MOST];
  private final int[] functions = new int[MOST];
  private int size;

  void add(int transaction, int unit, int function) {
    if (size == MOST) {
      remove(0);
    }
    transactions[size] = transaction;
    units[size] = unit;
    functions[size] = function;
    size++;
  }

  /** A whole frame with this id has come. */
  void answered(int transaction) {
    for (int i = size - 1; i >= 0; i--) {
      if (transactions[i] == transaction) {
        remove(i);
      }
    }
  }

  private void remove(int place) {
    size--;
    System.arraycopy(transactions, place + 1, transactions, place, size - place);
    System.arraycopy(units, place + 1, units, place, size - place);
    System.arraycopy(functions, place + 1, functions, place, size - place);
  }

  void clear() {
    size = 0;
  }

  /**
   * Whether the reply to one of them begins within a frame, at {@code from} or later. Only a header
   * with its unit counts; it may reach beyond the frame.
   *
   * @param end of the frame
   * @param behind what came behind it; not moved
   */
  boolean beginWithin(byte[] frame, int from, int end, ByteBuffer behind) {
    int whole = end + behind.remaining();
    for (int at = from; at < end && at + HEADER < whole; at++) {
      if (begins(frame, end, behind, at, whole)) {
        return true;
      }
    }
    return false;
  }

  private boolean begins(byte[] frame, int end, ByteBuffer behind, int at, int whole) {
    int length = byteAt(frame, end, behind, at + 5);
    if (byteAt(frame, end, behind, at + 2) != 0
        || byteAt(frame, end, behind, at + 3) != 0
        || byteAt(frame, end, behind, at + 4) != 0
        || length < 2
        || length > 254) {
      return false;
    }
    int transaction = byteAt(frame, end, behind, at) << 8 | byteAt(frame, end, behind, at + 1);
    int unit = byteAt(frame, end, behind, at + HEADER);
    for (int i = 0; i < size; i++) {
      if (transactions[i] == transaction
          && units[i] == unit
          && (at + HEADER + 1 >= whole
              || (byteAt(frame, end, behind, at + HEADER + 1) & ~EXCEPTION) == functions[i])) {
        return true;
      }
    }
    return false;
  }

  /** Whether a frame may begin with the bytes that are left, as many as there are. */
  static boolean mayBeFrame(ByteBuffer bytes) {
    int at = bytes.position();
    if (bytes.remaining() >= 4 && bytes.getShort(at + 2) != 0) {
      return false;
    }
    if (bytes.remaining() < HEADER) {
      return true;
    }
    int length = bytes.getShort(at + 4) & 0xFFFF;
    return length >= 2 && length <= 254;
  }

  private static int byteAt(byte[] frame, int end, ByteBuffer behind, int at) {
    return (at < end ? frame[at] : behind.get(behind.position() + at - end)) & 0xFF;
  }
}
