package io.lingtan.agent.run;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a step's thread waits on while there is nothing to do: parking for most, a selector or a
 * serial port for a line. Spurious returns are fine.
 */
public interface Waiter {

  /**
   * Waits until something may have arrived, or {@code nanos} have passed. Step's own thread only.
   */
  void await(long nanos);

  /** Ends a wait. Any thread; remembered when nobody waits yet. */
  void wake();

  /** A waiter that parks the thread. */
  static Waiter parking() {
    return new Waiter() {
      private volatile @Nullable Thread sleeper;

      @Override
      public void await(long nanos) {
        // A wake-up before the park leaves the thread's permit set, so it is not lost once the
        // sleeper is known; the first call ever returns at once to close that window.
        if (sleeper != Thread.currentThread()) {
          sleeper = Thread.currentThread();
          return;
        }
        LockSupport.parkNanos(this, nanos);
      }

      @Override
      public void wake() {
        LockSupport.unpark(sleeper);
      }
    };
  }

  /**
   * A waiter for what comes in a stream and need not be taken up one by one: each wait lasts for
   * {@code rest} at least, and only what comes after that wakes the thread. To wake a thread costs
   * more than most of what it then does.
   */
  static Waiter gathering(Duration rest) {
    return new Waiter() {
      private final Waiter parking = parking();
      private volatile boolean parked;
      private volatile boolean woken;

      @Override
      public void await(long nanos) {
        long least = Math.min(nanos, rest.toNanos());
        try {
          Thread.sleep(Duration.ofNanos(least));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        parked = true;
        if (!woken && nanos > least) {
          parking.await(nanos - least);
        }
        parked = false;
        woken = false;
      }

      @Override
      public void wake() {
        woken = true;
        if (parked) {
          parking.wake();
        }
      }
    };
  }
}
