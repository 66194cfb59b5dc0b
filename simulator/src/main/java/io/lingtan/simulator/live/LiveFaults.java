package io.lingtan.simulator.live;

import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.scenario.Draw;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import io.lingtan.simulator.scenario.Targets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays the faults of a scenario on a site that real masters read: those of wires and meters. A
 * broker, a clock and a machine are the master's own, and nothing here can break them.
 *
 * @param planned how many faults of wires and meters will come
 * @param leftOut how many of the others the scenario has
 * @param problems what is wrong with the scenario; nothing is played if one of them is an error
 */
record LiveFaults(int planned, int leftOut, List<Problem> problems) {

  LiveFaults {
    problems = List.copyOf(problems);
  }

  boolean isPlayed() {
    return problems.stream().noneMatch(problem -> problem.severity() == Problem.Severity.ERROR);
  }

  /** Adds them to the site; none if anything is wrong with the scenario. */
  static LiveFaults add(Path file, SimulatedSite site, long seed) {
    ScenarioReader.Loaded loaded = ScenarioReader.load(file);
    Scenario scenario = loaded.scenario();
    if (scenario == null) {
      return new LiveFaults(0, 0, loaded.problems());
    }
    Targets targets = Targets.of(site);
    List<Problem> problems = new ArrayList<>(loaded.problems());
    problems.addAll(scenario.problems(targets));
    LiveFaults none = new LiveFaults(0, 0, problems);
    if (!none.isPlayed()) {
      return none;
    }
    int added = 0;
    int left = 0;
    for (Planned one : Draw.of(scenario, seed, targets)) {
      Fault fault = one.fault(site.world().stepStart());
      if (fault instanceof WireFault || fault instanceof MeterFault) {
        site.faults().add(fault);
        added++;
      } else {
        left++;
      }
    }
    return new LiveFaults(added, left, problems);
  }
}
