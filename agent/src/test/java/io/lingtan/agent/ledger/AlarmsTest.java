package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Exchange;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Nozzle;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.MeterParts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Meters that contradict each other, vehicles that are refuelled, rules that fail. */
final class AlarmsTest {

  private static final long MINUTE = 60_000L;
  private static final long START = Played.START + 10_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Collected out = new Collected();

  private static void read(Fold fold, Collected out, String device, long millis, Object... values) {
    Values.Builder read = new Values.Builder();
    for (int i = 0; i < values.length; i += 2) {
      read.put(Point.of((String) values[i]), (Long) values[i + 1]);
    }
    fold.observe(Sample.of(device, "b", millis * 1_000_000, read.build()), START + millis, out);
  }

  private List<Event> events(String name) {
    return out.events.stream().filter(event -> event.name().equals(name)).toList();
  }

  private static final Point WORD =
      Point.own(
          "alarms",
          new Form.Bits(0b1001),
          null,
          Map.of(0, new Caption("overtemperature", "过温"), 3, new Caption("fan", "风机故障")));

  private static Site withWord(boolean isRead) {
    RegisterPoint energy = Sites.register("energy_import", 0);
    RegisterPoint word =
        new RegisterPoint(
            WORD,
            3,
            40,
            DeviceProfile.Type.UINT16,
            1,
            DeviceProfile.WordOrder.BIG,
            BigDecimal.ONE,
            -1,
            DeviceProfile.Ratio.NONE,
            List.of(),
            null,
            Duration.ZERO,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Map.of(),
            BigDecimal.ZERO,
            0,
            0,
            0,
            null);
    Meter grid =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 400, "energy_import")
            .site()
            .metering()
            .meters()
            .getFirst();
    return new Sites()
        .meter(grid, Kind.METER, isRead ? List.of(energy, word) : List.of(energy))
        .site();
  }

  /** Counted by the JVM, for a thousand readings of thirty values. */
  @Test
  void aReadingWithoutAWordOfAlarmsTakesHardlyAnyMemory() {
    Values.Builder values = new Values.Builder();
    Point.all().stream()
        .filter(Point::isNumber)
        .limit(30)
        .forEach(point -> values.put(point, 1_000_000));
    Sample sample = Sample.of("a-device-of-the-site", "b", 0, values.build());
    assertEquals(30, sample.values().size());
    Alarms watch = new Alarms(new Sites().site(), List.of());
    long bytes = 0;
    for (int i = 0; i < 2; i++) { // the first time also loads classes
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int reading = 0; reading < 1_000; reading++) {
        watch.device(sample, START, out.events::add);
      }
      bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(bytes <= 1_000 * 100, bytes + " bytes");
  }

  private List<String> alarms() {
    List<String> told =
        events("device.alarm").stream()
            .map(each -> each.severity().word() + " " + each.device() + " " + each.detail())
            .toList();
    out.events.clear();
    return told;
  }

  private void word(Fold fold, long second, @Nullable Long word) {
    Values.Builder read = new Values.Builder().put(Point.of("energy_import"), 1);
    if (word != null) {
      read.put(WORD, word);
    }
    long millis = second * 1000;
    fold.observe(Sample.of("grid-dev", "b", millis * 1_000_000, read.build()), START + millis, out);
  }

  @Test
  void aBitOfADevicesAlarmsIsToldWhenItIsRaisedAndWhenItIsOver() {
    Fold fold = new Fold(withWord(true));
    word(fold, 0, 0L);
    word(fold, 10, 8L);
    word(fold, 20, null);
    word(fold, 30, 8L);
    long since = START + 10_000;
    assertEquals(
        List.of("warning grid-dev {point=alarms, bit=3, raised=true, name=fan, name_zh=风机故障}"),
        alarms());
    Fold restarted = Fold.from(withWord(true), fold.checkpoint());
    word(restarted, 40, 8L);
    assertEquals(List.of(), alarms(), "a restart between raises nothing again");
    word(restarted, 50, 1L);
    assertEquals(
        List.of(
            "warning grid-dev {point=alarms, bit=0, raised=true, name=overtemperature,"
                + " name_zh=过温}",
            "info grid-dev {point=alarms, bit=3, raised=false, name=fan, name_zh=风机故障, since="
                + since
                + "}"),
        alarms());
  }

  @Test
  void anAlarmOfAWordThatIsNotReadAnyMoreEndsOnce() {
    Fold fold = new Fold(withWord(true));
    word(fold, 0, 8L);
    alarms();
    Fold without = Fold.from(withWord(false), fold.checkpoint());
    without.resumed();
    word(without, 10, null);
    word(without, 20, null);
    assertEquals(
        List.of(
            "info grid-dev {point=alarms, bit=3, raised=false, since=" + START + ", why=config}"),
        alarms());
  }

  /**
   * What is folded again after a kill is not put out again: an end told there is told to nobody.
   */
  @Test
  void anAlarmOfAWordThatIsNotReadAnyMoreEndsOnceAlsoAfterAKill() {
    Fold fold = new Fold(withWord(true));
    word(fold, 0, 8L);
    byte[] checkpoint = fold.checkpoint();
    word(fold, 10, 9L);
    word(fold, 20, 9L);
    Fold without = Fold.from(withWord(false), checkpoint);
    word(without, 10, 9L);
    word(without, 20, 9L);
    without.resumed();
    alarms();
    word(without, 30, null);
    word(without, 40, null);
    assertEquals(
        List.of(
            "info grid-dev {point=alarms, bit=0, raised=false, since=%d, why=config}"
                .formatted(START + 10_000),
            "info grid-dev {point=alarms, bit=3, raised=false, since=%d, why=config}"
                .formatted(START)),
        alarms());
  }

  @Test
  void loadsThatTakeMoreThanThereIsAreAnAlarmOnceAndWhenItIsOver() {
    Site site =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 400, "energy_import")
            .meter("hall", Role.LOAD, Kind.METER, 400, "energy_import")
            .site();
    Fold fold = new Fold(site);
    long hall = 0;
    for (long minute = 0; minute <= 200; minute++) {
      read(fold, out, "grid-dev", minute * MINUTE, "energy_import", minute * 1_000_000);
      read(fold, out, "hall-dev", minute * MINUTE, "energy_import", hall);
      // In the second hour it takes 5 % more than comes in.
      hall += minute >= 60 && minute < 120 ? 1_050_000 : 900_000;
      fold = Fold.from(site, fold.checkpoint());
    }
    List<Event> told = events("meter.residual");
    assertEquals(2, told.size(), told.toString());
    assertEquals(false, told.getFirst().detail().get("over"));
    assertEquals(new Event.Decimal(-3_000_000), told.getFirst().detail().get("residual"));
    assertEquals(true, told.getLast().detail().get("over"));
    assertEquals(START + 60 * MINUTE, told.getLast().detail().get("start"));
  }

  /** The holidays of 2026 are the last that are listed: on 1 November sixty days are left. */
  @Test
  void aTariffThatEndsSaysSoSixtyDaysBeforeAndIsSilentOnceTheNextOneIsThere() {
    Tariff jiangsu = Catalogue.tariffs(null).load("jiangsu-2025").value();
    assertNotNull(jiangsu);
    Sites sites =
        new Sites().meter("grid", Role.GRID, Kind.METER, 400, "energy_import").tariff(jiangsu);
    Fold fold = new Fold(sites.site());
    long start = Instant.parse("2026-10-29T12:00:00Z").toEpochMilli() - START;
    for (long hour = 0; hour < 24 * 5; hour++) {
      read(fold, out, "grid-dev", start + hour * 60 * MINUTE, "energy_import", hour * 1_000_000);
      fold = Fold.from(sites.site(), fold.checkpoint());
    }
    Event told = events("config.tariff_ends").getFirst();
    assertEquals(1, events("config.tariff_ends").size());
    assertEquals(Event.Severity.WARNING, told.severity());
    assertEquals("jiangsu-2025", told.detail().get("tariff"));
    assertEquals("2026-12-31", told.detail().get("last"));
    assertEquals(60L, told.detail().get("days"));
    assertEquals(Instant.parse("2026-10-30T16:00:00Z").toEpochMilli(), told.detail().get("start"));
    // A file comes that begins when nobody has listed holidays for months: that is no help yet.
    sites.tariff(jiangsu.until(of2027(jiangsu, LocalDate.of(2027, 6, 1))));
    fold = Fold.from(sites.site(), fold.checkpoint());
    for (long hour = 24 * 5; hour < 24 * 7; hour++) {
      read(fold, out, "grid-dev", start + hour * 60 * MINUTE, "energy_import", hour * 1_000_000);
    }
    assertEquals(1, events("config.tariff_ends").size());
    // A file for 2027 comes, and the site file names both.
    sites.tariff(jiangsu.until(of2027(jiangsu, LocalDate.of(2027, 1, 1))));
    fold = Fold.from(sites.site(), fold.checkpoint());
    for (long hour = 24 * 7; hour < 24 * 9; hour++) {
      read(fold, out, "grid-dev", start + hour * 60 * MINUTE, "energy_import", hour * 1_000_000);
    }
    assertEquals(2, events("config.tariff_ends").size());
    assertEquals(true, events("config.tariff_ends").getLast().detail().get("over"));
  }

  /** Before the new one begins the end of the old one's days is told, and then its own. */
  @Test
  void aGapThatIsOverIsTheEndOfNothing() {
    Tariff jiangsu = Catalogue.tariffs(null).load("jiangsu-2025").value();
    assertNotNull(jiangsu);
    Site site =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 400, "energy_import")
            .tariff(jiangsu.until(of2027(jiangsu, LocalDate.of(2027, 6, 1))))
            .site();
    Fold fold = new Fold(site);
    long start = Instant.parse("2027-05-29T12:00:00Z").toEpochMilli() - START;
    for (long hour = 0; hour < 24 * 5; hour++) {
      read(fold, out, "grid-dev", start + hour * 60 * MINUTE, "energy_import", hour * 1_000_000);
    }
    List<Event> told = events("config.tariff_ends");
    assertEquals(List.of(false, true), told.stream().map(e -> e.detail().get("over")).toList());
    assertEquals("jiangsu-2025", told.getFirst().detail().get("tariff"));
    assertEquals("2026-12-31", told.getFirst().detail().get("last"));
  }

  private static Tariff of2027(Tariff like, LocalDate from) {
    return new Tariff(
        "jiangsu-2027",
        "1",
        like.region(),
        "the next rules",
        from,
        null,
        like.seasons(),
        like.extras(),
        Set.of(LocalDate.of(2027, 2, 6)),
        null);
  }

  /** A phase the wrong way round: at night, without a battery, something seems to be exported. */
  @Test
  void exportFromNoSourceIsSuspectInEachIntervalAndToldOfTheHour() {
    Site site =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 400, "energy_import", "energy_export")
            .meter("pv", Role.PV, Kind.INVERTER, 400, "energy_generated")
            .site();
    Fold fold = new Fold(site);
    long exported = 0;
    for (long minute = 0; minute <= 200; minute++) {
      read(
          fold,
          out,
          "grid-dev",
          minute * MINUTE,
          "energy_import",
          minute * 1_000_000,
          "energy_export",
          exported);
      read(fold, out, "pv-dev", minute * MINUTE, "energy_generated", 7_000_000L);
      exported += minute >= 60 && minute < 120 ? 200_000 : 0;
      fold = Fold.from(site, fold.checkpoint());
    }
    List<Event> told = events("meter.export_without_source");
    assertEquals(2, told.size(), told.toString());
    assertEquals(new Event.Decimal(12_000_000), told.getFirst().detail().get("unexplained"));
    assertEquals(false, told.getFirst().detail().get("over"));
    assertEquals(true, told.getLast().detail().get("over"));
    for (Interval interval : out.of("15m")) {
      boolean wrong =
          interval.startMillis() >= START + 60 * MINUTE
              && interval.endMillis() <= START + 120 * MINUTE;
      for (String name : List.of("elec.grid.export", "elec.load.total", "flow.grid_to_load")) {
        assertEquals(
            wrong ? Quality.SUSPECT : Quality.MEASURED, metric(interval, name).quality(), name);
      }
    }
  }

  @Test
  void aVehicleThatWasRefuelledIsToldWithItsMassAndHowFullItIs() {
    Site site =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 400, "energy_import")
            .nozzle(new Nozzle(35, Duration.ofMinutes(2), 1, 0), "mass", "pressure", "temperature")
            .site();
    Fold fold = new Fold(site);
    long mass = 5_000_000;
    for (long second = 0; second <= 1800; second += 10) {
      boolean filling = second > 300 && second <= 900;
      mass += filling ? 363_550 : 0;
      // The tank ends at 38 MPa absolute and 60 °C.
      long pressure = second > 300 ? 4_000_000 + Math.min(600, second - 300) * 56_497L : 0;
      long temperature = second > 300 ? 20_000_000 + Math.min(600, second - 300) * 66_667L : 0;
      read(
          fold,
          out,
          "nozzle-dev",
          second * 1000,
          "mass",
          mass,
          "pressure",
          pressure,
          "temperature",
          temperature);
      fold = Fold.from(site, fold.checkpoint());
    }
    List<Event> told = events("meter.refuelled");
    assertEquals(1, told.size(), told.toString());
    Map<String, Object> detail = told.getFirst().detail();
    assertEquals(new Event.Decimal(21_813_000), detail.get("mass"));
    assertEquals(START + 300_000, detail.get("from"));
    assertEquals(START + 900_000, detail.get("to"));
    assertEquals(new Event.Decimal(94_630_000), detail.get("soc"), "E02 has 94.631 %");
  }

  @Test
  void aRuleThatFailsCostsOnlyItsOwnFigures() {
    Factor wrong =
        new Factor(
            "wrong",
            "electricity",
            "CN-JS",
            "location",
            "CO2",
            "0.5",
            "kg/m3",
            2025,
            LocalDate.of(2025, 1, 1),
            null,
            "d",
            "",
            "official",
            null);
    Site site = Sites.microgrid().factors("2", wrong).site();
    Fold fold = new Fold(site);
    Played world = new Played(Randomness.seeded(3), 60_000);
    while (world.millis() < Played.START + 65 * MINUTE) {
      world.step().forEach(r -> fold.observe(r.sample(), r.tsMillis(), out));
    }
    assertEquals(4, out.of("15m").size());
    assertEquals(1, out.of("1h").size());
    for (Interval interval : out.intervals) {
      boolean whole = interval.startMillis() > START;
      assertEquals(
          whole ? Quality.MEASURED : Quality.PARTIAL,
          metric(interval, "elec.grid.import").quality());
      assertTrue(interval.metrics().containsKey("h2.sec"), "chapters after it are there");
    }
    List<Event> told = events("agent.figures_failed");
    assertEquals(
        List.of("LoadCarbon", "Emissions"),
        told.stream()
            .filter(event -> "15m".equals(event.detail().get("interval")))
            .map(event -> event.detail().get("figures"))
            .toList());
    assertTrue(
        String.valueOf(told.getFirst().detail().get("why")).contains("cannot be applied to kW.h"),
        told.toString());
    assertTrue(fold.failed() >= 8);
    for (Interval interval : out.intervals) {
      assertTrue(
          String.valueOf(metric(interval, "co2.scope2.location").why())
              .startsWith("could not be worked out: "),
          "from the first interval on");
    }
    List<Interval> before = List.copyOf(out.intervals);
    out.intervals.clear();
    Fold again = new Fold(site);
    Played twin = new Played(Randomness.seeded(3), 60_000);
    while (twin.millis() < Played.START + 65 * MINUTE) {
      for (var r : twin.step()) {
        again = Fold.from(site, again.checkpoint());
        again.observe(r.sample(), r.tsMillis(), out);
      }
    }
    assertEquals(before, out.intervals, "restarts before each sample change nothing");
  }

  /** The readings of E03, ten minutes before and after the exchange. */
  @Test
  void anExchangeThatWasWrittenDownLosesNothing() {
    Node in =
        WorkedExamples.cases("E03").stream()
            .filter(each -> each.at("expected").at("flag").text().equals("METER_EXCHANGE"))
            .findFirst()
            .orElseThrow()
            .at("inputs");
    Exchange exchange =
        new Exchange(
            Instant.ofEpochMilli(START + 7 * MINUTE + 30_000)
                .atZone(ZoneId.of("Asia/Shanghai"))
                .toLocalDateTime(),
            Point.of("energy_import"),
            in.at("final_old").micros(),
            in.at("start_new").micros());
    Site site = site(List.of(exchange));
    Fold fold = new Fold(site);
    read(fold, out, "grid-dev", 0, "energy_import", in.at("prev_old").micros());
    read(fold, out, "grid-dev", 5 * MINUTE, "energy_import", in.at("prev_old").micros());
    fold = Fold.from(site, fold.checkpoint());
    read(fold, out, "grid-dev", 10 * MINUTE, "energy_import", in.at("cur_new").micros());
    fold = Fold.from(site, fold.checkpoint());
    read(fold, out, "grid-dev", 15 * MINUTE, "energy_import", in.at("cur_new").micros());
    Interval interval = out.of("15m").getFirst();
    assertEquals(12_000_000, Collected.value(interval, "elec.grid.import"));
    assertEquals(Quality.MEASURED, metric(interval, "elec.grid.import").quality());
    assertEquals(1, events("meter.exchanged").size());
    assertEquals(1, out.events.size(), out.events.toString());
  }

  private static Site site(List<Exchange> exchanges) {
    var parts = new MeterParts();
    parts.ratedKw = 400;
    parts.exchanges = exchanges;
    Meter grid = parts.meter("grid", "grid-dev", Role.GRID);
    return new Sites().meter(grid, Kind.METER, List.of(Sites.register("energy_import", 0))).site();
  }

  @Test
  void anExchangeThatIsWrittenDownTooLateIsToldOnce() {
    Fold fold = new Fold(site(List.of()));
    read(fold, out, "grid-dev", 0, "energy_import", 1_000_000L);
    read(fold, out, "grid-dev", 10 * MINUTE, "energy_import", 1_500_000L);
    Exchange exchange =
        new Exchange(
            Instant.ofEpochMilli(START + 5 * MINUTE)
                .atZone(ZoneId.of("Asia/Shanghai"))
                .toLocalDateTime(),
            Point.of("energy_import"),
            1_200_000,
            0);
    fold = Fold.from(site(List.of(exchange)), fold.checkpoint());
    read(fold, out, "grid-dev", 11 * MINUTE, "energy_import", 1_600_000L);
    assertEquals(List.of(), events("meter.exchange_refused"), "what is folded again tells nothing");
    fold.resumed();
    for (int minute = 12; minute < 15; minute++) {
      read(fold, out, "grid-dev", minute * MINUTE, "energy_import", 1_600_000L);
      fold = Fold.from(site(List.of(exchange)), fold.checkpoint());
      fold.resumed();
    }
    List<Event> told = events("meter.exchange_refused");
    assertEquals(1, told.size(), told.toString());
    assertEquals("it is older than the last reading", told.getFirst().detail().get("why"));
    assertEquals(START + 5 * MINUTE, told.getFirst().detail().get("at"));
  }

  @Test
  void whatWasToldAsMeasuredOfARegisterThatStoodStillIsToldAgainAsSuspect() {
    Site site =
        new Sites().meter("grid", Role.GRID, Kind.METER, 400, "energy_import", "power").site();
    Fold fold = new Fold(site);
    // 1.5 kW for more than half an hour, until 0.8 kWh are missed.
    for (long minute = 0; minute <= 50; minute++) {
      read(
          fold,
          out,
          "grid-dev",
          minute * MINUTE,
          "energy_import",
          5_000_000L,
          "power",
          1_500_000_000L);
    }
    assertEquals(1, events("meter.stuck").size());
    List<Interval> first =
        out.of("15m").stream().filter(each -> each.startMillis() == START).toList();
    assertEquals(Quality.MEASURED, metric(first.getFirst(), "elec.grid.import").quality());
    assertEquals(Quality.SUSPECT, metric(first.getLast(), "elec.grid.import").quality());
    assertEquals(0, Collected.value(first.getLast(), "elec.grid.import"));
  }
}
