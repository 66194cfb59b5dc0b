package io.lingtan.simulator.check;

import io.lingtan.simulator.fault.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** Faults by the time at which they hold: asked for a span it looks at none that is long over. */
final class Timeline {

  private final List<Fault> faults = new ArrayList<>();

  /** In the order in which they begin; as many as {@code reach} says are sorted. */
  private Fault[] sorted = {};

  /** The latest end of this one and those that begin before it. */
  private long[] reach = {};

  void add(Fault fault) {
    faults.add(fault);
  }

  /** Whether any like this held at some time of a span. */
  boolean any(Predicate<Fault> like, long from, long until) {
    sort();
    for (int i = begunBefore(until) - 1; i >= 0 && reach[i] > from; i--) {
      if (sorted[i].untilMillis() > from && like.test(sorted[i])) {
        return true;
      }
    }
    return false;
  }

  private void sort() {
    if (reach.length == faults.size()) {
      return;
    }
    sorted = faults.toArray(Fault[]::new);
    Arrays.sort(sorted, Comparator.comparingLong(Fault::fromMillis));
    reach = new long[sorted.length];
    long latest = Long.MIN_VALUE;
    for (int i = 0; i < sorted.length; i++) {
      latest = Math.max(latest, sorted[i].untilMillis());
      reach[i] = latest;
    }
  }

  /** How many begin before an instant. */
  private int begunBefore(long millis) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle].fromMillis() < millis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
