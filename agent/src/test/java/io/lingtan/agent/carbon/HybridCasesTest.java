package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.testing.MeterParts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Intervals and days of a hybrid inverter, from what is counted to flows and shares. */
final class HybridCasesTest {

  private static final long START = 1_764_060_300_000L;

  static List<Node> intervals() {
    return TruthCases.of("hybrid_interval");
  }

  static List<Node> days() {
    return TruthCases.of("hybrid_day");
  }

  private static Meter meter(String id, Role role, Coupling side, double capacity) {
    var parts = new MeterParts();
    parts.ratedKw = 100;
    parts.capacityKwh = capacity;
    parts.coupling = side;
    return parts.meter(id, id, role);
  }

  private static Map<String, Metric> figures(Node in, String length) {
    double capacity =
        in.has("capacity_kWh") ? TruthCases.number(in.at("capacity_kWh")).doubleValue() : 0;
    Meter grid = meter("grid", Role.GRID, Coupling.AC, 0);
    Meter pv = meter("pv", Role.PV, Coupling.DC, 0);
    Meter battery = meter("bat", Role.BATTERY, Coupling.DC, capacity);
    List<Count> counts = new ArrayList<>();
    counts.add(count(grid, Figure.GRID_IMPORT, in, "import_kWh"));
    counts.add(count(grid, Figure.GRID_EXPORT, in, "export_kWh"));
    counts.add(count(pv, Figure.PV_GENERATION, in, "pv_dc_kWh"));
    counts.add(count(pv, Figure.HYBRID_OUTPUT, in, "ac_out_kWh"));
    counts.add(count(pv, Figure.HYBRID_INPUT, in, "ac_in_kWh"));
    counts.add(count(battery, Figure.BATTERY_CHARGE, in, "charge_dc_kWh"));
    counts.add(count(battery, Figure.BATTERY_DISCHARGE, in, "discharge_dc_kWh"));
    List<Level> levels = new ArrayList<>();
    if (in.has("soc_start_pct")) {
      levels.add(
          new Level(
              battery,
              Level.Kind.SOC,
              measured(TruthCases.micros(in, "soc_start_pct"), "%"),
              measured(TruthCases.micros(in, "soc_end_pct"), "%")));
    }
    Sites sites = new Sites();
    for (Meter meter : List.of(grid, pv, battery)) {
      sites.meter(meter, Kind.METER, List.of());
    }
    SiteFigures figures = new SiteFigures(sites.site());
    Counted counted = new Counted(length, START, counts, levels);
    return length.equals("15m")
        ? figures.base(counted, figures.carried()).metrics()
        : figures.rollUp(counted, new LinkedHashMap<>(), Map.of()).metrics();
  }

  private static Count count(Meter meter, Figure figure, Node in, String name) {
    return new Count(meter, figure, measured(TruthCases.micros(in, name), "kW.h"));
  }

  private static Metric measured(long micros, String ucum) {
    return new Metric(micros, ucum, Quality.MEASURED, 100, 0, null, null, null);
  }

  private static BigDecimal of(Map<String, Metric> figures, String name) {
    Metric metric = figures.get(name);
    assertNotNull(metric, () -> name + " of " + figures.keySet());
    Long micros = metric.micros();
    assertNotNull(micros, () -> name + ": " + metric.why());
    assertEquals(Quality.MEASURED, metric.quality(), name);
    return BigDecimal.valueOf(micros, 6);
  }

  private static void expect(Node expected, String name, BigDecimal value) {
    Node node = expected.at(name);
    assertEquals(node.text(), TruthCases.like(node, value), node.path());
  }

  private static BigDecimal share(BigDecimal part, BigDecimal whole) {
    return part.divide(whole, 12, java.math.RoundingMode.HALF_UP);
  }

  @ParameterizedTest
  @MethodSource("intervals")
  void whoFedWhomThroughAHybrid(Node each) {
    Map<String, Metric> figures = figures(each.at("inputs"), "15m");
    Node expected = each.at("expected");
    energies(figures, expected);
    expect(expected, "battery_charge_kWh", of(figures, "elec.battery.charge"));
    expect(expected, "battery_discharge_kWh", of(figures, "elec.battery.discharge"));
    Node flows = expected.at("flow_kWh");
    for (String flow : flows.names()) {
      BigDecimal value =
          switch (flow) {
            case "grid_to_battery_ac" -> of(figures, "flow.grid_to_battery");
            case "grid_to_battery_dc" ->
                of(figures, "elec.battery.charge").subtract(of(figures, "flow.pv_to_battery"));
            default -> of(figures, "flow." + flow);
          };
      expect(flows, flow, value);
    }
    expect(expected, "self_sufficiency", of(figures, "kpi.self_sufficiency"));
    if (expected.at("self_consumption").text().equals("absent")) {
      Metric own = figures.get("kpi.self_consumption");
      assertEquals(null, own == null ? null : own.micros());
      return;
    }
    BigDecimal own = of(figures, "kpi.self_consumption");
    BigDecimal pv = of(figures, "elec.pv.generation");
    BigDecimal exported = share(of(figures, "flow.pv_to_grid"), pv);
    BigDecimal lost = share(of(figures, "flow.pv_to_loss"), pv);
    expect(expected, "self_consumption", own);
    expect(expected, "pv_share_exported", exported);
    expect(expected, "pv_share_lost", lost);
    assertEquals(1, own.add(exported).add(lost).doubleValue(), 1e-5);
    assertFalse(intervals().isEmpty());
  }

  private static void energies(Map<String, Metric> figures, Node expected) {
    expect(expected, "pv_generation_kWh", of(figures, "elec.pv.generation"));
    expect(expected, "loss_kWh", of(figures, "elec.hybrid.loss"));
    expect(expected, "load_kWh", of(figures, "elec.load.total"));
  }

  @ParameterizedTest
  @MethodSource("days")
  void aDayOfAHybrid(Node each) {
    Map<String, Metric> figures = figures(each.at("inputs"), "1d");
    Node expected = each.at("expected");
    energies(figures, expected);
    expect(expected, "round_trip_raw_pct", of(figures, "storage.rte_raw"));
    expect(expected, "round_trip_corrected_pct", of(figures, "storage.rte_corrected"));
    expect(expected, "conversion_efficiency_pct", of(figures, "elec.hybrid.efficiency"));
  }
}
