package io.lingtan.simulator.prove;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.VirtualTime;
import java.util.List;
import java.util.function.Consumer;

/**
 * Calls steps from one thread: all that have something to do, in flow order, until none has; then
 * time moves on to the moment at which the next one is due.
 */
public final class VirtualRun {

  /** A step that still has work after so many rounds without time passing would never end. */
  private static final int MOST_ROUNDS = 100_000;

  private final Step[] steps;
  private final Time time;
  private final Consumer<MonotonicInstant> advance;

  public VirtualRun(List<Step> steps, VirtualTime time) {
    this(steps, time, time::advanceTo);
  }

  /**
   * @param advance moves {@code time} on
   */
  public VirtualRun(List<Step> steps, Time time, Consumer<MonotonicInstant> advance) {
    this.steps = steps.toArray(Step[]::new);
    this.time = time;
    this.advance = advance;
  }

  /**
   * Runs until the clock shows {@code end}.
   *
   * @throws IllegalStateException if a step never becomes idle
   */
  public void until(MonotonicInstant end) {
    while (time.now().isBefore(end)) {
      settle();
      MonotonicInstant now = time.now();
      MonotonicInstant next = end;
      for (Step step : steps) {
        next = next.min(step.due());
      }
      // A step may say that it is due now though it was idle just now: time has to pass.
      advance.accept(next.isAfter(now) ? next : now.plusMillis(1));
    }
  }

  private void settle() {
    MonotonicInstant now = time.now();
    // A step sees what others have left it: all have to be idle, one after the other.
    int idle = 0;
    for (int turn = 0; turn < MOST_ROUNDS * steps.length; turn++) {
      if (steps[turn % steps.length].step(now) > 0) {
        idle = 0;
      } else if (++idle == steps.length) {
        return;
      }
    }
    throw new IllegalStateException("a step is never idle at " + now.millis() + " ms");
  }

  /** Ends the steps in flow order, letting each see what those before it left. */
  public void close() {
    for (int i = 0; i < steps.length; i++) {
      steps[i].close();
      for (int later = i + 1; later < steps.length; later++) {
        for (int round = 0; round < MOST_ROUNDS && steps[later].step(time.now()) > 0; round++) {
          // until it is idle
        }
      }
    }
  }
}
