package io.lingtan.simulator.prove;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A step whose exceptions are reported, and which is then called again a second later, as the
 * agent's own loop does it.
 */
final class Guarded implements Step {

  private static final long PAUSE_MILLIS = 1_000;
  private static final int MOST_FRAMES = 4;

  private final Step step;
  private final MachineClock clock;
  private final Troubles troubles;
  private MonotonicInstant pausedUntil = new MonotonicInstant(0);

  Guarded(Step step, MachineClock clock, Troubles troubles) {
    this.step = step;
    this.clock = clock;
    this.troubles = troubles;
  }

  @Override
  public String name() {
    return step.name();
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(pausedUntil)) {
      return 0;
    }
    try {
      return step.step(now);
    } catch (RuntimeException e) {
      failed(e);
      pausedUntil = now.plusMillis(PAUSE_MILLIS);
      return 0;
    }
  }

  private void failed(RuntimeException e) {
    String where =
        Arrays.stream(e.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("io.lingtan"))
            .limit(MOST_FRAMES)
            .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
            .collect(Collectors.joining(" "));
    troubles.happened(clock.worldMillis(), name() + " (" + e + " at " + where + ")");
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant due = step.due();
    return due.isBefore(pausedUntil) ? pausedUntil : due;
  }

  @Override
  public boolean isFinished() {
    return step.isFinished();
  }

  @Override
  public Waiter waiter() {
    return step.waiter();
  }

  @Override
  public void close() {
    try {
      step.close();
    } catch (RuntimeException e) {
      failed(e);
    }
  }
}
