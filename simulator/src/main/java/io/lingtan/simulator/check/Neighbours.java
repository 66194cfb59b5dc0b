package io.lingtan.simulator.check;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The readings next to each boundary, of one counter: what the best of readers has to go by. Of
 * each base interval the first and the last are kept.
 */
final class Neighbours {

  private final long baseMillis;
  private final NavigableMap<Long, Ends> all = new TreeMap<>();

  /** Without those that the gateway may have forgotten. */
  private final NavigableMap<Long, Ends> sure = new TreeMap<>();

  /** First and last reading of an interval: when, and what the counter truly stood at. */
  private static final class Ends {
    private long firstAt = Long.MAX_VALUE;
    private long first;
    private long lastAt = Long.MIN_VALUE;
    private long last;
  }

  Neighbours(long baseMillis) {
    this.baseMillis = baseMillis;
  }

  /**
   * A delivered reading.
   *
   * @param ts its time stamp
   * @param trueMicros what the counter truly stood at when it was made
   * @param isSure whether the gateway has it still for certain
   */
  void add(long ts, long trueMicros, boolean isSure) {
    add(all, ts, trueMicros);
    if (isSure) {
      add(sure, ts, trueMicros);
    }
  }

  private void add(NavigableMap<Long, Ends> intervals, long ts, long trueMicros) {
    Ends ends =
        intervals.computeIfAbsent(Math.floorDiv(ts, baseMillis) * baseMillis, start -> new Ends());
    if (ts < ends.firstAt) {
      ends.firstAt = ts;
      ends.first = trueMicros;
    }
    if (ts >= ends.lastAt) {
      ends.lastAt = ts;
      ends.last = trueMicros;
    }
  }

  /**
   * How far the straight line between the readings on either side is from the truth at a boundary;
   * where there may be two such lines, the farther one.
   *
   * @return -1 if there are none on one side
   */
  long unknownMicros(long boundary, long trueMicros) {
    long unknown = unknownMicros(sure, boundary, trueMicros);
    return unknown < 0 ? -1 : Math.max(unknown, unknownMicros(all, boundary, trueMicros));
  }

  private static long unknownMicros(
      NavigableMap<Long, Ends> intervals, long boundary, long trueMicros) {
    Map.Entry<Long, Ends> before = intervals.lowerEntry(boundary);
    Map.Entry<Long, Ends> after = intervals.ceilingEntry(boundary);
    if (after != null && after.getValue().firstAt == boundary) {
      return Math.abs(after.getValue().first - trueMicros);
    }
    if (before == null || after == null) {
      return -1;
    }
    Ends low = before.getValue();
    Ends high = after.getValue();
    double share = (double) (boundary - low.lastAt) / (high.firstAt - low.lastAt);
    return Math.abs(low.last + Math.round((high.first - low.last) * share) - trueMicros);
  }
}
