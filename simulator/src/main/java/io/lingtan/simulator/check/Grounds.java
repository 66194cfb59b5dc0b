package io.lingtan.simulator.check;

import io.lingtan.simulator.check.Neighbours.Sides;
import io.lingtan.simulator.check.Spans.Span;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What the readings that were delivered allow to be said of a figure: the truth, how far from it a
 * good figure may be, and within which bounds any figure lies, however little was seen.
 */
final class Grounds {

  /** A gap is as long as it is, give or take the time stamps. */
  private static final long STAMP_MILLIS = 1_000;

  /** In millionths: 1 Wh, or 1 g. */
  private static final long SLACK = 1_000;

  private final long baseMillis;
  private final long maxInterpolation;
  private final List<Counter> counters;
  private final Sites sites;
  private final Truth truth;
  private final List<Neighbours> neighbours = new ArrayList<>();

  /**
   * @param maxInterpolation longest gap across which a boundary counts as measured, ms
   * @param sites how the gateway scales what it reads
   */
  Grounds(
      long baseMillis, long maxInterpolation, List<Counter> counters, Sites sites, Truth truth) {
    this.baseMillis = baseMillis;
    this.maxInterpolation = maxInterpolation;
    this.counters = counters;
    this.sites = sites;
    this.truth = truth;
    counters.forEach(counter -> neighbours.add(new Neighbours(baseMillis)));
  }

  /** A counter was read: see {@link Neighbours#add}. */
  void read(String device, String point, long ts, long trueMicros, boolean isSure) {
    for (int i = 0; i < counters.size(); i++) {
      if (counters.get(i).is(device, point)) {
        neighbours.get(i).add(ts, trueMicros, isSure);
      }
    }
  }

  /** A counter was read, and it was forgotten: see {@link Neighbours#addForgotten}. */
  void forgotten(String device, String point, long ts, long trueMicros) {
    for (int i = 0; i < counters.size(); i++) {
      if (counters.get(i).is(device, point)) {
        neighbours.get(i).addForgotten(ts, trueMicros);
      }
    }
  }

  /**
   * What a gateway gets of it that scales as its site file says, in millionths of its unit; but
   * truly where the meter says that it is to be scaled otherwise.
   */
  long believed(Figure figure, long start, long end) {
    long sum = 0;
    for (Figure.Term term : figure.terms()) {
      long counted = counted(term, start, end);
      boolean shows = sites.showsRatio(counters.get(term.counter()).meter().id());
      sum += term.sign() * (shows ? counted : scaled(counted, term, start, end));
    }
    return times(figure, sum, RoundingMode.HALF_EVEN);
  }

  /** The true figure whatever the gateway's site file says, in millionths of its unit. */
  long really(Figure figure, long start, long end) {
    long sum = 0;
    for (Figure.Term term : figure.terms()) {
      sum += term.sign() * counted(term, start, end);
    }
    return times(figure, sum, RoundingMode.HALF_EVEN);
  }

  /** Whether a counter moved by more than its register may have shown anyway. */
  boolean hasCounted(Figure.Term term, long start, long end) {
    return counted(term, start, end) > truth.resolutionMicros(term.counter(), end);
  }

  private long counted(Figure.Term term, long start, long end) {
    return truth.micros(term.counter(), end) - truth.micros(term.counter(), start);
  }

  /** By the greatest scale that the gateway may have given the counter in a span. */
  private long scaled(long micros, Figure.Term term, long from, long until) {
    Counter counter = counters.get(term.counter());
    String device = counter.meter().id();
    BigDecimal told = sites.scale(device, counter.point(), from, until);
    BigDecimal scale = sites.showsRatio(device) ? told.max(BigDecimal.ONE) : told;
    return scale.compareTo(BigDecimal.ONE) == 0
        ? micros
        : scale
            .multiply(BigDecimal.valueOf(micros))
            .setScale(0, RoundingMode.HALF_EVEN)
            .longValueExact();
  }

  private static long times(Figure figure, long micros, RoundingMode rounding) {
    return figure.isCarbon()
        ? figure
            .factor()
            .multiply(BigDecimal.valueOf(micros))
            .setScale(0, rounding)
            .longValueExact()
        : micros;
  }

  /** How far a good figure may be from it; -1 if there are no readings to say so. */
  long allowed(Figure figure, long start, long end) {
    long sum = 0;
    for (Figure.Term term : figure.terms()) {
      long atStart = unknown(term.counter(), start);
      long atEnd = unknown(term.counter(), end);
      if (atStart < 0 || atEnd < 0) {
        return -1;
      }
      // And a millionth at each end, where a boundary value is rounded.
      long unknown = truth.resolutionMicros(term.counter(), end) + atStart + atEnd;
      sum += scaled(unknown, term, start, end) + 2;
    }
    return times(figure, sum, RoundingMode.UP);
  }

  private long unknown(int counter, long boundary) {
    long unknown = neighbours.get(counter).unknownMicros(boundary, truth.micros(counter, boundary));
    return unknown < 0 ? unknown : unknown + truth.jitterMicros(counter, boundary);
  }

  /**
   * For how long nobody looked around one of its ends, while something was counted that a register
   * shows, ms; 0 if that is no longer than a boundary may be interpolated over.
   *
   * @param asleep whose source may have been asleep, or whose register stood still: if it had made
   *     nothing from when it was last seen until such an end, then its silence says what it
   *     counted, as far as that end
   */
  long guessedMillis(Figure figure, long start, long end, Predicate<Figure.Term> asleep) {
    long longest = 0;
    for (Figure.Term term : figure.terms()) {
      for (long boundary : new long[] {start, end}) {
        Sides sides = neighbours.get(term.counter()).sides(boundary);
        long resolution = truth.resolutionMicros(term.counter(), boundary);
        if (sides != null
            && sides.gapMillis() > maxInterpolation + STAMP_MILLIS
            && sides.counted() > 2 * resolution
            && !(asleep.test(term)
                && truth.micros(term.counter(), boundary) - sides.before() <= resolution)) {
          longest = Math.max(longest, sides.gapMillis());
        }
      }
    }
    return longest;
  }

  /** Whether a boundary may count as measured at every end of it. */
  boolean isMeasurable(Figure figure, long start, long end) {
    // Where nothing was counted in a gap the boundary is known, however long that is.
    return isKnowable(figure, start, end, Long.MAX_VALUE)
        && guessedMillis(figure, start, end, term -> false) == 0;
  }

  /** Whether every end of it lies between two readings at most so far apart. */
  boolean isKnowable(Figure figure, long start, long end, long longest) {
    for (Figure.Term term : figure.terms()) {
      for (long boundary : new long[] {start, end}) {
        Sides sides = neighbours.get(term.counter()).sides(boundary);
        if (sides == null || sides.gapMillis() > longest) {
          return false;
        }
      }
    }
    return true;
  }

  /** From the last reading before its start to the first after its end, of all its counters. */
  Span reach(Figure figure, long start, long end) {
    long from = start;
    long until = end;
    for (Figure.Term term : figure.terms()) {
      Sides before = neighbours.get(term.counter()).sides(start);
      Sides after = neighbours.get(term.counter()).sides(end);
      from = before == null ? from : Math.min(from, before.beforeAt());
      until = after == null ? until : Math.max(until, after.afterAt());
    }
    return new Span(from, until);
  }

  /** The most that the coverage of a base interval can be, percent. */
  long coverage(Figure figure, long start) {
    long unseen = 0;
    for (Figure.Term term : figure.terms()) {
      Neighbours own = neighbours.get(term.counter());
      // A source that is silent in the dark sleeps, and has made nothing: that counts as seen.
      if (!hasCounted(term, start, start + baseMillis)) {
        continue;
      }
      unseen = Math.max(unseen, own.unseenMillis(start, maxInterpolation + STAMP_MILLIS));
    }
    return 100 - Math.max(0, 100 * unseen / baseMillis - 1);
  }

  /**
   * The least and the most that a figure can be without being made up: of each counter nothing, and
   * what it counted between the readings on either side.
   */
  long[] bounds(Figure figure, long start, long end) {
    long least = 0;
    long most = 0;
    for (Figure.Term term : figure.terms()) {
      Sides before = neighbours.get(term.counter()).sides(start);
      Sides after = neighbours.get(term.counter()).sides(end);
      long counted =
          before == null || after == null
              ? truth.wholeMicros(term.counter())
              : after.after() - before.before();
      counted += 2 * truth.resolutionMicros(term.counter(), end);
      counted += truth.jitterMicros(term.counter(), end);
      long from = before == null ? start : before.beforeAt();
      counted = scaled(counted, term, from, after == null ? end : after.afterAt()) + SLACK;
      least -= term.sign() > 0 ? SLACK : counted;
      most += term.sign() > 0 ? counted : SLACK;
    }
    return new long[] {
      times(figure, least, RoundingMode.DOWN) - SLACK, times(figure, most, RoundingMode.UP) + SLACK
    };
  }
}
