package io.lingtan.agent.acquire.modbus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.ModbusReply.Flaw;
import io.lingtan.agent.acquire.modbus.ModbusReply.NeedMore;
import io.lingtan.agent.acquire.modbus.ModbusReply.Refused;
import io.lingtan.agent.acquire.modbus.ModbusReply.Rejected;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames are typed by hand from the Modbus specifications, with CRCs worked out elsewhere. */
final class ModbusReplyParserTest {

  // Modbus Application Protocol V1.1b3, 6.3: registers 108-110 of a unit hold 555, 0 and 100.
  private static final BlockRead SPEC = new BlockRead(3, 107, 3);

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static ModbusReply feed(ModbusReplyParser parser, String bytes) {
    return parser.feed(ByteBuffer.wrap(hex(bytes)));
  }

  private static ModbusReplyParser rtu() {
    var parser = new ModbusReplyParser(Framing.RTU);
    parser.expect(17, 0, SPEC);
    return parser;
  }

  private static ModbusReplyParser tcp() {
    var parser = new ModbusReplyParser(Framing.TCP);
    parser.expect(17, 0x1501, SPEC);
    return parser;
  }

  private static void assertSpec(ModbusReply reply) {
    Words words = assertInstanceOf(Words.class, reply);
    assertEquals(555, words.word(0));
    assertEquals(0, words.word(1));
    assertEquals(100, words.word(2));
  }

  private static void assertFlaw(Flaw flaw, ModbusReply reply) {
    assertEquals(flaw, assertInstanceOf(Rejected.class, reply).flaw());
  }

  @Test
  void aRequestLooksAsTheSpecificationPrintsIt() {
    byte[] out = new byte[Framing.MAX_REQUEST];
    int length = Framing.TCP.encode(17, 0x1501, SPEC, out);
    assertArrayEquals(hex("1501 0000 0006 11 03 006B 0003"), Arrays.copyOf(out, length));
    length = Framing.RTU.encode(17, 0, SPEC, out);
    assertArrayEquals(hex("11 03 006B 0003 7687"), Arrays.copyOf(out, length));
    length = Framing.RTU.encode(1, 0, new BlockRead(4, 0x48, 2), out);
    assertArrayEquals(hex("01 04 0048 0002 F1DD"), Arrays.copyOf(out, length));
  }

  @Test
  void aFittingReplyGivesItsRegisters() {
    assertSpec(feed(tcp(), "1501 0000 0009 11 03 06 022B 0000 0064"));
    assertSpec(feed(rtu(), "11 03 06 022B 0000 0064 C8BA"));
  }

  @Test
  void aReplyMayComeInSingleBytes() {
    for (Framing framing : Framing.values()) {
      ModbusReplyParser parser = new ModbusReplyParser(framing);
      parser.expect(17, 0x1501, SPEC);
      byte[] frame =
          framing == Framing.TCP
              ? hex("1501 0000 0009 11 03 06 022B 0000 0064")
              : hex("11 03 06 022B 0000 0064 C8BA");
      for (int i = 0; i < frame.length - 1; i++) {
        assertInstanceOf(NeedMore.class, parser.feed(ByteBuffer.wrap(frame, i, 1)));
      }
      assertSpec(parser.feed(ByteBuffer.wrap(frame, frame.length - 1, 1)));
    }
  }

  @Test
  void bitsComeLowestFirst() {
    // 6.2 of the specification: discrete inputs 197-218 as AC DB 35.
    var parser = new ModbusReplyParser(Framing.TCP);
    parser.expect(17, 1, new BlockRead(2, 196, 22));
    Words words = assertInstanceOf(Words.class, feed(parser, "0001 0000 0006 11 02 03 AC DB 35"));
    assertEquals(0, words.word(0));
    assertEquals(1, words.word(2));
    assertEquals(1, words.word(8));
    assertEquals(1, words.word(21));
  }

  @Test
  void anExceptionIsARefusal() {
    assertEquals(new Refused(2), feed(tcp(), "1501 0000 0003 11 83 02"));
    assertEquals(new Refused(2), feed(rtu(), "11 83 02 C134"));
  }

  @ParameterizedTest
  @CsvSource({
    "CRC, 11 03 06 022B 0000 0064 C8BB",
    "CRC, 11 03 06 022B 0000 0065 C8BA",
    "CRC, 11 83 02 C135",
    "UNIT, 12 03 06 022B 0000 0064 C8BA",
    "FUNCTION, 11 04 06 022B 0000 0064 C8BA",
    "FUNCTION, 11 84 02 C304",
    "BYTE_COUNT, 11 03 04 022B 0000 0000",
    "BYTE_COUNT, 11 03 08 022B 0000 0064 0000 0000",
    "UNIT, 00 11 03 06 022B 0000 0064 C8BA",
  })
  void aWrongRtuFrameIsRejected(Flaw flaw, String frame) {
    assertFlaw(flaw, feed(rtu(), frame));
  }

  @ParameterizedTest
  @CsvSource({
    "UNIT, 1501 0000 0009 12 03 06 022B 0000 0064",
    "FUNCTION, 1501 0000 0009 11 04 06 022B 0000 0064",
    "FUNCTION, 1501 0000 0003 11 84 02",
    "BYTE_COUNT, 1501 0000 0009 11 03 04 022B 0000 0064",
    "LENGTH, 1501 0000 0007 11 03 06 022B 0000",
    "LENGTH, 1501 0000 000B 11 03 06 022B 0000 0064 0000",
    "LENGTH, 1501 0000 0004 11 83 02 00",
    "EXCEPTION_CODE, 1501 0000 0003 11 83 00",
    "FRAMING, 1501 0001 0009 11 03 06 022B 0000 0064",
    "FRAMING, 1501 0000 0001 11",
    "FRAMING, 1501 0000 0100 11 03 06 022B 0000 0064",
  })
  void aWrongTcpFrameIsRejected(Flaw flaw, String frame) {
    assertFlaw(flaw, feed(tcp(), frame));
  }

  @Test
  void aShortFrameIsNeverTakenHoweverLongTheSilence() {
    ModbusReplyParser parser = rtu();
    assertInstanceOf(NeedMore.class, feed(parser, "11 03 06 022B 0000 0064 C8"));
    assertInstanceOf(NeedMore.class, feed(parser, ""));
    assertEquals(10, parser.received());
  }

  @Test
  void theReplyToAnEarlierTcpRequestIsPassedOverAndCounted() {
    ModbusReplyParser parser = tcp();
    assertInstanceOf(NeedMore.class, feed(parser, "1500 0000 0009 11 03 06 1111 1111 1111"));
    assertEquals(1, parser.foreignFrames());
    assertSpec(feed(parser, "1501 0000 0009 11 03 06 022B 0000 0064"));
  }

  @Test
  void aTcpFrameThatBeganBeforeTheRequestIsReadToItsEnd() {
    ModbusReplyParser parser = tcp();
    assertInstanceOf(NeedMore.class, feed(parser, "1501 0000 0009 11 03 06 11"));
    parser.expect(17, 0x1502, SPEC);
    assertInstanceOf(NeedMore.class, feed(parser, "11 1111 1111"));
    assertSpec(feed(parser, "1502 0000 0009 11 03 06 022B 0000 0064"));
  }

  @Test
  void whatStandsBehindAReplyIsLeftAlone() {
    ByteBuffer twice = ByteBuffer.wrap(hex("11 03 06 022B 0000 0064 C8BA 11 03 06 022B"));
    ModbusReplyParser parser = rtu();
    assertSpec(parser.feed(twice));
    assertEquals(5, twice.remaining());
    assertSpec(parser.feed(twice));
    assertEquals(5, twice.remaining());
  }

  /**
   * Half of the frames are random bytes, half a good reply with some bytes changed, so that the
   * later checks are reached too. Whatever passes must be exactly what a good reply looks like.
   */
  @ParameterizedTest
  @EnumSource(Framing.class)
  void noRandomFrameThrowsOrPassesUnlessItFitsInEverything(Framing framing) {
    long seed = 20_261_125L;
    System.out.println("seed " + seed);
    var random = new SplittableRandom(seed);
    var parser = new ModbusReplyParser(framing);
    int passed = 0;
    for (int i = 0; i < 100_000; i++) {
      BlockRead read =
          new BlockRead(random.nextInt(1, 5), random.nextInt(0, 60_000), random.nextInt(1, 126));
      int unit = random.nextInt(256);
      int transaction = random.nextInt(65_536);
      byte[] good = good(framing, unit, transaction, read, random);
      byte[] frame = good.clone();
      if (random.nextBoolean()) {
        frame = new byte[random.nextInt(1, 261)];
        random.nextBytes(frame);
      } else {
        for (int changes = random.nextInt(3); changes > 0; changes--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt();
        }
      }
      parser.restart();
      parser.expect(unit, transaction, read);
      ModbusReply reply = feedInChunks(parser, frame, random);
      if (reply instanceof Words words) {
        passed++;
        int head = framing == Framing.TCP ? 9 : 3;
        assertArrayEquals(Arrays.copyOfRange(frame, head, head + read.valueBytes()), words.bytes());
        assertArrayEquals(Arrays.copyOf(good, head), Arrays.copyOf(frame, head));
        assertCrc(framing, frame, head + read.valueBytes());
      } else if (reply instanceof Refused refused) {
        int head = framing == Framing.TCP ? 6 : 0;
        if (framing == Framing.TCP) {
          assertArrayEquals(Arrays.copyOf(good, 4), Arrays.copyOf(frame, 4));
          assertEquals(3, frame[5], "unit, function and code are three bytes");
        }
        assertEquals((byte) unit, frame[head]);
        assertEquals((byte) (read.function() | 0x80), frame[head + 1]);
        assertEquals((byte) refused.code(), frame[head + 2]);
        assertCrc(framing, frame, head + 3);
      }
    }
    assertTrue(passed > 10_000, "only " + passed + " good frames were tried");
  }

  private static void assertCrc(Framing framing, byte[] frame, int length) {
    if (framing != Framing.TCP) {
      int seen = (frame[length] & 0xFF) | (frame[length + 1] & 0xFF) << 8;
      assertEquals(bitwiseCrc(frame, length), seen, "the CRC of what was accepted");
    }
  }

  /** A reply of which the last {@code cut} bytes are missing, and what came right behind it. */
  private static ByteBuffer glued(String reply, int cut, String behind) {
    byte[] first = hex(reply);
    byte[] next = hex(behind);
    ByteBuffer both = ByteBuffer.allocate(first.length - cut + next.length);
    return both.put(first, 0, first.length - cut).put(next).flip();
  }

  @Test
  void aTcpReplyThatEndsInTheBytesOfAnotherIsRefused() {
    String whole = "1501 0000 0009 11 03 06 022B 0000 0064";
    String next = "14FE 0000 0009 12 03 06 0001 0002 0003";
    for (int cut = 1; cut <= 6; cut++) {
      assertFlaw(Flaw.FRAMING, tcp().feed(glued(whole, cut, next)));
    }
  }

  @Test
  void aWholeTcpReplyBeforeAnotherCounts() {
    assertSpec(feed(tcp(), "1501 0000 0009 11 03 06 022B 0000 0064 14FE 0000 0009 12 03 06 0001"));
    assertSpec(feed(tcp(), "1501 0000 0009 11 03 06 022B 0000 0064 14FE 00"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"14FE 0001 0009 12", "14FE 0000 0001 12", "14FE 0000 00FF 12"})
  void whatStandsBehindATcpReplyHasToBeginLikeAFrame(String behind) {
    ByteBuffer values = glued("1501 0000 0009 11 03 06 022B 0000 0064", 0, behind);
    assertFlaw(Flaw.FRAMING, tcp().feed(values));
    assertFlaw(Flaw.FRAMING, tcp().feed(glued("1501 0000 0003 11 83 02", 0, behind)));
  }

  @Test
  void aTcpReplyThatSwallowsTheReplyToAnEarlierRequestIsRefused() {
    // Sixteen registers, all of whose values are lost, and the earlier reply of four in their place
    // with noughts behind, as if more of the same were under way.
    String whole = "1502 0000 0023 11 03 20" + " 0000".repeat(16);
    String earlier = "1501 0000 000B 12 03 08 0000 0000 0000 0000";
    for (int cut = 17; cut <= 32; cut++) {
      var parser = new ModbusReplyParser(Framing.TCP);
      parser.expect(0x12, 0x1501, new BlockRead(3, 0, 4));
      parser.forget(0);
      parser.expect(17, 0x1502, new BlockRead(3, 0, 16));
      int missing = cut - 17;
      ByteBuffer bytes = glued(whole, cut, earlier + " 00".repeat(missing));
      assertFlaw(Flaw.FRAMING, parser.feed(bytes));
      assertEquals(0, bytes.remaining());
    }
  }

  @Test
  void theEndOfAShortReplyIsKnownByAllThatStandsBehindIt() {
    // Three bytes of a refusal are left: too few to look like a header or not.
    var parser = new ModbusReplyParser(Framing.TCP);
    parser.expect(0x12, 0x1501, SPEC);
    parser.forget(0);
    parser.expect(17, 0x1502, SPEC);
    assertFlaw(
        Flaw.FRAMING,
        parser.feed(glued("1502 0000 0009 11 03 06 022B 0000 0064", 6, "1501 0000 0003 12 83 04")));
  }

  @Test
  void aTcpReplyCutShortIsNotMadeWholeByItself() {
    String whole = "1501 0000 000B 11 03 08 0000 0000 0000 0000";
    for (int cut = 1; cut <= 8; cut++) {
      var parser = new ModbusReplyParser(Framing.TCP);
      parser.expect(17, 0x1501, new BlockRead(3, 107, 4));
      assertFlaw(Flaw.FRAMING, parser.feed(glued(whole, cut, whole)));
    }
  }

  @Test
  void registersThatLookLikeAnAnsweredRequestAreValues() {
    var parser = new ModbusReplyParser(Framing.TCP);
    BlockRead read = new BlockRead(3, 107, 4);
    parser.expect(17, 0x1500, SPEC);
    assertInstanceOf(Words.class, feed(parser, "1500 0000 0009 11 03 06 0000 0000 0000"));
    parser.forget(0);
    // Given up, and answered late.
    parser.expect(17, 0x1501, read);
    parser.forget(0);
    parser.expect(17, 0x1502, read);
    feed(parser, "1501 0000 0003 11 83 04");
    assertInstanceOf(Words.class, feed(parser, "1502 0000 000B 11 03 08 1501 0000 0009 1103"));
    parser.forget(0);
    parser.expect(17, 0x1503, read);
    assertInstanceOf(Words.class, feed(parser, "1503 0000 000B 11 03 08 1500 0000 0009 1103"));
  }

  @Test
  void anotherConnectionBringsNothingOfTheOldOne() {
    var parser = new ModbusReplyParser(Framing.TCP);
    parser.expect(17, 0x1501, SPEC);
    parser.restart();
    parser.expect(17, 0x1502, new BlockRead(3, 107, 4));
    assertInstanceOf(Words.class, feed(parser, "1502 0000 000B 11 03 08 1501 0000 0009 1103"));
  }

  @Test
  void aReplyWithinTheReplyToAnotherThatIsOutIsRefused() {
    var parser = new ModbusReplyParser(Framing.TCP, 2);
    parser.expect(0, 17, 0x1501, new BlockRead(3, 107, 8));
    parser.expect(1, 18, 0x1502, SPEC);
    assertFlaw(
        Flaw.FRAMING,
        parser.feed(
            glued(
                "1501 0000 0013 11 03 10" + " 0000".repeat(8),
                15,
                "1502 0000 0009 12 03 06 0001 0002 0003")));
  }

  private static ModbusReply feedInChunks(
      ModbusReplyParser parser, byte[] frame, SplittableRandom random) {
    int at = 0;
    ModbusReply reply = parser.feed(ByteBuffer.allocate(0));
    while (at < frame.length && reply instanceof NeedMore) {
      int chunk = Math.min(frame.length - at, random.nextInt(1, 40));
      reply = parser.feed(ByteBuffer.wrap(frame, at, chunk));
      at += chunk;
    }
    return reply;
  }

  private static byte[] good(
      Framing framing, int unit, int transaction, BlockRead read, SplittableRandom random) {
    byte[] values = new byte[read.valueBytes()];
    random.nextBytes(values);
    ByteBuffer frame = ByteBuffer.allocate(300);
    if (framing == Framing.TCP) {
      frame.putShort((short) transaction).putShort((short) 0);
      frame.putShort((short) (3 + values.length));
    }
    frame.put((byte) unit).put((byte) read.function()).put((byte) values.length).put(values);
    if (framing != Framing.TCP) {
      int crc = bitwiseCrc(frame.array(), frame.position());
      frame.put((byte) crc).put((byte) (crc >>> 8));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  /** The textbook loop, independent of the table in the codec. */
  static int bitwiseCrc(byte[] bytes, int length) {
    int crc = 0xFFFF;
    for (int i = 0; i < length; i++) {
      crc ^= bytes[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        boolean one = (crc & 1) == 1;
        crc >>>= 1;
        if (one) {
          crc ^= 0xA001;
        }
      }
    }
    return crc;
  }
}
