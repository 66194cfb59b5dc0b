package io.lingtan.agent.acquire.share;

import io.lingtan.agent.acquire.modbus.BlockRead;
import java.nio.ByteBuffer;

/**
 * What a caller sent, as one Modbus TCP frame (Modbus Messaging on TCP/IP V1.0b, 3.1.3; Modbus
 * Application Protocol V1.1b3, 6 and 7).
 */
sealed interface ReadRequest {

  int HEADER = 6;

  /** Of unit and PDU together. */
  int MOST_BEHIND_HEADER = 254;

  int LONGEST = HEADER + MOST_BEHIND_HEADER;

  /** Illegal function: also all that would write. */
  int NOT_A_READ = 1;

  int NO_SUCH_ADDRESS = 2;
  int NO_SUCH_VALUE = 3;
  int BUSY = 6;

  /** Gateway path unavailable: there is no such unit here that speaks Modbus. */
  int NO_PATH = 0x0A;

  /** Gateway target device failed to respond. */
  int TARGET_SILENT = 0x0B;

  /** The frame is not whole yet. */
  record Incomplete() implements ReadRequest {}

  /** It is no Modbus TCP, and where the next frame begins cannot be told. */
  record Garbage() implements ReadRequest {}

  /** A frame that asks for nothing that can be read. */
  record Refused(int transaction, int unit, int function, int code) implements ReadRequest {}

  /** Registers or bits. */
  record Read(int transaction, int unit, BlockRead block) implements ReadRequest {}

  /**
   * Looks at what came so far, and takes a whole frame out of it.
   *
   * @param bytes from position to limit; moved behind the frame if it is whole
   */
  static ReadRequest take(ByteBuffer bytes) {
    int at = bytes.position();
    int there = bytes.remaining();
    // Each byte is judged as it comes: a stranger's protocol is not waited for.
    for (int i = 2; i < Math.min(there, 5); i++) {
      if (bytes.get(at + i) != 0) {
        return new Garbage();
      }
    }
    if (there < HEADER) {
      return new Incomplete();
    }
    int length = bytes.get(at + 5) & 0xFF;
    if (length < 2 || length > MOST_BEHIND_HEADER) {
      return new Garbage();
    }
    if (there < HEADER + length) {
      return new Incomplete();
    }
    int transaction = bytes.getShort(at) & 0xFFFF;
    int unit = bytes.get(at + HEADER) & 0xFF;
    int function = bytes.get(at + HEADER + 1) & 0xFF;
    bytes.position(at + HEADER + length);
    if (function < 1 || function > 4) {
      return new Refused(transaction, unit, function, NOT_A_READ);
    }
    if (length != 1 + BlockRead.PDU_BYTES) {
      return new Refused(transaction, unit, function, NO_SUCH_VALUE);
    }
    int address = bytes.getShort(at + HEADER + 2) & 0xFFFF;
    int count = bytes.getShort(at + HEADER + 4) & 0xFFFF;
    if (count < 1 || count > BlockRead.most(function)) {
      return new Refused(transaction, unit, function, NO_SUCH_VALUE);
    }
    if (address + count > 65_536) {
      return new Refused(transaction, unit, function, NO_SUCH_ADDRESS);
    }
    return new Read(transaction, unit, new BlockRead(function, address, count));
  }

  /** An exception in answer to a request. */
  static byte[] exception(int transaction, int unit, int function, int code) {
    return ByteBuffer.allocate(HEADER + 3)
        .putShort((short) transaction)
        .putShort((short) 0)
        .putShort((short) 3)
        .put((byte) unit)
        .put((byte) (function | 0x80))
        .put((byte) code)
        .array();
  }

  /** The registers or bits in answer to a request. */
  static byte[] values(Read read, byte[] bytes) {
    return ByteBuffer.allocate(HEADER + 3 + bytes.length)
        .putShort((short) read.transaction())
        .putShort((short) 0)
        .putShort((short) (3 + bytes.length))
        .put((byte) read.unit())
        .put((byte) read.block().function())
        .put((byte) bytes.length)
        .put(bytes)
        .array();
  }
}
