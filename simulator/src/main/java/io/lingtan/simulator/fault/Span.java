package io.lingtan.simulator.fault;

/** What the faults of a machine and of its broker have to keep to. */
final class Span {

  private static final long DAY_MILLIS = 86_400_000L;

  private Span() {}

  /** A span of the world's time that is not empty. */
  static void require(long from, long until) {
    require(until > from, "a fault ends after it begins", until - from);
  }

  static void require(boolean holds, String rule, long was) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", was " + was);
    }
  }

  /** Milliseconds that go back, by at most a day. */
  static void requirePast(long millis, String what) {
    require(millis >= 1 && millis <= DAY_MILLIS, what + " is 1 ms..1 day", millis);
  }
}
