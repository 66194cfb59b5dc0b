package io.lingtan.simulator.device;

import io.lingtan.agent.run.MonotonicInstant;

/** What time it is in the world, by the clock that never steps. */
@FunctionalInterface
public interface WorldClock {

  /** UTC ms of the world; never less than before. */
  long millisAt(MonotonicInstant now);

  /**
   * Real time from a start.
   *
   * @param from instant at which the world shows {@code worldMillis}
   */
  static WorldClock realTime(MonotonicInstant from, long worldMillis) {
    return now -> worldMillis + now.millisSince(from);
  }
}
