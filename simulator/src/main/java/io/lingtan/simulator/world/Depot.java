package io.lingtan.simulator.world;

import io.lingtan.agent.run.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The buses and their one dispenser: first come, first served, 15 minutes for a full tank. */
final class Depot {

  private static final int MILLIGRAMS_PER_SECOND = 25_000;

  /** Below this share of their full mass the tanks' pressure no longer fills a bus. */
  private static final double LEAST_FILL = 0.15;

  private final List<FuelBus> buses = new ArrayList<>();
  private final int perStep;
  private final int stepMillis;
  private @Nullable FuelBus atDispenser;
  private long fills;
  private int burnt;
  private int lastStep;

  Depot(Plant plant, RandomGenerator dice) {
    for (int i = 0; i < plant.buses(); i++) {
      buses.add(new FuelBus(i, plant.buses(), Randomness.seeded(dice.nextLong())));
    }
    this.stepMillis = plant.stepMillis();
    this.perStep = (int) ((long) MILLIGRAMS_PER_SECOND * stepMillis / 1_000);
  }

  void beginDay(long midnight) {
    for (FuelBus bus : buses) {
      bus.beginDay(midnight);
    }
  }

  /**
   * Moves the buses through the step that begins at {@code millis}.
   *
   * @param tankFill of the depot's tanks, 0..1
   */
  void step(long millis, double tankFill) {
    burnt = 0;
    for (FuelBus bus : buses) {
      burnt += bus.step(millis, millis + stepMillis);
    }
    FuelBus bus = atDispenser;
    if (bus == null) {
      bus = next();
      atDispenser = bus;
      if (bus != null) {
        bus.beginFuelling();
        fills++;
      }
    }
    lastStep = 0;
    if (bus != null && tankFill > LEAST_FILL) {
      lastStep = bus.fuel(perStep);
      if (bus.activity() != BusState.Activity.FUELLING) {
        atDispenser = null;
      }
    }
  }

  /** Hydrogen dispensed in the last step. */
  int stepMilligrams() {
    return lastStep;
  }

  /** Hydrogen burnt on the road in the last step. */
  int burntMilligrams() {
    return burnt;
  }

  private @Nullable FuelBus next() {
    FuelBus first = null;
    for (FuelBus bus : buses) {
      if (bus.activity() == BusState.Activity.WAITING_FOR_FUEL
          && (first == null || bus.since() < first.since())) {
        first = bus;
      }
    }
    return first;
  }

  boolean isFuelling() {
    return atDispenser != null;
  }

  /** Refuelling events begun so far. */
  long fills() {
    return fills;
  }

  List<FuelBus> buses() {
    return buses;
  }
}
