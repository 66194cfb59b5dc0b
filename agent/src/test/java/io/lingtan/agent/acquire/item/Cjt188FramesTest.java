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
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** CJ/T 188 against frames that others have published, and against frames that are none. */
final class Cjt188FramesTest {

  private static final Address COLD_WATER = Address.of("1078330011223344");

  /** Published with its request at cnblogs.com/yangykaifa/p/7010777.html; the sum is its bytes'. */
  private static final String WATER =
      "FE FE FE FE 68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C"
          + " 31 01 22 11 05 15 20 21 84 13 16";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static ItemReply fed(Address meter, ItemRead read, byte[] frame) {
    var parser = new ItemReplyParser();
    parser.expect(meter, read);
    return parser.feed(ByteBuffer.wrap(frame));
  }

  @Test
  void aReadIsThePublishedRequest() {
    byte[] request = new byte[Frames.MAX_REQUEST];
    int length = Frames.encode(COLD_WATER, new ItemRead(0x901F, 19), request);
    assertArrayEquals(
        hex("FE FE FE FE 68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16"),
        Arrays.copyOf(request, length));
    assertEquals(length, Frames.requestBytes());
    // A heat meter of JY, whose identifier has its bytes the other way round: cnblogs.com/llguanli.
    length = Frames.encode(Address.of("2000000040314132"), new ItemRead(0x1F90, 43, 1), request);
    assertArrayEquals(
        hex("FE FE FE FE 68 20 32 41 31 40 00 00 00 01 03 90 1F 01 20 16"),
        Arrays.copyOf(request, length));
  }

  @Test
  void thePublishedReplyIsTheValueOfTheItem() {
    Item item = assertInstanceOf(Item.class, fed(COLD_WATER, new ItemRead(0x901F, 19), hex(WATER)));
    assertArrayEquals(
        hex("00 77 66 55 2C 00 77 66 55 2C 31 01 22 11 05 15 20 21 84"), item.bytes());
  }

  /** Frames of meters in the field, from public repositories; each with its own sum. */
  @Test
  void publishedRepliesOfOtherMetersAreTaken() {
    for (String[] each :
        new String[][] {
          // Cold water, the identifier turned round.
          {
            "1000201809230001",
            "1F90 1",
            "68 10 01 00 23 09 18 20 00 81 16 90 1F 01 60 00 00 00 2C 60 00 00 00 2C 60 20 20 00 00"
                + " 00 00 00 00 DC 16"
          },
          {
            "1000924040000018",
            "1F90 0",
            "68 10 18 00 00 40 40 92 00 81 16 90 1F 00 29 00 00 00 2C 29 00 00 00 2C 00 00 00 00 00"
                + " 00 00 00 23 B5 16"
          },
          // SANEXT MONO CU: ioBroker.sanext.
          {
            "2000740012064713",
            "901F 0",
            "FE FE 68 20 13 47 06 12 00 74 00 81 2E 1F 90 00 00 00 00 00 05 00 00 00 00 05 00 00 00"
                + " 00 17 00 00 00 00 35 00 00 00 00 2C 02 23 00 11 23 00 34 58 00 09 49 12 05 09"
                + " 23 20 00 08 F0 16"
          },
          // A heat meter of kind 25.
          {
            "2511110059200991",
            "901F 18",
            "68 25 91 09 20 59 00 11 11 81 2E 1F 90 12 00 00 00 00 05 00 03 00 00 05 00 00 00 00 17"
                + " 00 00 00 00 35 27 00 00 00 2C 60 14 00 74 14 00 46 54 00 51 49 09 22 04 10 20"
                + " 00 00 6D 16"
          },
          // Units in front of the digits.
          {
            "2042590008210438",
            "1F90 0",
            "68 20 38 04 21 08 00 59 42 81 2E 90 1F 00 05 19 28 53 00 05 19 28 53 00 17 00 00 00 00"
                + " 35 00 00 00 00 2C 42 33 18 00 03 19 00 10 19 00 61 27 00 26 57 23 31 03 15 20"
                + " 03 01 F7 16"
          }
        }) {
      String[] asked = each[1].split(" ");
      byte[] frame = hex(each[2]);
      ItemRead read =
          new ItemRead(
              Integer.parseInt(asked[0], 16),
              0x901F == Integer.parseInt(asked[0], 16) || frame[1] == 0x20 ? 43 : 19,
              Integer.parseInt(asked[1]));
      assertInstanceOf(Item.class, fed(Address.of(each[0]), read, frame), each[2]);
    }
  }

  @Test
  void aReplyToAnythingElseIsNone() {
    ItemRead read = new ItemRead(0x901F, 19);
    Address hotWater = Address.of("1178330011223344");
    assertFlaw(Flaw.ADDRESS, fed(hotWater, read, hex(WATER)));
    assertFlaw(Flaw.ITEM, fed(COLD_WATER, new ItemRead(0x1F90, 19), hex(WATER)));
    assertFlaw(Flaw.ITEM, fed(COLD_WATER, new ItemRead(0x901F, 19, 7), hex(WATER)));
    assertFlaw(Flaw.LENGTH, fed(COLD_WATER, new ItemRead(0x901F, 18), hex(WATER)));
    // As it is printed in that article: 08 is not the sum of those bytes.
    assertFlaw(Flaw.SUM, fed(COLD_WATER, read, hex(WATER.replace("13 16", "08 16"))));
    assertFlaw(Flaw.FRAME, fed(COLD_WATER, read, hex(WATER.replace("13 16", "13 17"))));
    assertInstanceOf(
        NeedMore.class, fed(COLD_WATER, read, Arrays.copyOf(hex(WATER), hex(WATER).length - 1)));
    byte[] request = new byte[Frames.MAX_REQUEST];
    Frames.encode(COLD_WATER, read, request);
    assertFlaw(Flaw.CONTROL, fed(COLD_WATER, read, request));
  }

  private static void assertFlaw(Flaw flaw, ItemReply reply) {
    assertEquals(flaw, assertInstanceOf(Rejected.class, reply).flaw(), reply::toString);
  }

  @Test
  void aRefusalNamesTheRequestThatItAnswers() {
    // C1 03 with the number of the request and the status: linqiu126/mfunhcu's test of the
    // standard.
    Address meter = Address.of("1077665544332211");
    byte[] frame = hex("68 10 11 22 33 44 55 66 77 C1 03 01 11 22 34 16");
    int sum = 0;
    for (int i = 0; i < frame.length - 2; i++) {
      sum += frame[i];
    }
    frame[frame.length - 2] = (byte) sum;
    assertEquals(new Refused(1), fed(meter, new ItemRead(0x901F, 19, 1), frame));
    assertFlaw(Flaw.ITEM, fed(meter, new ItemRead(0x901F, 19), frame));
  }

  @Test
  void theOnlyMeterOfALineTellsItsAddress() {
    byte[] question = new byte[Frames.MAX_REQUEST];
    int length = Frames.encodeAddressQuestion(MeterFamily.CJT188, question);
    assertArrayEquals(
        hex("FE FE FE FE 68 AA AA AA AA AA AA AA AA 03 03 0A 81 00 49 16"),
        Arrays.copyOf(question, length));
    assertEquals(length, Frames.addressQuestionBytes(MeterFamily.CJT188));
    var parser = new ItemReplyParser();
    parser.expectAddress(MeterFamily.CJT188);
    byte[] told = sealed("68 10 01 00 00 05 08 00 00 83 03 0A 81 00");
    assertEquals(new Here(Address.of("1000000805000001")), parser.feed(ByteBuffer.wrap(told)));
    parser.expectAddress(MeterFamily.CJT188);
    byte[] other = sealed("68 10 01 00 00 05 08 00 00 83 03 1F 90 00");
    assertFlaw(Flaw.ITEM, parser.feed(ByteBuffer.wrap(other)));
  }

  private static byte[] sealed(String text) {
    byte[] frame = hex(text);
    byte[] whole = Arrays.copyOf(frame, frame.length + 2);
    for (byte each : frame) {
      whole[frame.length] += each;
    }
    whole[frame.length + 1] = 0x16;
    return whole;
  }

  @Test
  void anAddressIsTheKindOfMeterAndFourteenDigits() {
    assertEquals("1078330011223344", COLD_WATER.toString());
    assertThrows(IllegalArgumentException.class, () -> Address.of("78330011223344"));
    assertThrows(IllegalArgumentException.class, () -> Address.of("10783300112233445"));
  }

  /** Half of the frames are random bytes, half a good reply with some of its bytes changed. */
  @Test
  void ofAHundredThousandRandomFramesNoneIsAcceptedWrong() {
    long seed = 20_261_129L;
    System.out.println("seed " + seed);
    var random = new SplittableRandom(seed);
    int passed = 0;
    for (int i = 0; i < 100_000; i++) {
      ItemRead read =
          new ItemRead(random.nextInt(65_536), random.nextInt(1, 60), random.nextInt(256));
      Address meter =
          Address.of("%02d%014d".formatted(random.nextInt(10, 50), random.nextLong(100_000_000L)));
      byte[] good = good(meter, read, random);
      byte[] frame = good.clone();
      if (i % 2 == 0) {
        frame = new byte[random.nextInt(1, 261)];
        random.nextBytes(frame);
        frame[0] = 0x68;
      } else {
        for (int change = random.nextInt(3); change >= 0; change--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
        }
      }
      if (fed(meter, read, frame) instanceof Item(var item, byte[] value)) {
        passed++;
        // Everything but the value is checked byte by byte, and the value by the sum.
        int at = 14;
        byte[] data = Arrays.copyOfRange(frame, at, at + read.bytes());
        assertEquals(read, item);
        assertArrayEquals(data, value);
        assertArrayEquals(Arrays.copyOf(good, at), Arrays.copyOf(frame, at));
        int sum = 0;
        for (int each = 0; each < at + data.length; each++) {
          sum += frame[each];
        }
        assertEquals((byte) sum, frame[at + data.length]);
        assertEquals(0x16, frame[at + data.length + 1]);
      }
    }
    assertTrue(passed > 0 && passed < 2_000, passed + " passed: bytes changed into themselves");
  }

  private static byte[] good(Address meter, ItemRead read, SplittableRandom random) {
    byte[] frame = new byte[14 + read.bytes()];
    random.nextBytes(frame);
    frame[0] = 0x68;
    meter.put(frame, 1);
    frame[9] = (byte) 0x81;
    frame[10] = (byte) (3 + read.bytes());
    frame[11] = (byte) read.id();
    frame[12] = (byte) (read.id() >> 8);
    frame[13] = (byte) read.serial();
    return sealed(HexFormat.of().formatHex(frame));
  }
}
