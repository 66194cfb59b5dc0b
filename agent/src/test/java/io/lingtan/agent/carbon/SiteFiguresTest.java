package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SiteFiguresTest {

  private static final long START = Instant.parse("2025-06-01T02:00:00Z").toEpochMilli();
  private static final Site SITE = Sites.microgrid().site();

  private final List<Count> counts = new ArrayList<>();
  private final SiteFigures figures = new SiteFigures(SITE);

  private static Metric kwh(double value) {
    return new Metric(Math.round(value * 1e6), "kW.h", Quality.MEASURED, 100, 0, null, null, null);
  }

  private SiteFiguresTest count(String meter, Figure figure, Metric amount) {
    Meter found =
        SITE.metering().meters().stream()
            .filter(m -> m.id().equals(meter))
            .findFirst()
            .orElseThrow();
    counts.add(new Count(found, figure, amount));
    return this;
  }

  private SiteFiguresTest site(double in, double out, double pv, double charge, double discharge) {
    return count("grid", Figure.GRID_IMPORT, kwh(in))
        .count("grid", Figure.GRID_EXPORT, kwh(out))
        .count("pv", Figure.PV_GENERATION, kwh(pv))
        .count("bat", Figure.BATTERY_CHARGE, kwh(charge))
        .count("bat", Figure.BATTERY_DISCHARGE, kwh(discharge));
  }

  private Counted counted(String length, long start) {
    return new Counted(length, start, counts, List.of());
  }

  private SequencedMap<String, Metric> base() {
    return figures.base(counted("15m", START), figures.carried()).metrics();
  }

  private static void assertValue(
      double expected, SequencedMap<String, Metric> metrics, String name) {
    Metric metric = metrics.get(name);
    Long micros = metric == null ? null : metric.micros();
    assertEquals((Long) Math.round(expected * 1e6), micros, name + " in " + metrics);
  }

  @Test
  void theIntervalOfTheContractHasItsCarbonToTheMilligram() {
    site(12.534, 0, 0, 0, 0);
    Figures worked = figures.base(counted("15m", START), figures.carried());
    assertEquals(
        new Metric(
            7_303_562L,
            "kg",
            Quality.MEASURED,
            100,
            0,
            "elec.grid.import",
            "cn-elec/CN-JS/2023",
            null),
        worked.metrics().get("co2.scope2.location"));
    assertEquals(List.of("cn-elec/CN-JS/2023"), List.copyOf(worked.factors().keySet()));
  }

  @Test
  void aLoadBelowNothingByWhatMetersMayBeOffIsNoContradiction() {
    site(0, 100.5, 100, 0, 0);
    SequencedMap<String, Metric> told = base();
    assertValue(-0.5, told, "elec.load.total");
    assertEquals(Quality.MEASURED, quality(told, "elec.load.total"));
    assertEquals(Quality.MEASURED, quality(told, "flow.pv_to_grid"));
  }

  @Test
  void loadsMayTakeMoreThanThereIsByTheClassesOfAllMeters() {
    site(99.1, 0, 0, 0, 0);
    count("hall", Figure.LOAD, kwh(100.9));
    assertEquals(Quality.MEASURED, quality(base(), "balance.residual"));
  }

  @Test
  void theIndicatorsOfE08ComeFromAddedFlows() {
    Node example = WorkedExamples.example("E08");
    SequencedMap<String, Metric> sums = new LinkedHashMap<>();
    double[] total = new double[5];
    for (Node interval : example.at("inputs").at("intervals").list()) {
      counts.clear();
      double[] e = {
        interval.at("grid_import").number(),
        interval.at("grid_export").number(),
        interval.at("pv").number(),
        interval.at("charge").number(),
        interval.at("discharge").number()
      };
      site(e[0], e[1], e[2], e[3], e[4]);
      for (int i = 0; i < 5; i++) {
        total[i] += e[i];
      }
      base()
          .forEach(
              (name, metric) -> {
                if (SiteFigures.isSummed(name)) {
                  sums.merge(name, metric, SiteFiguresTest::plus);
                }
              });
    }
    counts.clear();
    site(total[0], total[1], total[2], total[3], total[4]);
    count("hall", Figure.LOAD, kwh(example.at("inputs").at("metered_load_kWh").number()));
    var metrics = figures.rollUp(counted("1h", START), sums, new LinkedHashMap<>()).metrics();
    Node expected = example.at("expected");
    assertValue(expected.at("load_kWh").number(), metrics, "elec.load.total");
    assertValue(expected.at("self_consumption").number(), metrics, "kpi.self_consumption");
    assertValue(expected.at("self_sufficiency").number(), metrics, "kpi.self_sufficiency");
    assertValue(expected.at("residual_kWh").number(), metrics, "balance.residual");
    assertValue(expected.at("residual_pct_of_inputs").number(), metrics, "balance.residual_pct");
  }

  private static Metric plus(Metric a, Metric b) {
    return new Metric(
        Combining.value(a) + Combining.value(b),
        a.ucum(),
        a.quality(),
        100,
        0,
        a.of(),
        a.factor(),
        null);
  }

  @Test
  void aMissingInputMakesWhatNeedsItMissingAndSaysWhich() {
    count("grid", Figure.GRID_IMPORT, kwh(3))
        .count("grid", Figure.GRID_EXPORT, kwh(0))
        .count("pv", Figure.PV_GENERATION, Metric.missing("kW.h", "pv-dev: timeout"));
    var metrics = base();
    assertValue(3, metrics, "elec.grid.import");
    assertValue(1.7481, metrics, "co2.scope2.location");
    for (String name :
        List.of("elec.load.total", "flow.pv_to_load", "flow.grid_to_load", "elec.pv.generation")) {
      assertEquals(Metric.missing("kW.h", "pv-dev: timeout"), metrics.get(name), name);
    }
    assertEquals(Metric.missing("1", "pv-dev: timeout"), metrics.get("kpi.self_sufficiency"));
  }

  @Test
  void anExportThatNothingCountsIsMissingAndNotZero() {
    count("grid", Figure.GRID_IMPORT, kwh(3)).count("pv", Figure.PV_GENERATION, kwh(5));
    var metrics = base();
    for (String name :
        List.of("elec.grid.export", "elec.load.total", "flow.pv_to_grid", "co2.purchased_net")) {
      Metric metric = metrics.get(name);
      assertNotNull(metric, name);
      assertEquals("no register and no power counts it", metric.why(), name);
    }
    assertValue(3, metrics, "elec.grid.import");
  }

  @Test
  void whatABatteryTookIsMissingWhereOnlyWhatItGaveIsCounted() {
    count("grid", Figure.GRID_IMPORT, kwh(3))
        .count("grid", Figure.GRID_EXPORT, kwh(0))
        .count("bat", Figure.BATTERY_DISCHARGE, kwh(1));
    assertEquals(Quality.MISSING, quality(base(), "elec.battery.charge"));
    assertEquals(Quality.MISSING, quality(base(), "elec.load.total"));
  }

  @Test
  void aSiteWithoutASourceExportsNothing() {
    count("grid", Figure.GRID_IMPORT, kwh(3));
    assertFalse(base().containsKey("elec.grid.export"));
    assertValue(3, base(), "elec.load.total");
  }

  @Test
  void aNegativeLoadIsSuspectAndNotClipped() {
    site(1, 0, 0, 5, 0);
    assertEquals(Long.valueOf(-4_000_000L), value(base(), "elec.load.total"));
    assertEquals(Quality.SUSPECT, quality(base(), "elec.load.total"));
    assertEquals(Quality.SUSPECT, quality(base(), "flow.grid_to_battery"));
  }

  private static @Nullable Long value(SequencedMap<String, Metric> metrics, String name) {
    Metric metric = metrics.get(name);
    return metric == null ? null : metric.micros();
  }

  private static @Nullable Quality quality(SequencedMap<String, Metric> metrics, String name) {
    Metric metric = metrics.get(name);
    return metric == null ? null : metric.quality();
  }

  @Test
  void theWorstInputDecidesTheQuality() {
    Metric estimated =
        new Metric(1_000_000L, "kW.h", Quality.EST_LINEAR, 40, 100, null, null, null);
    count("grid", Figure.GRID_IMPORT, kwh(3))
        .count("grid", Figure.GRID_EXPORT, kwh(0))
        .count("pv", Figure.PV_GENERATION, estimated);
    Metric load = base().get("elec.load.total");
    assertEquals(
        new Metric(4_000_000L, "kW.h", Quality.EST_LINEAR, 40, 25, null, null, null), load);
  }

  @Test
  void specificEnergyIsTheElectrolysersE13() {
    Node example = WorkedExamples.cases("E13").getFirst();
    site(0, 0, 0, 0, 0);
    count("ely", Figure.LOAD, kwh(example.at("inputs").at("AC_kWh").number()));
    count("hall", Figure.LOAD, kwh(1_000_000));
    Metric kilograms = kwh(example.at("inputs").at("H2_kg").number());
    count("ely", Figure.H2_PRODUCED, kilograms);
    assertValue(example.at("expected").at("sec_kWh_per_kg").number(), base(), "h2.sec");
  }

  @Test
  void withoutHydrogenThereIsNoSpecificEnergy() {
    site(0, 0, 0, 0, 0);
    count("ely", Figure.LOAD, kwh(2)).count("ely", Figure.H2_PRODUCED, kwh(0));
    assertEquals(Metric.missing("kW.h/kg", "no hydrogen was produced"), base().get("h2.sec"));
  }

  @Test
  void severalMetersOfARoleCarryTheirIdAndTheSumDoesNotCountOneBehindAnother() {
    Meter roof = Parts.meter("roof", "a", Role.PV, 100, false, null, 0, Double.NaN, 0, Double.NaN);
    Meter string =
        Parts.meter("string", "b", Role.PV, 50, false, "roof", 0, Double.NaN, 0, Double.NaN);
    Meter shed = Parts.meter("shed", "c", Role.PV, 20, false, null, 0, Double.NaN, 0, Double.NaN);
    counts.add(new Count(roof, Figure.PV_GENERATION, kwh(10)));
    counts.add(new Count(string, Figure.PV_GENERATION, kwh(4)));
    counts.add(new Count(shed, Figure.PV_GENERATION, kwh(1)));
    var metrics = base();
    assertValue(11, metrics, "elec.pv.generation");
    assertValue(4, metrics, "elec.pv.generation.string");
    assertValue(1, metrics, "elec.pv.generation.shed");
    assertFalse(metrics.containsKey("elec.load.total"), "without a gate nobody knows");
  }

  @Test
  void aSumWithoutAFactorIsMissingAndSaysForWhenAndWhere() {
    site(12, 0, 0, 0, 0);
    long before = Instant.parse("2019-06-01T02:00:00Z").toEpochMilli();
    Metric metric =
        figures
            .base(counted("15m", before), figures.carried())
            .metrics()
            .get("co2.scope2.location");
    assertEquals(
        new Metric(
            null,
            "kg",
            Quality.MISSING,
            0,
            0,
            "elec.grid.import",
            null,
            "no location factor of electricity for CN-JS on 2019-06-01"),
        metric);
  }

  /** Else what flowed while it was not asked would be an export that nothing can have given. */
  @Test
  void aGroupOfRegistersIsReadAsRarelyAsItsOwnPeriodSays() {
    String site =
        """
        gateway: gw-groups
        site: {zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: tcp
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - id: gate
                profile: acrel-dtsd1352
                unit: 1
                every: 1s
                groups: [{points: [energy_import, energy_export], every: 2m}]
              - {id: hall, profile: acrel-dtsd1352, unit: 2, every: 1s, record: 30s}
        metering:
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 100}
            - {id: hall, device: hall, role: load, rated_kw: 100}
        carbon: {factors: [cn-electricity]}
        """;
    Site read =
        new SiteLoader().read(Path.of("site.yaml"), site.getBytes(StandardCharsets.UTF_8)).site();
    assertEquals(120_000, SiteFigures.recordMillis(Objects.requireNonNull(read)));
  }
}
