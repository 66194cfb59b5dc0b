package io.lingtan.simulator.world;

/**
 * A battery behind its converter. Balanced exactly: {@code stored = initial + charged − discharged
 * − lost}, all in millijoules.
 */
final class Battery {

  /** Each way, in thousandths: 93.1 % round trip. */
  private static final int EFFICIENCY = 965;

  private static final long LOWEST_PERCENT = 10;
  private static final long HIGHEST_PERCENT = 95;
  private static final double CONTROL_SECONDS = 6;

  private final long capacity;
  private final int ratedWatts;
  private final int stepMillis;
  private final double follow;
  private final long initial;
  private long stored;
  private long lost;
  private double setPoint;

  Battery(Plant plant) {
    this.capacity = plant.batteryMillijoules();
    this.ratedWatts = plant.batteryWatts();
    this.stepMillis = plant.stepMillis();
    double seconds = stepMillis / 1_000.0;
    this.follow = seconds / (CONTROL_SECONDS + seconds);
    this.initial = capacity / 2;
    this.stored = initial;
  }

  /**
   * What it does in this step when asked for {@code targetWatts} (plus delivers): follows with the
   * lag of its controller, within its rating and its state of charge.
   */
  int decide(double targetWatts) {
    setPoint += (Math.clamp(targetWatts, -ratedWatts, ratedWatts) - setPoint) * follow;
    int watts = (int) setPoint;
    if (watts > 0) {
      long available = Math.max(0, stored - capacity * LOWEST_PERCENT / 100);
      watts = (int) Math.min(watts, available / stepMillis * EFFICIENCY / 1_000);
    } else {
      long room = Math.max(0, capacity * HIGHEST_PERCENT / 100 - stored);
      watts = (int) -Math.min(-watts, room / stepMillis);
    }
    return watts;
  }

  /** Books a step at {@code watts} (plus delivers). */
  void settle(int watts) {
    long moved = (long) Math.abs(watts) * stepMillis;
    if (watts >= 0) {
      long taken = Math.ceilDiv(moved * 1_000, EFFICIENCY);
      stored -= taken;
      lost += taken - moved;
    } else {
      long kept = moved * EFFICIENCY / 1_000;
      stored += kept;
      lost += moved - kept;
    }
  }

  long storedMillijoules() {
    return stored;
  }

  /** What conversion has cost so far. */
  long lostMillijoules() {
    return lost;
  }

  /** Stored more than at the beginning. */
  long gainedMillijoules() {
    return stored - initial;
  }

  /** State of charge in hundredths of a percent, 0..10000. */
  int socBasisPoints() {
    return (int) (stored / (capacity / 10_000));
  }
}
