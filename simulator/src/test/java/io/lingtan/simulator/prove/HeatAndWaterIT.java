package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The agent against heat and water meters of CJ/T 188 on serial lines, and their lines' faults. */
class HeatAndWaterIT {

  private static Proof proof(String scenario, int seed) {
    ScenarioReader.Loaded loaded =
        ScenarioReader.load(Path.of("..", "config", "scenarios", scenario + ".yaml"));
    Scenario found = loaded.scenario();
    assertNotNull(found, () -> loaded.problems().toString());
    return Rehearsal.of(
        found.on("heat-and-water").lasting(2 * 3_600_000L), seed, Rehearsal.Watch.nobody());
  }

  @Test
  void whereNothingGoesWrongEveryFigureIsMeasuredAndExact() {
    Proof proof = proof("calm", 3);
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(proof.account().values() > 2_000, () -> proof.account().values() + " values");
  }

  @Test
  void whatGoesWrongOnTheirLinesMakesNoWrongNumber() {
    Proof proof = proof("heat-and-water", 4);
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(proof.strikes().size() > 3, () -> "struck: " + proof.strikes());
  }

  @Test
  void aLateReplyIsNeverTakenForTheNextOne() {
    Proof proof = proof("late-replies", 5);
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(proof.strikes().size() > 0, () -> "struck: " + proof.strikes());
  }
}
