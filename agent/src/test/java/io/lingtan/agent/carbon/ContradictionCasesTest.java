package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

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
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Counts that cannot all be true, and those next to them that can. */
final class ContradictionCasesTest {

  private static final long START = 1_764_060_300_000L;

  private static final Meter GRID = meter("grid", Role.GRID, 0);
  private static final Meter PV = meter("pv", Role.PV, 0);

  private static Meter meter(String id, Role role, double capacity) {
    return Parts.meter(
        id, id, role, 100, false, null, capacity, Double.NaN, Double.NaN, Double.NaN);
  }

  /** Of each row what is given and what is expected. */
  private record Row(Node in, Node expected) {}

  private static List<Row> rows(String kind) {
    List<Row> rows = new ArrayList<>();
    for (Node each : TruthCases.of(kind)) {
      List<Node> in = each.at("inputs").at("rows").list();
      List<Node> expected = each.at("expected").at("rows").list();
      assertEquals(in.size(), expected.size(), each.path());
      for (int i = 0; i < in.size(); i++) {
        rows.add(new Row(in.get(i), expected.get(i)));
      }
    }
    assertFalse(rows.isEmpty());
    return rows;
  }

  /** One device whose registers have one step: panels, battery and AC of a hybrid inverter. */
  @Test
  void aHybridThatGivesMoreThanWentInIsContradicted() {
    Meter panels = hybrid("pv", Role.PV, Coupling.DC);
    Meter battery = hybrid("bat", Role.BATTERY, Coupling.DC);
    Meter busbar = hybrid("inv", Role.PV, Coupling.AC);
    for (Row row : rows("hybrid_check")) {
      long step = TruthCases.micros(row.in, "register_step_kWh");
      List<Count> behind = new ArrayList<>();
      behind.add(step(panels, Figure.PV_GENERATION, row.in, "pv_dc_kWh", step));
      behind.add(step(battery, Figure.BATTERY_CHARGE, row.in, "charge_dc_kWh", step));
      behind.add(step(battery, Figure.BATTERY_DISCHARGE, row.in, "discharge_dc_kWh", step));
      behind.add(step(busbar, Figure.HYBRID_OUTPUT, row.in, "ac_out_kWh", step));
      behind.add(step(busbar, Figure.HYBRID_INPUT, row.in, "ac_in_kWh", step));
      assertEquals(TruthCases.micros(row.expected, "tolerance_kWh"), Contradiction.steps(behind));
      behind.add(0, count(GRID, Figure.GRID_IMPORT, measured(0, "kW.h")));
      behind.add(1, count(GRID, Figure.GRID_EXPORT, measured(0, "kW.h")));
      Map<String, Metric> figures =
          figures("15m", behind, List.of(), List.of(GRID, panels, battery, busbar));
      Metric loss = figures.get("elec.hybrid.loss");
      assertNotNull(loss);
      assertEquals(TruthCases.micros(row.expected, "loss_kWh"), loss.micros());
      assertEquals(
          row.expected.at("verdict").text().equals("contradiction"),
          loss.quality() == Quality.SUSPECT,
          row.in.path());
    }
  }

  private static Meter hybrid(String id, Role role, Coupling coupling) {
    var parts = new MeterParts();
    parts.ratedKw = 100;
    parts.capacityKwh = 0;
    parts.coupling = coupling;
    return parts.meter(id, "inverter", role);
  }

  private static Count step(Meter meter, Figure figure, Node in, String name, long step) {
    return new Count(meter, figure, measured(TruthCases.micros(in, name), "kW.h"), step);
  }

  @Test
  void exportNeedsASource() {
    for (Row row : rows("export_without_source")) {
      long unexplained =
          Contradiction.unexplainedExport(
              TruthCases.micros(row.in, "pv_kWh"),
              TruthCases.micros(row.in, "discharge_kWh"),
              TruthCases.micros(row.in, "chp_kWh"),
              TruthCases.micros(row.in, "export_kWh"));
      assertEquals(TruthCases.micros(row.expected, "unexplained_export_kWh"), unexplained);
      boolean without =
          Contradiction.isWithoutSource(unexplained, TruthCases.micros(row.in, "tolerance_kWh"));
      assertEquals(
          row.expected.at("export_without_source").text().equals("yes"), without, row.in.path());
    }
  }

  @Test
  void aRoundTripIsJudgedWithWhatStayedInTheBattery() {
    for (Row row : rows("round_trip")) {
      double capacity = TruthCases.number(row.in.at("capacity_kWh")).doubleValue();
      Meter battery = meter("bat", Role.BATTERY, capacity);
      Map<String, Metric> day =
          figures(
              "1d",
              List.of(
                  count(battery, Figure.BATTERY_CHARGE, row.in, "charge_kWh"),
                  count(battery, Figure.BATTERY_DISCHARGE, row.in, "discharge_kWh")),
              List.of(
                  new Level(
                      battery,
                      Level.Kind.SOC,
                      measured(TruthCases.micros(row.in, "soc_start_pct"), "%"),
                      measured(TruthCases.micros(row.in, "soc_end_pct"), "%"))),
              List.of(GRID, PV, battery));
      expect(row.expected.at("raw_pct"), day.get("storage.rte_raw"));
      Metric corrected = day.get("storage.rte_corrected");
      expect(row.expected.at("corrected_pct"), corrected);
      assertNotNull(corrected);
      String verdict =
          corrected.micros() == null
              ? "absent"
              : corrected.quality() == Quality.SUSPECT ? "contradiction" : "ok";
      assertEquals(row.expected.at("verdict").text(), verdict, row.in.path());
    }
  }

  @Test
  void selfConsumptionIsNeverBelowNothing() {
    for (Row row : rows("self_consumption")) {
      Meter battery = meter("bat", Role.BATTERY, 0);
      Map<String, Metric> figures =
          figures(
              "15m",
              List.of(
                  count(GRID, Figure.GRID_IMPORT, row.in, "import_kWh"),
                  count(GRID, Figure.GRID_EXPORT, row.in, "export_kWh"),
                  count(PV, Figure.PV_GENERATION, row.in, "pv_kWh"),
                  count(battery, Figure.BATTERY_CHARGE, row.in, "charge_kWh"),
                  count(battery, Figure.BATTERY_DISCHARGE, row.in, "discharge_kWh")),
              List.of(),
              List.of(GRID, PV, battery));
      Metric own = figures.get("kpi.self_consumption");
      assertNotNull(own);
      Long micros = own.micros();
      Node expected = row.expected.at("self_consumption_pct");
      if (expected.text().equals("absent")) {
        assertNull(micros, expected.path());
      } else {
        assertNotNull(micros, expected.path());
        assertEquals(
            expected.text(),
            TruthCases.like(expected, BigDecimal.valueOf(micros, 4)),
            expected.path());
      }
      Metric load = figures.get("elec.load.total");
      assertNotNull(load);
      boolean wrong = load.quality() == Quality.SUSPECT;
      assertEquals(row.expected.at("verdict").text().equals("contradiction"), wrong);
    }
  }

  private static void expect(Node expected, @Nullable Metric figure) {
    Long micros = figure == null ? null : figure.micros();
    if (expected.text().equals("absent")) {
      assertNull(micros, expected.path());
    } else {
      assertNotNull(micros, expected.path());
      assertEquals(expected.text(), TruthCases.like(expected, BigDecimal.valueOf(micros, 6)));
    }
  }

  private static Count count(Meter meter, Figure figure, Node in, String name) {
    return count(meter, figure, measured(TruthCases.micros(in, name), "kW.h"));
  }

  private static Count count(Meter meter, Figure figure, Metric amount) {
    return new Count(meter, figure, amount);
  }

  private static Metric measured(long micros, String ucum) {
    return new Metric(micros, ucum, Quality.MEASURED, 100, 0, null, null, null);
  }

  private static Map<String, Metric> figures(
      String length, List<Count> counts, List<Level> levels, List<Meter> meters) {
    Sites sites = new Sites();
    for (Meter meter : meters) {
      sites.meter(meter, Kind.METER, List.of());
    }
    SiteFigures figures = new SiteFigures(sites.site());
    Counted counted = new Counted(length, START, counts, levels);
    return length.equals("15m")
        ? figures.base(counted, figures.carried()).metrics()
        : figures.rollUp(counted, new LinkedHashMap<>(), Map.of()).metrics();
  }
}
