package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.coap.Decoded.Content;
import io.lingtan.agent.acquire.coap.Decoded.Refused;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.testing.CoapSites;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What payloads mean; the examples of RFC 8428 among them. */
final class PayloadDecoderTest {

  private static final long NOW = 5_000_000_000_000L;

  /** The wall clock shows 1276020080.001 at NOW, four seconds after the examples' base time. */
  private static final Time.Wall WALL =
      new Time.Wall(1_276_020_080_001L - NOW / 1_000_000, true, "ntp");

  private static final String MULTIPLE =
      """
      [{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,
        "n":"voltage","u":"V","v":120.1},
       {"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},
       {"n":"current","t":-3,"v":1.4},{"n":"current","t":-2,"v":1.5},
       {"n":"current","t":-1,"v":1.6},{"n":"current","v":1.7}]
      """;

  private final PayloadDecoder any = CoapSites.decoder("senml", CoapSites.resource(false));

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
  }

  private static Content content(PayloadDecoder decoder, byte[] payload, int format) {
    return assertInstanceOf(Content.class, decoder.decode(payload, format, NOW, WALL));
  }

  private Content senml(String json) {
    return content(any, utf8(json), PayloadDecoder.SENML_JSON);
  }

  private Refused refused(String json) {
    return assertInstanceOf(
        Refused.class, any.decode(utf8(json), PayloadDecoder.SENML_JSON, NOW, WALL));
  }

  // The worked examples.

  @Test
  void theSingleDataPointOfRfc8428IsUnderstood() throws MalformedPayload {
    // Section 5.1.1
    var records =
        SenmlJson.read(utf8("[{\"n\":\"urn:dev:ow:10e2073a01080063\",\"u\":\"Cel\",\"v\":23.1}]"));
    assertEquals(1, records.size());
    assertEquals("urn:dev:ow:10e2073a01080063", records.getFirst().name());
    assertEquals("Cel", records.getFirst().unit());
    assertEquals(SenmlValue.number("23.1"), records.getFirst().value());
  }

  @Test
  void theMultipleDataPointsOfRfc8428AreUnderstoodInJson() {
    // Section 5.1.2: current is known at the base time, and so is the voltage.
    PayloadDecoder decoder =
        CoapSites.decoder(
            CoapSites.profile(
                CoapSites.named("voltage_l1", "voltage", "V"),
                CoapSites.named("current_l1", "current", "A")),
            CoapSites.resource(false));
    Content content = content(decoder, utf8(MULTIPLE), PayloadDecoder.SENML_JSON);
    assertEquals("{voltage_l1=120.1, current_l1=1.7}", content.values().toString());
    assertEquals(NOW - 4_000_000_000L, content.atNanos());
  }

  @Test
  void theSameInCborIsTheSame() throws MalformedPayload {
    // Section 6
    byte[] cbor =
        hex(
            "87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b001062"
                + "23614120050067766f6c7461676501615602fb405e066666666666a3006763757272656e74062402fb"
                + "3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccda3006763757272656e7406"
                + "2202fb3ff6666666666666a3006763757272656e74062102f93e00a3006763757272656e74062002fb"
                + "3ff999999999999aa3006763757272656e74060002fb3ffb333333333333");
    var json = SenmlJson.read(utf8(MULTIPLE));
    var read = SenmlCbor.read(cbor);
    assertEquals(json.size(), read.size());
    for (int i = 0; i < json.size(); i++) {
      assertEquals(json.get(i).name(), read.get(i).name());
      assertEquals(json.get(i).unit(), read.get(i).unit());
      assertEquals(json.get(i).value(), read.get(i).value());
    }
    assertEquals(new BigDecimal("1276020076.001"), read.getFirst().time());
    assertEquals(new BigDecimal("1276020071.001"), read.get(1).time());
  }

  @Test
  void severalKindsOfDataOfRfc8428AreUnderstood() throws MalformedPayload {
    // Section 5.1.6
    var records =
        SenmlJson.read(
            utf8(
                """
                [{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},
                 {"n":"label","vs":"Machine Room"},{"n":"open","vb":false},
                 {"n":"nfc-reader","vd":"aGkgCg"}]
                """));
    assertEquals(new SenmlValue.Text("Machine Room"), records.get(1).value());
    assertEquals(new SenmlValue.Truth(false), records.get(2).value());
    assertInstanceOf(SenmlValue.Opaque.class, records.get(3).value());
  }

  // Fields.

  @Test
  void baseValueAndBaseSumAreAdded() throws MalformedPayload {
    var records =
        SenmlJson.read(
            utf8("[{\"bn\":\"a/\",\"bv\":20,\"bs\":100},{\"n\":\"b\",\"v\":3.1,\"s\":0.5}]"));
    assertEquals(SenmlValue.number("23.1"), records.getFirst().value());
    assertEquals(SenmlValue.number("100.5"), records.getFirst().sum());
  }

  @Test
  void aSumOfPowerIsEnergyWhereTheProfileSaysSo() {
    PayloadDecoder decoder =
        CoapSites.decoder(
            CoapSites.profile(
                CoapSites.named("power", "meter", "W"),
                CoapSites.sum("energy_import", "meter", "W")),
            CoapSites.resource(false));
    Content content =
        content(
            decoder,
            utf8("[{\"n\":\"meter\",\"u\":\"W\",\"v\":1500,\"s\":7200000}]"),
            PayloadDecoder.SENML_JSON);
    assertEquals("{power=1500, energy_import=2}", content.values().toString());
    assertTrue(content.counters());
  }

  @Test
  void aRelativeTimeIsCountedFromNow() {
    Content content = senml("[{\"n\":\"pressure\",\"u\":\"Pa\",\"v\":35000000,\"t\":-7}]");
    assertEquals(NOW - 7_000_000_000L, content.atNanos());
  }

  @Test
  void aTimeByTheCalendarIsComparedWithATrustedClock() {
    byte[] pack = utf8("[{\"n\":\"pressure\",\"u\":\"Pa\",\"v\":35000000,\"t\":1276020070}]");
    assertEquals(NOW - 10_001_000_000L, content(any, pack, PayloadDecoder.SENML_JSON).atNanos());
  }

  private static final Time.Wall UNTRUSTED = new Time.Wall(WALL.offsetMillis(), false, "none");

  private Content untrusted(String pack, long secondsLater) {
    return assertInstanceOf(
        Content.class,
        any.decode(
            utf8(pack), PayloadDecoder.SENML_JSON, NOW + secondsLater * 1_000_000_000L, UNTRUSTED));
  }

  private static String energyAt(long time) {
    return "[{\"n\":\"energy_import\",\"u\":\"Wh\",\"v\":5000,\"t\":%d}]".formatted(time);
  }

  /** A cache on the way hands out the same measurement for hours, and nobody knows the time. */
  @Test
  void withoutATrustedClockTheSameMeasurementIsNeverANewOne() {
    for (long later = 0; later < 3_600; later += 10) {
      Content content = untrusted(energyAt(1_276_020_000), later);
      assertTrue(content.values().isEmpty(), content::toString);
      assertEquals(Reason.STALE, content.bad().get(Point.of("energy_import")));
    }
  }

  @Test
  void aSenderThatGoesOnMeasuringIsTakenByTheTimesBetweenItsMeasurements() {
    untrusted(energyAt(1_276_020_000), 0);
    Content second = untrusted(energyAt(1_276_020_010), 10);
    assertEquals("{energy_import=5}", second.values().toString());
    assertEquals(NOW + 10_000_000_000L, second.atNanos());
    // Four seconds on the way, and then the same once more.
    assertEquals(NOW + 20_000_000_000L, untrusted(energyAt(1_276_020_020), 24).atNanos());
    assertEquals(NOW + 20_000_000_000L, untrusted(energyAt(1_276_020_020), 34).atNanos());
  }

  @Test
  void withinAMessageAnOlderMeasurementStaysOlderWithoutATrustedClockToo() {
    untrusted(energyAt(1_276_020_000), 0);
    Content content =
        untrusted(
            "[{\"n\":\"energy_import\",\"u\":\"Wh\",\"v\":5000,\"t\":1276020010},"
                + "{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20,\"t\":1276019410}]",
            10);
    assertEquals(Reason.STALE, content.bad().get(Point.of("temperature")));
  }

  @Test
  void anOldMeasurementIsStaleAndNotANumber() {
    Content content = senml("[{\"n\":\"pressure\",\"u\":\"Pa\",\"v\":35000000,\"t\":-3600}]");
    assertTrue(content.values().isEmpty());
    assertEquals(Reason.STALE, content.bad().get(Point.of("pressure")));
  }

  @Test
  void whatWasMeasuredAtAnotherTimeIsNotStampedWithThisOne() {
    Content content =
        senml(
            "[{\"n\":\"energy_import\",\"u\":\"Wh\",\"v\":5000,\"t\":-30},"
                + "{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20}]");
    assertEquals("{energy_import=5}", content.values().toString());
    assertEquals(NOW - 30_000_000_000L, content.atNanos());
    assertEquals(Reason.STALE, content.bad().get(Point.of("temperature")));
  }

  @Test
  void aTimeInTheFutureIsNoReading() {
    Content content = senml("[{\"n\":\"pressure\",\"u\":\"Pa\",\"v\":35000000,\"t\":3600}]");
    assertEquals(Reason.RANGE, content.bad().get(Point.of("pressure")));
  }

  // Units.

  @ParameterizedTest
  @CsvSource({
    "pressure, Pa, 35000000, 35",
    "pressure, hPa, 350000, 35",
    "pressure, MPa, 35, 35",
    "pressure, bar, 350, 35",
    "temperature, K, 263.15, -10",
    "temperature, Cel, -10, -10",
    "energy_import, Wh, 12534, 12.534",
    "energy_import, kWh, 12.534, 12.534",
    "energy_import, J, 3600000, 1",
    "energy_import, J, 1, 0",
    "energy_import, J, 1000000, 0.277778",
    "power, kW, 48.215, 48215",
    "volume, l, 250, 0.25",
    "flow, m3/s, 0.5, 1800",
    "flow, l/s, 1, 3.6",
    "mass, g, 270920, 270.92",
    "distance, m, 1234, 1.234",
    "frequency, Hz, 50.01, 50.01",
    "voltage_l1, mV, 230100, 230.1"
  })
  void aUnitIsTurnedIntoThePointsOwnExactly(String point, String unit, String sent, String want) {
    Content content =
        senml("[{\"n\":\"x/%s\",\"u\":\"%s\",\"v\":%s}]".formatted(point, unit, sent));
    assertEquals("{" + point + "=" + want + "}", content.values().toString());
  }

  @Test
  void aUnitOfSomethingElseIsNoValue() {
    Content content = senml("[{\"n\":\"pressure\",\"u\":\"Cel\",\"v\":35}]");
    assertTrue(content.values().isEmpty());
    assertEquals(Reason.CONFIG, content.bad().get(Point.of("pressure")));
  }

  // What gives no value.

  @Test
  void aPackThatMustNotBePassedOverIsRefused() {
    Refused refused = refused("[{\"n\":\"pressure\",\"u\":\"Pa\",\"v\":35000000,\"xxx_\":1}]");
    assertEquals(Reason.CONFIG, refused.reason());
    assertTrue(refused.what().contains("xxx_"), refused.what());
    // The same in CBOR: {0: "pressure", 2: 35, "xxx_": 1}
    Refused cbor =
        assertInstanceOf(
            Refused.class,
            any.decode(
                hex("81a300687072657373757265021823647878785f01"),
                PayloadDecoder.SENML_CBOR,
                NOW,
                WALL));
    assertEquals(Reason.CONFIG, cbor.reason());
  }

  @Test
  void anUnknownLabelThatMayBePassedOverIsPassedOver() {
    Content content =
        senml("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35,\"foo\":{\"a\":[1,2]},\"ct\":1}]");
    assertEquals("{pressure=35}", content.values().toString());
  }

  @ParameterizedTest
  @CsvSource({"5, true", "10, true", "26, true", "11, false", "1000, false"})
  void aVersionThatIsNotKnownIsRefused(int version, boolean known) {
    Decoded decoded =
        any.decode(
            utf8("[{\"bver\":%d,\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35}]".formatted(version)),
            PayloadDecoder.SENML_JSON,
            NOW,
            WALL);
    assertEquals(known, decoded instanceof Content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f97e00", "fa7fc00000", "fb7ff8000000000000"})
  void notANumberIsASentinel(String nan) {
    Content content =
        content(any, hex("81a20068707265737375726502" + nan), PayloadDecoder.SENML_CBOR);
    assertTrue(content.values().isEmpty());
    assertEquals(Reason.SENTINEL, content.bad().get(Point.of("pressure")));
  }

  @Test
  void infinityIsOutOfRange() {
    Content content =
        content(any, hex("81a20068707265737375726502f97c00"), PayloadDecoder.SENML_CBOR);
    assertEquals(Reason.RANGE, content.bad().get(Point.of("pressure")));
  }

  @Test
  void aNumberInJsonThatIsNoneIsRefused() {
    assertEquals(Reason.CRC, refused("[{\"n\":\"pressure\",\"v\":NaN}]").reason());
    assertEquals(Reason.CRC, refused("[{\"n\":\"pressure\",\"v\":\"35\"}]").reason());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e300", "-1e300", "1e-300", "1e999999999", "9e99999999999999"})
  void anEnormousExponentCostsNothingAndIsOutOfRange(String number) {
    Content content = senml("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":" + number + "}]");
    assertEquals(Reason.RANGE, content.bad().get(Point.of("pressure")));
  }

  @Test
  void timeThatGoesBackWithinAPackIsRefused() {
    Refused refused =
        refused("[{\"n\":\"pressure\",\"v\":35,\"t\":-1},{\"n\":\"pressure\",\"v\":34,\"t\":-5}]");
    assertEquals(Reason.CRC, refused.reason());
    assertTrue(refused.what().contains("goes back"), refused.what());
  }

  @Test
  void aMegabyteIsRefusedUnread() {
    byte[] payload = new byte[1 << 20];
    Arrays.fill(payload, (byte) ' ');
    payload[0] = '[';
    Refused refused =
        assertInstanceOf(Refused.class, any.decode(payload, PayloadDecoder.SENML_JSON, NOW, WALL));
    assertTrue(refused.what().contains("1048576 bytes"), refused.what());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9bffffffffffffffff", // an array of 2^64-1
        "9a7fffffff", // of 2^31-1
        "81bb7fffffffffffffff", // a map of 2^63-1
        "81a1005b7fffffffffffffff", // a string of 2^63-1 bytes
        "81a1007bffffffffffffffff",
        "81a2006870726573737572650282828282828282828282828282828282828201", // nests
        "9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f",
        "81a202c482c2581f",
        "81bf"
      })
  void aCborBombIsAReasonAndNotMemory(String bomb) {
    Refused refused =
        assertInstanceOf(
            Refused.class, any.decode(hex(bomb), PayloadDecoder.SENML_CBOR, NOW, WALL));
    assertEquals(Reason.CRC, refused.reason());
  }

  @Test
  void tooManyRecordsAreRefused() {
    assertTrue(
        refused("[" + "{\"n\":\"a\",\"v\":1},".repeat(1100) + "{\"n\":\"a\",\"v\":1}]")
            .what()
            .contains("1024 records"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[",
        "[{]",
        "[{\"n\":\"pressure\"}]",
        "[{\"n\":\"pressure\",\"v\":1,\"vs\":\"a\"}]",
        "[{\"n\":\"pressure\",\"v\":1,\"v\":2}]",
        "[{\"n\":\"-pressure\",\"v\":1}]",
        "[{\"v\":1}]",
        "[{\"n\":\"pressure\",\"v\":1}] x",
        "[{\"n\":5,\"v\":1}]",
        "[1]"
      })
  void whatIsNoSenmlIsRefused(String json) {
    assertEquals(Reason.CRC, refused(json).reason());
  }

  @Test
  void namesOfNothingKnownAreAMatterOfConfiguration() {
    Refused refused = refused("[{\"n\":\"humidity\",\"u\":\"%RH\",\"v\":67.3}]");
    assertEquals(Reason.CONFIG, refused.reason());
  }

  @Test
  void twoNamesThatWouldBeOnePointAreToldApartByAProfileOnly() {
    Refused refused = refused("[{\"n\":\"a/pressure\",\"v\":1},{\"n\":\"b/pressure\",\"v\":2}]");
    assertEquals(Reason.CONFIG, refused.reason());
    assertTrue(refused.what().contains("a/pressure"), refused.what());
  }

  @Test
  void aFormatThatNobodyReadsIsSaid() {
    Refused refused = assertInstanceOf(Refused.class, any.decode(utf8("<senml/>"), 310, NOW, WALL));
    assertTrue(refused.what().contains("310"), refused.what());
  }

  // CBOR numbers.

  @ParameterizedTest
  @CsvSource({
    "1823, 35",
    "3822, -35",
    "c482211910cc, 43", // 4300 × 10^-2
    "c4822019015f, 35.1", // 351 × 10^-1
    "c48221c243010000, 655.36", // 2^16 × 10^-2
    "c5822103, 0.75", // 3 × 2^-2
    "c24102, 2",
    "c34102, -3",
    "fa4210d70a, 36.21",
    "f94880, 9"
  })
  void aNumberInCborIsExact(String number, String want) {
    Content content =
        content(any, hex("81a3006870726573737572650163" + "4d5061" + "02" + number), 112);
    assertEquals("{pressure=" + want + "}", content.values().toString());
  }

  @Test
  void piecesAndOpenEndsAreUnderstood() {
    // [_ {_ 0: (_ "pres", "sure"), 2: 35}]
    Content content = content(any, hex("9fbf007f64707265736473757265ff021823ffff"), 112);
    assertEquals("{pressure=35}", content.values().toString());
  }

  // Other formats.

  @Test
  void aPlainTextIsTheOnePointThatTheSiteFileNames() {
    PayloadDecoder decoder =
        CoapSites.decoder(
            "senml",
            new CoapResource("/t", false, Format.AUTO, null, Point.of("temperature"), "K"));
    assertEquals("{temperature=20}", content(decoder, utf8(" 293.15\n"), 0).values().toString());
    Content none = content(decoder, utf8("NaN"), 0);
    assertEquals(Reason.SENTINEL, none.bad().get(Point.of("temperature")));
    Refused words = assertInstanceOf(Refused.class, decoder.decode(utf8("warm"), 0, NOW, WALL));
    assertTrue(words.what().contains("'warm'"), words.what());
  }

  @Test
  void aPlainTextOfNoPointIsAMatterOfConfiguration() {
    Refused refused = assertInstanceOf(Refused.class, any.decode(utf8("5"), 0, NOW, WALL));
    assertEquals(Reason.CONFIG, refused.reason());
  }

  @Test
  void jsonIsReadByPointer() {
    PayloadDecoder decoder = CoapSites.decoder("example-senml-tank", CoapSites.resource(false));
    Content content =
        content(
            decoder,
            utf8("{\"site\":[1,{\"x\":2}],\"tank\":{\"p\":35000,\"t\":\"-10.5\",\"m\":null}}"),
            PayloadDecoder.JSON);
    assertEquals("{temperature=-10.5, pressure=35}", content.values().toString());
    assertEquals(Reason.SENTINEL, content.bad().get(Point.of("mass")));
  }

  @Test
  void aPointerEscapesWhatRfc6901Escapes() {
    // RFC 6901, section 5
    PayloadDecoder decoder =
        CoapSites.decoder(
            "senml",
            new CoapResource(
                "/t", false, Format.JSON, "/a~1b/m~0n/1", Point.of("pressure"), "kPa"));
    Content content = content(decoder, utf8("{\"a/b\":{\"m~n\":[1,100,3]}}"), PayloadDecoder.JSON);
    assertEquals("{pressure=0.1}", content.values().toString());
    Content elsewhere = content(decoder, utf8("{\"a/b\":{}}"), PayloadDecoder.JSON);
    assertEquals(Reason.CONFIG, elsewhere.bad().get(Point.of("pressure")));
  }

  @Test
  void theProfilesNamesUnitsAndLimitsHold() {
    PayloadDecoder decoder = CoapSites.decoder("example-senml-tank", CoapSites.resource(false));
    Content content =
        content(
            decoder,
            utf8(
                "[{\"bn\":\"tank1:\",\"n\":\"p\",\"v\":35000},{\"n\":\"t\",\"v\":300},"
                    + "{\"n\":\"m\",\"v\":270920}]"),
            PayloadDecoder.SENML_JSON);
    assertEquals("{pressure=35, mass=270.92}", content.values().toString());
    assertEquals(Reason.RANGE, content.bad().get(Point.of("temperature")));
  }

  @ParameterizedTest
  @CsvSource({"vs, '\"running\"', running", "vb, true, true", "v, 3, 3"})
  void aStateIsAWord(String label, String value, String want) {
    Content content = senml("[{\"n\":\"state\",\"%s\":%s}]".formatted(label, value));
    assertEquals(want, content.values().state());
  }

  @Test
  void aStateThatIsASentenceIsNone() {
    Content content = senml("[{\"n\":\"state\",\"vs\":\"Machine Room\"}]");
    assertEquals(Reason.RANGE, content.bad().get(Point.of("state")));
  }

  @Test
  void theWorstPayloadsOfFullSizeAreReadInTimeThatGrowsWithThem() {
    PayloadDecoder pointer =
        CoapSites.decoder(
            "example-senml-tank", new CoapResource("/x", false, Format.JSON, null, null, null));
    int full = PayloadDecoder.LONGEST_PAYLOAD;
    byte[] strings = new byte[full];
    for (int i = 0; i + 1 < full; i += 2) {
      strings[i] = 0x7F;
      strings[i + 1] = (byte) 0xFF;
    }
    strings[0] = (byte) 0x81;
    strings[1] = (byte) 0xBF;
    byte[] open = new byte[full];
    Arrays.fill(open, (byte) 0x9F);
    long begun = System.nanoTime();
    any.decode(strings, 112, NOW, WALL);
    any.decode(open, 112, NOW, WALL);
    any.decode(utf8("[".repeat(full)), 110, NOW, WALL);
    any.decode(utf8("[{\"n\":\"" + "a".repeat(full - 20) + "\"}]"), 110, NOW, WALL);
    any.decode(utf8("[{\"v\":" + "9".repeat(full - 20) + "}]"), 110, NOW, WALL);
    pointer.decode(utf8("{\"a\":".repeat(full / 6)), 50, NOW, WALL);
    pointer.decode(utf8("[" + "1,".repeat(full / 2 - 2) + "1]"), 50, NOW, WALL);
    long millis = (System.nanoTime() - begun) / 1_000_000;
    assertTrue(millis < 10_000, "took " + millis + " ms");
  }
}
