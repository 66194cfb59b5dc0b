package io.lingtan.agent.publish.lane;

import io.lingtan.agent.run.MonotonicInstant;

/** Sums per second over the last minute. */
final class MeanRates {

  private static final int SECONDS = 60;

  private final long[] records = new long[SECONDS];
  private final long[] bytes = new long[SECONDS];
  private final long begun;
  private long second;

  MeanRates(MonotonicInstant now) {
    this.begun = now.millis() / 1000;
    this.second = begun;
  }

  void add(MonotonicInstant now, int moreRecords, int moreBytes) {
    moveTo(now);
    records[(int) (second % SECONDS)] += moreRecords;
    bytes[(int) (second % SECONDS)] += moreBytes;
  }

  double recordsPerSecond(MonotonicInstant now) {
    moveTo(now);
    return (double) sum(records) / seconds();
  }

  double bytesPerSecond(MonotonicInstant now) {
    moveTo(now);
    return (double) sum(bytes) / seconds();
  }

  private static long sum(long[] perSecond) {
    long sum = 0;
    for (long one : perSecond) {
      sum += one;
    }
    return sum;
  }

  private long seconds() {
    return Math.clamp(second - begun + 1, 1, SECONDS);
  }

  private void moveTo(MonotonicInstant now) {
    long to = now.millis() / 1000;
    for (long s = Math.max(second + 1, to - SECONDS + 1); s <= to; s++) {
      records[(int) (s % SECONDS)] = 0;
      bytes[(int) (s % SECONDS)] = 0;
    }
    second = Math.max(second, to);
  }
}
