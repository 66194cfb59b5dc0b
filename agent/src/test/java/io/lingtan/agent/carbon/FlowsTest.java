package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.Flows.Energies;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class FlowsTest {

  static Energies energies(Node in) {
    return new Energies(
        in.at("grid_import").micros(),
        in.at("grid_export").micros(),
        in.at("pv").micros(),
        0,
        in.at("charge").micros(),
        in.at("discharge").micros());
  }

  /** The names that the published vectors use. */
  private static Map<String, Long> named(Flows flows) {
    Map<String, Long> named = new LinkedHashMap<>();
    named.put("grid_to_battery", flows.gridToBattery());
    named.put("battery_to_grid", flows.batteryToGrid());
    named.put("solar_to_battery", flows.pvToBattery());
    named.put("solar_to_grid", flows.pvToGrid());
    named.put("used_solar", flows.pvToLoad());
    named.put("used_battery", flows.batteryToLoad());
    named.put("used_grid", flows.gridToLoad());
    named.put("used_total", flows.pvToLoad() + flows.batteryToLoad() + flows.gridToLoad());
    return named;
  }

  private static void assertFlows(Node expected, Map<String, Long> flows) {
    for (String name : expected.names()) {
      assertEquals(expected.at(name).micros(), flows.get(name), expected.path() + " " + name);
    }
  }

  @Test
  void thePriorityRuleGivesThePublishedVectorsOfE07() {
    List<Node> cases = WorkedExamples.cases("E07");
    assertTrue(cases.size() >= 10, "only " + cases.size());
    for (Node example : cases) {
      Flows flows = Flows.of(Allocation.PRIORITY, energies(example.at("inputs")));
      assertFlows(example.at("expected"), named(flows));
    }
  }

  @Test
  void addingIntervalsIsNotTheSameAsAllocatingTheTotalE08() {
    Node example = WorkedExamples.example("E08");
    Map<String, Long> sums = new LinkedHashMap<>();
    Energies total = new Energies(0, 0, 0, 0, 0, 0);
    for (Node interval : example.at("inputs").at("intervals").list()) {
      Energies e = energies(interval);
      named(Flows.byPriority(e)).forEach((name, flow) -> sums.merge(name, flow, Long::sum));
      total =
          new Energies(
              total.gridImport() + e.gridImport(),
              total.gridExport() + e.gridExport(),
              total.pv() + e.pv(),
              total.chp() + e.chp(),
              total.charge() + e.charge(),
              total.discharge() + e.discharge());
    }
    assertFlows(example.at("expected").at("flows_sum"), sums);
    Map<String, Long> wrong = named(Flows.byPriority(total));
    assertFlows(example.at("expected").at("WRONG_if_run_on_totals"), wrong);
    assertNotEquals(wrong, sums);
  }

  @Test
  void bothRulesConserveEnergyToTheMilliwattHour() {
    long seed = 20_260_701L;
    System.out.println("FlowsTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    for (int round = 0; round < 20_000; round++) {
      long scale = 1L << random.nextInt(1, 50);
      long in = random.nextLong(scale);
      long pv = random.nextLong(scale);
      long chp = random.nextBoolean() ? 0 : random.nextLong(scale);
      long discharge = random.nextBoolean() ? 0 : random.nextLong(scale);
      long rest = in + pv + chp + discharge;
      long export = random.nextBoolean() ? 0 : random.nextLong(rest + 1);
      long charge = random.nextBoolean() ? 0 : random.nextLong(rest - export + 1);
      Energies energies = new Energies(in, export, pv, chp, charge, discharge);
      for (Allocation rule : Allocation.values()) {
        Flows f = Flows.of(rule, energies);
        String what = rule + " " + energies + " " + f;
        assertEquals(in, f.gridToLoad() + f.gridToBattery() + f.gridToGrid(), what);
        assertEquals(pv, f.pvToLoad() + f.pvToBattery() + f.pvToGrid(), what);
        assertEquals(chp, f.chpToLoad() + f.chpToBattery() + f.chpToGrid(), what);
        assertEquals(discharge, f.batteryToLoad() + f.batteryToBattery() + f.batteryToGrid(), what);
        assertEquals(
            energies.load(),
            f.gridToLoad() + f.pvToLoad() + f.chpToLoad() + f.batteryToLoad(),
            what);
        assertEquals(
            charge,
            f.gridToBattery() + f.pvToBattery() + f.chpToBattery() + f.batteryToBattery(),
            what);
        assertEquals(
            export, f.gridToGrid() + f.pvToGrid() + f.chpToGrid() + f.batteryToGrid(), what);
        for (long flow :
            new long[] {
              f.gridToLoad(), f.gridToBattery(), f.gridToGrid(),
              f.pvToLoad(), f.pvToBattery(), f.pvToGrid(),
              f.chpToLoad(), f.chpToBattery(), f.chpToGrid(),
              f.batteryToLoad(), f.batteryToBattery(), f.batteryToGrid()
            }) {
          assertTrue(flow >= 0, what);
        }
      }
    }
  }

  @Test
  void proportionalSharesAreInTheRatioOfTheSources() {
    Flows flows = Flows.proportional(new Energies(30, 0, 60, 0, 20, 10));
    assertEquals(new Flows(24, 6, 0, 48, 12, 0, 0, 0, 0, 8, 2, 0), flows);
  }
}
