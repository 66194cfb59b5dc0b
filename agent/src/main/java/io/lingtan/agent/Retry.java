package io.lingtan.agent;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import java.time.Duration;

/** Tries again what could not be done at the start: each {@value #SECONDS} s, however long. */
final class Retry extends NamedStep {

  private static final int SECONDS = 5;

  private final Runnable task;
  private MonotonicInstant next;

  /**
   * @param task tries once, if there still is something to do; what it throws is shown as the
   *     step's failure
   */
  Retry(String name, Runnable task, MonotonicInstant now) {
    super(name);
    this.task = task;
    this.next = now.plus(Duration.ofSeconds(SECONDS));
  }

  @Override
  public MonotonicInstant due() {
    return next;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(next)) {
      return 0;
    }
    next = now.plus(Duration.ofSeconds(SECONDS));
    task.run();
    return 1;
  }
}
