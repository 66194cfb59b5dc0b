package io.lingtan.agent.acquire.modbus;

/** What the bytes that came in so far mean for the request that is out. */
public sealed interface ModbusReply {

  /** Not complete yet. */
  record NeedMore() implements ModbusReply {
    static final NeedMore INSTANCE = new NeedMore();
  }

  /**
   * The values asked for: everything about the frame fits the request.
   *
   * @param read what was asked
   * @param bytes the value bytes as they were on the wire
   */
  record Words(BlockRead read, byte[] bytes) implements ModbusReply {

    /** Register {@code i} of the block, 0..65535; for functions 1 and 2 bit {@code i}, 0 or 1. */
    public int word(int i) {
      if (read.function() <= 2) {
        return (bytes[i / 8] >>> (i % 8)) & 1;
      }
      return (bytes[2 * i] & 0xFF) << 8 | (bytes[2 * i + 1] & 0xFF);
    }
  }

  /**
   * The unit, or a gateway for it, refused.
   *
   * @param code exception code, 1..255 (Modbus Application Protocol V1.1b3, section 7)
   */
  record Refused(int code) implements ModbusReply {}

  /**
   * What came is no answer to the request.
   *
   * @param what for a person: what was seen, what was expected
   */
  record Rejected(Flaw flaw, String what) implements ModbusReply {}

  /** What is wrong with a rejected frame. */
  enum Flaw {
    CRC,
    UNIT,
    FUNCTION,
    BYTE_COUNT,
    LENGTH,
    EXCEPTION_CODE,
    /** Where the next frame begins is no longer known. */
    FRAMING
  }
}
