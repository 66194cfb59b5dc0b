package io.lingtan.simulator.fault;

/** What every fault's components obey. */
final class Rules {

  /** Longest delay of a reply, ms. */
  static final long LONGEST_DELAY = 60_000;

  private static final long DAY_MILLIS = 86_400_000L;

  private Rules() {}

  static void span(long fromMillis, long untilMillis) {
    require(untilMillis > fromMillis, "a fault ends after it begins", untilMillis - fromMillis);
  }

  static void every(int every) {
    require(every >= 1, "every is at least 1", every);
  }

  static void delay(long millis) {
    require(millis >= 1 && millis <= LONGEST_DELAY, "delay is 1.." + LONGEST_DELAY + " ms", millis);
  }

  /** Milliseconds that go back, by at most a day. */
  static void past(long millis, String what) {
    require(millis >= 1 && millis <= DAY_MILLIS, what + " is 1 ms..1 day", millis);
  }

  static void require(boolean holds, String rule, long was) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", was " + was);
    }
  }
}
