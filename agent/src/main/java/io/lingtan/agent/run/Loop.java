package io.lingtan.agent.run;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one {@link Step} on one named platform thread until stopped.
 *
 * <p>A step that throws is a fault of ours: it is counted, logged once per kind, and the step is
 * called again after a pause that doubles from 1 s to 20 s, so that one broken stage does not take
 * the others with it and does not spin, and whoever asks how it is sees it move. An {@link Error}
 * ends the process: what a step holds after it is nobody's to say, and a stage that is gone alone
 * would be missed by nobody.
 */
public final class Loop {

  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final long LONGEST_WAIT_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration LONGEST_FINISH = Duration.ofSeconds(2);
  private static final long FINISH_WAIT_NANOS = Duration.ofMillis(20).toNanos();
  private static final long FIRST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(20).toNanos();

  private final Step step;
  private final Time time;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile MonotonicInstant lastStep;
  private final AtomicLong failures = new AtomicLong();
  private volatile @Nullable String lastFailure;

  /** Since when every call has thrown that had something to do. */
  private volatile @Nullable MonotonicInstant failingSince;

  public Loop(Step step, Time time) {
    this.step = step;
    this.time = time;
    this.lastStep = time.now();
    this.thread = Thread.ofPlatform().name(step.name()).unstarted(this::runOrEnd);
  }

  public Loop start() {
    thread.start();
    return this;
  }

  private void runOrEnd() {
    try {
      run();
    } catch (Error e) {
      Threads.endProcess(step.name(), e);
    }
  }

  private void run() {
    long pause = 0;
    while (!stopping) {
      try {
        MonotonicInstant now = time.now();
        lastStep = now;
        MonotonicInstant due = failingSince == null ? now : step.due();
        int done = step.step(now);
        if (done > 0 || !isTooEarly(due, now)) {
          pause = 0;
          failingSince = null;
        }
        if (done == 0) {
          long wait = step.due().nanosSince(time.now());
          if (wait > 0 && !stopping) {
            step.waiter().await(Math.min(wait, LONGEST_WAIT_NANOS));
          }
        }
      } catch (RuntimeException e) {
        pause = Math.clamp(pause * 2, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
        failed(e);
        pauseFor(pause);
      }
    }
    try {
      finish();
      step.close();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /**
   * Whether a call that did nothing shows nothing, either: a step that sets its next time before
   * its work, and then throws, has nothing to do until that time has come.
   *
   * @param due of the step before the call
   */
  private boolean isTooEarly(MonotonicInstant due, MonotonicInstant now) {
    return due.isAfter(now) && !due.equals(MonotonicInstant.NEVER) && due.equals(step.due());
  }

  /** Lets the step bring to an end what it has begun, for a bounded time. */
  private void finish() {
    MonotonicInstant until = time.now().plus(LONGEST_FINISH);
    while (!step.isFinished() && time.now().isBefore(until)) {
      if (step.step(time.now()) == 0) {
        step.waiter().await(FINISH_WAIT_NANOS);
      }
    }
  }

  private void failed(RuntimeException e) {
    failures.incrementAndGet();
    String kind = e.toString();
    if (!kind.equals(lastFailure)) {
      log.error("{} failed and will be tried again: {}", step.name(), kind, e);
    }
    lastFailure = kind;
    if (failingSince == null) {
      failingSince = time.now();
    }
  }

  private void pauseFor(long nanos) {
    MonotonicInstant until = time.now().plusNanos(nanos);
    while (!stopping && time.now().isBefore(until)) {
      LockSupport.parkNanos(this, until.nanosSince(time.now()));
    }
  }

  /** Asks the step to end, without waiting. */
  public void askToStop() {
    stopping = true;
    step.waiter().wake();
    LockSupport.unpark(thread);
  }

  /** Asks the step to end and waits for it; returns whether it ended in time. */
  public boolean stop(Duration atMost) {
    askToStop();
    try {
      return thread.join(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What a person or a watchdog should know of it. */
  public Health health() {
    return new Health(
        step.name(), thread.isAlive(), lastStep, failures.get(), lastFailure, failingSince);
  }

  /**
   * @param lastStep when the step was last entered; an old one means that it hangs
   * @param failures exceptions since start
   * @param failingSince when the first call threw after which none that had something to do has
   *     succeeded; null if the last one did
   */
  public record Health(
      String name,
      boolean alive,
      MonotonicInstant lastStep,
      long failures,
      @Nullable String lastFailure,
      @Nullable MonotonicInstant failingSince) {}
}
