package io.lingtan.simulator.check;

import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The truth at interval boundaries, written down while the world goes on.
 *
 * <p>A reader sees a register only where it samples it. Between two samples at most {@code d} apart
 * it must take the power as constant; if the power really was between {@code low} and {@code high},
 * the value it works out for an instant in between is wrong by at most {@code (high − low)·d/4}. A
 * sample that is stamped {@code lag} late is wrong by {@code high·lag} more. Both are the
 * boundary's slack. Holds at most {@value #MOST} boundaries; the oldest are forgotten.
 */
public final class Boundaries implements World.Observer {

  private static final int MOST = 100_000;
  private static final int WIRES = Wire.values().length;
  private static final int PIPES = Pipe.values().length;
  private static final long MILLIJOULES_PER_MILLIWATT_HOUR = 3_600;

  private final long intervalMillis;
  private final long offsetMillis;
  private final long sampleMillis;
  private final long lagMillis;
  private final NavigableMap<Long, Boundary> boundaries = new TreeMap<>();
  private final Deque<int[]> before = new ArrayDeque<>();
  private @Nullable Boundary open;

  /** The truth at one instant, and the range of rates around it. */
  private static final class Boundary {
    private final long[] counts = new long[WIRES + PIPES];
    private final int[] low = new int[WIRES + PIPES];
    private final int[] high = new int[WIRES + PIPES];
    private long openUntil;

    void widen(int[] rates) {
      for (int i = 0; i < rates.length; i++) {
        low[i] = Math.min(low[i], rates[i]);
        high[i] = Math.max(high[i], rates[i]);
      }
    }
  }

  /**
   * @param intervalMillis base interval; boundaries are its multiples in wall time
   * @param wallMinusWorld how far the wall clock, in which intervals are counted, is ahead of the
   *     world's
   * @param sampleMillis longest time between two samples of a device that still counts as measured
   *     here
   * @param lagMillis longest time from a reading to its time stamp
   */
  public Boundaries(long intervalMillis, long wallMinusWorld, long sampleMillis, long lagMillis) {
    if (intervalMillis < 1 || sampleMillis < 0 || lagMillis < 0 || sampleMillis > intervalMillis) {
      throw new IllegalArgumentException(
          "0 <= sample <= interval and lag >= 0, were "
              + sampleMillis
              + ", "
              + intervalMillis
              + ", "
              + lagMillis);
    }
    this.intervalMillis = intervalMillis;
    this.offsetMillis = wallMinusWorld;
    this.sampleMillis = sampleMillis;
    this.lagMillis = lagMillis;
  }

  @Override
  public void stepped(World world) {
    int[] rates = rates(world);
    long wall = world.stepStart() + offsetMillis;
    Boundary last = open;
    if (last != null) {
      if (wall <= last.openUntil) {
        last.widen(rates);
      } else {
        open = null;
      }
    }
    if (Math.floorMod(wall, intervalMillis) == 0) {
      open = boundary(world, rates, wall);
      boundaries.put(wall, open);
      if (boundaries.size() > MOST) {
        boundaries.pollFirstEntry();
      }
    }
    before.addLast(rates);
    while ((before.size() - 1L) * world.scenario().stepMillis() > sampleMillis) {
      before.removeFirst();
    }
  }

  private Boundary boundary(World world, int[] rates, long wall) {
    Boundary boundary = new Boundary();
    for (Wire wire : Wire.values()) {
      boundary.counts[wire.index()] = world.energyMillijoules(wire, world.stepStart());
    }
    for (Pipe pipe : Pipe.values()) {
      boundary.counts[WIRES + pipe.index()] = world.massMilligrams(pipe, world.stepStart());
    }
    System.arraycopy(rates, 0, boundary.low, 0, rates.length);
    System.arraycopy(rates, 0, boundary.high, 0, rates.length);
    before.forEach(boundary::widen);
    boundary.openUntil = wall + sampleMillis;
    return boundary;
  }

  private static int[] rates(World world) {
    int[] rates = new int[WIRES + PIPES];
    for (Wire wire : Wire.values()) {
      rates[wire.index()] = world.watts(wire);
    }
    for (Pipe pipe : Pipe.values()) {
      rates[WIRES + pipe.index()] = world.milligramsPerSecond(pipe);
    }
    return rates;
  }

  /** Whether the truth at this instant of wall time is written down. */
  public boolean knows(long wallMillis) {
    return boundaries.containsKey(wallMillis);
  }

  /**
   * Instants of wall time that are written down, ascending, from {@code from} until {@code until}.
   */
  Iterable<Long> between(long from, long until) {
    return boundaries.subMap(from, true, until, true).keySet();
  }

  /** Energy since the world began, in mWh (millionths of a kWh), rounded down. */
  public long milliwattHours(Wire wire, long wallMillis) {
    return at(wallMillis).counts[wire.index()] / MILLIJOULES_PER_MILLIWATT_HOUR;
  }

  /** Hydrogen since the world began, in mg (millionths of a kg). */
  public long milligrams(Pipe pipe, long wallMillis) {
    return at(wallMillis).counts[WIRES + pipe.index()];
  }

  /** How far a perfect reader's value at this boundary may be from the truth, in mWh. */
  long slack(Wire wire, long wallMillis) {
    return slackOf(wire.index(), wallMillis) / MILLIJOULES_PER_MILLIWATT_HOUR + 1;
  }

  /** The same for hydrogen, in mg. */
  long slack(Pipe pipe, long wallMillis) {
    return slackOf(WIRES + pipe.index(), wallMillis) / 1_000 + 1;
  }

  private long slackOf(int index, long wallMillis) {
    Boundary boundary = at(wallMillis);
    long range = (long) boundary.high[index] - boundary.low[index];
    return range * sampleMillis / 4 + boundary.high[index] * lagMillis;
  }

  private Boundary at(long wallMillis) {
    Boundary boundary = boundaries.get(wallMillis);
    if (boundary == null) {
      throw new IllegalArgumentException("no truth is written down for " + wallMillis);
    }
    return boundary;
  }
}
