package io.lingtan.agent.run;

import java.time.Duration;
import java.util.concurrent.ExecutorService;

/**
 * Keeps the heap near what is in use. The serial collector lets the old generation grow up to
 * {@code -Xmx} before it looks what of it is garbage: a gateway would hold 48 MB for 7.
 */
public final class Heap {

  private static final Duration EVERY = Duration.ofMinutes(1);

  /** What may be garbage before it is worth a collection of some tens of milliseconds. */
  private static final long MOST_GARBAGE = 3L << 20;

  private long kept;

  private Heap() {}

  /** Looks after it each minute until it is shut down. */
  public static ExecutorService lookAfter() {
    return Threads.every(EVERY, "heap", new Heap()::look);
  }

  private void look() {
    if (used() > kept + MOST_GARBAGE) {
      System.gc();
      kept = used();
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
