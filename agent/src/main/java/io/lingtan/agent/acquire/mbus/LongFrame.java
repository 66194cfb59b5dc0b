package io.lingtan.agent.acquire.mbus;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A frame with data: 68H, its length twice, 68H, C, A, CI, data, the sum from C on, 16H (EN
 * 13757-2, format class FT 1.2).
 */
final class LongFrame {

  static final int START = 0x68;
  static final int END = 0x16;

  /** Both lengths and both 68H. */
  static final int HEAD = 4;

  /** Sum and 16H. */
  static final int TAIL = 2;

  /** Least length: C, A and CI. */
  static final int LEAST = 3;

  static final int C_AT = 4;
  static final int A_AT = 5;
  static final int CI_AT = 6;

  /** Variable data structure, with who the meter is in front. */
  static final int LONG_HEADER = 0x72;

  /** The same without who it is. */
  static final int SHORT_HEADER = 0x7A;

  static final int LONG_HEADER_BYTES = 12;
  static final int SHORT_HEADER_BYTES = 4;
  private static final int DATA_AT = 7;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private LongFrame() {}

  static int headerBytes(int ci) {
    return ci == LONG_HEADER ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
  }

  /** Position of access number, status and configuration word. */
  static int accessAt(byte[] frame) {
    return DATA_AT + headerBytes(frame[CI_AT] & 0xFF) - SHORT_HEADER_BYTES;
  }

  static int sum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return sum & 0xFF;
  }

  /**
   * The secondary address of a frame with the long header: identification as printed, then the
   * manufacturer's two bytes, version and medium as on the wire.
   */
  static String selection(byte[] frame) {
    byte[] told = new byte[8];
    for (int i = 0; i < 4; i++) {
      told[i] = frame[DATA_AT + 3 - i];
    }
    System.arraycopy(frame, DATA_AT + 4, told, 4, 4);
    return HEX.formatHex(told);
  }

  /** A checked frame taken apart. */
  static Telegram telegram(byte[] frame) {
    boolean named = (frame[CI_AT] & 0xFF) == LONG_HEADER;
    String selection = named ? selection(frame) : "";
    int access = accessAt(frame);
    List<DataRecord> records = new ArrayList<>();
    boolean more =
        new RecordReader(frame, access + SHORT_HEADER_BYTES, frame.length - TAIL).read(records);
    return new Telegram(
        frame[A_AT] & 0xFF,
        named ? selection.substring(0, 8) : "",
        named ? manufacturer(frame) : "",
        selection,
        frame[access] & 0xFF,
        frame[access + 1] & 0xFF,
        records,
        more);
  }

  /** Three letters of five bits each. */
  private static String manufacturer(byte[] frame) {
    int code = (frame[DATA_AT + 4] & 0xFF) | (frame[DATA_AT + 5] & 0xFF) << 8;
    StringBuilder letters = new StringBuilder();
    for (int shift = 10; shift >= 0; shift -= 5) {
      letters.append((char) (64 + (code >>> shift & 31)));
    }
    return letters.toString();
  }
}
