package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Times;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a register has counted, as a line over time that never falls, with its value at each
 * boundary of local time. Where it is not known what was counted (reset, jump) the line is flat and
 * says so.
 *
 * <p>Between two points at most {@code maxInterpolation} apart, or with the same reading, a
 * boundary value is measured; up to two hours apart it is split linearly (the limit of the
 * California VEE rules, CPUC PSWG3 msg00130); farther apart by the shape of {@link LikeDays}, and
 * where that is not known it is unknown, though not the total over the gap.
 *
 * <p>How far apart two points are is told by the monotonic clock, so that no step of the wall clock
 * changes it; where a boundary lies can only be told by the wall clock. What was counted across a
 * step forward lies in the time that really passed, right after the point before it; across a step
 * back it lies in the wall time that is left. So no energy is lost, but where it lies is not
 * measured: what is told of wall time that was skipped, or gone through twice, is suspect, and
 * missing where nothing was counted in it.
 */
final class EnergyLine {

  /** Why nothing is known of time that a clock skipped. */
  private static final String CLOCK_SET = "the clock was set";

  /** Of a boundary that was put back. */
  private static final long NO_READING = Long.MIN_VALUE;

  private final IntervalGrid grid;
  private final long maxInterpolation;
  private final long modulus;
  private final LikeDays likeDays;

  private final TreeMap<Long, Boundary> boundaries = new TreeMap<>();
  private boolean started;
  private long firstAt;
  private long firstValue;
  private long lastAt;
  private Mark last = new Mark(0, 0, 0);
  private long lastValue;
  private long lastReading;

  private long coveredMillis;
  private long brokenMillis;
  private long nextBoundary;

  /** Whether the last point is a sleeping source's, which nobody asked. */
  private boolean asleep;

  /** When nobody knows what was counted, as far back as boundaries are kept. */
  private Times breaks = Times.NONE;

  /** Wall time that the clock skipped or went through twice, as far back as boundaries are kept. */
  private Times unclear = Times.NONE;

  /** Since when what was told is unclear and was not; not kept, because it is asked at once. */
  private long unclearFrom = Long.MAX_VALUE;

  /** Base intervals before this are learnt from already. */
  private long learntUntil = Long.MIN_VALUE;

  /** The line before its last point, for {@link #takeBack}; null if it cannot be. */
  private @Nullable Earlier earlier;

  private record Earlier(
      long at,
      long value,
      long reading,
      long coveredMillis,
      long brokenMillis,
      boolean asleep,
      Mark mark) {}

  /**
   * @param maxInterpolation longest gap across which a boundary value counts as measured, ms
   * @param modulus of the register, 0 if it has none
   */
  public EnergyLine(IntervalGrid grid, long maxInterpolation, long modulus) {
    this.grid = grid;
    this.maxInterpolation = maxInterpolation;
    this.modulus = modulus;
    this.likeDays = new LikeDays(grid);
  }

  public boolean isStarted() {
    return started;
  }

  /** When the first reading was taken, UTC ms; without a meaning before {@link #isStarted}. */
  long firstAt() {
    return firstAt;
  }

  /** What its register showed last, millionths; 0 before the first reading. */
  long reading() {
    return lastReading;
  }

  /** What was counted so far, and where counting began. */
  public long total() {
    return lastValue;
  }

  /** When the newest point was taken, UTC ms; {@link Long#MIN_VALUE} before the first. */
  public long knownUntil() {
    return started ? lastAt : Long.MIN_VALUE;
  }

  /** The first point. */
  public void start(Mark at, long reading) {
    started = true;
    last = at;
    lastAt = at.wallMillis();
    lastValue = reading;
    lastReading = reading;
    regrid();
  }

  /** The register counted on until {@code at}. */
  public void count(Mark at, long counted, long reading) {
    point(at, counted, reading, false, false);
  }

  /** The source is silent because it sleeps: it has counted nothing. */
  public void sleep(Mark at) {
    if (started) {
      point(at, 0, lastReading, false, true);
    }
  }

  /** Until {@code at}, nobody knows what was counted; from there it reads {@code reading}. */
  public void breakUntil(Mark at, long reading) {
    point(at, 0, reading, true, false);
  }

  /**
   * Until {@code at}, nobody knows what was counted beside what the register will show: it reads
   * what it read before.
   */
  public void breakUntil(Mark at) {
    if (started) {
      point(at, 0, lastReading, true, false);
    }
  }

  private void point(Mark mark, long counted, long reading, boolean broken, boolean sleeping) {
    long elapsed = mark.millisSince(last);
    long at = mark.wallMillis();
    Earlier now =
        new Earlier(lastAt, lastValue, lastReading, coveredMillis, brokenMillis, asleep, last);
    earlier = null;
    if (isOfTimeThatWasLeft(mark)) {
      last = mark;
      lastValue += counted;
      lastReading = reading;
      brokenMillis += broken ? 1 : 0;
      return;
    }
    if (at < grid.horizon(lastAt)) {
      // Set back by hours: the line begins again there, and what was counted is kept with it.
      lastAt = at;
      long since = at - Math.max(0, elapsed);
      unclear = unclear.without(since, Long.MAX_VALUE).and(Times.of(since, at + 1));
      regrid();
    } else {
      watchClock(mark, elapsed);
    }
    last = mark;
    if (at <= lastAt) {
      // The wall clock was set back: what was counted is kept, where the line had already been.
      lastValue += counted;
      lastReading = reading;
      return;
    }
    if (at >= nextBoundary) {
      cross(gap(at, elapsed, broken, sleeping), counted, reading);
    }
    long gap = at - lastAt;
    coveredMillis += isCovered(elapsed, broken) ? gap(at, elapsed, broken, sleeping).spread() : 0;
    brokenMillis += broken ? gap : 0;
    breaks = broken ? breaks.and(Times.of(lastAt, at)) : breaks;
    lastAt = at;
    lastValue += counted;
    lastReading = reading;
    asleep = sleeping;
    earlier = broken ? null : now;
  }

  /** Whether the line has been moved since by {@link #setBack} or {@link #goOn}. */
  private boolean isOfTimeThatWasLeft(Mark mark) {
    return (last.wallMillis() > lastAt || mark.wallMillis() < grid.horizon(lastAt))
        && mark.boot() == last.boot()
        && Math.abs(mark.setSince(last)) <= grid.leastStepMillis();
  }

  private Gap gap(long at, long elapsed, boolean broken, boolean sleeping) {
    return new Gap(lastAt, at, elapsed, broken, asleep || sleeping, grid.leastStepMillis());
  }

  /** Notes what wall time is not as long as the time that passed. */
  private void watchClock(Mark mark, long elapsed) {
    long at = mark.wallMillis();
    long before = last.wallMillis();
    long least = grid.leastStepMillis();
    long set = mark.setSince(last);
    boolean isBack = set < -least;
    Times now = unclear;
    if (isBack || before < lastAt - least) {
      // It came by here before.
      long passed = Math.max(0, elapsed);
      now =
          now.and(
              isBack ? Times.of(at - passed, at) : Times.of(before, Math.min(before + passed, at)));
    }
    if (set > least || !now.equals(unclear)) {
      now = now.and(Times.of(lastAt, at));
    }
    unclearFrom = now.equals(unclear) ? unclearFrom : Math.min(at - Math.max(0, elapsed), lastAt);
    unclear = now;
  }

  /**
   * Since when something that was told may be unclear, and was not when this was last asked, UTC
   * ms; {@link Long#MAX_VALUE} if nothing is.
   */
  long takeUnclearFrom() {
    long from = unclearFrom;
    unclearFrom = Long.MAX_VALUE;
    return from;
  }

  /**
   * Takes the last point back, which was none.
   *
   * @return whether it could be: not if it broke the line, nor if the wall clock was set back to it
   */
  public boolean takeBack() {
    Earlier before = earlier;
    if (before == null) {
      return false;
    }
    boundaries
        .tailMap(before.at, false)
        .values()
        .removeIf(boundary -> boundary.reading() != NO_READING);
    lastAt = before.at;
    last = before.mark;
    lastValue = before.value;
    lastReading = before.reading;
    coveredMillis = before.coveredMillis;
    brokenMillis = before.brokenMillis;
    asleep = before.asleep;
    nextBoundary = grid.baseEnd(lastAt);
    earlier = null;
    return true;
  }

  private boolean isCovered(long elapsed, boolean broken) {
    return !broken && elapsed <= maxInterpolation;
  }

  /**
   * What lies between two neighbouring points.
   *
   * @param from UTC ms of the one
   * @param to UTC ms of the other, later
   * @param elapsed milliseconds that passed in between, ≥ 0, which is not {@code to − from} if the
   *     wall clock was set
   * @param broken whether nobody knows what was counted
   * @param asleep whether one of the two is a sleeping source's
   * @param least by how much more the wall clock is set, ms, if it is
   */
  private record Gap(long from, long to, long elapsed, boolean broken, boolean asleep, long least) {

    /** Whether the wall clock went on as time did. */
    boolean isPlain() {
      return Math.abs(to - from - elapsed) <= least;
    }

    /** The wall time over which what was counted is spread. */
    long spread() {
      return to - from - elapsed > least ? Math.max(1, elapsed) : to - from;
    }

    /** How much of that lies before a boundary. */
    long before(long boundary) {
      return Math.min(boundary - from, spread());
    }
  }

  private void cross(Gap gap, long counted, long reading) {
    long at = gap.to;
    LikeDays.Split split =
        counted > 0 && !gap.broken && gap.isPlain() && gap.elapsed > longestLinear()
            ? likeDays.split(gap.from, at, counted)
            : null;
    // After a long silence only what can still be told, and where what was open before ends and
    // what is open now begins.
    long oldest = grid.baseStart(grid.horizon(at) - IntervalGrid.longestTold(grid.baseMillis()));
    if (nextBoundary < oldest) {
      boundaries.put(nextBoundary, between(nextBoundary, gap, split, counted, reading));
      for (String length : IntervalGrid.rollUps()) {
        long end = grid.end(length, lastAt);
        if (end < oldest) {
          boundaries.put(end, between(end, gap, split, counted, reading));
        }
        long start = grid.start(length, at);
        if (start < oldest && start > lastAt) {
          boundaries.put(start, between(start, gap, split, counted, reading));
        }
      }
    }
    long boundary = Math.max(nextBoundary, oldest);
    for (; boundary <= at; boundary = grid.baseEnd(boundary)) {
      boundaries.put(boundary, between(boundary, gap, split, counted, reading));
    }
    nextBoundary = boundary;
  }

  private long longestLinear() {
    return Math.max(maxInterpolation, IntervalGrid.LONGEST_LINEAR_MILLIS);
  }

  private Boundary between(
      long boundary, Gap gap, LikeDays.@Nullable Split split, long counted, long reading) {
    long at = gap.to;
    boolean broken = gap.broken;
    long into = boundary - lastAt;
    long covered = coveredMillis + (isCovered(gap.elapsed, broken) ? gap.before(boundary) : 0);
    long brokenUntil = brokenMillis + (broken ? into : 0);
    if (boundary == at && !gap.asleep) {
      return exact(at, lastValue + counted, reading, covered, brokenUntil);
    }
    Quality quality = Quality.MISSING;
    long value = lastValue;
    if (!broken && counted == 0) {
      quality = gap.asleep ? Quality.DERIVED : Quality.MEASURED;
    } else if (!broken && gap.elapsed <= longestLinear()) {
      boolean near = gap.elapsed <= maxInterpolation;
      quality = near ? gap.asleep ? Quality.DERIVED : Quality.MEASURED : Quality.EST_LINEAR;
      long spread = gap.spread();
      long before = gap.before(boundary);
      long share = counted / spread * before;
      value = HalfEven.add(lastValue + share, counted % spread * before, spread);
    } else if (split != null) {
      quality = Quality.EST_PROFILE;
      value = lastValue + split.before(boundary);
    }
    long there = lastReading + value - lastValue;
    return new Boundary(
        quality,
        value,
        modulus > 0 && there >= modulus ? there - modulus : there,
        lastAt,
        lastValue,
        at,
        lastValue + counted,
        covered,
        brokenUntil);
  }

  private static Boundary exact(
      long at, long value, long reading, long coveredMillis, long brokenMillis) {
    return new Boundary(
        Quality.MEASURED, value, reading, at, value, at, value, coveredMillis, brokenMillis);
  }

  /** What was counted between two boundaries, for {@link #setBack} or {@link #goOn}. */
  LeftInterval.Counted left(long start, long end) {
    Boundary a = at(start);
    Boundary b = at(end);
    if (a == null || b == null) {
      return LeftInterval.Counted.nothing(end);
    }
    long from = a.isKnown() ? a.value() : a.after();
    long to = b.isKnown() ? b.value() : b.before();
    return new LeftInterval.Counted(
        a.isKnown() ? start : Math.min(a.afterAt(), end),
        Math.max(0, to - from),
        b.coveredMillis() - a.coveredMillis(),
        b.brokenMillis() - a.brokenMillis(),
        a.quality());
  }

  /**
   * The wall clock was set back by hours: the line begins again there, with what was counted since
   * the last interval that was told.
   *
   * @param to where it goes on, UTC ms
   * @param next end of what was told
   * @param keep where intervals begin that go on
   * @param back intervals that the clock returns to, by what is known of this line
   */
  void setBack(long to, long next, Collection<Long> keep, List<LeftInterval> back, String name) {
    if (!started) {
      return;
    }
    earlier = null;
    long value = lastValue;
    if (lastAt > to) {
      Boundary open = at(next);
      long told = open == null ? lastValue : open.isKnown() ? open.value() : open.before();
      TreeMap<Long, Boundary> kept = new TreeMap<>();
      for (Long each : keep) {
        Boundary there = at(each);
        if (there != null) {
          kept.put(each, there.since(coveredMillis, brokenMillis));
        }
      }
      boundaries.clear();
      boundaries.putAll(kept);
      breaks = breaks.without(to, Long.MAX_VALUE);
      unclear = unclear.without(to, Long.MAX_VALUE).and(Times.of(to, to + 1));
      coveredMillis = 0;
      brokenMillis = 0;
      lastAt = to;
      firstAt = to;
      firstValue = told;
      value = told;
      begin(to, told);
    }
    takeUp(back, name, to, to, value);
  }

  /**
   * The wall clock returns to time that it had left: what was counted until here lies where it was,
   * what is counted from here on lies there.
   *
   * @param to where it goes on, UTC ms, a boundary
   * @param now the time by now
   * @param ends boundaries that are skipped
   * @param back intervals that the clock returns to, by what is known of this line
   */
  void goOn(long to, long now, Collection<Long> ends, List<LeftInterval> back, String name) {
    if (!started || lastAt >= to) {
      return;
    }
    earlier = null;
    unclearFrom = Math.min(unclearFrom, lastAt);
    unclear =
        unclear
            .and(Times.of(lastAt, Math.min(grid.baseEnd(lastAt), to)))
            .and(Times.of(to, now + 1));
    for (String length : IntervalGrid.rollUps()) {
      long start = grid.start(length, to);
      if (start > lastAt) {
        boundaries.put(start, flat(start));
      }
    }
    for (Long end : ends) {
      if (end > lastAt && end < to) {
        boundaries.put(end, flat(end));
      }
    }
    lastAt = to;
    begin(to, lastValue);
    takeUp(back, name, to, now, lastValue);
  }

  private Boundary flat(long at) {
    return exact(at, lastValue, lastReading, coveredMillis, brokenMillis);
  }

  private void begin(long at, long value) {
    nextBoundary = grid.baseEnd(at);
    if (grid.baseStart(at) == at) {
      boundaries.put(at, exact(at, value, lastReading, coveredMillis, brokenMillis));
    }
  }

  /** Knows again where intervals begin whose time was left, latest first. */
  private void takeUp(List<LeftInterval> back, String name, long to, long now, long value) {
    for (LeftInterval interval : back) {
      LeftInterval.Counted count = interval.of(name, to);
      Boundary end =
          new Boundary(
              Quality.MEASURED,
              value,
              NO_READING,
              interval.end(),
              value,
              interval.end(),
              value,
              coveredMillis,
              brokenMillis);
      if (interval.end() <= to) {
        Boundary known = boundaries.get(interval.end());
        end = known == null || !known.isKnown() ? end : known;
        boundaries.put(interval.end(), end);
      }
      boundaries.put(interval.start(), end.less(interval.start(), count, NO_READING));
      unclear = unclear.and(Times.of(interval.left(), Math.min(interval.end(), now + 1)));
    }
  }

  private @Nullable Boundary at(long boundary) {
    Boundary known = boundaries.get(boundary);
    if (known != null || !started) {
      return known;
    }
    if (boundary > lastAt) {
      return new Boundary(
          Quality.MISSING,
          lastValue,
          lastReading,
          lastAt,
          lastValue,
          Long.MAX_VALUE,
          lastValue,
          coveredMillis,
          brokenMillis);
    }
    if (boundary < firstAt) {
      return new Boundary(
          Quality.MISSING, firstValue, 0, Long.MIN_VALUE, firstValue, firstAt, firstValue, 0, 0);
    }
    return null;
  }

  /**
   * What was counted between two boundaries.
   *
   * @param why the cause, if nothing is known
   */
  public Metric between(long start, long end, String ucum, boolean derived, String why) {
    Boundary a = at(start);
    Boundary b = at(end);
    if (a == null
        || b == null
        || (!a.isKnown() && a.afterAt() >= end)
        || (!b.isKnown() && b.beforeAt() <= start)
        || b.brokenMillis() - a.brokenMillis() >= end - start) {
      return Metric.missing(ucum, why);
    }
    long from = a.isKnown() ? a.value() : a.after();
    long to = b.isKnown() ? b.value() : b.before();
    Times unsure = unclear.within(Times.of(start, end));
    if (to == from && unsure.millis() == end - start) {
      return Metric.missing(ucum, CLOCK_SET);
    }
    boolean whole = a.isKnown() && b.isKnown() && a.brokenMillis() == b.brokenMillis();
    Quality quality =
        whole
            ? a.quality().worse(b.quality())
            : a.isKnown() ? a.quality().worse(Quality.PARTIAL) : Quality.PARTIAL;
    quality = unsure.isNone() ? quality : quality.worse(Quality.SUSPECT);
    long covered = Math.min(b.coveredMillis() - a.coveredMillis(), end - start);
    return new Metric(
            to - from,
            ucum,
            derived ? quality.worse(Quality.DERIVED) : quality,
            (int) (100 * covered / (end - start)),
            percent(estimated(a, b, from, to), to - from),
            null,
            null,
            null)
        .lacking(whole ? Times.NONE : lacking(a, b, start, end));
  }

  /** The times between two boundaries that what was counted does not account for. */
  private Times lacking(Boundary a, Boundary b, long start, long end) {
    Times broken = breaks.within(Times.of(start, end));
    if (broken.millis() < b.brokenMillis() - a.brokenMillis()) {
      // Older software did not write down when it was: then it may be all of it.
      return Times.of(start, end);
    }
    return broken
        .and(Times.of(start, a.isKnown() ? start : Math.min(a.afterAt(), end)))
        .and(Times.of(b.isKnown() ? end : Math.max(b.beforeAt(), start), end));
  }

  /** The part between two boundaries whose place in time is estimated. */
  private static long estimated(Boundary a, Boundary b, long from, long to) {
    long atStart = a.isEstimated() ? Math.min(a.after(), to) - from : 0;
    long atEnd = b.isEstimated() ? to - Math.max(b.before(), from) : 0;
    return Math.min(to - from, atStart + atEnd);
  }

  /** Rounded up, so that only what is wholly measured says 0. */
  private static int percent(long part, long whole) {
    return whole <= 0 ? 0 : (int) Math.ceilDiv(100 * part, whole);
  }

  /** The register's readings at two boundaries, null unless both are known. */
  public @Nullable Span readings(long start, long end) {
    Boundary a = at(start);
    Boundary b = at(end);
    return a != null
            && b != null
            && a.isKnown()
            && b.isKnown()
            && a.reading() != NO_READING
            && b.reading() != NO_READING
        ? new Span(a.reading(), b.reading())
        : null;
  }

  /**
   * Knows again a boundary that was forgotten; what the register read then it does not.
   *
   * @param since from when on it is known what was counted, not before {@code at}
   * @param known a boundary that was not forgotten
   * @param counted between the two
   */
  void putBack(long at, long since, long known, Stretch counted) {
    Boundary there = at(known);
    if (there == null || !there.isKnown() || at(at) != null) {
      return;
    }
    long value = there.value() - counted.counted();
    boolean suspect = counted.quality() == Quality.SUSPECT;
    boolean whole = since == at;
    boolean isKnown = whole || suspect;
    // A suspicion is carried by a boundary that is known: then it is the time after it that is not.
    long unknown = suspect ? since - at : 0;
    long after = isKnown ? value + counted.estimated() : value;
    boolean goesOn = isKnown && after >= there.value() && there.isEstimated();
    boundaries.put(
        at,
        new Boundary(
            isKnown ? counted.quality() : Quality.MISSING,
            value,
            NO_READING,
            whole ? at : Long.MIN_VALUE,
            value,
            since,
            goesOn ? there.after() : after,
            there.coveredMillis() - counted.coveredMillis(),
            there.brokenMillis() - counted.brokenMillis() - unknown));
  }

  /** Forgets boundaries before {@code horizon}, except those in {@code pins}. */
  public void forget(long horizon, Collection<Long> pins) {
    learn(horizon);
    boundaries.headMap(horizon).keySet().retainAll(pins);
    if (!breaks.isNone() && !boundaries.isEmpty()) {
      breaks = breaks.without(Long.MIN_VALUE, boundaries.firstKey());
    }
    if (!unclear.isNone() && !boundaries.isEmpty()) {
      unclear = unclear.without(Long.MIN_VALUE, boundaries.firstKey());
    }
  }

  /** What does not change any more shows what such days are like. */
  private void learn(long horizon) {
    for (Map.Entry<Long, Boundary> entry : boundaries.headMap(horizon).entrySet()) {
      long start = entry.getKey();
      Boundary a = entry.getValue();
      Boundary b = likeDays.isStart(start) ? boundaries.get(likeDays.end(start)) : null;
      if (start < learntUntil || b == null) {
        continue;
      }
      learntUntil = start + 1;
      boolean measured = a.quality() == Quality.MEASURED && b.quality() == Quality.MEASURED;
      boolean covered = b.coveredMillis() - a.coveredMillis() >= likeDays.end(start) - start;
      if (measured && covered && a.brokenMillis() == b.brokenMillis()) {
        likeDays.learn(start, b.value() - a.value());
      }
    }
  }

  /** Writes the line down, for {@link #restore}. */
  public void checkpoint(CheckpointWriter to) {
    to.flag(started);
    if (!started) {
      return;
    }
    to.number(firstAt).number(firstValue).number(lastAt).number(lastValue).number(lastReading);
    last.write(to);
    to.number(coveredMillis).number(brokenMillis).number(nextBoundary);
    to.flag(asleep).number(learntUntil == Long.MIN_VALUE ? 0 : learntUntil);
    likeDays.checkpoint(to);
    Earlier before = earlier;
    to.flag(before != null);
    if (before != null) {
      to.number(lastAt - before.at).number(lastValue - before.value);
      to.number(lastReading - before.reading).number(coveredMillis - before.coveredMillis);
      to.number(brokenMillis - before.brokenMillis);
      to.flag(before.asleep);
      before.mark.write(to);
    }
    to.number(boundaries.size());
    for (Map.Entry<Long, Boundary> entry : boundaries.entrySet()) {
      to.number(entry.getKey());
      entry.getValue().write(to);
    }
    to.times(breaks).times(unclear);
  }

  /**
   * Takes up what {@link #checkpoint} wrote.
   *
   * @param sameGrid whether it was on this grid: like days of another one are forgotten
   */
  public void restore(CheckpointReader from, boolean sameGrid) {
    started = from.flag();
    if (!started) {
      return;
    }
    firstAt = from.number();
    firstValue = from.number();
    lastAt = from.number();
    lastValue = from.number();
    lastReading = from.number();
    last = Mark.read(from);
    coveredMillis = from.number();
    brokenMillis = from.number();
    nextBoundary = from.number();
    asleep = from.flag();
    learntUntil = from.number();
    likeDays.restore(from, sameGrid);
    earlier =
        from.flag()
            ? new Earlier(
                lastAt - from.number(),
                lastValue - from.number(),
                lastReading - from.number(),
                coveredMillis - from.number(),
                brokenMillis - from.number(),
                from.flag(),
                Mark.read(from))
            : null;
    for (int left = from.count(); left > 0; left--) {
      boundaries.put(from.number(), Boundary.read(from));
    }
    breaks = from.times();
    unclear = from.times();
  }

  /**
   * After the zone or the base length changed: boundaries of the old grid mean nothing, so the line
   * begins anew at its last point.
   */
  public void regrid() {
    boundaries.clear();
    breaks = Times.NONE;
    earlier = null;
    firstAt = lastAt;
    firstValue = lastValue;
    coveredMillis = 0;
    brokenMillis = 0;
    if (!started) {
      return;
    }
    nextBoundary = grid.baseEnd(lastAt);
    if (grid.baseStart(lastAt) == lastAt) {
      boundaries.put(lastAt, exact(lastAt, lastValue, lastReading, 0, 0));
    }
  }
}
