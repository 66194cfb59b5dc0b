package io.lingtan.simulator.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong: the first {@value #MOST} of each class in words, all of them counted. */
final class Findings {

  private static final int MOST = 20;

  private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
  private final List<Finding> kept = new ArrayList<>();

  /**
   * Adds one.
   *
   * @param atMillis UTC ms, {@link Long#MAX_VALUE} if that is not known
   */
  public void add(Verdict verdict, long atMillis, String what) {
    if (counts.merge(verdict, 1L, Long::sum) <= MOST) {
      kept.add(new Finding(verdict, atMillis, what + " " + verdict.words()));
    }
  }

  /** How many of each class. */
  public Map<Verdict, Long> counts() {
    return counts.isEmpty() ? Map.of() : new EnumMap<>(counts);
  }

  /** Those that were kept in words, by time. */
  public List<Finding> list() {
    List<Finding> sorted = new ArrayList<>(kept);
    sorted.sort(Comparator.comparingLong(Finding::atMillis));
    return sorted;
  }
}
