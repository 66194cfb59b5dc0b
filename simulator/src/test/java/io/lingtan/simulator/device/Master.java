package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A master for tests: asks an endpoint in memory and takes its replies apart. */
final class Master {
  private final Endpoint endpoint;
  private final byte[] reply = new byte[Endpoint.LONGEST_FRAME];
  private int transaction = 0xFFF0;

  Master(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  static byte[] request(int transaction, int unit, int function, int address, int count) {
    return ByteBuffer.allocate(12)
        .putShort((short) transaction)
        .putShort((short) 0)
        .putShort((short) 6)
        .put((byte) unit)
        .put((byte) function)
        .putShort((short) address)
        .putShort((short) count)
        .array();
  }

  /** The reply's PDU; empty if there was none. */
  byte[] ask(int unit, int function, int address, int count, long millis) {
    transaction = (transaction + 1) & 0xFFFF;
    byte[] request = request(transaction, unit, function, address, count);
    int length = endpoint.serve(request, request.length, reply, millis);
    if (length == 0) {
      return new byte[0];
    }
    ByteBuffer header = ByteBuffer.wrap(reply, 0, length);
    assertEquals(transaction, header.getShort() & 0xFFFF);
    assertEquals(0, header.getShort());
    assertEquals(length - 6, header.getShort());
    assertEquals(unit, header.get() & 0xFF);
    return Arrays.copyOfRange(reply, 7, length);
  }

  /** Register bytes of a reply that must be good. */
  ByteBuffer read(int unit, int function, int address, int count, long millis) {
    byte[] pdu = ask(unit, function, address, count, millis);
    assertEquals(function, pdu[0]);
    assertEquals(2 * count, pdu[1] & 0xFF);
    assertEquals(2 + 2 * count, pdu.length);
    return ByteBuffer.wrap(pdu, 2, 2 * count).slice();
  }
}
