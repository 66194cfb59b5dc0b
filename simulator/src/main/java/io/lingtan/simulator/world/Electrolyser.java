package io.lingtan.simulator.world;

/**
 * A PEM electrolyser system, AC side: standby, start-up without hydrogen, a least load, a ramp, and
 * a specific energy that is best at part load.
 *
 * <p>The curve {@code 48.5 + 1/x + 5.5·x} kWh/kg (x = share of rated power) gives 55 kWh/kg at full
 * load, 53.2 at 43 % and 54.6 at the least load of 20 %: 4.8 to 5.0 kWh per normal cubic metre, in
 * the range that makers state for whole systems. Energy in = chemical energy of the hydrogen at its
 * lower heating value + heat, exactly.
 */
final class Electrolyser {

  /** Lower heating value, 119.96 MJ/kg. */
  static final long MILLIJOULES_PER_MILLIGRAM = 119_960L;

  private static final double LEAST_SHARE = 0.20;
  private static final double START_SHARE = 0.15;
  private static final long START_MILLIS = 300_000L;
  private static final double RAMP_SHARE_PER_SECOND = 0.02;
  private static final int STANDBY_WATTS = 1_500;

  /** What it is doing. */
  enum State {
    STANDBY(0),
    STARTING(1),
    PRODUCING(2);

    private final int code;

    State(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  private final int ratedWatts;
  private final int stepMillis;
  private State state = State.STANDBY;
  private long startedAt;
  private double watts = STANDBY_WATTS;
  private long specific = specificMillijoules(1.0);
  private long carry;
  private long stepHeat;
  private long heat;

  Electrolyser(Plant plant) {
    this.ratedWatts = plant.electrolyserWatts();
    this.stepMillis = plant.stepMillis();
  }

  /** kWh per kg at a share of rated power. */
  static double specificEnergy(double share) {
    return 48.5 + 1 / share + 5.5 * share;
  }

  private static long specificMillijoules(double share) {
    return Math.round(specificEnergy(share) * 3_600);
  }

  /**
   * Power in the step that begins at {@code millis}.
   *
   * @param wantedShare of rated power; below the least load it stands by
   */
  int decide(long millis, double wantedShare) {
    boolean wanted = wantedShare >= LEAST_SHARE && ratedWatts > 0;
    switch (state) {
      case STANDBY -> {
        watts = ratedWatts > 0 ? STANDBY_WATTS : 0;
        if (wanted) {
          state = State.STARTING;
          startedAt = millis;
        }
      }
      case STARTING -> {
        watts = START_SHARE * ratedWatts;
        if (!wanted) {
          state = State.STANDBY;
        } else if (millis - startedAt >= START_MILLIS) {
          state = State.PRODUCING;
          watts = LEAST_SHARE * ratedWatts;
        }
      }
      case PRODUCING -> {
        if (wanted) {
          double most = RAMP_SHARE_PER_SECOND * ratedWatts * stepMillis / 1_000;
          double change = Math.min(1, wantedShare) * ratedWatts - watts;
          watts += Math.clamp(change, -most, most);
        } else {
          state = State.STANDBY;
          watts = STANDBY_WATTS;
        }
      }
    }
    return (int) watts;
  }

  /** Hydrogen made in a step at {@code power} watts, in whole milligrams. */
  int produce(int power) {
    long energy = (long) power * stepMillis;
    int milligrams = 0;
    if (state == State.PRODUCING) {
      specific = specificMillijoules((double) power / ratedWatts);
      long available = energy + carry;
      milligrams = (int) (available / specific);
      // Another load has another curve point; what is carried stays below one milligram's worth.
      carry = available - milligrams * specific;
    }
    stepHeat = energy - milligrams * MILLIJOULES_PER_MILLIGRAM;
    return milligrams;
  }

  /** Books the step. */
  void settle() {
    heat += stepHeat;
  }

  State state() {
    return state;
  }

  /** Energy in minus the hydrogen's lower heating value, so far. */
  long heatMillijoules() {
    return heat;
  }
}
