package io.lingtan.agent.acquire.dlt645;

/**
 * Frames of DL/T 645-2007: 68H, address, 68H, control code, length, data + 33H each, sum of all
 * bytes from the first 68H, 16H.
 */
public final class Frames {

  /** Most bytes of any request of ours. */
  public static final int MAX_REQUEST = 20;

  static final int START = 0x68;
  static final int END = 0x16;
  static final int OFFSET = 0x33;
  static final int WAKE_UP = 0xFE;
  static final int READ = 0x11;
  static final int READ_ADDRESS = 0x13;
  static final int IDENTIFIER_BYTES = 4;

  /** 68H, address, 68H, control code, length. */
  static final int HEAD = 10;

  /** Check sum and 16H. */
  static final int TAIL = 2;

  private static final int WAKE_UPS = 4;
  private static final int MOST_HEARD = 32;

  private Frames() {}

  /**
   * Writes the request for one data item, four FEH in front of it, which wake a sleeping optical
   * head or meter.
   *
   * @param into at least {@link #MAX_REQUEST} bytes
   * @return bytes written
   */
  public static int encode(Address address, ItemRead read, byte[] into) {
    int at = head(address, READ, IDENTIFIER_BYTES, into);
    int id = read.id();
    for (int i = 0; i < IDENTIFIER_BYTES; i++) {
      into[at++] = (byte) ((id >>> (8 * i)) + OFFSET);
    }
    return tail(into, at);
  }

  /**
   * Writes the question for the address of the only meter on the line (control code 13H).
   *
   * @param into at least {@link #MAX_REQUEST} bytes
   * @return bytes written
   */
  public static int encodeAddressQuestion(byte[] into) {
    return tail(into, head(Address.ANY, READ_ADDRESS, 0, into));
  }

  private static int head(Address address, int control, int length, byte[] into) {
    int at = 0;
    while (at < WAKE_UPS) {
      into[at++] = (byte) WAKE_UP;
    }
    into[at] = START;
    address.put(into, at + 1);
    into[at + 7] = START;
    into[at + 8] = (byte) control;
    into[at + 9] = (byte) length;
    return at + HEAD;
  }

  private static int tail(byte[] into, int at) {
    into[at] = (byte) sum(into, WAKE_UPS, at);
    into[at + 1] = END;
    return at + TAIL;
  }

  /**
   * The request of a master that ends at {@code end}, as it is heard on a line that two of them
   * use: of any kind whose data are at most {@value #MOST_HEARD} bytes.
   *
   * @param bytes what was heard
   * @param end position behind the last byte
   * @return its length without wake-up bytes; 0 if there is none
   */
  public static int requestEndingAt(byte[] bytes, int end) {
    if (end < HEAD + TAIL || bytes[end - 1] != END) {
      return 0;
    }
    for (int data = 0; data <= MOST_HEARD && data + HEAD + TAIL <= end; data++) {
      int from = end - TAIL - data - HEAD;
      boolean framed = bytes[from] == START && bytes[from + 7] == START;
      if (framed
          && bytes[from + 8] >= 0
          && (bytes[from + 9] & 0xFF) == data
          && (byte) sum(bytes, from, end - TAIL) == bytes[end - TAIL]) {
        return end - from;
      }
    }
    return 0;
  }

  static int sum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return sum & 0xFF;
  }

  /** Bytes of a request for a data item. */
  public static int requestBytes() {
    return WAKE_UPS + HEAD + IDENTIFIER_BYTES + TAIL;
  }

  /** Bytes of the question for the address of any meter. */
  public static int addressQuestionBytes() {
    return WAKE_UPS + HEAD + TAIL;
  }

  /** Bytes of the answer to it, wake-up bytes in front included. */
  public static int addressReplyBytes() {
    return WAKE_UPS + HEAD + Address.BYTES + TAIL;
  }

  /** Bytes of the reply with the value of {@code read}, wake-up bytes in front included. */
  public static int replyBytes(ItemRead read) {
    return WAKE_UPS + HEAD + IDENTIFIER_BYTES + read.bytes() + TAIL;
  }
}
