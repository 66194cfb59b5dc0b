package io.lingtan.agent.acquire.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.hand.DeviceReport;
import io.lingtan.agent.acquire.hand.LineAccess;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What meters say of themselves, and what becomes of it. */
final class IdentityTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Point POWER = Point.of("power");
  private static final Point VOLTAGE = Point.of("voltage_l1");
  private static final Point IMPORT = Point.of("energy_import");

  private static RegisterPoint register(
      @Nullable String point, int address, DeviceProfile.Type type, int words, Ratio ratio) {
    return Parts.register(
        point == null ? null : Point.of(point),
        3,
        address,
        type,
        words,
        WordOrder.BIG,
        BigDecimal.ONE,
        -1,
        ratio,
        List.of(),
        null,
        SECOND,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of());
  }

  /** Serial number at 100, transformer ratios at 200 and 201; power by ct and pt, voltage by pt. */
  private static Device device(String ct) {
    var profile =
        Parts.profile(
            "test",
            Kind.METER,
            Protocol.MODBUS,
            "",
            "",
            "",
            true,
            List.of(
                register("power", 0, DeviceProfile.Type.UINT16, 1, Ratio.CT_PT),
                register("energy_import", 1, DeviceProfile.Type.UINT32, 2, Ratio.CT_PT),
                register("voltage_l1", 3, DeviceProfile.Type.UINT16, 1, Ratio.PT)),
            new LinkedHashMap<>(),
            Map.of(
                "serial", register(null, 100, DeviceProfile.Type.STRING, 4, Ratio.NONE),
                "ct", register(null, 200, DeviceProfile.Type.UINT16, 1, Ratio.NONE),
                "pt", register(null, 201, DeviceProfile.Type.UINT16, 1, Ratio.NONE)),
            125,
            Duration.ZERO,
            false);
    return Parts.device(
        "gate",
        profile,
        1,
        null,
        SECOND,
        SECOND,
        new BigDecimal(ct),
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        null,
        null);
  }

  /** A meter whose serial number, four words at 100, is written the other way round. */
  private static Device device(WordOrder order, Duration every) {
    RegisterPoint serial =
        Parts.register(
            null,
            3,
            100,
            DeviceProfile.Type.STRING,
            4,
            order,
            BigDecimal.ONE,
            -1,
            Ratio.NONE,
            List.of(),
            null,
            SECOND,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Map.of());
    var profile =
        Parts.profile(
            "test",
            Kind.METER,
            Protocol.MODBUS,
            "",
            "",
            "",
            true,
            List.of(register("power", 0, DeviceProfile.Type.UINT16, 1, Ratio.NONE)),
            new LinkedHashMap<>(),
            Map.of("serial", serial),
            125,
            Duration.ZERO,
            false);
    return Bench.device("gate", 1, profile, every, every);
  }

  @Test
  void aSerialNumberIsReadAsAnyTextInTheProfilesOrderAndUpToItsNul() {
    var bench = new Bench(Framing.TCP, device(WordOrder.BIG_SWAPPED, SECOND));
    bench.units.unit(1).set(0, 10).set(100, 0x4E53, 0x3234, 0x4100, 0x4242);
    bench.run(Duration.ofSeconds(5));
    assertEquals(Map.of("serial", "SN42"), bench.step.snapshot().devices().getFirst().identity());
    // What stands behind the end of the text is no part of it.
    bench.units.unit(1).set(102, 0x3300, 0x3939);
    bench.run(Duration.ofHours(2));
    assertEquals(List.of(), bench.eventNames());
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void anotherMeterAfterOneLongMissedPollIsAnExchange(Framing framing) {
    var bench = new Bench(framing, device(WordOrder.BIG, Duration.ofMinutes(1)));
    bench.units.unit(1).set(0, 10).set(100, 0x4142, 0x3132, 0x3334, 0x3536);
    bench.run(Duration.ofSeconds(150));
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofSeconds(60));
    bench.units.unit(1).silent = false;
    bench.units.unit(1).set(0, 11).set(103, 0x3939);
    bench.run(Duration.ofSeconds(60));
    assertEquals(List.of("meter.exchange"), bench.eventNames(), "one missed poll: never offline");
    assertEquals("AB123456", exchange(bench).detail().get("old_serial"));
    int told = bench.order.indexOf("meter.exchange");
    List<Sample> samples = bench.samplesOf("gate");
    assertEquals(11_000_000L, samples.getLast().values().micros(POWER));
    assertTrue(bench.order.subList(told, bench.order.size()).getLast().startsWith("gate/good"));
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aSlowMeterThatIsDeafToTheQuestionIsReadAllTheSame(Framing framing) {
    var bench = new Bench(framing, device(WordOrder.BIG, Duration.ofMinutes(2)));
    bench.units.unit(1).set(0, 10).set(100, 0x4142, 0x3132, 0x3334, 0x3536);
    bench.units.deafTo = "1/3/100/4";
    bench.run(Duration.ofHours(2));
    long good = bench.samplesOf("gate").stream().filter(s -> s.failed() == null).count();
    assertTrue(good >= 40, framing + ": good samples " + good + " of 60");
  }

  private static DeviceReport read(Bench bench, Device device) throws InterruptedException {
    LineAccess asking =
        (request, timeoutMillis, form) -> {
          Inquiry inquiry = new Inquiry(request, timeoutMillis, form);
          bench.step.inquiries().offer(inquiry);
          for (int i = 0; i < 6000 && !inquiry.answer().isDone(); i++) {
            bench.run(Duration.ofMillis(5));
          }
          return inquiry.answer().join();
        };
    return DeviceReport.read(bench.line, device, asking, 300, null);
  }

  @Test
  void aReadByHandShowsAContradictedRatioAsTheAgentDoes() throws InterruptedException {
    Device device = device("80");
    var bench = new Bench(Framing.TCP, device);
    serve(bench, "AB123456", 60);
    bench.run(Duration.ofSeconds(3));
    DeviceReport report = read(bench, device);
    assertEquals(Map.of(POWER, Reason.SUSPECT, IMPORT, Reason.SUSPECT), report.bad());
    assertEquals(Map.of("ct", "80"), report.contradicted());
    assertNull(report.value(POWER));
    assertEquals("230 V", report.value(VOLTAGE));
    String text = report.text();
    assertTrue(text.matches("(?s).*\n  ct +60  the site file says 80: .*suspect.*"), text);
    assertTrue(text.matches("(?s).*\n  power .*no value: suspect.*"), text);
    serve(bench, "AB123456", 80);
    assertEquals(Map.of(), read(bench, device).bad());
    // Of one that no site file declares nobody has said which ratio is right.
    Device stranger = DeviceReport.stranger(device.profile(), 1, null);
    assertEquals(Map.of(), read(bench, stranger).bad());
  }

  private static void serve(Bench bench, String serial, int ct) {
    var unit = bench.units.unit(1).set(0, 10, 0, 500, 230).set(200, ct, 1);
    for (int i = 0; i < 4; i++) {
      unit.set(100 + i, serial.charAt(2 * i) << 8 | serial.charAt(2 * i + 1));
    }
  }

  private static Event exchange(Bench bench) {
    return bench.events.stream()
        .filter(event -> event.name().equals("meter.exchange"))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aMeterIsAskedWhoItIsBeforeItsFirstValuesAndEachHour(Framing framing) {
    var bench = new Bench(framing, device("80"));
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofMinutes(150));
    List<String> asked = bench.units.asked;
    assertEquals(List.of("1/3/100/4", "1/3/200/1", "1/3/201/1"), asked.subList(0, 3));
    assertEquals("1/3/0/4", asked.get(3));
    assertEquals(3, asked.stream().filter(each -> each.equals("1/3/100/4")).count());
    assertEquals(
        Map.of("serial", "AB123456", "ct", "80", "pt", "1"),
        bench.step.snapshot().devices().getFirst().identity());
    assertEquals(List.of(), bench.eventNames());
    assertTrue(bench.samplesOf("gate").stream().allMatch(sample -> sample.bad().isEmpty()));
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void anotherMeterThatCountsFromLessIsAnExchangeWithoutAnySilence(Framing framing) {
    var bench = new Bench(framing, device("80"));
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofSeconds(20));
    serve(bench, "AB999999", 80);
    bench.units.unit(1).set(2, 12);
    bench.run(Duration.ofSeconds(5));
    assertEquals(List.of("meter.exchange"), bench.eventNames());
    for (Sample sample : bench.samplesOf("gate")) {
      boolean isNew = bench.order.indexOf("meter.exchange") < place(bench, sample);
      assertEquals(isNew ? 960_000_000L : 40_000_000_000L, sample.values().micros(IMPORT));
    }
  }

  private static int place(Bench bench, Sample sample) {
    return bench.order.indexOf("gate/good/" + sample.atNanos());
  }

  @Test
  void aCounterThatFallsAgainAndAgainAsksWhoItIsOnceAMinute() {
    var bench = new Bench(Framing.TCP, device("80"));
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofSeconds(20));
    int before = bench.units.asked.size();
    for (int second = 0; second < 120; second++) {
      bench.units.unit(1).set(2, second % 2 == 0 ? 12 : 500);
      bench.run(Duration.ofSeconds(1));
    }
    List<String> asked = bench.units.asked.subList(before, bench.units.asked.size());
    assertEquals(2, asked.stream().filter(each -> each.equals("1/3/100/4")).count());
    assertEquals(List.of(), bench.eventNames());
    assertTrue(bench.samplesOf("gate").size() >= 139, "no poll is missed for it");
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void anotherMeterAfterASilenceIsAnExchangeThatIsToldBeforeItsFirstValue(Framing framing) {
    var bench = new Bench(framing, device("80"));
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofSeconds(20));
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofMinutes(1));
    bench.units.unit(1).silent = false;
    serve(bench, "AB999999", 80);
    long back = bench.time.now().nanos();
    bench.run(Duration.ofSeconds(60));
    assertEquals(List.of("meter.offline", "meter.online", "meter.exchange"), bench.eventNames());
    assertEquals(
        Map.of("old_serial", "AB123456", "new_serial", "AB999999"), exchange(bench).detail());
    // In the order of arrival nothing of the new meter comes before the exchange.
    int told = bench.order.indexOf("meter.exchange");
    assertTrue(
        bench.order.subList(0, told).stream()
            .noneMatch(each -> each.startsWith("gate/good") && atNanos(each) >= back),
        bench.order::toString);
    assertTrue(
        bench.order.stream()
            .anyMatch(each -> each.startsWith("gate/good") && atNanos(each) >= back));
  }

  private static long atNanos(String arrival) {
    return Long.parseLong(arrival.substring(arrival.lastIndexOf('/') + 1));
  }

  @Test
  void aSerialNumberThatIsReadDifferentlyOnceIsNoExchange() {
    var bench = new Bench(Framing.TCP, device("80"));
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofSeconds(20));
    int[] reads = {0};
    bench.units.unit(1).delayNanos =
        () -> {
          // Wrong in the first reading after the hour, and right again in the one that checks it.
          boolean asksSerial = bench.units.asked.getLast().equals("1/3/100/4");
          if (asksSerial && reads[0]++ == 0) {
            serve(bench, "AB123456", 80);
          }
          return 10_000_000L;
        };
    serve(bench, "AB1X3456", 80);
    bench.run(Duration.ofHours(1));
    assertEquals(2, reads[0]);
    assertEquals(List.of(), bench.eventNames());
  }

  @Test
  void aRatioUnlikeTheSiteFilesMakesWhatDependsOnItSuspect() {
    var bench = new Bench(Framing.RTU, device("80"));
    serve(bench, "AB123456", 60);
    bench.run(Duration.ofSeconds(30));
    Event told = bench.events.getFirst();
    assertEquals("meter.ratio", told.name());
    assertEquals(Event.Severity.ALARM, told.severity());
    assertEquals(Map.of("ct_site", "80", "ct_meter", "60"), told.detail());
    assertEquals(1, bench.events.size());
    for (Sample sample : bench.samplesOf("gate")) {
      assertEquals(Map.of(POWER, Reason.SUSPECT, IMPORT, Reason.SUSPECT), sample.bad());
      assertEquals(230_000_000L, sample.values().micros(VOLTAGE));
      assertFalse(sample.values().has(POWER));
    }
    // Set right in the meter: seen within the hour.
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofMinutes(61));
    assertEquals(List.of("meter.ratio", "meter.ratio_good"), bench.eventNames());
    assertEquals(800_000_000L, bench.samplesOf("gate").getLast().values().micros(POWER));
    assertTrue(bench.samplesOf("gate").getLast().bad().isEmpty());
  }

  @Test
  void aMeterThatDoesNotTellWhoItIsIsReadAllTheSame() {
    var bench = new Bench(Framing.RTU, device("80"));
    bench.units.unit(1).set(0, 10, 0, 500, 230);
    bench.run(Duration.ofMinutes(10));
    assertEquals(600, bench.samplesOf("gate").size());
    assertTrue(bench.samplesOf("gate").stream().allMatch(s -> s.values().size() == 3));
    assertEquals(1, bench.units.asked.stream().filter(a -> a.equals("1/3/100/4")).count());
    assertEquals(List.of(), bench.eventNames());
  }

  @Test
  void aMeterThatIsDeafToTheQuestionLosesOnePollAMinuteAndNoMore() {
    var bench = new Bench(Framing.TCP, device("80"));
    serve(bench, "AB123456", 80);
    bench.units.deafTo = "1/3/100/4";
    bench.run(Duration.ofMinutes(10));
    long good = bench.samplesOf("gate").stream().filter(s -> s.failed() == null).count();
    assertTrue(good >= 570, "good samples: " + good);
    assertEquals(List.of(), bench.eventNames());
  }

  @Test
  void zerosAreNoSerialNumberAndNoRatio() {
    var bench = new Bench(Framing.TCP, device("80"));
    serve(bench, "00000000", 0);
    bench.run(Duration.ofSeconds(10));
    assertEquals(Map.of("pt", "1"), bench.step.snapshot().devices().getFirst().identity());
    serve(bench, "AB123456", 80);
    bench.run(Duration.ofHours(1));
    assertEquals(List.of(), bench.eventNames());
    assertNull(bench.samplesOf("gate").getLast().failed());
  }

  private static Bench remembering(String kept, String now) {
    Bench bench = new Bench(CompletableFuture.completedFuture(Map.of("gate", kept)), device("1"));
    serve(bench, now, 1);
    return bench;
  }

  @Test
  void aMeterThatWasExchangedWhileTheAgentWasAwayIsNoticedBeforeItsFirstSample() {
    Bench bench = remembering("SN-00007", "SN-00042");
    bench.run(Duration.ofSeconds(5));
    assertEquals("meter.exchange", bench.order.getFirst(), bench.order::toString);
    assertEquals("SN-00007", exchange(bench).detail().get("old_serial"));
    assertEquals("SN-00042", exchange(bench).detail().get("new_serial"));
    assertEquals(1, bench.eventNames().stream().filter("meter.exchange"::equals).count());
    assertEquals(Map.of(), bench.serials, "the exchange itself tells what to keep");
  }

  @Test
  void theSameMeterAfterAStartIsNoEvent() {
    Bench bench = remembering("SN-00007", "SN-00007");
    bench.run(Duration.ofSeconds(5));
    assertEquals(List.of(), bench.eventNames());
    assertEquals(Map.of(), bench.serials, "it is kept already");
  }

  @Test
  void aMeterThatIsSeenFirstIsKept() {
    Bench bench = new Bench(CompletableFuture.completedFuture(Map.of()), device("1"));
    serve(bench, "SN-00007", 1);
    bench.run(Duration.ofSeconds(5));
    assertEquals(List.of(), bench.eventNames());
    assertEquals(Map.of("gate", "SN-00007"), bench.serials);
  }

  @Test
  void noMeterIsBelievedBeforeTheJournalHasTold() {
    CompletableFuture<Map<String, String>> kept = new CompletableFuture<>();
    Bench bench = new Bench(kept, device("1"));
    serve(bench, "SN-00042", 1);
    bench.run(Duration.ofSeconds(1));
    assertEquals(List.of(), bench.order);
    kept.complete(Map.of("gate", "SN-00007"));
    bench.run(Duration.ofSeconds(3));
    assertEquals("meter.exchange", bench.order.getFirst(), bench.order::toString);
  }

  @Test
  void aJournalThatTellsTooLateIsAskedAllTheSame() {
    CompletableFuture<Map<String, String>> kept = new CompletableFuture<>();
    Bench bench = new Bench(kept, device("1"));
    serve(bench, "SN-00042", 1);
    bench.run(Duration.ofSeconds(10));
    assertFalse(bench.samplesOf("gate").isEmpty(), "meters are read without it after 3 s");
    assertEquals(Map.of("gate", "SN-00042"), bench.serials);
    kept.complete(Map.of("gate", "SN-00007"));
    bench.run(Duration.ofSeconds(3));
    assertEquals("SN-00007", exchange(bench).detail().get("old_serial"));
  }
}
