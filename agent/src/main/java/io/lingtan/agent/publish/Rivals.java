package io.lingtan.agent.publish;

import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Another client with our id: the broker ends our connection (MQTT 5.0, section 4.13.1, reason
 * 0x8E) each time it connects, and its own when we do. Two that both come back at once would take
 * turns many times a second and deliver little but births, so each keeps away longer and longer:
 * half of 10 s doubling to 5 min, the other half drawn. What is kept meanwhile goes out in turns.
 *
 * <p>An hour without it, and it is over.
 */
final class Rivals {

  static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
  static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  static final Duration OVER = Duration.ofHours(1);

  /** One may have been a mistake that somebody mended at once. */
  private static final int TOLD_FROM = 2;

  private final RandomGenerator random;
  private final Notices notices;
  private int times;
  private long pauseNanos;
  private MonotonicInstant last = MonotonicInstant.NEVER;
  private MonotonicInstant tellAgain = new MonotonicInstant(0);

  Rivals(RandomGenerator random, Notices notices) {
    this.random = random;
    this.notices = notices;
  }

  /** It has taken our connection. Returns the earliest time at which to take it back. */
  MonotonicInstant tookOver(String server, MonotonicInstant now) {
    if (times == 0 || now.nanosSince(last) >= OVER.toNanos()) {
      times = 0;
      pauseNanos = FIRST_PAUSE.toNanos();
      tellAgain = now;
    }
    times++;
    last = now;
    long half = pauseNanos / 2;
    long pause = half + random.nextLong(half + 1);
    pauseNanos = Math.min(pauseNanos * 2, LONGEST_PAUSE.toNanos());
    if (times >= TOLD_FROM && !now.isBefore(tellAgain)) {
      tellAgain = now.plus(OVER);
      notices.tell(
          Event.of("uplink.rival", Severity.ALARM)
              .with("server", server)
              .with("times", (long) times)
              .with("pause_ms", pause / 1_000_000));
    }
    return now.plusNanos(pause);
  }
}
