package io.lingtan.agent.audit.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The time of which there are interval records, by length; base intervals are of one. */
final class CoveredTime {

  /** Holes of one length at one place that are told. */
  private static final int MOST_HOLES = 5;

  private static final String BASE = "m";

  /**
   * Time without a record.
   *
   * @param from UTC ms
   * @param to UTC ms at which the next record begins
   */
  record Hole(String length, long from, long to) {}

  /** What touches is one stretch. */
  private static final class Stretches {
    private String length;
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    private Stretches(String length) {
      this.length = length;
    }

    private void add(long from, long to) {
      long start = from;
      long end = to;
      Map.Entry<Long, Long> before = endByStart.floorEntry(end);
      while (before != null && before.getValue() >= start) {
        endByStart.remove(before.getKey());
        start = Math.min(start, before.getKey());
        end = Math.max(end, before.getValue());
        before = endByStart.floorEntry(end);
      }
      endByStart.put(start, end);
    }

    /** The end of what is covered at {@code millis}, or last before. */
    private @Nullable Long endAt(long millis) {
      Map.Entry<Long, Long> last = endByStart.floorEntry(millis);
      return last == null ? null : last.getValue();
    }
  }

  private final Map<String, Stretches> lengths = new TreeMap<>();

  void add(String length, long from, long to) {
    if (from < to) {
      of(length).add(from, to);
    }
  }

  void add(CoveredTime other) {
    for (Stretches each : other.lengths.values()) {
      each.endByStart.forEach(of(each.length)::add);
    }
  }

  private Stretches of(String length) {
    Stretches stretches =
        lengths.computeIfAbsent(
            length.endsWith(BASE) ? BASE : length, any -> new Stretches(length));
    stretches.length = length;
    return stretches;
  }

  /**
   * Holes that begin where this ends, or later and before {@code millis}, and that {@code all} has,
   * too.
   *
   * @param millis UTC ms
   */
  List<Hole> holes(CoveredTime all, long millis) {
    List<Hole> holes = new ArrayList<>();
    lengths.forEach(
        (name, stretches) -> {
          Long end = stretches.endAt(millis);
          Stretches whole = all.lengths.get(name);
          int found = 0;
          while (end != null && whole != null && end < millis && found < MOST_HOLES) {
            Long covered = whole.endAt(end);
            Long next =
                covered != null && covered > end ? covered : whole.endByStart.higherKey(end);
            if (next != null && !next.equals(covered)) {
              holes.add(new Hole(stretches.length, end, next));
              found++;
            }
            end = next;
          }
        });
    return holes;
  }
}
