package io.lingtan.simulator.check;

import java.util.BitSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The readings next to each boundary, of one counter: what the best of readers has to go by. Of
 * each base interval the first and the last are kept, and in which tenths of a minute there was
 * one.
 */
final class Neighbours {

  /** Of a part of an interval in which there was a reading or none. */
  private static final long PART_MILLIS = 6_000;

  private final long baseMillis;

  /** With those that it is sure to have forgotten, and had when it told of them first. */
  private final NavigableMap<Long, Ends> ever = new TreeMap<>();

  private final NavigableMap<Long, Ends> all = new TreeMap<>();

  /** Without those that the gateway may have forgotten. */
  private final NavigableMap<Long, Ends> sure = new TreeMap<>();

  /** First and last reading of an interval: when, and what the counter truly stood at. */
  private static final class Ends {
    private long firstAt = Long.MAX_VALUE;
    private long first;
    private long lastAt = Long.MIN_VALUE;
    private long last;
    private final BitSet seen = new BitSet();
  }

  /**
   * The readings on either side of a boundary; the same one twice where it lies on the boundary.
   *
   * @param beforeAt UTC ms
   * @param before what the counter truly stood at then
   */
  record Sides(long beforeAt, long before, long afterAt, long after) {

    /** For how long nobody looked. */
    long gapMillis() {
      return afterAt - beforeAt;
    }

    /** What was counted meanwhile. */
    long counted() {
      return after - before;
    }
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
    add(ever, ts, trueMicros);
    add(all, ts, trueMicros);
    if (isSure) {
      add(sure, ts, trueMicros);
    }
  }

  /**
   * A delivered reading that was lost with the card's last writes.
   *
   * @param ts its time stamp
   * @param trueMicros what the counter truly stood at when it was made
   */
  void addForgotten(long ts, long trueMicros) {
    add(ever, ts, trueMicros);
  }

  private void add(NavigableMap<Long, Ends> intervals, long ts, long trueMicros) {
    long start = Math.floorDiv(ts, baseMillis) * baseMillis;
    Ends ends = intervals.computeIfAbsent(start, fresh -> new Ends());
    ends.seen.set((int) ((ts - start) / PART_MILLIS));
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
   * where there may be several such lines, the farthest one.
   *
   * @return -1 if there are none on one side
   */
  long unknownMicros(long boundary, long trueMicros) {
    long unknown = unknownMicros(sides(sure, boundary), boundary, trueMicros);
    if (unknown < 0) {
      return -1;
    }
    unknown = Math.max(unknown, unknownMicros(sides(all, boundary), boundary, trueMicros));
    return Math.max(unknown, unknownMicros(sides(ever, boundary), boundary, trueMicros));
  }

  private static long unknownMicros(@Nullable Sides sides, long boundary, long trueMicros) {
    if (sides == null) {
      return -1;
    }
    if (sides.gapMillis() == 0) {
      return Math.abs(sides.after() - trueMicros);
    }
    double share = (double) (boundary - sides.beforeAt()) / sides.gapMillis();
    return Math.abs(sides.before() + Math.round(sides.counted() * share) - trueMicros);
  }

  /** The readings that the gateway has for certain around a boundary; null if one side has none. */
  @Nullable Sides sides(long boundary) {
    return sides(sure, boundary);
  }

  private static @Nullable Sides sides(NavigableMap<Long, Ends> intervals, long boundary) {
    Map.Entry<Long, Ends> before = intervals.lowerEntry(boundary);
    Map.Entry<Long, Ends> after = intervals.ceilingEntry(boundary);
    if (after != null && after.getValue().firstAt == boundary) {
      Ends at = after.getValue();
      return new Sides(boundary, at.first, boundary, at.first);
    }
    return before == null || after == null
        ? null
        : new Sides(
            before.getValue().lastAt,
            before.getValue().last,
            after.getValue().firstAt,
            after.getValue().first);
  }

  /**
   * How much of a base interval lies in gaps longer than {@code longest}, at least.
   *
   * @param longest that counts as seen, ms
   */
  long unseenMillis(long start, long longest) {
    long end = start + baseMillis;
    Sides first = sides(all, start);
    Sides last = sides(all, end);
    if (first == null || last == null) {
      return 0;
    }
    Ends ends = all.get(start);
    if (ends == null) {
      return first.gapMillis() > longest ? baseMillis : 0;
    }
    long unseen = first.gapMillis() > longest ? first.afterAt() - start : 0;
    unseen += last.gapMillis() > longest ? end - last.beforeAt() : 0;
    for (int part = ends.seen.nextSetBit(0); part >= 0; ) {
      int next = ends.seen.nextSetBit(part + 1);
      // At least so far apart, wherever in their parts they are.
      long apart = next < 0 ? 0 : (next - part - 1) * PART_MILLIS;
      unseen += apart > longest ? apart : 0;
      part = next;
    }
    return unseen;
  }
}
