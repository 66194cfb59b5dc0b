package io.lingtan.agent.carbon;

/** Splits sources among sinks in integers, so that rows and columns add up exactly. */
final class Shares {

  private Shares() {}

  /**
   * {@code x[i][j] = sources[i]·sinks[j]/Σ}, each off by less than the number of sources or sinks,
   * none negative. If the two sums differ (which only happens to contradictory counts), the smaller
   * one is used up.
   */
  static long[][] of(long[] sources, long[] sinks) {
    long total = Math.max(sum(sources), sum(sinks));
    long[][] shares = new long[sources.length][sinks.length];
    if (total == 0) {
      return shares;
    }
    long[] rows = sources.clone();
    long[] columns = sinks.clone();
    for (int i = 0; i < sources.length; i++) {
      for (int j = 0; j < sinks.length; j++) {
        shares[i][j] = product(sources[i], sinks[j], total);
        rows[i] -= shares[i][j];
        columns[j] -= shares[i][j];
      }
    }
    // What rounding down left over is a few units; hand it out where both sides still want some.
    for (int i = 0; i < sources.length; i++) {
      for (int j = 0; j < sinks.length; j++) {
        long rest = Math.min(rows[i], columns[j]);
        shares[i][j] += rest;
        rows[i] -= rest;
        columns[j] -= rest;
      }
    }
    return shares;
  }

  /** {@code a·b/total}, rounded down, without overflow. */
  private static long product(long a, long b, long total) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    if (high == 0 && low >= 0) {
      return low / total;
    }
    return java.math.BigInteger.valueOf(a)
        .multiply(java.math.BigInteger.valueOf(b))
        .divide(java.math.BigInteger.valueOf(total))
        .longValueExact();
  }

  private static long sum(long[] parts) {
    long sum = 0;
    for (long part : parts) {
      sum += part;
    }
    return sum;
  }
}
