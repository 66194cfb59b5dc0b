package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Check;
import io.lingtan.simulator.check.Truth;
import io.lingtan.simulator.fault.ClockFault;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a machine's wall clock shows, for whoever compares: the truth and what is wrong with it. A
 * boot that does not know the time is dated when it learns it, so that counts as right.
 */
final class WallClock implements Check.Clocks, Truth.Wall {

  /** A drift is at most 1000 ppm: each round makes the error a thousand times smaller. */
  private static final int ROUNDS = 3;

  /** By so much others may be wrong at the same time. */
  private static final long NEAR_MILLIS = 3_600_000L;

  private final List<ClockFault> faults;
  private final Map<String, Long> worldAtBoot;
  private final MachineClock machine;

  /**
   * @param worldAtBoot by boot, growing
   * @param machine whose clock it is
   */
  WallClock(List<ClockFault> faults, Map<String, Long> worldAtBoot, MachineClock machine) {
    this.faults = faults;
    this.worldAtBoot = worldAtBoot;
    this.machine = machine;
  }

  @Override
  public long at(long worldMillis) {
    long wall = worldMillis;
    for (ClockFault fault : faults) {
      if (fault.isAt(worldMillis)) {
        wall += wrongBy(fault, worldMillis);
      }
    }
    return wall;
  }

  private static long wrongBy(ClockFault fault, long worldMillis) {
    return switch (fault) {
      case ClockFault.Absent absent -> 0;
      case ClockFault.Stepped stepped -> stepped.byMillis();
      case ClockFault.Drift drift -> drift.wrongByMillis(worldMillis);
    };
  }

  @Override
  public List<Long> worlds(long wallMillis) {
    Set<Long> guesses = new LinkedHashSet<>();
    guesses.add(wallMillis);
    boolean near = false;
    for (ClockFault fault : faults) {
      // What it is wrong by in the end: near an end both may fit. Of faults that are far from here
      // there may be many, and they have nothing to do with it.
      long by = wrongBy(fault, fault.untilMillis() - 1);
      long reach = Math.abs(by) + NEAR_MILLIS;
      if (wallMillis >= fault.fromMillis() - reach && wallMillis < fault.untilMillis() + reach) {
        List.copyOf(guesses).forEach(guess -> guesses.add(guess - by));
        near = true;
      }
    }
    if (!near) {
      return List.of(wallMillis);
    }
    Set<Long> worlds = new LinkedHashSet<>();
    for (long guess : guesses) {
      long world = guess;
      for (int round = 0; round < ROUNDS; round++) {
        world += wallMillis - at(world);
      }
      if (Math.abs(at(world) - wallMillis) <= 1) {
        worlds.add(world);
      }
    }
    // At the edge of a fault nothing fits to the millisecond.
    worlds.add(wallMillis);
    return List.copyOf(worlds);
  }

  @Override
  public long world(String boot, long mono) {
    return worldAtBoot.getOrDefault(boot, 0L) + mono;
  }

  @Override
  public boolean isDated(String boot) {
    return machine.wasDated(boot);
  }
}
