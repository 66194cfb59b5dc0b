package io.lingtan.agent.acquire.item;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.item.ItemReply.Flaw;
import io.lingtan.agent.acquire.item.ItemReply.Here;
import io.lingtan.agent.acquire.item.ItemReply.Item;
import io.lingtan.agent.acquire.item.ItemReply.NeedMore;
import io.lingtan.agent.acquire.item.ItemReply.Refused;
import io.lingtan.agent.acquire.item.ItemReply.Rejected;
import io.lingtan.agent.reading.MeterFamily;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames from worked example S06, and frames that a builder of the test's own makes. */
final class Dlt645ReplyParserTest {

  private static final Address METER = Address.of("112233445566");
  private static final ItemRead FORWARD = new ItemRead(0x00010000, 4);

  /** 123,456.78 kWh, as S06 has it on the wire. */
  private static final String VALUE = "AB 89 67 45";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** A frame from its parts: address bytes and data as they are on the wire. */
  private static byte[] frame(String address, int control, String data) {
    byte[] wire = hex(data);
    var out = new ByteArrayOutputStream();
    out.write(0x68);
    out.writeBytes(hex(address));
    out.write(0x68);
    out.write(control);
    out.write(wire.length);
    out.writeBytes(wire);
    int sum = 0;
    for (byte each : out.toByteArray()) {
      sum += each;
    }
    out.write(sum);
    out.write(0x16);
    return out.toByteArray();
  }

  private static byte[] good() {
    return frame("66 55 44 33 22 11", 0x91, "33 33 34 33" + VALUE);
  }

  private static ItemReplyParser parser() {
    var parser = new ItemReplyParser();
    parser.expect(METER, FORWARD);
    return parser;
  }

  private static ItemReply feed(byte[] bytes) {
    return parser().feed(ByteBuffer.wrap(bytes));
  }

  private static void assertFlaw(Flaw flaw, ItemReply reply) {
    assertEquals(flaw, assertInstanceOf(Rejected.class, reply).flaw());
  }

  private static void assertForward(ItemReply reply) {
    Item item = assertInstanceOf(Item.class, reply);
    assertEquals(FORWARD, item.read());
    assertArrayEquals(hex("78 56 34 12"), item.bytes());
  }

  @Test
  void theRequestIsTheWorkedExamples() {
    byte[] frame = new byte[Frames.MAX_REQUEST];
    int length = Frames.encode(METER, FORWARD, frame);
    assertEquals(length, Frames.requestBytes());
    assertArrayEquals(
        hex("FE FE FE FE 68 66 55 44 33 22 11 68 11 04 33 33 34 33 17 16"),
        Arrays.copyOf(frame, length));
  }

  @Test
  void thePublishedFramesCheckSumIsOurs() {
    byte[] frame = hex("68 11 11 11 53 12 35 68 81 07 43 C3 BC 76 46 33 34");
    assertEquals(0x0A, Frames.sum(frame, 0, frame.length));
    assertArrayEquals(
        hex("68 11 11 11 53 12 35 68 81 07 43 C3 BC 76 46 33 34 0A 16"),
        frame("11 11 11 53 12 35", 0x81, "43 C3 BC 76 46 33 34"));
  }

  @Test
  void aFrameOfTheEditionOf1997IsNoAnswer() {
    var parser = new ItemReplyParser();
    parser.expect(Address.of("351253111111"), FORWARD);
    assertFlaw(
        Flaw.CONTROL,
        parser.feed(
            ByteBuffer.wrap(hex("68 11 11 11 53 12 35 68 81 07 43 C3 BC 76 46 33 34 0A 16"))));
  }

  @Test
  void aFittingReplyGivesItsBytesLessTheOffset() {
    assertForward(feed(good()));
  }

  @Test
  void wakeUpBytesAreNoPartOfAFrame() {
    for (int count : new int[] {1, 2, 4, 16}) {
      var all = new ByteArrayOutputStream();
      for (int i = 0; i < count; i++) {
        all.write(0xFE);
      }
      all.writeBytes(good());
      assertForward(feed(all.toByteArray()));
    }
    byte[] endless = new byte[17];
    Arrays.fill(endless, (byte) 0xFE);
    assertFlaw(Flaw.NOISE, feed(endless));
  }

  @Test
  void aReplyMayComeInSingleBytes() {
    var parser = parser();
    byte[] bytes = good();
    for (int i = 0; i < bytes.length - 1; i++) {
      assertInstanceOf(NeedMore.class, parser.feed(ByteBuffer.wrap(bytes, i, 1)));
      assertEquals(i + 1, parser.received());
    }
    assertForward(parser.feed(ByteBuffer.wrap(bytes, bytes.length - 1, 1)));
  }

  @Test
  void aShortFrameIsNeverTakenHoweverLongTheSilence() {
    byte[] bytes = good();
    for (int length = 0; length < bytes.length; length++) {
      assertInstanceOf(NeedMore.class, feed(Arrays.copyOf(bytes, length)));
    }
  }

  @Test
  void aMeterThatRefusesSaysWhy() {
    assertEquals(new Refused(2), feed(frame("66 55 44 33 22 11", 0xD1, "35")));
    assertFlaw(Flaw.ERROR_BYTE, feed(frame("66 55 44 33 22 11", 0xD1, "33")));
  }

  @ParameterizedTest
  @CsvSource({
    "ADDRESS, 67 55 44 33 22 11, 91, 33 33 34 33 AB 89 67 45",
    "ADDRESS, AA AA AA AA AA AA, 91, 33 33 34 33 AB 89 67 45",
    "CONTROL, 66 55 44 33 22 11, 11, 33 33 34 33",
    "CONTROL, 66 55 44 33 22 11, 94, 33 33 34 33 AB 89 67 45",
    "CONTROL, 66 55 44 33 22 11, 93, 33 33 34 33 AB 89",
    "MORE, 66 55 44 33 22 11, B1, 33 33 34 33 AB 89 67 45",
    "LENGTH, 66 55 44 33 22 11, 91, 33 33 34 33 AB 89 67",
    "LENGTH, 66 55 44 33 22 11, 91, 33 33 34 33 AB 89 67 45 33",
    "LENGTH, 66 55 44 33 22 11, 91, 35",
    "LENGTH, 66 55 44 33 22 11, D1, 35 35",
    "ITEM, 66 55 44 33 22 11, 91, 33 33 35 33 AB 89 67 45",
    "ITEM, 66 55 44 33 22 11, 91, 33 34 34 33 AB 89 67 45"
  })
  void aReplyThatDoesNotFitIsRejected(Flaw flaw, String address, String control, String data) {
    assertFlaw(flaw, feed(frame(address, Integer.parseInt(control, 16), data)));
  }

  @Test
  void noiseInFrontOfAFrameIsNotPassedOver() {
    byte[] bytes = new byte[good().length + 1];
    System.arraycopy(good(), 0, bytes, 1, good().length);
    assertFlaw(Flaw.NOISE, feed(bytes));
  }

  @Test
  void aWrongCheckSumIsRejected() {
    byte[] bytes = good();
    bytes[bytes.length - 2]++;
    assertFlaw(Flaw.SUM, feed(bytes));
  }

  @Test
  void aFrameThatDoesNotEndWhereItSaysIsRejected() {
    byte[] bytes = good();
    bytes[bytes.length - 1] = 0x68;
    assertFlaw(Flaw.FRAME, feed(bytes));
    bytes = good();
    bytes[7] = 0;
    assertFlaw(Flaw.FRAME, feed(bytes));
  }

  @Test
  void whatStandsBehindAReplyIsLeftAlone() {
    var all = new ByteArrayOutputStream();
    all.writeBytes(good());
    all.writeBytes(good());
    ByteBuffer twice = ByteBuffer.wrap(all.toByteArray());
    var parser = parser();
    assertForward(parser.feed(twice));
    assertEquals(good().length, twice.remaining());
    assertForward(parser.feed(twice));
    assertEquals(good().length, twice.remaining());
  }

  @Test
  void theOnlyMeterOfALineTellsItsAddress() {
    byte[] question = new byte[Frames.MAX_REQUEST];
    int length = Frames.encodeAddressQuestion(MeterFamily.DLT645, question);
    assertArrayEquals(
        hex("FE FE FE FE 68 AA AA AA AA AA AA 68 13 00 DF 16"), Arrays.copyOf(question, length));
    var parser = new ItemReplyParser();
    parser.expectAddress(MeterFamily.DLT645);
    assertEquals(
        new Here(METER),
        parser.feed(ByteBuffer.wrap(frame("66 55 44 33 22 11", 0x93, "99 88 77 66 55 44"))));
    parser.expectAddress(MeterFamily.DLT645);
    assertFlaw(
        Flaw.CONTROL, parser.feed(ByteBuffer.wrap(frame("66 55 44 33 22 11", 0x91, "33 33"))));
    parser.expectAddress(MeterFamily.DLT645);
    assertFlaw(
        Flaw.ADDRESS,
        parser.feed(ByteBuffer.wrap(frame("66 55 44 33 22 11", 0x93, "99 88 77 66 55 3F"))));
  }

  @Test
  void anAddressIsTwelveDigits() {
    assertEquals("000000123456", Address.of("123456").toString());
    assertThrows(IllegalArgumentException.class, () -> Address.of("1234567890123"));
    assertThrows(IllegalArgumentException.class, () -> Address.of("12345A"));
    assertThrows(IllegalArgumentException.class, () -> Address.of(""));
  }

  /**
   * Half of the frames are random bytes, half a good reply with some bytes changed, so that the
   * later checks are reached too. Whatever passes must be exactly what a good reply looks like.
   */
  @Test
  void noRandomFrameThrowsOrPassesUnlessItFitsInEverything() {
    long seed = 20_261_126L;
    System.out.println("seed " + seed);
    var random = new SplittableRandom(seed);
    var parser = new ItemReplyParser();
    int passed = 0;
    int refused = 0;
    for (int i = 0; i < 150_000; i++) {
      ItemRead read = new ItemRead(random.nextInt(Integer.MAX_VALUE), random.nextInt(1, 60));
      Address meter = Address.of(Long.toString(random.nextLong(1_000_000_000_000L)));
      byte[] good = good(meter, read, random);
      byte[] frame = good.clone();
      if (i % 2 == 0) {
        frame = new byte[random.nextInt(1, 261)];
        random.nextBytes(frame);
        if (i % 4 == 0) {
          frame[0] = 0x68;
        }
      } else {
        for (int changes = random.nextInt(3); changes > 0; changes--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt();
        }
      }
      parser.expect(meter, read);
      ItemReply reply = feedInChunks(parser, frame, random);
      switch (reply) {
        case Item item -> {
          passed++;
          assertArrayEquals(
              Arrays.copyOf(good, 14), Arrays.copyOf(frame, 14), "head and identifier");
          assertEquals(good.length, frame.length);
          int sum = 0;
          for (int at = 0; at < frame.length - 2; at++) {
            sum += frame[at];
          }
          assertEquals((byte) sum, frame[frame.length - 2]);
          for (int at = 0; at < read.bytes(); at++) {
            assertEquals((byte) (frame[14 + at] - 0x33), item.bytes()[at]);
          }
        }
        case Refused refusal -> refused++;
        case Here here -> throw new AssertionError("nobody asked for an address");
        case NeedMore more -> {}
        case Rejected rejected -> {}
      }
    }
    assertTrue(passed > 10_000, "only " + passed + " good frames were tried");
    assertEquals(0, refused, "no error reply was made");
  }

  private static ItemReply feedInChunks(
      ItemReplyParser parser, byte[] frame, SplittableRandom random) {
    int at = 0;
    ItemReply reply = parser.feed(ByteBuffer.allocate(0));
    while (at < frame.length && reply instanceof NeedMore) {
      int chunk = Math.min(frame.length - at, random.nextInt(1, 40));
      reply = parser.feed(ByteBuffer.wrap(frame, at, chunk));
      at += chunk;
    }
    return reply;
  }

  private static byte[] good(Address meter, ItemRead read, SplittableRandom random) {
    ByteBuffer out = ByteBuffer.allocate(14 + read.bytes() + 2);
    out.put((byte) 0x68);
    String digits = meter.toString();
    for (int i = 10; i >= 0; i -= 2) {
      out.put((byte) Integer.parseInt(digits.substring(i, i + 2), 16));
    }
    out.put((byte) 0x68).put((byte) 0x91).put((byte) (4 + read.bytes()));
    for (int i = 0; i < 4; i++) {
      out.put((byte) ((read.id() >>> (8 * i)) + 0x33));
    }
    byte[] value = new byte[read.bytes()];
    random.nextBytes(value);
    out.put(value);
    int sum = 0;
    for (int i = 0; i < out.position(); i++) {
      sum += out.array()[i];
    }
    return out.put((byte) sum).put((byte) 0x16).array();
  }
}
