package io.lingtan.agent.run;

/**
 * The clocks a step may ask. Durations come from {@link #now()} alone; the wall clock only dates.
 * Thread-safe.
 */
public interface Time {

  /** Now, on the clock that never steps. */
  MonotonicInstant now();

  /** Names the boot that {@link #now()} counts from; another boot has another id. */
  String boot();

  /** How to date an instant of this boot, as known at the moment of the call. */
  Wall wall();

  /** What comes of a clock that somebody tells. */
  enum ClockAnswer {
    /** It dates from now on, and what waits for a date. */
    TAKEN,
    /** The site file does not let a phone vouch, or these clocks cannot be told. */
    NOT_TRUSTED,
    /** Something better vouches already. */
    NOT_NEEDED
  }

  /**
   * Somebody's phone says what time it is. It moves this process's own offset alone, never the
   * machine's clock, and lasts until the machine's clock is vouched for by the network.
   *
   * @param wallMillis UTC
   */
  default ClockAnswer tell(long wallMillis) {
    return ClockAnswer.NOT_TRUSTED;
  }

  /**
   * The wall clock, seen from the monotonic one.
   *
   * @param offsetMillis UTC milliseconds at the moment the machine booted: wall = offset +
   *     monotonic
   * @param trusted whether one of the sources in {@code clock.trust} vouches for the offset
   * @param source {@code ntp}, {@code rtc}, {@code phone}, {@code system}, or {@code none}
   */
  record Wall(long offsetMillis, boolean trusted, String source) {

    /** UTC milliseconds at {@code instant} of this boot. */
    public long millisAt(MonotonicInstant instant) {
      return offsetMillis + instant.millis();
    }
  }
}
