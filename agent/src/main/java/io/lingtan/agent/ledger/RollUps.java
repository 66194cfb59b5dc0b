package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.meter.LeftInterval;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The hours, days, months and years that are open, or may still be told again. A month hands what
 * it leaves over to the next one, and what it tells to its year.
 */
final class RollUps {

  /** Of intervals whose time the wall clock left: twice all that can be open. */
  private static final int MOST_LEFT = 16;

  /** They are forgotten if it does not come back within a year. */
  private static final long LONGEST_LEFT_MILLIS = 366 * 24 * 3_600_000L;

  private final IntervalGrid grid;
  private final boolean hourly;
  private final List<RollUp> all = new ArrayList<>();

  /** What makes no whole certificate of the month that ended there. */
  private long carriedTo = Long.MIN_VALUE;

  private long carried;

  /** Those whose time the wall clock left before they were over, oldest first. */
  private final List<Left> left = new ArrayList<>();

  /** When the wall clock was where it is now for the first time after it last left any. */
  private long leftSince = Long.MIN_VALUE;

  /**
   * An interval whose time the wall clock left.
   *
   * @param counts of its registers
   * @param base the base interval that was open then, if that was told too, with what it added
   */
  private record Left(RollUp rollUp, LeftInterval counts, @Nullable Running base) {

    boolean isTold() {
      return base != null;
    }
  }

  private record Running(LeftInterval counts, Part part) {}

  /** Tells what registers have counted of an interval that the wall clock leaves. */
  interface Registers {
    LeftInterval left(RollUp of);
  }

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
    left.clear();
  }

  /**
   * The wall clock is set back by hours. What holds the time where it goes on and began in an hour
   * before goes on, what begins later is left if it was not told, else forgotten.
   *
   * @return where those begin that go on
   */
  NavigableSet<Long> setBack(long millis, Registers registers) {
    NavigableSet<Long> kept = new TreeSet<>();
    long hour = grid.start("1h", millis);
    for (RollUp rollUp : List.copyOf(all)) {
      if (rollUp.start() < hour && rollUp.holds(millis)) {
        rollUp.published(Published.NONE);
        kept.add(rollUp.start());
        continue;
      }
      all.remove(rollUp);
      if (rollUp.start() > millis && rollUp.published().isNone()) {
        left.add(new Left(rollUp, registers.left(rollUp), null));
      }
    }
    carriedTo = carriedTo > millis ? Long.MIN_VALUE : carriedTo;
    leftSince = millis;
    return kept;
  }

  /**
   * The wall clock skips more than a day, and may come back: keeps another one of each that it
   * leaves.
   *
   * @param open the base interval that was open and is told
   * @param until where it goes on
   * @param part what that one added
   */
  void skip(LeftInterval open, long until, Part part, Registers registers) {
    for (RollUp rollUp : all) {
      if (rollUp.published().isNone() && rollUp.end() > open.end() && rollUp.end() <= until) {
        left.add(
            new Left(matching(rollUp.copy()), registers.left(rollUp), new Running(open, part)));
      }
    }
    leftSince = until;
  }

  /**
   * The wall clock was set back to what it had left: that goes on.
   *
   * @return what registers had counted of it, latest first
   */
  List<LeftInterval> comeBack(long millis) {
    return takeUp(
        one ->
            one.base != null
                && one.rollUp.holds(millis)
                && (one.rollUp.start() < grid.start("1h", millis)
                    || grid.baseStart(millis) >= one.base.counts.start()),
        millis);
  }

  /** Whether the wall clock has left anything that begins after {@code from} and by {@code to}. */
  boolean hasLeft(long from, long to) {
    return left.stream().anyMatch(one -> isPassed(one, from, to));
  }

  /**
   * The wall clock was set forward to what it had left, or beyond it: that goes on.
   *
   * @return what registers had counted of it, latest first
   */
  List<LeftInterval> goOn(long from, long to) {
    List<LeftInterval> back = takeUp(one -> isPassed(one, from, to), to);
    leftSince = to;
    return back;
  }

  /** The wall clock goes on through time that it had left before: what was told of it is gone. */
  void passed(long from, long to) {
    left.removeIf(one -> isPassed(one, from, to));
  }

  private static boolean isPassed(Left one, long from, long to) {
    return !one.isTold() && one.rollUp.start() > from && one.rollUp.start() <= to;
  }

  private List<LeftInterval> takeUp(Predicate<Left> which, long millis) {
    List<LeftInterval> back = new ArrayList<>();
    for (Left one : List.copyOf(left)) {
      if (!which.test(one)) {
        continue;
      }
      left.remove(one);
      RollUp rollUp = one.rollUp;
      if (live(rollUp.length(), rollUp.start()) != null) {
        continue;
      }
      all.add(rollUp);
      back.add(one.counts);
      if (one.base != null && grid.baseStart(millis) <= one.base.counts.start()) {
        // It is told again.
        rollUp.remove(one.base.counts.start(), one.base.part);
        back.add(one.base.counts);
      }
    }
    back.sort(Comparator.comparingLong(LeftInterval::start).reversed());
    return back;
  }

  /**
   * Forgets what the wall clock left, if it does not come back.
   *
   * @return those that were never told
   */
  List<RollUp> forgetLeft(long now) {
    List<RollUp> lost = new ArrayList<>();
    boolean isOld = now - leftSince > LONGEST_LEFT_MILLIS;
    while (!left.isEmpty() && (isOld || left.size() > MOST_LEFT)) {
      Left oldest = left.removeFirst();
      if (!oldest.isTold()) {
        lost.add(oldest.rollUp);
      }
    }
    return lost;
  }

  /** Where those begin whose time the wall clock left. */
  List<Long> leftStarts() {
    return left.stream().map(one -> one.rollUp.start()).toList();
  }

  void writeLeft(CheckpointWriter to) {
    to.number(leftSince).number(left.size());
    for (Left one : left) {
      one.rollUp.write(to);
      one.counts.write(to);
      to.flag(one.base != null);
      if (one.base != null) {
        one.base.counts.write(to);
        one.base.part.write(to);
      }
    }
  }

  void readLeft(CheckpointReader from) {
    leftSince = from.number();
    for (int rest = from.count(); rest > 0; rest--) {
      left.add(
          new Left(
              matching(RollUp.read(from)),
              LeftInterval.read(from),
              from.flag()
                  ? new Running(LeftInterval.read(from), Part.read(from, grid.baseMillis()))
                  : null));
    }
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
    all.removeIf(this::isElsewhere);
    left.removeIf(one -> isElsewhere(one.rollUp));
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

  private boolean isElsewhere(RollUp rollUp) {
    return rollUp.start() != grid.start(rollUp.length(), rollUp.start())
        || rollUp.end() != grid.end(rollUp.length(), rollUp.start());
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
