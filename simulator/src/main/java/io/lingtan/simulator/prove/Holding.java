package io.lingtan.simulator.prove;

import io.lingtan.simulator.fault.Fault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which of some faults hold, for a time that never goes back: asked for often, and a month has
 * hundreds of them.
 */
final class Holding<F extends Fault> {

  private final List<F> sorted;
  private final List<F> now = new ArrayList<>(2);
  private int next;
  private long changesAt = Long.MIN_VALUE;

  Holding(List<? extends F> faults) {
    this.sorted = new ArrayList<>(faults);
    this.sorted.sort(Comparator.comparingLong(Fault::fromMillis));
  }

  /** Those that hold at this time of the world. Not to be changed, and good until the next call. */
  List<F> at(long worldMillis) {
    if (worldMillis >= changesAt) {
      change(worldMillis);
    }
    return now;
  }

  private void change(long worldMillis) {
    while (next < sorted.size() && sorted.get(next).fromMillis() <= worldMillis) {
      now.add(sorted.get(next));
      next++;
    }
    now.removeIf(fault -> fault.untilMillis() <= worldMillis);
    changesAt = next < sorted.size() ? sorted.get(next).fromMillis() : Long.MAX_VALUE;
    for (F fault : now) {
      changesAt = Math.min(changesAt, fault.untilMillis());
    }
  }
}
