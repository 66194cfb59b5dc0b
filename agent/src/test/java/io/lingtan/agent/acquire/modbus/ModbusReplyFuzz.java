package io.lingtan.agent.acquire.modbus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Replies over each framing: what is accepted has the unit, function, length and check sum (or
 * transaction id) of the request, and says the same whatever pieces it comes in.
 */
public final class ModbusReplyFuzz implements FuzzTarget {

  private static final List<Framing> FRAMINGS =
      List.of(Framing.TCP, Framing.RTU, Framing.RTU_OVER_TCP);
  private static final int TRANSACTION = 0x0102;
  private static final int MOST_REPLIES = 8;

  @Override
  public List<byte[]> seeds() {
    return List.of(
        input(1, 3, 2, 1, "01030412345678"),
        input(1, 4, 1, 17, "1104020001"),
        input(1, 1, 9, 1, "0101020501"),
        input(2, 3, 2, 1, "018302"),
        input(0, 3, 2, 1, "010200000007010304123456780103000000030183020102000000030183 02"),
        input(0, 3, 1, 1, "0055000000050103020001010200000005010302ffff"),
        input(0, 4, 125, 255, "01020000000301840b"));
  }

  /** The byte behind the framing asks for the right CRC at the end. */
  private static byte[] input(int framing, int function, int words, int unit, String hex) {
    return Bytes.of(
        HexFormat.of().parseHex(hex.replace(" ", "")), framing, 1, function, words, unit);
  }

  @Override
  public void take(byte[] input) {
    Bytes bytes = new Bytes(input);
    Framing framing = FRAMINGS.get(bytes.take() % FRAMINGS.size());
    boolean completed = bytes.take() % 2 == 1 && framing != Framing.TCP;
    BlockRead read = new BlockRead(1 + bytes.take() % 4, 7, 1 + bytes.take() % 125);
    int unit = bytes.take();
    byte[] stream = completed ? withCrc(bytes.rest()) : bytes.rest();

    ModbusReplyParser parser = new ModbusReplyParser(framing);
    ByteBuffer whole = ByteBuffer.wrap(stream);
    for (int replies = 0; replies < MOST_REPLIES; replies++) {
      parser.expect(unit, TRANSACTION, read);
      int before = whole.position();
      ModbusReply reply = parser.feed(whole);
      assertTrue(parser.received() <= Framing.MAX_FRAME + 6, "longer than any frame");
      check(framing, unit, read, parser.frame(), reply);
      if (framing != Framing.TCP) {
        // Over TCP what stands behind a reply matters, so that pieces may mean something else.
        byte[] seen = Arrays.copyOfRange(stream, before, stream.length);
        assertEquals(text(reply), text(inPieces(framing, unit, read, seen)));
      }
      if (reply instanceof ModbusReply.NeedMore || whole.position() == before) {
        break;
      }
    }
  }

  private static ModbusReply inPieces(Framing framing, int unit, BlockRead read, byte[] stream) {
    ModbusReplyParser parser = new ModbusReplyParser(framing);
    parser.expect(unit, TRANSACTION, read);
    ModbusReply reply = parser.feed(ByteBuffer.allocate(0));
    for (int i = 0; i < stream.length && reply instanceof ModbusReply.NeedMore; i++) {
      reply = parser.feed(ByteBuffer.wrap(stream, i, 1));
    }
    return reply;
  }

  private static String text(ModbusReply reply) {
    return reply instanceof ModbusReply.Words(BlockRead read, byte[] bytes)
        ? read + HexFormat.of().formatHex(bytes)
        : reply.toString();
  }

  private static void check(
      Framing framing, int unit, BlockRead read, byte[] frame, ModbusReply reply) {
    switch (reply) {
      case ModbusReply.NeedMore more -> {}
      case ModbusReply.Rejected(_, String what) -> assertTrue(what.length() < 300, what);
      case ModbusReply.Refused(int code) -> {
        assertTrue(code >= 1 && code <= 255, () -> "exception " + code);
        int pdu = checkEnvelope(framing, unit, frame, 2);
        assertEquals(read.function() | 0x80, frame[pdu] & 0xFF);
        assertEquals(code, frame[pdu + 1] & 0xFF);
      }
      case ModbusReply.Words(BlockRead answered, byte[] bytes) -> {
        assertEquals(read, answered);
        int pdu = checkEnvelope(framing, unit, frame, 2 + read.valueBytes());
        assertEquals(read.function(), frame[pdu] & 0xFF);
        assertEquals(read.valueBytes(), frame[pdu + 1] & 0xFF);
        assertArrayEquals(bytes, Arrays.copyOfRange(frame, pdu + 2, pdu + 2 + bytes.length));
        ModbusReply.Words words = (ModbusReply.Words) reply;
        for (int i = 0; i < read.words(); i++) {
          int word = words.word(i);
          assertTrue(
              word >= 0 && word <= (read.function() <= 2 ? 1 : 0xFFFF), () -> "word " + word);
        }
      }
    }
  }

  /** Checks what is around the PDU; returns where that begins. */
  private static int checkEnvelope(Framing framing, int unit, byte[] frame, int pduBytes) {
    if (framing == Framing.TCP) {
      ByteBuffer header = ByteBuffer.wrap(frame);
      assertEquals(TRANSACTION, header.getShort());
      assertEquals(0, header.getShort());
      assertEquals(1 + pduBytes, header.getShort());
      assertEquals(unit, header.get() & 0xFF);
      assertEquals(7 + pduBytes, frame.length);
      return 7;
    }
    assertEquals(unit, frame[0] & 0xFF);
    assertEquals(3 + pduBytes, frame.length);
    assertArrayEquals(withCrc(Arrays.copyOf(frame, frame.length - 2)), frame);
    return 1;
  }

  /** Bit by bit, as in Modbus over Serial Line V1.02, 6.2.2. */
  private static byte[] withCrc(byte[] frame) {
    int crc = 0xFFFF;
    for (byte each : frame) {
      crc ^= each & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0xA001;
      }
    }
    byte[] whole = Arrays.copyOf(frame, frame.length + 2);
    whole[frame.length] = (byte) crc;
    whole[frame.length + 1] = (byte) (crc >>> 8);
    return whole;
  }
}
