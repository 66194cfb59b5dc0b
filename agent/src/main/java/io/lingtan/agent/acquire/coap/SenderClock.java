package io.lingtan.agent.acquire.coap;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What can be known of a sender's times by the calendar while our own clock is not trusted: how
 * long before its newest measurement an older one was, but not when that was. A message may come
 * from a cache and be hours old, so nothing of it is placed in time until the sender has measured
 * something newer than what it told first; from then on its freshest message is taken for one that
 * came at once. Line's thread.
 */
final class SenderClock {

  /** Older than anything that is taken for fresh. */
  static final long UNKNOWN_NANOS = Long.MAX_VALUE / 4;

  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

  private @Nullable BigDecimal first;
  private @Nullable BigDecimal ahead;
  private boolean moved;

  /**
   * A message came.
   *
   * @param newest the newest time by the calendar in it, s
   * @param now its arrival
   */
  void heard(BigDecimal newest, long now) {
    if (first == null) {
      first = newest;
    }
    moved = newest.compareTo(first) > 0;
    BigDecimal difference = newest.subtract(seconds(now));
    if (ahead == null || difference.compareTo(ahead) > 0) {
      ahead = difference;
    }
  }

  /**
   * How long ago something of the message heard last was measured, ns; {@link #UNKNOWN_NANOS} if
   * that is not known.
   */
  long ageNanos(BigDecimal time, long now) {
    if (!moved || ahead == null) {
      return UNKNOWN_NANOS;
    }
    BigDecimal age = seconds(now).add(ahead).subtract(time).multiply(NANOS);
    return age.min(BigDecimal.valueOf(UNKNOWN_NANOS)).longValue();
  }

  private static BigDecimal seconds(long nanos) {
    return BigDecimal.valueOf(nanos, 9);
  }
}
