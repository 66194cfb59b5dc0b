package io.lingtan.agent.run;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that are not a step's own. */
public final class Threads {

  private static final Logger log = LoggerFactory.getLogger(Threads.class);
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private static final int FAILED = 1;

  private Threads() {}

  /** One virtual thread for each task: for requests that mostly wait. */
  public static ExecutorService virtual(String name) {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
  }

  /**
   * At most {@code most} virtual threads for tasks now or later: for many clients of a library that
   * would start platform threads of its own for each. Further tasks wait.
   */
  public static ScheduledExecutorService virtualPool(String name, int most) {
    var pool =
        new ScheduledThreadPoolExecutor(most, Thread.ofVirtual().name(name + "-", 0).factory());
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  /**
   * Does something each period on a virtual thread of its own until it is shut down. What it throws
   * goes to the log, and it is done again all the same; an {@link Error} ends the process.
   */
  public static ExecutorService every(Duration period, String name, Runnable action) {
    ScheduledExecutorService clock = virtualPool(name, 1);
    Runnable guarded =
        () -> {
          try {
            action.run();
          } catch (RuntimeException e) {
            log.error("{} failed, and goes on", name, e);
          } catch (Error e) {
            endProcess(name, e);
          }
        };
    var _ =
        clock.scheduleWithFixedDelay(
            guarded, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    return clock;
  }

  /**
   * Interrupts what these threads do and waits for them to end, for a bounded time; who does not
   * end then is told in the log and left alone.
   */
  public static void end(String name, ExecutorService threads) {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        log.warn("what {} does did not end within {} s", name, LONGEST_END.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Does something in a thread of its own, and waits for it.
   *
   * @return what came of it; null if it has not come to its end in time, or by an exception
   */
  public static <T> @Nullable T within(String name, Duration atMost, Supplier<T> action) {
    AtomicReference<@Nullable T> made = new AtomicReference<>();
    Thread thread = Thread.ofPlatform().daemon().name(name).start(() -> made.set(action.get()));
    try {
      return thread.join(atMost) ? made.get() : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /**
   * Ends the process at once, with status 1, as a power cut would: without what usually happens at
   * an end, which may need what is broken. Whoever supervises it starts it anew.
   */
  static void endProcess(String name, Error why) {
    try {
      if (why instanceof Halt) {
        System.err.println("lingtan: " + why.getMessage());
      } else {
        log.error("{} failed with {}: the process ends, to be started anew", name, why, why);
      }
    } finally {
      Runtime.getRuntime().halt(FAILED);
    }
  }

  /** Threads for a library that must be handed its own: daemons, as many as asked for. */
  public static ScheduledExecutorService scheduled(String name, int threads) {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(
            threads, Thread.ofPlatform().daemon().name(name + "-", 0).factory());
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  /** Runs {@code action} when the process is asked to end (SIGTERM, SIGINT) or ends by itself. */
  public static void atShutdown(String name, Runnable action) {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name(name).unstarted(action));
  }
}
