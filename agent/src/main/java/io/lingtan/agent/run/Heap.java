package io.lingtan.agent.run;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the heap near what is in use. The serial collector lets the old generation grow up to
 * {@code -Xmx} before it looks what of it is garbage: a gateway would hold 48 MB for 7. One thread.
 */
public final class Heap {

  private static final Duration EVERY = Duration.ofMinutes(1);

  /** What may be garbage before it is worth a collection of some tens of milliseconds. */
  private static final long MOST_GARBAGE = 3L << 20;

  private @Nullable MonotonicInstant next;
  private long kept;

  /** Collects, at most once a minute, where too much may be garbage; whether it did. */
  public boolean look(MonotonicInstant now) {
    if (next == null) {
      next = now.plus(EVERY);
    }
    if (now.isBefore(next) || used() <= kept + MOST_GARBAGE) {
      return false;
    }
    next = now.plus(EVERY);
    System.gc();
    kept = used();
    return true;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
