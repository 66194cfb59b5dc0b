package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.UncertaintyBudget;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Accuracy;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How sure figures are, by the cases of measured truths and beside them. */
final class UncertaintyCasesTest {

  private static final long START = 1_764_060_300_000L;
  private static final String IMPORT = "elec.grid.import";

  static List<Node> intervals() {
    return TruthCases.of("gum_interval");
  }

  static List<Node> classes() {
    return TruthCases.of("gum_classes");
  }

  static List<Node> days() {
    return TruthCases.of("gum_day");
  }

  static List<Node> differences() {
    return TruthCases.of("gum_difference");
  }

  static List<Node> carbons() {
    return TruthCases.of("gum_carbon");
  }

  @ParameterizedTest
  @MethodSource("intervals")
  void oneMeterOverOneInterval(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    Meter meter = meter("grid", Role.GRID, in, in.at("meter_class_pct"));
    Count count = count(meter, Figure.GRID_IMPORT, in, "energy_kWh");
    Count nothing = new Count(meter, count.figure(), kilowattHours(0), count.step());
    expect(expected.at("u_class_pct"), classes(meter));
    expect(expected.at("u_resolution_kWh"), standard(nothing));
    expect(expected.at("u_kWh"), standard(count));
    Metric figure = figure(new Sites(), "15m", List.of(count), IMPORT);
    expect(expected.at("U95_kWh"), pm(figure));
    expect(expected.at("U95_pct"), percent(figure));
    not(expected, "WRONG_classes_added_pct", percent(figure));
  }

  @ParameterizedTest
  @MethodSource("classes")
  void eachClassHasItsOwn(Node given) {
    Node in = given.at("inputs");
    for (Node each : in.at("meter_class_pct").list()) {
      Node expected = given.at("expected").at("by_class").at(each.text());
      Meter meter = meter("grid", Role.GRID, in, each);
      Count count = count(meter, Figure.GRID_IMPORT, in, "energy_kWh");
      Metric figure = figure(new Sites(), "15m", List.of(count), IMPORT);
      expect(expected.at("u_class_pct"), classes(meter));
      expect(expected.at("U95_kWh"), pm(figure));
      expect(expected.at("U95_pct"), percent(figure));
    }
  }

  @ParameterizedTest
  @MethodSource("days")
  void theErrorOfAMeterAddsUpOverADay(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    Meter meter = meter("grid", Role.GRID, in, in.at("meter_class_pct"));
    BigDecimal intervals = new BigDecimal(String.valueOf(in.at("intervals").value()));
    BigDecimal energy = TruthCases.number(in.at("interval_kWh")).multiply(intervals);
    Count count =
        new Count(meter, Figure.GRID_IMPORT, kilowattHours(energy.doubleValue()), step(in));
    Metric figure = figure(new Sites(), "1d", List.of(count), IMPORT);
    expect(expected.at("energy_kWh"), value(figure));
    expect(expected.at("u_kWh"), standard(count));
    expect(expected.at("U95_kWh"), pm(figure));
    expect(expected.at("U95_pct"), percent(figure));
    not(expected, "WRONG_as_if_independent_U95_kWh", pm(figure));
    not(expected, "WRONG_resolution_added_96_times_U95_kWh", pm(figure));
  }

  /** What the metered loads leave over of what came in at the gate. */
  @ParameterizedTest
  @MethodSource("differences")
  void aDifferenceHasTheErrorsOfAllItsMeters(Node given) {
    Node expected = given.at("expected");
    List<Node> meters = given.at("inputs").at("meters").list();
    List<Count> counts = new ArrayList<>();
    for (int i = 0; i < meters.size(); i++) {
      Node in = meters.get(i);
      Meter meter = meter("m" + i, i == 0 ? Role.GRID : Role.LOAD, in, in.at("meter_class_pct"));
      Count count = count(meter, i == 0 ? Figure.GRID_IMPORT : Figure.LOAD, in, "energy_kWh");
      expect(expected.at("u_kWh").list().get(i), standard(count));
      counts.add(count);
    }
    Metric left = figure(new Sites(), "1d", counts, "balance.residual");
    expect(expected.at("difference_kWh"), value(left));
    expect(expected.at("u_difference_kWh"), pm(left) / 2);
    expect(expected.at("U95_kWh"), pm(left));
    expect(expected.at("U95_pct"), percent(left));
    not(expected, "WRONG_relative_combined_pct", percent(left));
  }

  @ParameterizedTest
  @MethodSource("carbons")
  void carbonHasTheErrorOfTheFactorToo(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    Node classes = in.at("u_energy_from");
    Meter meter = meter("grid", Role.GRID, classes, classes.at("meter_class_pct"));
    Count count = count(meter, Figure.GRID_IMPORT, in, "energy_kWh");
    String stated = in.has("factor_U95_pct") ? in.at("factor_U95_pct").text() : null;
    Sites sites = new Sites().factors("1", factor(in.at("factor_kg_per_kWh").text(), stated));
    Metric carbon = figure(sites, "15m", List.of(count), "co2.scope2.location");
    expect(expected.at("CO2_kg"), value(carbon));
    expect(expected.at("u_pct"), percent(carbon) / 2);
    expect(expected.at("U95_pct"), percent(carbon));
    expect(expected.at("U95_kg"), pm(carbon));
    not(expected, "WRONG_U95_added_pct", percent(carbon));
  }

  @Test
  void nothingIsSaidWhereNothingIsDeclared() {
    Meter plain = meter("grid", Role.GRID, null);
    Count count = new Count(plain, Figure.GRID_IMPORT, kilowattHours(1), 1000);
    assertNull(figure(new Sites(), "15m", List.of(count), IMPORT).pm());
  }

  /** Import and export of one meter are off together: of equal ones the difference is exact. */
  @Test
  void oneMeterIsOneSourceInBothDirections() {
    Meter meter = meter("grid", Role.GRID, new Accuracy(1, 0));
    List<Count> both =
        List.of(
            new Count(meter, Figure.GRID_IMPORT, kilowattHours(10_000), 1),
            new Count(meter, Figure.GRID_EXPORT, kilowattHours(10_000), 1),
            new Count(meter("pv", Role.PV, null), Figure.PV_GENERATION, kilowattHours(11_000), 1));
    Sites sites = new Sites().jiangsu();
    assertEquals(0, pm(figure(sites, "15m", both, "co2.purchased_net")), 1e-5);
    Metric total = figure(new Sites().jiangsu(), "15m", both, "co2.total");
    assertEquals(10_000 * 0.5827 * 2 * 0.01 / Math.sqrt(3), pm(total), 1e-5);
  }

  @Test
  void oneMeterWithoutAClassLeavesWhatRestsOnItWithout() {
    Meter gate = meter("grid", Role.GRID, new Accuracy(1, 0));
    Meter hall = meter("hall", Role.LOAD, null);
    List<Count> counts =
        List.of(
            new Count(gate, Figure.GRID_IMPORT, kilowattHours(2), 1),
            new Count(hall, Figure.LOAD, kilowattHours(1), 1));
    assertNotNull(figure(new Sites(), "15m", counts, "elec.load.total").pm());
    assertNull(figure(new Sites(), "15m", counts, "elec.load.hall").pm());
    assertNull(figure(new Sites(), "15m", counts, "balance.residual").pm());
  }

  /** What is estimated may be nothing or twice as much; what is in doubt has no uncertainty. */
  @Test
  void anEstimatedShareCountsAndWhatIsInDoubtHasNone() {
    Meter meter = meter("grid", Role.GRID, new Accuracy(0.01, 0));
    Metric half = new Metric(1_000_000_000L, "kW.h", Quality.EST_LINEAR, 50, 50, null, null, null);
    Count estimated = new Count(meter, Figure.GRID_IMPORT, half, 1);
    Metric figure = figure(new Sites(), "15m", List.of(estimated), IMPORT);
    assertEquals(2 * 500 / Math.sqrt(3), pm(figure), 0.1);
    for (Quality none : List.of(Quality.SUSPECT, Quality.PARTIAL, Quality.SUBSTITUTED)) {
      Count doubted = new Count(meter, Figure.GRID_IMPORT, half.of(none), 1);
      assertNull(figure(new Sites(), "15m", List.of(doubted), IMPORT).pm(), none.toString());
    }
    Count integrated = new Count(meter, Figure.GRID_IMPORT, kilowattHours(1), 0);
    assertNull(figure(new Sites(), "15m", List.of(integrated), IMPORT).pm());
  }

  /** An electricity meter's class says nothing of reactive energy, nor of the hydrogen made. */
  @Test
  void aClassIsOfTheQuantityThatItIsFor() {
    Meter gate = meter("grid", Role.GRID, new Accuracy(1, 0));
    Metric reactive = new Metric(1L, "kV.A.h", Quality.MEASURED, 100, 0, null, null, null);
    List<Count> counts =
        List.of(
            new Count(gate, Figure.GRID_IMPORT, kilowattHours(1), 1),
            new Count(gate, Figure.REACTIVE_IMPORT, reactive, 1));
    assertNull(figure(new Sites(), "15m", counts, "reactive.import").pm());
    Meter heat = meter("heat", Role.HEAT, new Accuracy(2, 0));
    List<Count> warm = List.of(new Count(heat, Figure.HEAT, kilowattHours(1000), 1));
    assertEquals(
        3.6 * 2 * 0.02 / Math.sqrt(3), pm(figure(new Sites(), "1d", warm, "heat.energy")), 1e-5);
  }

  /** A hybrid inverter's own AC is what reaches the busbar, with the class of its meter. */
  @Test
  void theLoadHasTheErrorOfHybridInverters() {
    Accuracy one = new Accuracy(1, 0);
    Sites sites = new Sites().jiangsu();
    Metric load = figure(sites, "15m", hybrid(one), "elec.load.total");
    assertEquals(1_000_000_000L, load.micros());
    assertEquals(2 * 0.01 / Math.sqrt(3) * Math.hypot(100, 900), pm(load), 1e-5);
    // Import / (import + output): the relative errors count 1 - 0.1 and -0.9 of theirs.
    Metric perLoad = figure(new Sites().jiangsu(), "15m", hybrid(one), "co2.per_load_kwh");
    double relative = 2 * 0.01 / Math.sqrt(3) * Math.hypot(0.9, 0.9);
    assertEquals(0.05827 * relative, pm(perLoad), 1e-6);
    assertNull(figure(new Sites(), "15m", hybrid(null), "elec.load.total").pm());
    assertNull(figure(new Sites().jiangsu(), "15m", hybrid(null), "co2.per_load_kwh").pm());
  }

  /** 100 kWh at the gate, and 900 from an inverter with panels and no battery. */
  private static List<Count> hybrid(@Nullable Accuracy inverter) {
    Meter gate = meter("grid", Role.GRID, new Accuracy(1, 0));
    Meter panels = meter("pv", Role.PV, inverter).on(Coupling.DC);
    return List.of(
        new Count(gate, Figure.GRID_IMPORT, kilowattHours(100), 1),
        new Count(gate, Figure.GRID_EXPORT, kilowattHours(0), 1),
        new Count(panels, Figure.PV_GENERATION, kilowattHours(930), 1),
        new Count(panels, Figure.HYBRID_OUTPUT, kilowattHours(900), 1));
  }

  /** Of next to nothing bought the carbon is rounded, and says nothing of what a kWh emits. */
  @Test
  void whatIsSoldHasTheFactorAndNotAQuotientOfRoundedTotals() {
    Meter gate = meter("grid", Role.GRID, new Accuracy(1, 0));
    List<Count> counts =
        List.of(
            new Count(gate, Figure.GRID_IMPORT, kilowattHours(0.000001), 1),
            new Count(gate, Figure.GRID_EXPORT, kilowattHours(100), 1),
            new Count(meter("pv", Role.PV, null), Figure.PV_GENERATION, kilowattHours(200), 1));
    Metric location = figure(new Sites().jiangsu(), "15m", counts, "co2.scope2.location");
    assertEquals(1, location.micros(), "the rounded quotient is 1 kg/kWh");
    Metric net = figure(new Sites().jiangsu(), "15m", counts, "co2.purchased_net");
    // 100 kWh x 1 % / sqrt 3 x 0.5827 kg/kWh, k = 2.
    assertEquals(0.672844, pm(net), 2e-6);
  }

  /** Nobody knows of what time what was sold is, and so not by which factor it counts. */
  @Test
  void netOfSeveralFactorsHasNone() {
    Meter gate = meter("grid", Role.GRID, new Accuracy(1, 0));
    List<Count> counts =
        List.of(
            new Count(gate, Figure.GRID_IMPORT, kilowattHours(200), 1),
            new Count(gate, Figure.GRID_EXPORT, kilowattHours(100), 1),
            new Count(meter("pv", Role.PV, null), Figure.PV_GENERATION, kilowattHours(200), 1));
    SequencedMap<String, Metric> sums = new LinkedHashMap<>();
    for (String name : List.of("co2.scope2.location", "co2.purchased_net", "co2.total")) {
      sums.put(name, carbon(60).by(List.of("old", "new")));
    }
    Map<String, FactorUsed> used =
        Map.of(
            "old", new FactorUsed("0.5", "kg/(kW.h)", "1", false),
            "new", new FactorUsed("0.6", "kg/(kW.h)", "1", false));
    Sites sites = new Sites().jiangsu().meter(gate, Kind.METER, List.of());
    Map<String, Metric> month =
        new SiteFigures(sites.site())
            .rollUp(new Counted("1M", START, counts, List.of()), sums, used)
            .metrics();
    assertNull(Objects.requireNonNull(month.get("co2.purchased_net")).pm());
    assertNotNull(Objects.requireNonNull(month.get("co2.scope2.location")).pm());
  }

  private static Metric carbon(double kilograms) {
    return new Metric(
        Math.round(kilograms * 1e6), "kg", Quality.MEASURED, 100, 0, IMPORT, null, null);
  }

  /** Each meter's error is brought to 0 °C as its own volume is. */
  @Test
  void gasOfDifferentReferenceIsScaledMeterByMeter() {
    Meter main = gas("main", 0, new Accuracy(3, 0));
    Meter boiler = gas("boiler", 20, new Accuracy(0.2, 0));
    List<Count> counts =
        List.of(
            new Count(main, Figure.GAS, cubicMetres(100), 1),
            new Count(boiler, Figure.GAS, cubicMetres(900), 1));
    // 2 / sqrt 3 x hypot(100 x 3 %, 900 x 0.2 % x 273.15 / 293.15).
    assertEquals(3.968709, pm(figure(new Sites(), "1d", counts, "fuel.gas.normal")), 2e-6);
  }

  private static Meter gas(String id, double celsius, Accuracy accuracy) {
    return Parts.meter(id, id, Role.GAS, 0, false, null, 0, Double.NaN, Double.NaN, celsius)
        .of(accuracy);
  }

  private static Metric cubicMetres(double amount) {
    return new Metric(Math.round(amount * 1e6), "m3", Quality.MEASURED, 100, 0, null, null, null);
  }

  private static Meter meter(String id, Role role, Node in, Node own) {
    double transformers =
        in.has("ct_class_pct") ? TruthCases.number(in.at("ct_class_pct")).doubleValue() : 0;
    return meter(id, role, new Accuracy(TruthCases.number(own).doubleValue(), transformers));
  }

  private static Meter meter(String id, Role role, @Nullable Accuracy accuracy) {
    return Parts.meter(id, id, role, 100, false, null, 0, Double.NaN, Double.NaN, Double.NaN)
        .of(accuracy);
  }

  private static Count count(Meter meter, Figure figure, Node in, String energy) {
    double amount = TruthCases.number(in.at(energy)).doubleValue();
    return new Count(meter, figure, kilowattHours(amount), step(in));
  }

  /** Where a case neglects the resolution, the finest step that a register can have. */
  private static long step(Node in) {
    return Math.max(1, TruthCases.micros(in, "register_step_kWh"));
  }

  private static Metric kilowattHours(double amount) {
    return new Metric(Math.round(amount * 1e6), "kW.h", Quality.MEASURED, 100, 0, null, null, null);
  }

  private static double classes(Meter meter) {
    return 100 * Objects.requireNonNull(meter.accuracy()).relative();
  }

  private static double standard(Count count) {
    return Objects.requireNonNull(UncertaintyBudget.of(count)).standard() / 1e6;
  }

  private static double value(Metric metric) {
    return Objects.requireNonNull(metric.micros()) / 1e6;
  }

  private static double pm(Metric metric) {
    return Objects.requireNonNull(metric.pm()) / 1e6;
  }

  private static double percent(Metric metric) {
    return 100 * pm(metric) / Math.abs(value(metric));
  }

  private static void expect(Node expected, double value) {
    assertEquals(
        expected.text(), TruthCases.like(expected, BigDecimal.valueOf(value)), expected.path());
  }

  private static void not(Node expected, String wrong, double value) {
    if (expected.has(wrong)) {
      Node node = expected.at(wrong);
      assertNotEquals(node.text(), TruthCases.like(node, BigDecimal.valueOf(value)), node.path());
    }
  }

  private static Factor factor(String value, @Nullable String percent) {
    LocalDate since = LocalDate.of(2025, 1, 1);
    return new Factor(
        "f",
        "electricity",
        "CN-JS",
        "location",
        "CO2",
        value,
        "kg/(kW.h)",
        2025,
        since,
        null,
        "d",
        "",
        "official",
        percent);
  }

  private static Metric figure(Sites sites, String length, List<Count> counts, String name) {
    Map<String, Meter> meters = new LinkedHashMap<>();
    counts.forEach(count -> meters.putIfAbsent(count.meter().id(), count.meter()));
    meters.values().forEach(meter -> sites.meter(meter, Kind.METER, List.of()));
    SiteFigures figures = new SiteFigures(sites.site());
    Counted counted = new Counted(length, START, counts, List.of());
    Map<String, Metric> metrics =
        length.equals("15m")
            ? figures.base(counted, figures.carried()).metrics()
            : figures.rollUp(counted, new LinkedHashMap<>(), Map.of()).metrics();
    return Objects.requireNonNull(metrics.get(name), name);
  }
}
