package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A master for tests: asks an endpoint in memory and takes its replies apart. */
final class Master {
  private final Endpoint endpoint;
  private long delayMillis;
  private boolean reset;
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

  /** What leaves in answer to a request, piece by piece. */
  List<byte[]> pieces(byte[] request, long millis) {
    List<byte[]> pieces = new ArrayList<>();
    endpoint.serve(
        request,
        request.length,
        millis,
        new Outgoing() {
          @Override
          public void send(long startNanos, long endNanos, byte[] bytes, int length) {
            delayMillis = endNanos / 1_000_000;
            pieces.add(Arrays.copyOf(bytes, length));
          }

          @Override
          public void reset() {
            reset = true;
          }
        });
    return pieces;
  }

  /** From the request to the end of the last piece. */
  long delayMillis() {
    return delayMillis;
  }

  /** Whether the connection was ended. */
  boolean wasReset() {
    return reset;
  }

  /** A request on a serial line. */
  static byte[] rtu(int unit, int function, int address, int count) {
    byte[] frame =
        ByteBuffer.allocate(8)
            .put((byte) unit)
            .put((byte) function)
            .putShort((short) address)
            .putShort((short) count)
            .array();
    int crc = Framing.crc(frame, 0, 6);
    frame[6] = (byte) crc;
    frame[7] = (byte) (crc >>> 8);
    return frame;
  }

  /** The reply's PDU; empty if there was none. */
  byte[] ask(int unit, int function, int address, int count, long millis) {
    boolean serial = endpoint.wiring().framing() != Framing.TCP;
    transaction = (transaction + 1) & 0xFFFF;
    List<byte[]> pieces =
        pieces(
            serial
                ? rtu(unit, function, address, count)
                : request(transaction, unit, function, address, count),
            millis);
    if (pieces.isEmpty()) {
      return new byte[0];
    }
    assertEquals(1, pieces.size());
    byte[] reply = pieces.getFirst();
    if (serial) {
      assertEquals(unit, reply[0] & 0xFF);
      assertTrue(Framing.RTU.isChecked(reply, 0, reply.length));
      return Arrays.copyOfRange(reply, 1, reply.length - 2);
    }
    ByteBuffer header = ByteBuffer.wrap(reply);
    assertEquals(transaction, header.getShort() & 0xFFFF);
    assertEquals(0, header.getShort());
    assertEquals(reply.length - 6, header.getShort());
    assertEquals(unit, header.get() & 0xFF);
    return Arrays.copyOfRange(reply, 7, reply.length);
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
