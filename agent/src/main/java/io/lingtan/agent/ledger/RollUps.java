package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The hours, days, months and years that are open, or may still be told again. A month hands what
 * it leaves over to the next one, and what it tells to its year.
 */
final class RollUps {

  private final IntervalGrid grid;
  private final boolean hourly;
  private final List<RollUp> all = new ArrayList<>();

  /** What makes no whole certificate of the month that ended there. */
  private long carriedTo = Long.MIN_VALUE;

  private long carried;

  /** Whether days, months and years wait to be told. */
  private boolean isHeld;

  /**
   * @param hourly whether clean energy is matched hour by hour
   */
  RollUps(IntervalGrid grid, boolean hourly) {
    this.grid = grid;
    this.hourly = hourly;
  }

  /** The one that holds an instant, begun if there is none. */
  private RollUp at(String length, long millis) {
    RollUp known = holding(length, millis);
    if (known != null) {
      return known;
    }
    RollUp fresh = fresh(length, millis);
    if (fresh.start() == carriedTo && fresh.isMonth()) {
      fresh.carry(carried);
    }
    all.add(fresh);
    return fresh;
  }

  private @Nullable RollUp holding(String length, long millis) {
    for (RollUp rollUp : all) {
      if (rollUp.length().equals(length) && rollUp.holds(millis)) {
        return rollUp;
      }
    }
    return null;
  }

  private RollUp fresh(String length, long millis) {
    return matching(new RollUp(length, grid.start(length, millis), grid.end(length, millis)));
  }

  private RollUp matching(RollUp rollUp) {
    return hourly ? rollUp.hourly() : rollUp;
  }

  /** Another one like that which holds an instant, to which something may be added. */
  RollUp copy(String length, long millis) {
    RollUp known = holding(length, millis);
    return known == null ? fresh(length, millis) : known.copy();
  }

  /** The one that begins there, if it may still be told or told again; else null. */
  @Nullable RollUp live(String length, long start) {
    for (RollUp rollUp : all) {
      if (rollUp.length().equals(length) && rollUp.start() == start) {
        return rollUp;
      }
    }
    return null;
  }

  List<RollUp> live(String length) {
    return all.stream().filter(rollUp -> rollUp.length().equals(length)).toList();
  }

  /** Those that end by {@code next} and were not told, and those that have changed since. */
  List<RollUp> due(long next) {
    List<RollUp> due = new ArrayList<>();
    for (String length : IntervalGrid.rollUps()) {
      for (RollUp rollUp : all) {
        boolean ended = rollUp.end() <= next && rollUp.published().isNone();
        if (rollUp.length().equals(length) && !isHeld(rollUp) && (ended || rollUp.isTouched())) {
          due.add(rollUp);
        }
      }
    }
    return due;
  }

  /** Adds a base interval to those that it lies in. */
  void add(long start, Part part, @Nullable Carried before) {
    for (String length : IntervalGrid.rollUps()) {
      at(length, start).add(start, part, before);
    }
  }

  /**
   * A base interval came out otherwise.
   *
   * @param isTold whether it is told again for that
   */
  void replace(long start, Part old, Part part, @Nullable Carried before, boolean isTold) {
    for (RollUp rollUp : all) {
      if (rollUp.holds(start)) {
        rollUp.remove(start, old);
        rollUp.add(start, part, before);
        if (isTold) {
          rollUp.late();
        }
      }
    }
  }

  /** What is carried to the start of a base interval has become another. */
  void began(long start, @Nullable Carried before) {
    all.forEach(rollUp -> rollUp.began(start, before));
  }

  /** Those that were told and end after {@code from} may have to be told again. */
  void touch(long from) {
    for (RollUp rollUp : all) {
      if (!rollUp.published().isNone() && rollUp.end() > from) {
        rollUp.touch();
      }
    }
  }

  void clear() {
    all.clear();
  }

  /** No day, month or year is told, or forgotten, until {@link #release}. */
  void hold() {
    isHeld = true;
  }

  void release() {
    isHeld = false;
  }

  private boolean isHeld(RollUp rollUp) {
    return isHeld && !rollUp.length().equals("1h");
  }

  /** Takes from a month what later ones begin with and what its year tells of it. */
  void told(RollUp month, Interval interval) {
    if (!month.isMonth()) {
      return;
    }
    Metric left = interval.metrics().get(SiteFigures.CARRY);
    Long micros = left == null ? null : left.micros();
    if (micros != null && month.end() >= carriedTo) {
      carriedTo = month.end();
      carried = micros;
      RollUp next = live("1M", carriedTo);
      if (next != null) {
        next.carry(carried);
      }
    }
    // A year is the sum of its months where it is not that of its base intervals.
    Metric tells = interval.metrics().get(SiteFigures.MONTHLY);
    if (tells != null) {
      live("1Y").stream()
          .filter(year -> year.holds(month.start()))
          .forEach(year -> year.month(month.start(), tells));
    }
  }

  /**
   * Forgets what can change no more.
   *
   * @param horizon base intervals before it are not revised any more
   * @param waitMillis how long days, months and years are kept after that
   */
  void forget(long horizon, long waitMillis) {
    all.forEach(rollUp -> rollUp.settle(horizon, grid.zone()));
    all.removeIf(
        rollUp ->
            !rollUp.published().isNone()
                && !isHeld(rollUp)
                && rollUp.end() <= horizon - (rollUp.length().equals("1h") ? 0 : waitMillis));
  }

  NavigableSet<Long> starts() {
    NavigableSet<Long> starts = new TreeSet<>();
    all.forEach(rollUp -> starts.add(rollUp.start()));
    return starts;
  }

  NavigableSet<Long> bounds() {
    NavigableSet<Long> bounds = starts();
    all.forEach(rollUp -> bounds.add(rollUp.end()));
    return bounds;
  }

  /**
   * Days begin elsewhere from here on: those that do are begun anew, and a year takes over what the
   * months of the same year told.
   *
   * @param next start of the open base interval
   */
  void regrid(IntervalGrid before, long next) {
    List<RollUp> old = List.copyOf(all);
    all.removeIf(
        rollUp ->
            rollUp.start() != grid.start(rollUp.length(), rollUp.start())
                || rollUp.end() != grid.end(rollUp.length(), rollUp.start()));
    LongUnaryOperator sameDay =
        start -> before.date(start).atStartOfDay(grid.zone()).toInstant().toEpochMilli();
    carriedTo = carriedTo == Long.MIN_VALUE ? carriedTo : sameDay.applyAsLong(carriedTo);
    for (String length : IntervalGrid.rollUps()) {
      at(length, next);
    }
    RollUp year = at("1Y", next);
    for (RollUp each : old) {
      if (each.isYear() && each != year && sameDay.applyAsLong(each.start()) == year.start()) {
        year.monthsOf(each, sameDay);
      }
    }
  }

  void write(CheckpointWriter to) {
    to.number(all.size());
    all.forEach(rollUp -> rollUp.write(to));
    to.number(carriedTo).number(carried);
  }

  void read(CheckpointReader from) {
    for (int left = from.count(); left > 0; left--) {
      all.add(matching(RollUp.read(from)));
    }
    carriedTo = from.number();
    carried = from.number();
  }
}
