package io.lingtan.agent.status;

import com.sun.net.httpserver.HttpExchange;
import io.lingtan.agent.run.Threads;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The answers that are under way. Whoever takes one too slowly is cut off: an answer may wait for
 * its reader as many ticks as it was given, and one more for each {@value TimedExchange#PER_TICK}
 * bytes that were taken. Thread-safe.
 */
final class OpenAnswers implements AutoCloseable {

  private final Set<TimedExchange> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService clock;
  private final AtomicLong cut = new AtomicLong();
  private final Runnable beside;
  private final AtomicLong tick = new AtomicLong();

  /**
   * @param period of a tick
   * @param beside what else is done at each tick; what it throws goes to the log
   */
  OpenAnswers(Duration period, Runnable beside) {
    this.beside = beside;
    this.clock = Threads.every(period, "the clock of answers", this::look);
  }

  private void look() {
    long now = tick.incrementAndGet();
    for (TimedExchange each : open) {
      if (each.cutIfLate(now)) {
        cut.incrementAndGet();
      }
    }
    beside.run();
  }

  /**
   * Has an answer watched until it is closed.
   *
   * @param ticks that it may wait for its reader
   */
  TimedExchange watch(HttpExchange exchange, int ticks) {
    TimedExchange timed = new TimedExchange(exchange, this, ticks);
    open.add(timed);
    return timed;
  }

  void over(TimedExchange timed) {
    open.remove(timed);
  }

  long tick() {
    return tick.get();
  }

  /** Those that were cut off since start. */
  long cut() {
    return cut.get();
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
