package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.List;

/**
 * The greatest mean power of a window of 15 minutes that moves on by one minute, as the maximum
 * demand registers of DL/T 645-2007 meters work it out (DI 04000103 window, 04000104 slip). It is
 * never less than that of fixed blocks and can be half as much again.
 */
final class SlidingDemand {

  private static final long MINUTE_MILLIS = 60_000L;
  private static final long WINDOW_MILLIS = 15 * MINUTE_MILLIS;
  private static final long WINDOWS_PER_HOUR = 4;
  private static final String UCUM = "kW";

  private final EnergyLine minutes;

  /**
   * @param minutes what was counted, with its value at each whole minute
   */
  SlidingDemand(EnergyLine minutes) {
    this.minutes = minutes;
  }

  EnergyLine line() {
    return minutes;
  }

  /**
   * The greatest of the windows that end after {@code start} and not after {@code end}; {@code
   * partial} where some of them are not known as a whole.
   */
  Metric greatest(long start, long end, String why) {
    Metric greatest = Metric.missing(UCUM, why);
    long most = -1;
    boolean whole = true;
    boolean sure = true;
    for (long at = start + MINUTE_MILLIS; at <= end; at += MINUTE_MILLIS) {
      Metric window = minutes.between(at - WINDOW_MILLIS, at, "kW.h", false, why);
      Long energy = window.micros();
      sure &= window.quality() != Quality.SUSPECT;
      if (energy == null || window.quality() == Quality.PARTIAL) {
        whole = false;
      } else if (energy > most) {
        most = energy;
        greatest = window;
      }
    }
    Quality least = !sure ? Quality.SUSPECT : whole ? Quality.MEASURED : Quality.PARTIAL;
    return most < 0
        ? greatest
        : new Metric(
            Math.multiplyExact(WINDOWS_PER_HOUR, most),
            UCUM,
            greatest.quality().worse(least),
            greatest.coverage(),
            greatest.estimated());
  }

  /**
   * The end of the first window that is known as a whole, UTC ms; {@link Long#MIN_VALUE} before the
   * first reading.
   */
  long firstEnd() {
    return minutes.isStarted()
        ? Math.ceilDiv(minutes.firstAt(), MINUTE_MILLIS) * MINUTE_MILLIS + WINDOW_MILLIS
        : Long.MIN_VALUE;
  }

  /** Forgets what no window needs that ends after {@code horizon}. */
  void forget(long horizon) {
    minutes.forget(horizon - WINDOW_MILLIS, List.of());
  }
}
