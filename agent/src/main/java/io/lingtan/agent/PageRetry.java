package io.lingtan.agent;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import java.time.Duration;

/**
 * Tries to open a status page that could not be opened: its address may come with the network, its
 * port be left by whoever has it. Each {@value #SECONDS} s, for as long as it takes.
 */
final class PageRetry implements Step {

  private static final int SECONDS = 5;

  private final Runnable opens;
  private final Waiter waiter = Waiter.parking();
  private MonotonicInstant next;

  /**
   * @param opens tries once, if there is something to open
   */
  PageRetry(Runnable opens, MonotonicInstant now) {
    this.opens = opens;
    this.next = now.plus(Duration.ofSeconds(SECONDS));
  }

  @Override
  public String name() {
    return "page";
  }

  @Override
  public Waiter waiter() {
    return waiter;
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
    opens.run();
    next = now.plus(Duration.ofSeconds(SECONDS));
    return 1;
  }

  @Override
  public void close() {}
}
