package io.lingtan.simulator.prove;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.VirtualTime;
import java.util.List;

/**
 * Calls steps from one thread: all that have something to do, in flow order, until none has; then
 * time moves on to the moment at which the next one is due.
 */
public final class VirtualRun {

  /** A step that still has work after so many rounds without time passing would never end. */
  private static final int MOST_ROUNDS = 100_000;

  private final List<Step> steps;
  private final VirtualTime time;

  public VirtualRun(List<Step> steps, VirtualTime time) {
    this.steps = List.copyOf(steps);
    this.time = time;
  }

  /**
   * Runs until the clock shows {@code end}.
   *
   * @throws IllegalStateException if a step never becomes idle
   */
  public void until(MonotonicInstant end) {
    while (time.now().isBefore(end)) {
      settle();
      MonotonicInstant next = end;
      for (Step step : steps) {
        next = next.min(step.due());
      }
      // A step may say that it is due now though it was idle just now: time has to pass.
      time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusMillis(1));
    }
  }

  private void settle() {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      int done = 0;
      for (Step step : steps) {
        done += step.step(time.now());
      }
      if (done == 0) {
        return;
      }
    }
    throw new IllegalStateException("a step is never idle at " + time.now().millis() + " ms");
  }

  /** Ends the steps in flow order, letting each see what those before it left. */
  public void close() {
    for (Step step : steps) {
      step.close();
      settleAfter(step);
    }
  }

  private void settleAfter(Step closed) {
    for (Step step : steps.subList(steps.indexOf(closed) + 1, steps.size())) {
      for (int round = 0; round < MOST_ROUNDS && step.step(time.now()) > 0; round++) {
        // until it is idle
      }
    }
  }
}
