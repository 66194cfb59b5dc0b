package io.lingtan.agent.meter;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes up and down, such as the mass in a tank, with its value at each boundary of
 * local time: interpolated between two readings that are close enough by the monotonic clock, and
 * between which the wall clock was not set, else unknown.
 */
public final class LevelLine {

  private final IntervalGrid grid;
  private final long maxInterpolation;
  private final TreeMap<Long, Long> boundaries = new TreeMap<>();
  private boolean started;
  private long lastAt;
  private Mark last = new Mark(0, 0, 0);
  private long lastValue;

  /**
   * @param maxInterpolation longest gap across which a boundary value is known, ms
   */
  public LevelLine(IntervalGrid grid, long maxInterpolation) {
    this.grid = grid;
    this.maxInterpolation = maxInterpolation;
  }

  /** When the newest reading was taken, UTC ms; {@link Long#MIN_VALUE} before the first. */
  public long knownUntil() {
    return started ? lastAt : Long.MIN_VALUE;
  }

  /**
   * Takes a reading. One from the past changes nothing, unless the clock was set back by hours.
   *
   * @return whether the wall clock was set since the last one: boundaries in between are unknown
   */
  public boolean observe(Mark mark, long value) {
    long at = mark.wallMillis();
    long elapsed = mark.millisSince(last);
    boolean isSet = started && Math.abs(mark.setSince(last)) > grid.leastStepMillis();
    if (started && at <= lastAt && at >= grid.horizon(lastAt)) {
      return isSet;
    }
    boolean goesOn = started && at > lastAt && elapsed <= maxInterpolation && !isSet;
    if (goesOn) {
      for (long b = grid.baseEnd(lastAt); b < at; b = grid.baseEnd(b)) {
        long rise = value - lastValue;
        boundaries.put(b, HalfEven.add(lastValue, rise * (b - lastAt), at - lastAt));
      }
    }
    if (grid.baseStart(at) == at) {
      boundaries.put(at, value);
    }
    started = true;
    last = mark;
    lastAt = at;
    lastValue = value;
    return isSet;
  }

  /** Its value at a boundary, null if it is not known. */
  public @Nullable Long at(long boundary) {
    return boundaries.get(boundary);
  }

  /** Its newest value; null if that is from before {@code since}, UTC ms. */
  public @Nullable Long newest(long since) {
    return started && lastAt >= since ? lastValue : null;
  }

  /** Forgets boundaries before {@code horizon}, except those in {@code pins}. */
  public void forget(long horizon, Collection<Long> pins) {
    boundaries.headMap(horizon).keySet().retainAll(pins);
  }

  /** Writes the line down, for {@link #restore}. */
  public void checkpoint(CheckpointWriter to) {
    to.flag(started).number(lastAt).number(lastValue);
    last.write(to);
    to.number(boundaries.size());
    for (Map.Entry<Long, Long> entry : boundaries.entrySet()) {
      to.number(entry.getKey()).number(entry.getValue());
    }
  }

  /** Takes up what {@link #checkpoint} wrote. */
  public void restore(CheckpointReader from) {
    started = from.flag();
    lastAt = from.number();
    lastValue = from.number();
    last = Mark.read(from);
    for (int left = from.count(); left > 0; left--) {
      boundaries.put(from.number(), from.number());
    }
  }
}
