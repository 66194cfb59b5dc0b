package io.lingtan.simulator.check;

import io.lingtan.simulator.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What each counter truly stood at, at each interval boundary of the gateway's wall clock, written
 * down while the world goes on. Where the wall clock is slewed the boundary is where it says; where
 * it jumps over boundaries they all lie at the jump; a time that comes a second time counts as it
 * was then.
 */
public final class Truth implements World.Observer {

  /** The gateway's wall clock. */
  @FunctionalInterface
  public interface Wall {
    /** UTC ms that it shows when the world shows {@code worldMillis}. */
    long at(long worldMillis);
  }

  /** A gateway's offset follows its wall clock in steps of so much. */
  private static final long JITTER_MILLIS = 21;

  /** Numbers for each counter at each boundary. */
  private static final int WIDTH = 3;

  private final long baseMillis;
  private final Wall wall;
  private final List<Counter> counters;
  private final NavigableMap<Long, long[]> boundaries = new TreeMap<>();
  private long before = Long.MIN_VALUE;
  private long now = Long.MIN_VALUE;

  /**
   * @param baseMillis base interval; boundaries are its multiples, which holds in every zone whose
   *     offset is one
   */
  public Truth(long baseMillis, Wall wall, List<Counter> counters) {
    this.baseMillis = baseMillis;
    this.wall = wall;
    this.counters = List.copyOf(counters);
  }

  @Override
  public void stepped(World world) {
    long from = world.stepStart();
    long until = from + world.plant().stepMillis();
    now = until;
    long shown = wall.at(from);
    long later = wall.at(until);
    if (before == Long.MIN_VALUE) {
      before = shown - 1;
    }
    long boundary = Math.floorDiv(before, baseMillis) * baseMillis + baseMillis;
    for (; boundary <= Math.max(shown, later - 1); boundary += baseMillis) {
      write(world, boundary, Math.clamp(from + boundary - shown, from, until - 1));
    }
    before = Math.max(shown, later - 1);
    if (later < shown) {
      before = later - 1;
    }
  }

  private void write(World world, long boundary, long at) {
    long from = world.stepStart();
    long length = world.plant().stepMillis() - 1L;
    boolean wrong = wall.at(at) != at;
    long[] state = new long[WIDTH * counters.size()];
    for (int i = 0; i < counters.size(); i++) {
      Counter counter = counters.get(i);
      state[WIDTH * i] = counter.meter().trueMicros(counter.point(), world, at);
      state[WIDTH * i + 1] = counter.meter().resolutionMicros(counter.point(), world, at);
      if (wrong && length > 0) {
        long grown =
            counter.meter().trueMicros(counter.point(), world, from + length)
                - counter.meter().trueMicros(counter.point(), world, from);
        state[WIDTH * i + 2] = Math.ceilDiv(grown * JITTER_MILLIS, length);
      }
    }
    boundaries.put(boundary, state);
  }

  /** The world's time, to its step. */
  long now() {
    return now;
  }

  boolean knows(long boundary) {
    return boundaries.containsKey(boundary);
  }

  /** Boundaries within a span, ascending; none if it ends before it begins. */
  List<Long> between(long from, long until) {
    return until < from
        ? List.of()
        : new ArrayList<>(boundaries.subMap(from, true, until, true).keySet());
  }

  /** What a counter truly stood at, in millionths of its unit. */
  long micros(int counter, long boundary) {
    return at(boundary)[WIDTH * counter];
  }

  /** What its register could show then. */
  long resolutionMicros(int counter, long boundary) {
    return at(boundary)[WIDTH * counter + 1];
  }

  /**
   * What it counts in the time by which a slewed clock and the time stamps made with it may differ;
   * 0 where the clock is right.
   */
  long jitterMicros(int counter, long boundary) {
    return at(boundary)[WIDTH * counter + 2];
  }

  /** What it counted in all that is written down. */
  long wholeMicros(int counter) {
    return boundaries.isEmpty()
        ? 0
        : boundaries.lastEntry().getValue()[WIDTH * counter]
            - boundaries.firstEntry().getValue()[WIDTH * counter];
  }

  private long[] at(long boundary) {
    long[] state = boundaries.get(boundary);
    if (state == null) {
      throw new IllegalArgumentException("no truth is written down for " + boundary);
    }
    return state;
  }
}
