package io.lingtan.simulator.world;

import java.util.random.RandomGenerator;

/** Offices and workshop: a profile over the day, air conditioning that cycles, and noise. */
final class Buildings {

  /** kW at each full hour of a working day. */
  private static final double[] WORKDAY = {
    18, 17, 17, 17, 17, 19, 23, 32, 42, 46, 47, 46, 38, 43, 48, 49, 48, 43, 36, 31, 28, 25, 22, 20
  };

  private static final double WEEKEND_SHARE = 0.55;
  private static final int COMPRESSOR_WATTS = 6_500;

  private final int percent;
  private final RandomGenerator dice;
  private final Noise noise;
  private boolean cooling;
  private long switchAt = Long.MIN_VALUE;

  /**
   * @param percent of the usual size; 0 for none
   */
  Buildings(RandomGenerator dice, int stepMillis, int percent) {
    this.percent = percent;
    this.dice = dice;
    this.noise = new Noise(dice, 1_800, 90, stepMillis);
  }

  /** Power in the step that begins at {@code millis}; of the usual size at least 5 kW. */
  int watts(long millis, LocalDay day) {
    double hour = day.hour(millis);
    int from = (int) hour;
    double here = WORKDAY[from % 24];
    double there = WORKDAY[(from + 1) % 24];
    double kilowatts = here + (there - here) * (hour - from);
    if (day.isWeekend()) {
      kilowatts *= WEEKEND_SHARE;
    }
    if (millis >= switchAt) {
      cooling = !cooling && hour > 7 && hour < 21;
      switchAt = millis + 1_000L * dice.nextInt(180, 600);
    }
    double watts = 1_000 * kilowatts + noise.next() + (cooling ? COMPRESSOR_WATTS : 0);
    return (int) (Math.max(5_000, watts) * percent / 100);
  }
}
