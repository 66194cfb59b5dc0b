package io.lingtan.agent.run;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs blocking calls of libraries beside a step, each on a short-lived daemon thread of its own,
 * so that one that hangs holds up nobody. At most {@code most} at a time; more are refused and
 * counted. An errand bounds its own waits and reports through an {@link Inbox}.
 */
public final class Errands {

  private final String name;
  private final Semaphore places;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong begun = new AtomicLong();

  public Errands(String name, int most) {
    this.name = name;
    this.places = new Semaphore(most);
  }

  /** Returns false, and counts it, when too many are still running. */
  public boolean run(Runnable errand) {
    if (!places.tryAcquire()) {
      refused.incrementAndGet();
      return false;
    }
    Thread.ofPlatform()
        .daemon()
        .name(name + "-" + begun.incrementAndGet())
        .start(
            () -> {
              try {
                errand.run();
              } finally {
                places.release();
              }
            });
    return true;
  }
}
