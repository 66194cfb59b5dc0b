package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.HourlyMatch;
import io.lingtan.agent.carbon.sheet.HourlyMatch.Hour;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clean energy and load, hour by hour: by the cases of measured truths, and from a site file. */
final class HourlyMatchCasesTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long HOUR = 3_600_000L;
  private static final long DAY = 24 * HOUR;
  private static final List<String> HOURLY = List.of("1d", "1M", "1Y");

  /** Local midnight two days before a month ends. */
  private static final long START = Instant.parse("2026-06-28T16:00:00Z").toEpochMilli();

  static List<Node> cases() {
    return TruthCases.of("hourly_match");
  }

  private static long micros(Node in, String name, int hour) {
    return in.has(name)
        ? TruthCases.number(in.at(name).list().get(hour)).movePointRight(6).longValueExact()
        : 0;
  }

  private static Hour hour(Node in, int i) {
    return new Hour(
        micros(in, "load_kWh", i),
        micros(in, "clean_kWh", i),
        micros(in, "charge_clean_kWh", i),
        micros(in, "charge_grid_kWh", i),
        micros(in, "discharge_kWh", i));
  }

  private static List<Hour> hours(Node in) {
    List<Hour> hours = new ArrayList<>();
    for (int i = 0; i < in.at("load_kWh").list().size(); i++) {
      hours.add(hour(in, i));
    }
    return hours;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachHourIsMatchedForItself(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    HourlyMatch match = HourlyMatch.of(hours(in));
    List<Node> matched = expected.at("matched_kWh").list();
    for (int i = 0; i < matched.size(); i++) {
      expect(matched.get(i), match.matched().get(i));
    }
    expect(expected.at("clean_not_matched_kWh"), match.unmatched());
  }

  /** The same hours as flows of base intervals, through a day's sums to its figures. */
  @ParameterizedTest
  @MethodSource("cases")
  void theDayOfTheseHoursHasTheScore(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    RollUp day = new RollUp("1d", START, START + DAY).hourly();
    int hours = in.at("load_kWh").list().size();
    assertTrue(hours <= 24, "a day is the window");
    for (int i = 0; i < hours; i++) {
      Map<String, Metric> flows = flows(hour(in, i));
      Part part = new Part(new LinkedHashMap<>(flows), Map.of(), Set.of(), HOUR, true);
      // A revision takes out exactly what it puts in again.
      day.add(START + i * HOUR, part, null);
      day.remove(START + i * HOUR, part);
      day.add(START + i * HOUR, part, null);
    }
    SequencedMap<String, Metric> worked = figures(day.copy());
    Metric score = Objects.requireNonNull(worked.get("clean.score"));
    expect(expected.at("score_pct"), value(score));
    for (String wrong : List.of("WRONG_volume_ratio_pct", "WRONG_all_discharge_clean_pct")) {
      if (expected.has(wrong)) {
        Node node = expected.at(wrong);
        assertNotEquals(node.text(), like(node, value(score)), node.path());
      }
    }
    expect(
        expected.at("clean_not_matched_kWh"),
        value(Objects.requireNonNull(worked.get("clean.unmatched"))));
    Long share = Objects.requireNonNull(worked.get("clean.battery_share")).micros();
    if (hours(in).stream().allMatch(hour -> hour.cleanCharge() + hour.otherCharge() == 0)) {
      assertNull(share, "nothing was charged");
    } else {
      double clean = TruthCases.number(expected.at("clean_share_of_battery")).doubleValue();
      assertEquals(clean, Objects.requireNonNull(share) / 1e8, 0.5e-4);
    }
  }

  private static Map<String, Metric> flows(Hour hour) {
    Map<String, Long> flows = new LinkedHashMap<>();
    flows.put("grid_to_load", hour.load());
    flows.put("grid_to_battery", hour.otherCharge());
    flows.put("pv_to_load", 0L);
    flows.put("pv_to_battery", hour.cleanCharge());
    flows.put("pv_to_grid", hour.clean() - hour.cleanCharge());
    flows.put("battery_to_load", 0L);
    flows.put("battery_to_grid", hour.discharge());
    Map<String, Metric> metrics = new LinkedHashMap<>();
    flows.forEach((name, energy) -> metrics.put("flow." + name, measured(energy)));
    return metrics;
  }

  private static SequencedMap<String, Metric> figures(RollUp day) {
    Site site = site("hourly: true");
    List<Count> counts = new ArrayList<>();
    for (Meter meter : site.metering().meters()) {
      switch (meter.role()) {
        case GRID -> counts.add(new Count(meter, Figure.GRID_IMPORT, measured(9_000_000)));
        case PV -> counts.add(new Count(meter, Figure.PV_GENERATION, measured(1_000_000)));
        default -> counts.add(new Count(meter, Figure.BATTERY_CHARGE, measured(0)));
      }
    }
    counts.add(new Count(counts.getFirst().meter(), Figure.GRID_EXPORT, measured(0)));
    counts.add(new Count(counts.get(2).meter(), Figure.BATTERY_DISCHARGE, measured(0)));
    return new SiteFigures(site)
        .rollUp(new Counted("1d", START, counts, List.of()), day.sums(ZONE), Map.of())
        .metrics();
  }

  private static Metric measured(long micros) {
    return new Metric(micros, "kW.h", Quality.MEASURED, 100, 0, null, null, null);
  }

  private static long value(Metric metric) {
    return Objects.requireNonNull(metric.micros(), metric::toString);
  }

  private static String like(Node node, long micros) {
    return TruthCases.like(node, BigDecimal.valueOf(micros, 6));
  }

  private static void expect(Node node, long micros) {
    assertEquals(node.text(), like(node, micros), node.path());
  }

  // From a site file to records.

  private final Map<String, Long> registers = new TreeMap<>();

  @Test
  void aDayAMonthAndAYearAreTheSumsOfTheirHours() {
    Collected out = played(site("hourly: true"), true);
    Map<Long, Map<Long, Hour>> days = new TreeMap<>();
    for (Interval quarter : out.newest("15m").values()) {
      Hour flows = Objects.requireNonNull(Hour.of(quarter.metrics()));
      long day = START + Math.floorDiv(quarter.startMillis() - START, DAY) * DAY;
      days.computeIfAbsent(day, at -> new TreeMap<>())
          .merge(quarter.startMillis() / HOUR, flows, (one, other) -> one.plus(other, 1));
    }
    long month = 0;
    long load = 0;
    for (Interval day : out.newest("1d").values()) {
      Map<Long, Hour> hours = Objects.requireNonNull(days.get(day.startMillis()));
      assertEquals(24, hours.size());
      double clean = hours.values().stream().mapToDouble(Hour::cleanCharge).sum();
      double other = hours.values().stream().mapToDouble(Hour::otherCharge).sum();
      double matched = 0;
      for (Hour hour : hours.values()) {
        double given = hour.discharge() * clean / (clean + other);
        matched += Math.min((double) hour.load(), hour.clean() - hour.cleanCharge() + given);
        load += hour.load();
      }
      assertEquals(matched, (double) Collected.value(day, "clean.matched"), 24);
      Metric score = Collected.metric(day, "clean.score");
      assertEquals(Quality.MEASURED, score.quality());
      assertEquals(
          100 * clean / (clean + other), Collected.value(day, "clean.battery_share") / 1e6, 1e-5);
      assertTrue(value(score) > 20_000_000 && value(score) < 90_000_000, score::toString);
      month += Collected.value(day, "clean.matched");
    }
    Interval june = out.of("1M").getLast();
    assertEquals(month, Collected.value(june, "clean.matched"));
    assertEquals(1e8 * month / load, (double) Collected.value(june, "clean.score"), 100);
    assertEquals(Quality.PARTIAL, Collected.metric(june, "clean.score").quality());
  }

  private static final String MARKET =
      "hourly: true, certificate_hours: \"06:00-20:00\", factors: [cn-electricity], method:"
          + " [market]";

  /** 12 certificates are 12 MWh over 30 × 14 hours, 28.571428… kWh each; the residual factor. */
  @Test
  void certificatesCoverWhatIsBoughtInTheirHours() {
    for (boolean restarts : List.of(false, true)) {
      Collected out = played(site(MARKET), restarts);
      BigDecimal factor = new BigDecimal("0.6096");
      long spread = 12_000_000_000L / (30 * 14);
      long bought = 0;
      long covered = 0;
      int full = 0;
      for (Interval hour : out.newest("1h").values()) {
        ZonedDateTime local = Instant.ofEpochMilli(hour.startMillis()).atZone(ZONE);
        if (local.getMonthValue() != 6) {
          assertEquals(0, Collected.value(hour, "cert.matched_hourly"), "none is of July");
          continue;
        }
        long imported = Collected.value(hour, "elec.grid.import");
        // What charges the battery is bought then, and not again when it is given.
        assertEquals(
            imported,
            Collected.value(hour, "flow.grid_to_load")
                + Collected.value(hour, "flow.grid_to_battery"));
        boolean certified = local.getHour() >= 6 && local.getHour() < 20;
        long own = certified ? Math.min(imported, spread) : 0;
        full += own < imported ? 1 : 0;
        // The rest of the division is a milliwatt-hour for some hours.
        assertEquals((double) own, (double) Collected.value(hour, "cert.matched_hourly"), 1);
        assertEquals(
            factor.multiply(BigDecimal.valueOf(imported - own)).doubleValue(),
            (double) Collected.value(hour, "co2.market_hourly"),
            1);
        bought += imported;
        covered += own;
      }
      assertTrue(full > 24, "hours with more than certificates cover, the nights among them");
      Interval june = out.of("1M").getLast();
      assertEquals(bought, Collected.value(june, "elec.grid.import"));
      assertEquals((double) covered, (double) Collected.value(june, "cert.matched_hourly"), 48);
      assertEquals(
          factor.multiply(BigDecimal.valueOf(bought - covered)).doubleValue(),
          (double) Collected.value(june, "co2.market_hourly"),
          48);
      // In one pool the month's certificates cover more: what an hour has too much is carried.
      assertTrue(
          Collected.value(june, "co2.market_hourly") > Collected.value(june, "co2.scope2.market"));
      assertEquals(
          Set.of("1h", "1M"),
          out.intervals.stream()
              .filter(each -> each.metrics().containsKey("co2.market_hourly"))
              .map(Interval::length)
              .collect(Collectors.toSet()));
    }
  }

  /** The state is the same whether it was written down between any two readings or not. */
  @Test
  void aRestartChangesNothing() {
    Site site = site("hourly: true");
    assertEquals(played(site, false).lines(), played(site, true).lines());
  }

  @Test
  void nothingIsToldWhereNobodyAsksForIt() {
    for (Interval each : played(site("hourly: false"), true).intervals) {
      assertTrue(each.metrics().keySet().stream().noneMatch(name -> name.startsWith("clean.")));
    }
    for (Interval each : played(site("hourly: true"), true).intervals) {
      boolean told = RecordJson.interval("e", 1, 0, 0, each, null).contains("\"clean.score\"");
      assertEquals(HOURLY.contains(each.length()), told, each.length());
    }
  }

  /**
   * A checkpoint that was written before anybody asked: the days that are open are known in part.
   */
  @Test
  void whatBeginsInTheMiddleOfADayIsPartial() {
    Fold fold = new Fold(site("hourly: false"));
    Collected out = new Collected();
    RandomGenerator random = Randomness.seeded(5);
    long at = play(fold, out, random, START, START + DAY / 2);
    fold = Fold.from(site("hourly: true"), fold.checkpoint());
    play(fold, out, random, at, START + DAY + HOUR);
    Interval day = out.of("1d").getFirst();
    assertEquals(Quality.PARTIAL, Collected.metric(day, "clean.score").quality());
    assertEquals(Quality.MEASURED, Collected.metric(day, "flow.grid_to_load").quality());
  }

  private Collected played(Site site, boolean restarts) {
    registers.clear();
    Collected out = new Collected();
    Fold fold = new Fold(site);
    if (site.carbon().isWorkedOut("market")) {
      String told = "month,certificates,vintage,reference\n2026-06,12,2026-05,G-1\n";
      assertNull(
          fold.tell(Objects.requireNonNull(FeedReader.read(told, (line, column, message) -> {}))));
    }
    RandomGenerator random = Randomness.seeded(5);
    long at = START;
    for (int part = 1; part <= 9; part++) {
      at = play(fold, out, random, at, START + part * 6L * HOUR);
      fold = restarts ? Fold.from(site, fold.checkpoint()) : fold;
    }
    return out;
  }

  /** Sun by day, a battery that charges at noon and before dawn and gives in the evening. */
  private long play(Fold fold, Collected out, RandomGenerator random, long from, long until) {
    long at = from;
    for (; at < until; at += 300_000) {
      int hour = Instant.ofEpochMilli(at).atZone(ZONE).getHour();
      long load = 2_000_000L + random.nextInt(3_000_000);
      long pv = hour > 6 && hour < 18 ? random.nextInt(9_000_000) : 0;
      long charge = hour == 3 || hour == 11 || hour == 12 ? 1_500_000 : 0;
      long discharge = hour > 17 && hour < 22 ? 1_000_000 : 0;
      long net = load + charge - pv - discharge;
      read(fold, out, at, "gate", Math.max(0, net), Math.max(0, -net));
      read(fold, out, at, "roof", 0, pv);
      read(fold, out, at, "store", charge, discharge);
    }
    return at;
  }

  private void read(Fold fold, Collected out, long at, String device, long in, long out2) {
    Values.Builder values = new Values.Builder();
    values.put(Point.of("energy_import"), registers.getOrDefault(device + "+", 0L));
    values.put(Point.of("energy_export"), registers.getOrDefault(device + "-", 0L));
    registers.merge(device + "+", in, Long::sum);
    registers.merge(device + "-", out2, Long::sum);
    fold.observe(Sample.of(device, "b", at * 1_000_000L, values.build()), at, out);
  }

  private static Site site(String hourly) {
    byte[] text =
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: a
            modbus-tcp: {host: 192.168.1.20}
            devices:
              - {id: gate, profile: eastron-sdm630, unit: 1}
              - {id: roof, profile: eastron-sdm630, unit: 2}
              - {id: store, profile: eastron-sdm630, unit: 3}
        metering:
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 1000}
            - {id: pv, device: roof, role: pv, rated_kw: 1000}
            - {id: bat, device: store, role: battery, rated_kw: 1000}
        carbon: {%s}
        """
            .formatted(hourly)
            .getBytes(StandardCharsets.UTF_8);
    return Objects.requireNonNull(new SiteLoader().read(Path.of("site.yaml"), text).site());
  }
}
