package io.lingtan.agent.acquire.item;

import io.lingtan.agent.reading.MeterFamily;

/**
 * Frames of the two Chinese meter protocols. DL/T 645-2007: 68H, address, 68H, control code,
 * length, data + 33H each, sum of all bytes from the first 68H, 16H. CJ/T 188: 68H, kind of meter,
 * address, control code, length, data, sum, 16H.
 */
public enum Frames {
  DLT645(MeterFamily.DLT645, true, 0x33, 0x11, 0x13, 4),
  CJT188(MeterFamily.CJT188, false, 0, 0x01, 0x03, 2);

  /** Most bytes of any request of ours. */
  public static final int MAX_REQUEST = 20;

  static final int START = 0x68;
  static final int END = 0x16;
  static final int WAKE_UP = 0xFE;

  /** Check sum and 16H. */
  static final int TAIL = 2;

  /** What a CJ/T 188 meter is asked for its address by. */
  static final int ADDRESS_ITEM = 0x810A;

  private static final int WAKE_UPS = 4;
  private static final int MOST_HEARD = 32;

  private final MeterFamily family;
  private final int addressBytes;
  private final boolean secondStart;
  private final int offset;
  private final int read;
  private final int readAddress;
  private final int identifierBytes;

  Frames(
      MeterFamily family,
      boolean secondStart,
      int offset,
      int read,
      int readAddress,
      int identifierBytes) {
    this.family = family;
    this.addressBytes = Address.bytes(family);
    this.secondStart = secondStart;
    this.offset = offset;
    this.read = read;
    this.readAddress = readAddress;
    this.identifierBytes = identifierBytes;
  }

  /** Those of the protocol. */
  static Frames of(MeterFamily family) {
    return family == MeterFamily.DLT645 ? DLT645 : CJT188;
  }

  MeterFamily family() {
    return family;
  }

  /** The kind of meter of CJ/T 188 included. */
  int addressBytes() {
    return addressBytes;
  }

  boolean hasSecondStart() {
    return secondStart;
  }

  /** What is added to each byte of data. */
  int offset() {
    return offset;
  }

  /** Control code of a read. */
  int read() {
    return read;
  }

  /** Control code of the question for an address. */
  int readAddress() {
    return readAddress;
  }

  int identifierBytes() {
    return identifierBytes;
  }

  /** Whether a number follows the identifier, which the answer repeats. */
  boolean hasSerial() {
    return this == CJT188;
  }

  /** Bytes of data in front of a value. */
  int inFrontOfValue() {
    return identifierBytes + (hasSerial() ? 1 : 0);
  }

  int controlAt() {
    return 1 + addressBytes + (secondStart ? 1 : 0);
  }

  int lengthAt() {
    return controlAt() + 1;
  }

  /** Everything in front of the data. */
  int head() {
    return controlAt() + 2;
  }

  /**
   * Writes the request for one data item, four FEH in front of it, which wake a sleeping optical
   * head or meter.
   *
   * @param into at least {@link #MAX_REQUEST} bytes
   * @return bytes written
   */
  public static int encode(Address address, ItemRead item, byte[] into) {
    Frames frames = of(address.family());
    int at = frames.putHead(address, frames.read, frames.inFrontOfValue(), into);
    return tail(into, frames.putIdentifier(item.id(), item.serial(), into, at));
  }

  /**
   * Writes the question for the address of the only meter of the protocol on the line.
   *
   * @param into at least {@link #MAX_REQUEST} bytes
   * @return bytes written
   */
  public static int encodeAddressQuestion(MeterFamily family, byte[] into) {
    Frames frames = of(family);
    int length = frames.hasSerial() ? frames.inFrontOfValue() : 0;
    int at = frames.putHead(Address.any(family), frames.readAddress, length, into);
    return tail(into, length == 0 ? at : frames.putIdentifier(ADDRESS_ITEM, 0, into, at));
  }

  private int putIdentifier(int id, int serial, byte[] into, int from) {
    int at = from;
    for (int i = 0; i < identifierBytes; i++) {
      into[at++] = (byte) ((id >>> (8 * i)) + offset);
    }
    if (hasSerial()) {
      into[at++] = (byte) serial;
    }
    return at;
  }

  private int putHead(Address address, int control, int length, byte[] into) {
    int at = 0;
    while (at < WAKE_UPS) {
      into[at++] = (byte) WAKE_UP;
    }
    into[at] = START;
    address.put(into, at + 1);
    if (secondStart) {
      into[at + addressBytes + 1] = START;
    }
    into[at + controlAt()] = (byte) control;
    into[at + lengthAt()] = (byte) length;
    return at + head();
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
    int length = DLT645.requestBefore(bytes, end);
    return length == 0 ? CJT188.requestBefore(bytes, end) : length;
  }

  private int requestBefore(byte[] bytes, int end) {
    int head = head();
    if (end < head + TAIL || bytes[end - 1] != END) {
      return 0;
    }
    for (int data = 0; data <= MOST_HEARD && data + head + TAIL <= end; data++) {
      int from = end - TAIL - data - head;
      boolean framed =
          bytes[from] == START && (!secondStart || bytes[from + addressBytes + 1] == START);
      if (framed
          && bytes[from + controlAt()] >= 0
          && (bytes[from + lengthAt()] & 0xFF) == data
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

  /** Bytes of a request for a data item, which are as many in both protocols. */
  public static int requestBytes() {
    return WAKE_UPS + DLT645.head() + DLT645.inFrontOfValue() + TAIL;
  }

  /** Position behind the address in a request of ours. */
  public static int addressEnd(MeterFamily family) {
    return WAKE_UPS + 1 + of(family).addressBytes;
  }

  /** Bytes of the question for the address of any meter. */
  public static int addressQuestionBytes(MeterFamily family) {
    Frames frames = of(family);
    return WAKE_UPS + frames.head() + (frames.hasSerial() ? frames.inFrontOfValue() : 0) + TAIL;
  }

  /** Bytes of the answer to it, wake-up bytes in front included. */
  public static int addressReplyBytes(MeterFamily family) {
    return WAKE_UPS + of(family).head() + of(family).addressReplyData() + TAIL;
  }

  /** Bytes of data that tell an address: it itself, or what the question had. */
  int addressReplyData() {
    return hasSerial() ? inFrontOfValue() : addressBytes;
  }

  /** Bytes of the reply with the value of {@code read}, wake-up bytes in front included. */
  public static int replyBytes(ItemRead read) {
    return requestBytes() + read.bytes();
  }
}
