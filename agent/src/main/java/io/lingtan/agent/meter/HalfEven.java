package io.lingtan.agent.meter;

/** Integer division, rounded half to even. */
final class HalfEven {

  private HalfEven() {}

  /**
   * {@code base + numerator / denominator}, rounded once; on a tie the sum is even.
   *
   * @param denominator > 0
   */
  static long add(long base, long numerator, long denominator) {
    long floor = Math.floorDiv(numerator, denominator);
    long twice = 2 * Math.floorMod(numerator, denominator);
    long sum = base + floor;
    boolean up = twice > denominator || (twice == denominator && (sum & 1) != 0);
    return up ? sum + 1 : sum;
  }

  static long divide(long numerator, long denominator) {
    return add(0, numerator, denominator);
  }
}
