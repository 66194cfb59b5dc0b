package io.lingtan.simulator.world;

import java.util.random.RandomGenerator;

/**
 * A value that wanders around zero and forgets in time (first-order autoregressive). Bounded: the
 * dice are the sum of four uniform ones.
 */
final class Noise {

  private final RandomGenerator dice;
  private final double keep;
  private final double kick;
  private double value;

  /**
   * @param deviation standard deviation over a long time
   * @param memorySeconds time after which about a third is still remembered
   */
  Noise(RandomGenerator dice, double deviation, double memorySeconds, int stepMillis) {
    this.dice = dice;
    this.keep = StrictMath.exp(-stepMillis / (1_000.0 * memorySeconds));
    // Four uniform dice in 0..1 have the variance 4/12.
    this.kick = deviation * StrictMath.sqrt((1 - keep * keep) * 3);
  }

  double next() {
    double die =
        dice.nextDouble() + dice.nextDouble() + dice.nextDouble() + dice.nextDouble() - 2.0;
    value = value * keep + die * kick;
    return value;
  }

  double value() {
    return value;
  }
}
