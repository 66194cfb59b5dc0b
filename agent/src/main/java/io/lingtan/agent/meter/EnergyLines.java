package io.lingtan.agent.meter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lines that are made of one register's counts: what is told, by base intervals; at the gate
 * the same by the minute; and of a count that is corrected what the register itself showed. What
 * happens to one of them happens to all.
 */
final class EnergyLines {

  /** After the channel's name: the line of what its register itself counted. */
  private static final String RAW = " raw";

  private final EnergyLine told;
  private final @Nullable SlidingDemand sliding;
  private final @Nullable RawCount raw;

  /** All but {@link #raw}, which is a check's part of the checkpoint. */
  private final List<EnergyLine> counted = new ArrayList<>();

  private final List<EnergyLine> all;

  /**
   * @param maxInterpolation as of an {@link EnergyLine}
   * @param byTheMinute whether the greatest sliding demand is asked for
   * @param corrected whether what is told is not what the register counted
   */
  EnergyLines(
      IntervalGrid grid,
      long maxInterpolation,
      long modulus,
      boolean byTheMinute,
      boolean corrected) {
    told = new EnergyLine(grid, maxInterpolation, modulus);
    sliding =
        byTheMinute
            ? new SlidingDemand(new EnergyLine(grid.minutes(), maxInterpolation, modulus))
            : null;
    raw = corrected ? new RawCount(new EnergyLine(grid, maxInterpolation, modulus)) : null;
    counted.add(told);
    if (sliding != null) {
      counted.add(sliding.line());
    }
    all = new ArrayList<>(counted);
    if (raw != null) {
      all.add(raw.line());
    }
  }

  /** To be read: it is moved together with the others only. */
  EnergyLine told() {
    return told;
  }

  /** What the gate counts by the minute; null for all other figures. */
  @Nullable SlidingDemand sliding() {
    return sliding;
  }

  /** What the register itself counted, where what is told is corrected; null for all others. */
  @Nullable RawCount raw() {
    return raw;
  }

  void start(Mark at, long reading) {
    all.forEach(each -> each.start(at, reading));
  }

  /**
   * @param amount what is told of it
   * @param shown what the register counted
   */
  void count(Mark at, long amount, long shown, long reading) {
    counted.forEach(each -> each.count(at, amount, reading));
    if (raw != null) {
      raw.count(at, shown, reading);
    }
  }

  void sleep(Mark at) {
    all.forEach(each -> each.sleep(at));
  }

  void breakUntil(Mark at, long reading) {
    all.forEach(each -> each.breakUntil(at, reading));
  }

  void breakUntil(Mark at) {
    all.forEach(each -> each.breakUntil(at));
  }

  /** Whether the last point could be taken back; they have the same points. */
  boolean takeBack() {
    if (!told.takeBack()) {
      return false;
    }
    all.stream().skip(1).forEach(EnergyLine::takeBack);
    return true;
  }

  long takeUnclearFrom() {
    return all.stream().mapToLong(EnergyLine::takeUnclearFrom).min().orElseThrow();
  }

  void forget(long horizon, Collection<Long> pins) {
    told.forget(horizon, pins);
    if (sliding != null) {
      sliding.forget(horizon);
    }
    if (raw != null) {
      raw.line().forget(horizon, pins);
    }
  }

  /** What was counted of an interval that the wall clock leaves; the minutes are not kept. */
  void left(long start, long end, Map<String, LeftInterval.Counted> counts, String name) {
    counts.put(name, told.left(start, end));
    if (raw != null) {
      counts.put(name + RAW, raw.line().left(start, end));
    }
  }

  /** See {@link EnergyLine#setBack}. */
  void setBack(long to, long next, Collection<Long> keep, List<LeftInterval> back, String name) {
    told.setBack(to, next, keep, back, name);
    if (sliding != null) {
      sliding.line().setBack(to, next, List.of(), List.of(), name);
    }
    if (raw != null) {
      raw.line().setBack(to, next, keep, back, name + RAW);
    }
  }

  /** See {@link EnergyLine#goOn}. */
  void goOn(long to, long now, Collection<Long> ends, List<LeftInterval> back, String name) {
    told.goOn(to, now, ends, back, name);
    if (sliding != null) {
      sliding.line().goOn(to, now, ends, List.of(), name);
    }
    if (raw != null) {
      raw.line().goOn(to, now, ends, back, name + RAW);
    }
  }

  void regrid() {
    all.forEach(EnergyLine::regrid);
  }

  /** All but {@link #raw}. */
  void checkpoint(CheckpointWriter to) {
    counted.forEach(each -> each.checkpoint(to));
  }

  void restore(CheckpointReader from, boolean sameGrid) {
    counted.forEach(each -> each.restore(from, sameGrid));
  }

  /** What a gas meter's register counted, before it is corrected: {@code max_rate} is of that. */
  record RawCount(EnergyLine line) implements MeterCheck {

    /** A checkpoint of software that did not keep it has no beginning of it. */
    void count(Mark at, long counted, long reading) {
      if (line.isStarted()) {
        line.count(at, counted, reading);
      } else {
        line.start(at, reading);
      }
    }

    @Override
    public void checkpoint(CheckpointWriter to) {
      line.checkpoint(to);
    }

    @Override
    public void restore(CheckpointReader from) {
      line.restore(from, true);
    }
  }
}
