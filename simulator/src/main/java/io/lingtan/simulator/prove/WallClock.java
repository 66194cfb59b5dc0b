package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Check;
import io.lingtan.simulator.check.Truth;
import io.lingtan.simulator.fault.ClockFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a machine's wall clock shows, for whoever compares: the truth and what is wrong with it. A
 * boot that does not know the time is dated when it learns it, so that counts as right.
 */
final class WallClock implements Check.Clocks, Truth.Wall {

  private final List<ClockFault> faults;
  private final Map<String, Long> worldAtBoot;

  /**
   * @param worldAtBoot by boot, growing
   */
  WallClock(List<ClockFault> faults, Map<String, Long> worldAtBoot) {
    this.faults = faults;
    this.worldAtBoot = worldAtBoot;
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
    if (faults.isEmpty()) {
      return List.of(wallMillis);
    }
    List<Long> worlds = new ArrayList<>();
    worlds.add(wallMillis);
    for (ClockFault fault : faults) {
      // Two of them at once add up.
      for (long world : List.copyOf(worlds)) {
        long candidate = world - wrongBy(fault, world);
        if (candidate != world && fault.isAt(candidate)) {
          worlds.add(candidate);
        }
      }
    }
    return worlds;
  }

  @Override
  public long world(String boot, long mono) {
    return worldAtBoot.getOrDefault(boot, 0L) + mono;
  }
}
