package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Recomputation;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Accuracy;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.DirectLimits;
import io.lingtan.agent.site.Site.Gas;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Place;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.MeterParts;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Figures that an auditor worked out by hand, where a wrong one would look good. */
final class AuditedFiguresTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long JUNE = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();
  private static final Factors FACTORS =
      new Factors(
          List.of(shipped("cn-electricity"), shipped("cn-fuels"), shipped("cn-tce")),
          "CN-JS",
          ZONE);

  private final List<Count> counts = new ArrayList<>();
  private final LinkedHashMap<String, Metric> sums = new LinkedHashMap<>();

  private static FactorTable shipped(String name) {
    FactorTable table = Catalogue.factors(null).load(name).value();
    assertNotNull(table, name);
    return table;
  }

  private static Metric metric(double value, String ucum) {
    return new Metric(Math.round(value * 1e6), ucum, Quality.MEASURED, 100, 0);
  }

  private static Meter meter(String id, Role role) {
    return Parts.meter(
        id, id, role, 0, false, null, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }

  private void count(Meter meter, Figure figure, double amount) {
    counts.add(new Count(meter, figure, metric(amount, figure.ucum()), 1));
  }

  private Sheet sheet(String length, Chapter... chapters) {
    Map<String, Meter> meters = new LinkedHashMap<>();
    counts.forEach(count -> meters.putIfAbsent(count.meter().id(), count.meter()));
    Sheet sheet =
        new Sheet(new Counted(length, JUNE, counts, List.of()), meters, sums, Map.of(), null);
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(sheet);
    for (Chapter chapter : chapters) {
      if (length.endsWith("m")) {
        chapter.base(sheet);
      } else {
        chapter.rollUp(sheet);
      }
    }
    return sheet;
  }

  private static double value(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, () -> name + " of " + sheet.names());
    return Combining.value(metric) / 1e6;
  }

  private static String why(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name);
    assertNull(metric.micros(), metric::toString);
    return String.valueOf(metric.why());
  }

  // Heat.

  /** 100 Nm³ in an engine that gives 350 kWh of electricity and 450 kWh of heat. */
  private void engine(Meter heat) {
    count(meter("grid", Role.GRID), Figure.GRID_IMPORT, 0);
    count(meter("grid", Role.GRID), Figure.GRID_EXPORT, 0);
    count(meter("engine", Role.CHP), Figure.CHP_GENERATION, 350);
    Meter gas =
        Parts.meter("gas", "gas", Role.GAS, 0, false, null, Double.NaN, Double.NaN, Double.NaN, 0);
    count(gas, Figure.GAS, 100);
    count(heat, Figure.HEAT, 450);
  }

  private static Meter heat(String id) {
    return meter(id, Role.HEAT).of(new Accuracy(2, 0));
  }

  @Test
  void heatOfTheSitesOwnFuelIsNotBoughtBesideTheFuel() {
    engine(heat("hot").ofOwnHeat());
    Sheet base = sheet("15m", new Emissions(FACTORS));
    assertEquals(1.62, value(base, "heat.energy"), 1e-6);
    assertEquals(1.62, value(base, "heat.own"), 1e-6);
    assertNull(base.get("heat.purchased"));
    assertNull(base.get("co2.scope2.heat"));
    assertEquals(216.219, value(base, "co2.total"), 1e-6);
    Sheet day = sheet("1d", new StandardCoal(FACTORS));
    assertNull(day.get("tce.by_carrier.heat"));
    assertEquals(0.133, value(day, "tce.total"), 1e-6);
  }

  @Test
  void besideOwnHeatOnlyWhatIsBoughtCounts() {
    engine(heat("hot").ofOwnHeat());
    count(heat("district"), Figure.HEAT, 1000);
    Sheet base = sheet("15m", new Emissions(FACTORS), new Uncertainty());
    assertEquals(5.22, value(base, "heat.energy"), 1e-6);
    assertEquals(3.6, value(base, "heat.purchased"), 1e-6);
    Metric bought = base.get("co2.scope2.heat");
    assertNotNull(bought);
    assertEquals(3.6 * 110, value(base, "co2.scope2.heat"), 1e-6);
    assertEquals("heat.purchased", bought.of());
    // The own meter's error is in both, and leaves the difference.
    Long pm = bought.pm();
    assertNotNull(pm);
    assertEquals(3.6 * 110 * 2 * 0.02 / Math.sqrt(3), pm / 1e6, 1e-3);
    Sheet day = sheet("1d", new StandardCoal(FACTORS));
    assertEquals(3.6 * 0.03412, value(day, "tce.by_carrier.heat"), 1e-6);
  }

  @Test
  void heatThatNobodyMadeHereIsBought() {
    engine(heat("district"));
    Sheet base = sheet("15m", new Emissions(FACTORS));
    assertNull(base.get("heat.own"));
    assertEquals(394.419, value(base, "co2.total"), 1e-6);
  }

  // Hydrogen.

  private Sheet hydrogen(double grid, double pv, double battery, double roundTrip) {
    count(meter("grid", Role.GRID), Figure.GRID_IMPORT, grid + battery / 0.85);
    count(meter("ely", Role.ELECTROLYSER), Figure.LOAD, grid + pv + battery);
    count(meter("ely", Role.ELECTROLYSER), Figure.H2_PRODUCED, 1000);
    Meter store =
        Parts.meter(
            "bat", "bat", Role.BATTERY, 0, false, null, 1e5, roundTrip, Double.NaN, Double.NaN);
    count(store, Figure.BATTERY_DISCHARGE, battery);
    sums.put("h2.from_grid", metric(grid, "kW.h"));
    sums.put("h2.from_pv", metric(pv, "kW.h"));
    sums.put("h2.from_battery", metric(battery, "kW.h"));
    sums.put("co2.load.ely", metric(0.5 * grid, "kg"));
    Sheet day = sheet("1d");
    day.takeSums("co2.load.");
    new Hydrogen(FACTORS).rollUp(day);
    return day;
  }

  /** Without the loss it was 14.497 and low-carbon. */
  @Test
  void hydrogenOutOfABatteryTookWhatTheBatteryLostToo() {
    Sheet day = hydrogen(0, 27_500, 22_500, 0.85);
    assertEquals(16.790809, value(day, "h2.ci_footprint"), 1e-6);
    Metric footprint = day.get("h2.ci_footprint");
    assertNotNull(footprint);
    assertEquals("battery / 0.85", footprint.text());
    Metric reached = day.get("h2.class");
    assertNotNull(reached);
    assertEquals("none", reached.text());
  }

  @Test
  void hydrogenOutOfABatteryOfUnknownLossIsInNoClass() {
    Sheet day = hydrogen(0, 27_500, 22_500, Double.NaN);
    for (String name : List.of("h2.ci_footprint", "h2.class", "h2.clean_budget")) {
      assertEquals("round_trip of the battery is not known", why(day, name), name);
    }
    Metric without = hydrogen(0, 50_000, 0, Double.NaN).get("h2.class");
    assertNotNull(without);
    assertEquals("renewable", without.text(), "nothing came out of it");
  }

  /** What the budget allows is in the class; by the factor of the place it was 8,409 kWh. */
  @Test
  void theCleanBudgetIsThatOfTheClass() {
    double budget = value(hydrogen(0, 50_000, 0, 0.85), "h2.clean_budget");
    assertEquals(4157, budget, 1);
    counts.clear();
    Sheet spent = hydrogen(budget, 50_000 - budget, 0, 0.85);
    assertEquals(4.9, value(spent, "h2.ci_footprint"), 1e-6);
    assertEquals(0, value(spent, "h2.clean_budget"), 1e-3);
  }

  // Panels behind a hybrid inverter.

  /** A month of a gigawatt-hour at the panels, of which 4 % get lost on the way to the busbar. */
  private Sheet plant(Coupling side) {
    count(meter("grid", Role.GRID), Figure.GRID_IMPORT, 1_400_000);
    count(meter("grid", Role.GRID), Figure.GRID_EXPORT, 400_000);
    Meter panels = meter("pv", Role.PV).on(side);
    if (side == Coupling.DC) {
      count(panels, Figure.PV_GENERATION, 1_000_000);
      count(panels, Figure.HYBRID_OUTPUT, 960_000);
    } else {
      count(panels, Figure.PV_GENERATION, 960_000);
    }
    return sheet(
        "1M", new DirectSupply(new Calendar(ZONE)), new Issuance(), new StandardCoal(FACTORS));
  }

  @Test
  void whatAnInverterLosesIsNeitherUsedNorCertified() {
    DirectLimits limits =
        new DirectLimits(BigDecimal.valueOf(60), BigDecimal.valueOf(30), BigDecimal.valueOf(50));
    for (Coupling side : Coupling.values()) {
      counts.clear();
      Sheet month = plant(side);
      assertEquals(560_000, value(month, "direct.self_used"), 1e-6);
      assertEquals(58.333333, value(month, "direct.self_of_available"), 1e-6);
      assertEquals(960, value(month, "cert.issued_est"), 1e-6);
      assertEquals(117.984, value(month, "tce.by_carrier.pv"), 1e-6);
      Map<String, Metric> figures = new LinkedHashMap<>();
      month.names().forEach(name -> figures.put(name, Objects.requireNonNull(month.get(name))));
      assertEquals(
          List.of("self_of_available", "self_of_use"), DirectSupply.missed(figures, limits));
    }
  }

  /** What a month's own totals would say is lost is not what its intervals lost. */
  @Test
  void aMonthTakesOffWhatItsIntervalsLost() {
    sums.put("flow.pv_to_loss", metric(30_000, "kW.h"));
    Sheet month = plant(Coupling.DC);
    assertEquals(970, value(month, "cert.issued_est"), 1e-6);
    Metric generated = month.get("cert.generated_kwh");
    assertNotNull(generated);
    assertEquals("elec.pv.generation - flow.pv_to_loss", generated.text());
  }

  // A battery without a source.

  private Sheet store(boolean withPv) {
    count(meter("grid", Role.GRID), Figure.GRID_IMPORT, 100);
    count(meter("grid", Role.GRID), Figure.GRID_EXPORT, 0);
    count(meter("bat", Role.BATTERY), Figure.BATTERY_CHARGE, 100);
    count(meter("bat", Role.BATTERY), Figure.BATTERY_DISCHARGE, 88);
    if (withPv) {
      count(meter("pv", Role.PV), Figure.PV_GENERATION, 0);
    }
    sums.put("flow.grid_to_load", metric(0, "kW.h"));
    sums.put("flow.battery_to_load", metric(88, "kW.h"));
    return sheet("1d");
  }

  @Test
  void aSiteThatOnlyStoresIsNotSelfSufficient() {
    assertEquals(
        "the site has a battery and no source of its own",
        why(store(false), "kpi.self_sufficiency"));
    counts.clear();
    assertEquals(1, value(store(true), "kpi.self_sufficiency"), "as the formula has it");
  }

  // Gas.

  /** Its temperature may be 20 °C off, which is 7 %: more than ± 1.7 % by the class. */
  @Test
  void howSureACorrectedVolumeIsNoClassSays() {
    for (boolean raw : new boolean[] {false, true}) {
      Gas state = new Gas(raw, Place.STANDARD_KPA, 15, 20);
      var parts = new MeterParts();
      parts.ratedKw = 0;
      parts.gasCelsius = 20;
      parts.gas = state;
      parts.accuracy = new Accuracy(1.5, 0);
      Meter gas = parts.meter("gas", "gas", Role.GAS);
      counts.clear();
      count(gas, Figure.GAS, 1000);
      Sheet base = sheet("15m", new Emissions(FACTORS), new Uncertainty());
      for (String name :
          List.of("fuel.gas.volume", "fuel.gas.normal", "co2.scope1.natural_gas", "co2.total")) {
        Metric metric = base.get(name);
        assertNotNull(metric, name);
        assertEquals(raw, metric.pm() == null, name + metric);
      }
    }
  }

  // What an auditor's program says of them.

  /** Fields of a record of the sheet that it finds wrong, of figures whose names begin so. */
  private static List<String> flaws(Sheet sheet, String beginning, String written, String forged)
      throws Exception {
    Figures figures = sheet.figures(Set.of());
    Interval interval =
        new Interval(
            sheet.length(),
            JUNE,
            JUNE + 900_000,
            0,
            figures.metrics(),
            new LinkedHashMap<>(),
            figures.factors());
    String record = RecordJson.interval("e", 1, 0, 0, interval, null);
    assertTrue(record.contains(written), record);
    List<Flaw> flaws = new ArrayList<>();
    new Recomputation(flaws::add)
        .take(SealedRecord.of(1, JsonValue.object(record.replace(written, forged))), true);
    return flaws.stream().map(Flaw::field).filter(field -> field.startsWith(beginning)).toList();
  }

  private static void follows(Sheet sheet, String beginning, String written, String forged)
      throws Exception {
    assertEquals(List.of(), flaws(sheet, beginning, written, written));
    assertFalse(flaws(sheet, beginning, written, forged).isEmpty(), beginning);
  }

  @Test
  void verifyWorksThemOutAgainByWhatTheRecordSays() throws Exception {
    engine(heat("hot").ofOwnHeat());
    count(heat("district"), Figure.HEAT, 1000);
    Sheet heat = sheet("15m", new Emissions(FACTORS));
    follows(heat, "metrics.heat.purchased", "\"heat.own\":{\"v\":1.62", "\"heat.own\":{\"v\":1.72");
    follows(heat, "metrics.co2.scope2.heat", "\"v\":3.6,", "\"v\":3.7,");
    follows(sheet("1d", new StandardCoal(FACTORS)), "metrics.tce.by", "\"v\":3.6,", "\"v\":3.7,");
    counts.clear();
    Sheet hydrogen = hydrogen(1000, 27_500, 22_500, 0.85);
    for (String name : List.of("h2.ci_footprint", "h2.clean_budget", "h2.low_carbon_budget")) {
      follows(hydrogen, "metrics." + name, "battery / 0.85", "battery / 0.95");
    }
    counts.clear();
    sums.put("flow.pv_to_loss", metric(30_000, "kW.h"));
    Sheet month = plant(Coupling.DC);
    for (String name : List.of("cert.generated_kwh", "tce.by_carrier.pv")) {
      follows(month, "metrics." + name, "\"v\":30000,", "\"v\":31000,");
    }
  }
}
