package io.lingtan.agent.acquire.mbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.mbus.ReadoutReply.Flaw;
import io.lingtan.testing.HostileText;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The exchange with one meter, byte by byte as EN 13757-2 and -3 have it. */
final class ReadoutTest {

  /** Energy 9990 kWh of meter 12345678, manufacturer PAD, electricity. */
  private static final String HEADER = "72 78563412 2440 01 07 55 00 0000";

  private static final String ENERGY = "04 06 06 27 00 00";

  private final Readout readout = new Readout();

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static byte[] frame(int primary, String data) {
    byte[] body = hex("08 %02X %s".formatted(primary, data));
    byte[] frame = new byte[body.length + 6];
    frame[0] = 0x68;
    frame[1] = (byte) body.length;
    frame[2] = (byte) body.length;
    frame[3] = 0x68;
    System.arraycopy(body, 0, frame, 4, body.length);
    for (byte each : body) {
      frame[frame.length - 2] += each;
    }
    frame[frame.length - 1] = 0x16;
    return frame;
  }

  private String request() {
    byte[] into = new byte[Readout.MAX_REQUEST];
    return HexFormat.of().formatHex(into, 0, readout.request(into));
  }

  private ReadoutReply feed(byte[] bytes) {
    return readout.feed(ByteBuffer.wrap(bytes));
  }

  private void linked(String meter) {
    readout.expect(Address.of(meter));
    assertInstanceOf(ReadoutReply.Further.class, feed(hex("E5")));
  }

  private Flaw flaw(byte[] bytes) {
    return assertInstanceOf(ReadoutReply.Rejected.class, feed(bytes)).flaw();
  }

  private static @Nullable String value(String data) {
    BigDecimal value = record(data).value();
    return value == null ? null : value.stripTrailingZeros().toPlainString();
  }

  private static DataRecord record(String data) {
    return LongFrame.telegram(frame(1, HEADER + data)).records().getFirst();
  }

  @Test
  void aPrimaryAddressIsResetAndAskedForOneTelegram() {
    readout.expect(Address.of("mbus-5"));
    assertEquals("1040054516", request());
    assertInstanceOf(ReadoutReply.Further.class, feed(hex("E5")));
    assertEquals("107b058016", request());
    ReadoutReply.Complete told =
        assertInstanceOf(ReadoutReply.Complete.class, feed(frame(5, HEADER + ENERGY)));
    assertEquals("12345678", told.telegrams().first().identification());
    assertEquals(0x55, told.telegrams().first().access());
  }

  @Test
  void aSecondaryAddressSelectsTheMeterWithItsDigitsLowByteFirst() {
    readout.expect(Address.of("mbus-12345678"));
    assertEquals("680b0b6853fd5278563412ffffffffb216", request());
    feed(hex("E5"));
    assertEquals("107bfd7816", request());
    assertInstanceOf(ReadoutReply.Complete.class, feed(frame(0, HEADER + ENERGY)));
    linked("mbus-1234567824400107");
    assertInstanceOf(ReadoutReply.Complete.class, feed(frame(0, HEADER + ENERGY)));
    linked("mbus-FFFFFF78FFFF01FF");
    assertInstanceOf(ReadoutReply.Complete.class, feed(frame(0, HEADER + ENERGY)));
    linked("mbus-1234567824400104");
    assertEquals(Flaw.ADDRESS, flaw(frame(0, HEADER + ENERGY)));
    assertThrows(IllegalArgumentException.class, () -> Address.of("mbus-251"));
    assertThrows(IllegalArgumentException.class, () -> Address.of("mbus-1234"));
  }

  @Test
  void furtherTelegramsAreAskedForWithTheFrameCountBitTurnedAtMostFour() {
    linked("mbus-5");
    String more = HEADER.replace(" 55 ", " %02X ") + "04 06 %02X 27 00 00 1F";
    for (int i = 0; i < 3; i++) {
      assertEquals(i % 2 == 0 ? "107b058016" : "105b056016", request());
      assertInstanceOf(ReadoutReply.Further.class, feed(frame(5, more.formatted(0x55 + i, i))));
    }
    assertEquals("105b056016", request());
    ReadoutReply.Complete told =
        assertInstanceOf(ReadoutReply.Complete.class, feed(frame(5, more.formatted(0x58, 9))));
    assertEquals(4, told.telegrams().list().size());
    assertTrue(told.telegrams().text().contains("only 4 telegrams"));
    assertEquals(4, Telegrams.of(told.telegrams().frames()).list().size());
  }

  @Test
  void theSameTelegramAgainIsNoSecondOne() {
    linked("mbus-5");
    byte[] more = frame(5, HEADER + ENERGY + "1F");
    assertInstanceOf(ReadoutReply.Further.class, feed(more));
    assertEquals(Flaw.LATE, flaw(more));
    // Asked for anew and told anew: the meter does not know the frame count bit.
    linked("mbus-5");
    feed(more);
    ReadoutReply.Complete told =
        assertInstanceOf(
            ReadoutReply.Complete.class,
            feed(frame(5, HEADER.replace(" 55 ", " 56 ") + ENERGY + "1F")));
    assertEquals(1, told.telegrams().list().size());
  }

  @Test
  void theNextTelegramIsTheSameMeters() {
    linked("mbus-5");
    feed(frame(5, HEADER + ENERGY + "1F"));
    assertEquals(Flaw.ADDRESS, flaw(frame(5, HEADER.replace("785634", "795634") + ENERGY)));
  }

  @Test
  void aLateTelegramIsNeverTakenForAnAcknowledgementNorTheOtherWayRound() {
    readout.expect(Address.of("mbus-5"));
    assertEquals(Flaw.LATE, flaw(frame(5, HEADER + ENERGY)));
    linked("mbus-5");
    assertEquals(Flaw.LATE, flaw(hex("E5")));
    readout.expect(Address.of("mbus-5"));
    assertEquals(Flaw.LATE, flaw(hex("E5 68")));
    readout.expect(Address.of("mbus-5"));
    assertEquals(Flaw.NOISE, flaw(hex("E4")));
  }

  @Test
  void everyFieldOfATelegramIsLookedAt() {
    byte[] good = frame(5, HEADER + ENERGY);
    assertFlaw(Flaw.NOISE, 0, 0x10, good);
    assertFlaw(Flaw.LENGTH, 1, 2, good);
    assertFlaw(Flaw.LENGTH, 2, good[2] + 1, good);
    assertFlaw(Flaw.FRAME, 3, 0x69, good);
    assertFlaw(Flaw.CONTROL, 4, 0x48, good);
    assertFlaw(Flaw.ADDRESS, 5, 6, good);
    assertFlaw(Flaw.SUM, 6, 0x73, good);
    assertFlaw(Flaw.SUM, good.length - 2, good[good.length - 2] + 1, good);
    assertFlaw(Flaw.FRAME, good.length - 1, 0x17, good);
    linked("mbus-5");
    assertEquals(Flaw.CONTENT, flaw(frame(5, "73" + HEADER.substring(2) + ENERGY)));
    linked("mbus-5");
    assertEquals(new ReadoutReply.Refused(8), feed(frame(5, "70 08")));
    linked("mbus-5");
    assertEquals(new ReadoutReply.Refused(255), feed(frame(5, "70")));
    linked("mbus-5");
    assertEquals(Flaw.LENGTH, flaw(frame(5, "72 78563412")));
    linked("mbus-5");
    String encrypted = HEADER.replace(" 0000", " 1005");
    assertEquals(Flaw.CONTENT, flaw(frame(5, encrypted + ENERGY)));
  }

  private void assertFlaw(Flaw flaw, int at, int value, byte[] good) {
    byte[] bad = good.clone();
    bad[at] = (byte) value;
    linked("mbus-5");
    assertEquals(flaw, flaw(bad), "byte " + at);
  }

  @Test
  void theShortHeaderHasNoNameSoThatItAnswersAPrimaryAddressAlone() {
    linked("mbus-5");
    ReadoutReply.Complete told =
        assertInstanceOf(ReadoutReply.Complete.class, feed(frame(5, "7A 01 00 0000" + ENERGY)));
    assertEquals("", told.telegrams().first().identification());
    assertEquals("energy 9990000 W.h", told.telegrams().first().records().getFirst().text());
    linked("mbus-12345678");
    assertEquals(Flaw.ADDRESS, flaw(frame(0, "7A 01 00 0000" + ENERGY)));
  }

  @Test
  void valuesComeInEveryCodingAndUnit() {
    assertEquals("-2", value("02 2B FE FF"));
    assertEquals("-200", value("0B 2D 02 00 F0"));
    assertEquals("1.5", value("05 2B 00 00 C0 3F"));
    assertEquals("12300000", value("0C FB 00 23 01 00 00"));
    assertEquals("energy 10000000 W.h", record("0A FB 09 36 00").text());
  }

  @Test
  void whatIsNoNumberHasAReasonAndNoValue() {
    assertNull(value("02 2B 00 80"));
    assertNull(value("04 06 00 00 00 80"));
    assertNull(value("0C 06 FF FF FF FF"));
    assertNull(value("0C 06 12 3A 00 00"));
    assertNull(value("05 2B 00 00 C0 7F"));
    assertNull(value("00 06"));
    DataRecord wrong = record("04 86 15 06 27 00 00");
    assertNull(wrong.value());
    assertTrue(wrong.text().contains("error 15H"), wrong::text);
    assertEquals("", wrong.vife());
  }

  @Test
  void aVifeThatCorrectsIsTakenIntoAccountAndOneThatChangesTheMeaningIsKept() {
    assertEquals("9990000", value("04 86 00 06 27 00 00"));
    assertEquals("99900", value("04 86 74 06 27 00 00"));
    assertEquals("9990000000", value("04 86 7D 06 27 00 00"));
    assertEquals("3C", record("04 86 3C 06 27 00 00").vife());
    assertEquals("FF 81 00", record("04 A9 FF 81 00 06 27 00 00").vife());
  }

  @Test
  void whereARecordCannotBeTakenApartNothingBehindItIsGuessed() {
    Telegram cut = LongFrame.telegram(frame(1, HEADER + ENERGY + "04 06 06 27"));
    assertEquals(2, cut.records().size());
    assertNull(cut.records().getLast().value());
    assertTrue(cut.records().getLast().text().contains("cannot be read"));
    assertFalse(cut.more());
    String tooMany = "8B 60" + " 84".repeat(12) + " 04 37 18 02";
    assertTrue(record(tooMany).text().contains("cannot be read"));
  }

  /** Texts and data of variable length, and the maker's own, are passed over. */
  @Test
  void whatStandsBehindTextsIsRead() {
    Telegram telegram =
        LongFrame.telegram(
            frame(
                1,
                HEADER + "0D FD 0B 05 31 32 48 46 57 0D FD 3A E3 01 02 03 2F" + ENERGY + "0F 99"));
    assertEquals(4, telegram.records().size());
    assertTrue(telegram.records().getFirst().text().contains("WFH21"));
    assertEquals("energy 9990000 W.h", telegram.records().get(2).text());
  }

  @Test
  void ofAHundredThousandRandomFramesNoneIsLetIn() {
    Random random = new Random(13_757);
    byte[] good = frame(5, HEADER + ENERGY);
    for (int i = 0; i < 100_000; i++) {
      byte[] frame = new byte[8 + random.nextInt(60)];
      random.nextBytes(frame);
      if (i % 2 == 0) {
        frame[0] = 0x68;
        frame[1] = (byte) (frame.length - 6);
        frame[2] = frame[1];
        frame[3] = 0x68;
      }
      refused(frame, i);
      byte[] damaged = good.clone();
      damaged[random.nextInt(good.length)] ^= (byte) (1 + random.nextInt(255));
      refused(damaged, i);
      refused(Arrays.copyOf(good, random.nextInt(good.length)), i);
    }
  }

  private void refused(byte[] frame, int round) {
    linked("mbus-5");
    ReadoutReply reply = feed(frame);
    assertFalse(
        reply instanceof ReadoutReply.Complete || reply instanceof ReadoutReply.Further,
        () -> round + ": " + HexFormat.of().formatHex(frame));
  }

  @Test
  void aTextThatWouldMoveACursorIsShownAsBytes() {
    for (String letter : List.of("1B", "7F", "9B", "85")) {
      String told = record("0D 78 03 41 %s 42".formatted(letter)).text();
      HostileText.assertPlain(told);
      assertTrue(told.contains("41 " + letter + " 42"), told);
    }
  }
}
