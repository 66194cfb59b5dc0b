package io.lingtan.simulator.world;

import java.util.random.RandomGenerator;

/**
 * A hydrogen bus of line 760: trips of 60 km, four or five a day, a rest at the depot after each.
 * Distance and hydrogen within a trip follow time exactly, so that a whole trip is 60,000 m to the
 * metre.
 */
final class FuelBus {

  static final long TANK_MILLIGRAMS = 22_000_000L;

  private static final int TRIP_METRES = 60_000;
  private static final long TRIP_MILLIS = 150 * 60_000L;
  private static final long REST_MILLIS = 20 * 60_000L;
  private static final long FIRST_DEPARTURE_MILLIS = 342 * 60_000L;
  private static final int LOW_PERCENT = 30;

  private final RandomGenerator dice;
  private final long firstDeparture;

  private BusState.Activity activity = BusState.Activity.RESTING;
  private long since;
  private long departure;
  private int tripsLeft;
  private long tripMilligrams;
  private int tripMetresDone;
  private long tripMilligramsDone;
  private long metres;
  private long mass;
  private long filled;

  /**
   * @param number from 0
   * @param of buses on the line: departures are spread evenly over a round
   */
  FuelBus(int number, int of, RandomGenerator dice) {
    this.dice = dice;
    this.firstDeparture = FIRST_DEPARTURE_MILLIS + (TRIP_MILLIS + REST_MILLIS) * number / of;
    // The last one begins the day low, so that somebody refuels in the morning.
    this.mass = TANK_MILLIGRAMS * (95L - 60L * number / Math.max(1, of - 1)) / 100;
    this.metres = 84_000_000L + dice.nextInt(1_000_000);
    this.departure = Long.MAX_VALUE;
  }

  /** A new day's timetable. */
  void beginDay(long midnight) {
    tripsLeft = dice.nextBoolean() ? 5 : 4;
    if (activity != BusState.Activity.DRIVING) {
      departure = midnight + firstDeparture;
    }
  }

  /** Moves through {@code from..to}; returns the hydrogen burnt in it, in milligrams. */
  int step(long from, long to) {
    if (activity == BusState.Activity.RESTING && tripsLeft > 0 && from >= departure) {
      activity = BusState.Activity.DRIVING;
      since = from;
      tripsLeft--;
      tripMetresDone = 0;
      tripMilligramsDone = 0;
      // 4.0 to 4.8 kg/100 km: a 12 m bus, with and without air conditioning.
      tripMilligrams = 2_400_000L + dice.nextInt(480_001);
    }
    if (activity != BusState.Activity.DRIVING) {
      return 0;
    }
    long done = Math.min(TRIP_MILLIS, to - since);
    int metresDone = (int) (TRIP_METRES * done / TRIP_MILLIS);
    metres += metresDone - tripMetresDone;
    tripMetresDone = metresDone;
    long milligramsDone = tripMilligrams * done / TRIP_MILLIS;
    int burnt = (int) (milligramsDone - tripMilligramsDone);
    tripMilligramsDone = milligramsDone;
    mass -= burnt;
    if (done == TRIP_MILLIS) {
      activity =
          mass < TANK_MILLIGRAMS * LOW_PERCENT / 100
              ? BusState.Activity.WAITING_FOR_FUEL
              : BusState.Activity.RESTING;
      since = to;
      departure = to + REST_MILLIS;
    }
    return burnt;
  }

  BusState.Activity activity() {
    return activity;
  }

  /** When it came to what it does now. */
  long since() {
    return since;
  }

  void beginFuelling() {
    activity = BusState.Activity.FUELLING;
  }

  /** Takes at most {@code milligrams}; returns what went in. It is done when its tank is full. */
  int fuel(int milligrams) {
    int taken = (int) Math.min(milligrams, TANK_MILLIGRAMS - mass);
    mass += taken;
    filled += taken;
    if (mass == TANK_MILLIGRAMS) {
      activity = BusState.Activity.RESTING;
    }
    return taken;
  }

  long milligrams() {
    return mass;
  }

  BusState state() {
    return new BusState(activity, metres, mass, filled);
  }
}
