package io.lingtan.simulator.live;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Problem;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.SimulatedSite;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.scenario.Draw;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import io.lingtan.simulator.scenario.Targets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays the faults of a scenario on a site that real masters read: those of wires and meters. A
 * broker, a clock and a machine are the master's own, and nothing here can break them.
 *
 * @param planned how many faults of wires and meters will come
 * @param leftOut how many of the others the scenario has
 * @param problems what is wrong with the scenario; nothing is played then
 */
record LiveFaults(int planned, int leftOut, List<Problem> problems) {

  LiveFaults {
    problems = List.copyOf(problems);
  }

  /**
   * Adds them to the site.
   *
   * @throws IllegalArgumentException naming what the scenario wants to strike and the site has not
   */
  static LiveFaults add(Path file, SimulatedSite site, long seed) {
    ScenarioReader.Loaded loaded = ScenarioReader.load(file);
    Scenario scenario = loaded.scenario();
    if (scenario == null) {
      return new LiveFaults(0, 0, loaded.problems());
    }
    int added = 0;
    int left = 0;
    for (Planned one : Draw.of(scenario, seed, targets(site))) {
      Fault fault = one.fault(site.world().stepStart());
      if (fault instanceof WireFault || fault instanceof MeterFault) {
        site.faults().add(fault);
        added++;
      } else {
        left++;
      }
    }
    return new LiveFaults(added, left, List.of());
  }

  private static Targets targets(SimulatedSite site) {
    Map<Meter, List<Point>> silent = new LinkedHashMap<>();
    for (Endpoint endpoint : site.endpoints()) {
      endpoint.meters().forEach(meter -> silent.put(meter, meter.pointsWithSentinel()));
    }
    return Targets.of(site.site(), silent);
  }
}
