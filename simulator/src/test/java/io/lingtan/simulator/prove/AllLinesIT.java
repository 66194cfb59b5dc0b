package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The agent against a site with one of every kind of line, and what goes wrong on each. */
class AllLinesIT {

  /** Below, six hours for each of so many seeds: about a minute of two cores. */
  private static final int SEEDS = 6;

  private static Scenario scenario(String name) {
    ScenarioReader.Loaded loaded =
        ScenarioReader.load(Path.of("..", "config", "scenarios", name + ".yaml"));
    Scenario scenario = loaded.scenario();
    assertNotNull(scenario, () -> loaded.problems().toString());
    return scenario;
  }

  @Test
  void whereNothingGoesWrongEveryFigureIsMeasuredAndExact() {
    Scenario calm = scenario("calm").on("all-lines").lasting(2 * 3_600_000L);
    Proof proof = Rehearsal.of(calm, 3, Rehearsal.Watch.nobody());
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(proof.account().values() > 50_000, () -> proof.account().values() + " values");
  }

  @Test
  @Tag("campaign")
  void sixHoursOfSeveralSeedsPassAndEveryKindOfFaultOfTheScenarioStrikes() throws Exception {
    Scenario scenario = scenario("all-lines");
    Set<String> struck = new TreeSet<>();
    List<String> failed = new ArrayList<>();
    new Campaign(scenario, Runtime.getRuntime().availableProcessors())
        .run(
            1,
            SEEDS,
            proof -> {
              struck.addAll(proof.strikes().keySet());
              if (!proof.isGood()) {
                failed.add(ProofText.of(proof));
              }
            });
    assertEquals(List.of(), failed);
    Set<String> own = new TreeSet<>();
    scenario.rules().forEach(rule -> own.add(rule.kind().name()));
    own.removeAll(struck);
    assertEquals(Set.of(), own, "never struck");
  }
}
