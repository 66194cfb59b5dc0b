package io.lingtan.simulator.world;

import java.util.random.RandomGenerator;

/**
 * Charging points for cars and vans: each is taken for a while by somebody who charges at its full
 * power and, towards the end, at less and less. Most come in the morning and after work.
 */
final class Chargers {

  /** Rated power of one point. */
  private static final int POINT_WATTS = 30_000;

  /** Arrivals an hour at a free point, by hour of the day. */
  private static final double[] ARRIVALS = {
    0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.3, 0.6, 0.8, 0.5, 0.3, 0.3, 0.5, 0.4, 0.3, 0.3, 0.4, 0.8,
    0.9, 0.7, 0.4, 0.2, 0.1, 0.1
  };

  /** Share of a session at full power; behind it the current falls evenly to a tenth. */
  private static final double FULL_SHARE = 0.7;

  private final RandomGenerator dice;
  private final int stepMillis;
  private final long[] since;
  private final long[] until;
  private final int pointWatts;

  Chargers(Plant plant, RandomGenerator dice) {
    this.dice = dice;
    this.stepMillis = plant.stepMillis();
    int points = Math.ceilDiv(plant.chargerWatts(), POINT_WATTS);
    this.since = new long[points];
    this.until = new long[points];
    this.pointWatts = points == 0 ? 0 : plant.chargerWatts() / points;
  }

  /** Power in the step that begins at {@code millis}; at most the rating of all points. */
  int watts(long millis, LocalDay day) {
    int hour = Math.min(23, (int) day.hour(millis));
    double comes = ARRIVALS[hour] * stepMillis / 3_600_000.0;
    int sum = 0;
    for (int i = 0; i < until.length; i++) {
      if (millis >= until[i] && dice.nextDouble() < comes) {
        since[i] = millis;
        until[i] = millis + 60_000L * dice.nextInt(20, 120);
      }
      if (millis < until[i]) {
        double part = (double) (millis - since[i]) / (until[i] - since[i]);
        double share = part < FULL_SHARE ? 1 : 1 - 0.9 * (part - FULL_SHARE) / (1 - FULL_SHARE);
        sum += (int) (share * pointWatts);
      }
    }
    return sum;
  }
}
