package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.simulator.scenario.Draw;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The search for a shorter scenario. */
class SuspectTest {

  private static final String TEXT =
      """
      lasts: 25m
      faults:
        - {kind: silence, on: house, at: 3m, for: 20s}
        - {kind: silence, on: gate, at: 5m, for: 20s}
      """;

  /** Looks at the clock so often before its time is over. */
  private static final class Patience implements Suspect.Limits {
    private final List<String> tried = new ArrayList<>();
    private int left;

    Patience(int left) {
      this.left = left;
    }

    @Override
    public int runs() {
      return 40;
    }

    @Override
    public boolean isOver() {
      return left-- <= 0;
    }

    @Override
    public void tried(int run, int faults, boolean fails) {
      tried.add(run + ": " + faults + " " + fails);
    }
  }

  /** A run that never gets its last messages. */
  private static Proof failed() {
    Scenario scenario =
        ScenarioReader.read(Path.of("x.yaml"), TEXT.getBytes(StandardCharsets.UTF_8)).scenario();
    assertNotNull(scenario);
    List<Planned> planned = Draw.of(scenario, 1, ProvedSite.of(scenario.site(), 1).targets());
    int[] taken = {0};
    Proof failed =
        Rehearsal.of(
            scenario, 1, planned, message -> ++taken[0] % 50 == 0 ? List.of() : List.of(message));
    assertFalse(failed.isGood());
    return failed;
  }

  @Test
  void aSearchWhoseTimeIsOverEndsInTheMiddleOfARunAndSaysWhatItHas() {
    Proof failed = failed();
    Patience patience = new Patience(2);
    Suspect suspect = Suspect.of(failed, patience);
    assertEquals(List.of(), patience.tried);
    assertEquals(failed.planned(), suspect.faults());
    assertEquals(0, suspect.runs());
  }

  @Test
  void eachRunIsTold() {
    Patience patience = new Patience(Integer.MAX_VALUE);
    Suspect.of(failed(), patience);
    assertEquals("1: 0 false", patience.tried.getFirst());
    assertEquals(3, patience.tried.size());
  }
}
