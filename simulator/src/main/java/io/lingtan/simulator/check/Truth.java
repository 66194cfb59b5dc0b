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

  private final long baseMillis;
  private final Wall wall;
  private final List<Counter> counters;
  private final NavigableMap<Long, long[]> boundaries = new TreeMap<>();
  private long before = Long.MIN_VALUE;

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
    long until = from + world.scenario().stepMillis();
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
    long[] state = new long[2 * counters.size()];
    for (int i = 0; i < counters.size(); i++) {
      Counter counter = counters.get(i);
      state[2 * i] = counter.meter().trueMicros(counter.point(), world, at);
      state[2 * i + 1] = counter.meter().stepMicros(counter.point(), world, at);
    }
    boundaries.put(boundary, state);
  }

  boolean knows(long boundary) {
    return boundaries.containsKey(boundary);
  }

  /** Boundaries within a span, ascending. */
  List<Long> between(long from, long until) {
    return new ArrayList<>(boundaries.subMap(from, true, until, true).keySet());
  }

  /** What a counter truly stood at, in millionths of its unit. */
  long micros(int counter, long boundary) {
    return at(boundary)[2 * counter];
  }

  /** One step of its register then. */
  long stepMicros(int counter, long boundary) {
    return at(boundary)[2 * counter + 1];
  }

  private long[] at(long boundary) {
    long[] state = boundaries.get(boundary);
    if (state == null) {
      throw new IllegalArgumentException("no truth is written down for " + boundary);
    }
    return state;
  }
}
