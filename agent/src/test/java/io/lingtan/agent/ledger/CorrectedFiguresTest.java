package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Sites;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the other figures of an interval when one of its counts is corrected. */
final class CorrectedFiguresTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long QUARTER = 900_000;
  private static final long MIDNIGHT = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();

  /** Ten o'clock. */
  private static final long TEN = MIDNIGHT + 40 * QUARTER;

  private static final long READ = QUARTER / 5;
  private static final long KWH = 1_000_000;

  private static final Site SITE = sites("pv").site();

  private static Sites sites(String pv) {
    return new Sites()
        .meter("grid", Role.GRID, Kind.METER, 400, "energy_import", "energy_export")
        .meter(pv, Role.PV, Kind.INVERTER, 160, "energy_generated")
        .meter("bat", Role.BATTERY, Kind.BATTERY, 250, "energy_charged", "energy_discharged", "soc")
        .meter("hall", Role.LOAD, Kind.METER, 200, "energy_import")
        .meter("ely", Role.ELECTROLYSER, Kind.METER, 100, "energy_import", "mass")
        .meter("nozzle", Role.H2_DISPENSER, Kind.SENSOR, 0, "mass")
        .meter("tank", Role.H2_STORAGE, Kind.SENSOR, 0, "mass")
        .jiangsu();
  }

  @TempDir private Path folder;

  private KeptGate gate;
  private long sold;
  private long generated;
  private long used;
  private long made;

  @BeforeEach
  void begin() {
    gate = new KeptGate(folder, SITE, MIDNIGHT - QUARTER);
    gate.shows("bat-dev", "energy_charged", 0);
    gate.shows("bat-dev", "energy_discharged", 0);
    pass(1, 0, 0);
  }

  @AfterEach
  void end() {
    gate.close();
  }

  /** Quarters of an hour in which 20 kWh are used, of which so much is the sun's. */
  private void pass(int quarters, long sun, long export) {
    for (int i = 0; i < quarters * 5; i++) {
      sold += export / 5;
      generated += sun / 5;
      used += 2 * KWH;
      made += 20_000;
      gate.shows("grid-dev", "energy_export", sold);
      gate.shows("pv-dev", "energy_generated", generated);
      gate.shows("bat-dev", "soc", 40 * KWH + made);
      gate.shows("hall-dev", "energy_import", used);
      gate.shows("ely-dev", "energy_import", used);
      gate.shows("ely-dev", "mass", made);
      gate.shows("nozzle-dev", "mass", made / 2);
      gate.shows("tank-dev", "mass", 5 * KWH + made - made / 2);
      gate.count(4 * KWH - sun / 5, gate.millis() + READ, READ);
      gate.step();
    }
  }

  private static String line(String id, String figure, long from, String value) {
    return "%s,%s,%s,,%s,,jump,protocol 7,Li Na,Wang Wei%n"
        .formatted(id, figure, Instant.ofEpochMilli(from).atZone(ZONE).toLocalDateTime(), value);
  }

  private void restart(String... lines) {
    restart(SITE, lines);
  }

  private void restart(Site of, String... lines) {
    Site next = of;
    if (lines.length > 0) {
      next =
          of.correctedBy(
              Objects.requireNonNull(
                  CorrectionReader.read(
                      "corrections.csv",
                      "id,meter,figure,from,to,value,factor,reason,document,proposed,approved\n"
                          + String.join("", lines),
                      of.metering().grounds(ZONE),
                      (line, column, message) -> {
                        throw new AssertionError(line + ":" + column + " " + message);
                      })));
    }
    gate.restart(next);
    gate.restate();
  }

  private Interval of(String length, long start) {
    return Objects.requireNonNull(Objects.requireNonNull(gate.newest().get(length)).get(start));
  }

  private static void assertMissing(String why, Interval of, String figure) {
    Metric metric = metric(of, figure);
    assertNull(metric.micros(), figure + " " + metric);
    assertEquals(why, metric.why(), figure);
  }

  private void assertGood() {
    Verification verification = new Verification(gate.key());
    gate.records().forEach(record -> verification.take(RecordJson.of(record)));
    assertEquals(List.of(), verification.report(null).flaws());
  }

  @Test
  void aShareOfNothingIsMissingAndLevelsStay() {
    pass(96 + 4, 10 * KWH, 0);
    Interval before = of("15m", TEN);
    Interval hourBefore = of("1h", TEN);
    restart(line("C1", "pv,elec.pv.generation", TEN, "0"), line("C2", "ely,h2.produced", TEN, "0"));
    Interval after = of("15m", TEN);
    assertEquals(1, after.rev());
    assertEquals(0, value(after, "elec.pv.generation"));
    assertEquals(Quality.SUBSTITUTED, metric(after, "elec.pv.generation").quality());
    assertEquals(1 * KWH, value(before, "kpi.self_consumption"));
    assertMissing("no generation", after, "kpi.self_consumption");
    assertNotNull(metric(before, "h2.ci").micros());
    assertNull(metric(after, "h2.ci").micros());
    assertNull(metric(after, "h2.sec").micros());
    assertEquals(0, value(before, "h2.balance_residual"));
    assertEquals(-100_000, value(after, "h2.balance_residual"));
    assertEquals(metric(before, "storage.soc"), metric(after, "storage.soc"));
    assertEquals(metric(before, "h2.storage_mass"), metric(after, "h2.storage_mass"));
    assertEquals(List.copyOf(before.metrics().keySet()), List.copyOf(after.metrics().keySet()));

    Interval hour = of("1h", TEN);
    assertEquals(1, hour.rev());
    assertEquals(30 * KWH, value(hour, "elec.pv.generation"));
    assertEquals(0, value(hourBefore, "h2.balance_residual"));
    assertEquals(-100_000, value(hour, "h2.balance_residual"));
    assertEquals(metric(hourBefore, "storage.soc"), metric(hour, "storage.soc"));
    assertEquals(metric(hourBefore, "h2.storage_mass"), metric(hour, "h2.storage_mass"));
    assertEquals(List.copyOf(hourBefore.metrics().keySet()), List.copyOf(hour.metrics().keySet()));
    assertGood();
  }

  @Test
  void whatIsToldOnlyWhereItIsNotZeroGoesWhenItIsZero() {
    pass(40, 0, 0);
    pass(1, 0, 40 * KWH);
    pass(59, 0, 0);
    List<String> contradictions = List.of("balance.unexplained_export", "flow.grid_to_grid");
    for (String figure : contradictions) {
      assertTrue(value(of("15m", TEN), figure) > 0, figure);
      assertTrue(value(of("1h", TEN), figure) > 0, figure);
    }
    restart(line("C1", "grid,elec.grid.export", TEN, "0"));
    for (String length : List.of("15m", "1h", "1d")) {
      Interval after = of(length, length.equals("1d") ? MIDNIGHT : TEN);
      assertEquals(1, after.rev(), length);
      assertEquals(0, value(after, "elec.grid.export"), length);
      for (String figure : contradictions) {
        assertNull(after.metrics().get(figure), length + " " + figure);
      }
    }
    assertGood();
  }

  @Test
  void whenACorrectionIsGoneEveryFigureIsAsItWasCounted() {
    pass(96 + 4, 10 * KWH, 0);
    Interval quarter = of("15m", TEN);
    Interval hour = of("1h", TEN);
    restart(line("C1", "pv,elec.pv.generation", TEN, "0"));
    assertEquals(30 * KWH, value(of("1h", TEN), "elec.pv.generation"));
    restart();
    assertEquals(2, of("15m", TEN).rev());
    assertEquals(2, of("1h", TEN).rev());
    assertEquals(quarter.metrics(), of("15m", TEN).metrics());
    assertEquals(beside(hour), beside(of("1h", TEN)));
    assertGood();
  }

  @Test
  void thePeriodIsThatOfTheTariffOfThen() {
    gate.restart(
        sites("pv")
            .tariff(Objects.requireNonNull(Catalogue.tariffs(null).load("jiangsu-2025").value()))
            .site());
    pass(96 + 4, 0, 0);
    Interval before = of("15m", TEN);
    String of =
        before.metrics().keySet().stream()
            .filter(SiteFigures::isTariffPeriod)
            .findFirst()
            .orElseThrow();
    assertEquals(20 * KWH, value(before, of), "by a tariff that the site has no more");
    restart(line("C1", "grid,elec.grid.import", TEN, "19"));
    for (String length : List.of("15m", "1h", "1d")) {
      long start = length.equals("1d") ? MIDNIGHT : TEN;
      Interval after = of(length, start);
      assertEquals(1, after.rev(), length);
      Metric split = metric(after, of);
      assertTrue(split.quality() == Quality.SUBSTITUTED, length + " " + split);
    }
    assertEquals(19 * KWH, value(of("15m", TEN), of));
    assertEquals(79 * KWH, value(of("1h", TEN), of));
    assertGood();
  }

  /** Its line has to go, because the site has no such meter: that is a correction taken back. */
  @Test
  void theCorrectionOfAMeterThatIsGoneIsKnownToHaveBeen() {
    pass(96 + 4, 10 * KWH, 0);
    String stays = line("C2", "grid,elec.grid.import", TEN + QUARTER, "11");
    restart(line("C1", "pv,elec.pv.generation", TEN, "0"), stays);
    restart(sites("roof").site(), stays);
    assertEquals(
        List.of("C1 false", "C2 false", "C1 true"),
        gate.events("config.corrected").stream()
            .map(Event::detail)
            .map(told -> told.get("id") + " " + told.get("withdrawn"))
            .toList());
    assertEquals(2, of("15m", TEN).rev());
    assertEquals(10 * KWH, value(of("15m", TEN), "elec.pv.generation"));
    assertEquals(1, of("15m", TEN + QUARTER).rev(), "what stays is not told again");
    assertEquals(11 * KWH, value(of("15m", TEN + QUARTER), "elec.grid.import"));
  }

  /** All but what says how often it was told. */
  private static Map<String, Metric> beside(Interval of) {
    Map<String, Metric> metrics = new LinkedHashMap<>(of.metrics());
    metrics.remove("quality.late");
    return metrics;
  }

  @Test
  void whatIsMissingForAnotherReasonGoesOnToSayWhy() {
    pass(38, 0, 0);
    gate.loses("pv-dev");
    pass(62, 0, 0);
    Metric silent = metric(of("15m", TEN), "elec.pv.generation");
    Metric hour = metric(of("1h", TEN), "elec.pv.generation");
    restart(line("C1", "grid,elec.grid.import", TEN, "19"));
    assertEquals(1, of("15m", TEN).rev());
    assertEquals(silent, metric(of("15m", TEN), "elec.pv.generation"));
    assertEquals(silent.why(), metric(of("15m", TEN), "elec.load.total").why());
    assertEquals(hour, metric(of("1h", TEN), "elec.pv.generation"));
  }
}
