package io.lingtan.simulator.check;

import io.lingtan.simulator.check.Received.Interval;
import io.lingtan.simulator.check.Received.Metric;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Interval records against the truth. Every revision has to be honest: a figure that says it is
 * good is within what each register that it rests on can show, plus what lies between the truth and
 * the straight line through the readings on either side of its ends. A figure that no fault touched
 * has to be measured, wholly.
 */
final class Intervals {

  private final String base;
  private final long baseMillis;
  private final List<Counter> counters;
  private final List<Figure> figures;
  private final Truth truth;
  private final Touched touched;
  private final Findings findings;
  private final List<Neighbours> neighbours = new ArrayList<>();
  private final List<Interval> all = new ArrayList<>();
  private final NavigableMap<Long, Interval> latest = new TreeMap<>();
  private final List<long[]> untold = new ArrayList<>();
  private long unchecked;

  Intervals(
      String base,
      long baseMillis,
      Figure.Book book,
      Truth truth,
      Touched touched,
      Findings findings) {
    this.base = base;
    this.baseMillis = baseMillis;
    this.counters = book.counters();
    this.figures = book.figures();
    this.truth = truth;
    this.touched = touched;
    this.findings = findings;
    counters.forEach(counter -> neighbours.add(new Neighbours(baseMillis)));
  }

  /** A counter was read: see {@link Neighbours#add}. */
  void read(String device, String point, long ts, long trueMicros) {
    if (touched.isForgotten(ts)) {
      return;
    }
    for (int i = 0; i < counters.size(); i++) {
      if (counters.get(i).is(device, point)) {
        neighbours.get(i).add(ts, trueMicros, !touched.isUnsure(ts));
      }
    }
  }

  void take(Interval interval) {
    all.add(interval);
    if (interval.length().equals(base)) {
      // A later epoch's word counts, whatever its number.
      latest.merge(
          interval.start(),
          interval,
          (old, now) ->
              now.key().epoch().equals(old.key().epoch()) && now.rev() < old.rev() ? old : now);
      if (Math.floorMod(interval.start(), baseMillis) != 0
          || interval.end() - interval.start() != baseMillis) {
        findings.add(Verdict.WRONG_TIME, interval.start(), name(interval));
      }
    }
  }

  /** The gateway says that it leaves out the intervals of this time. */
  void untold(long from, long to) {
    untold.add(new long[] {from, to});
  }

  private static String name(Interval interval) {
    return "interval "
        + interval.length()
        + " "
        + interval.start()
        + " rev "
        + interval.rev()
        + " ("
        + interval.key().words()
        + ")";
  }

  /** Says what is wrong within a span of whole base intervals. */
  Sums finish(long from, long until) {
    for (Interval interval : all) {
      if (interval.start() >= from
          && interval.end() <= until
          && truth.knows(interval.start())
          && truth.knows(interval.end())
          && !touched.isUnclear(interval.start(), interval.end())) {
        figures.forEach(figure -> honest(figure, interval));
      }
    }
    return sums(from, until);
  }

  private void honest(Figure figure, Interval interval) {
    Metric metric = interval.metrics().get(figure.metric());
    if (metric == null || metric.micros() == null) {
      return;
    }
    if (figure.isCarbon() && !isProduct(figure, interval, metric)) {
      return;
    }
    if (!metric.isGood() || isDeceived(figure, interval)) {
      return;
    }
    long allowed = allowed(figure, interval.start(), interval.end());
    if (allowed < 0) {
      unchecked++;
      return;
    }
    long really = really(figure, interval.start(), interval.end());
    // A roll-up adds what was rounded in each of its base intervals.
    long roundings = figure.isCarbon() ? (interval.end() - interval.start()) / baseMillis : 0;
    long delivered = value(metric);
    if (Math.abs(delivered - really) > allowed + roundings) {
      findings.add(
          Verdict.WRONG_BUT_GOOD,
          interval.start(),
          "%s of %s: true %s, delivered %s, allowed %s,"
              .formatted(
                  figure.metric(),
                  name(interval),
                  Decimals.text(really),
                  Decimals.text(delivered),
                  Decimals.text(allowed)));
    }
  }

  private boolean isDeceived(Figure figure, Interval interval) {
    return figure.terms().stream()
        .anyMatch(
            term ->
                touched.isDeceived(
                    counters.get(term.counter()).meter().id(), interval.start(), interval.end()));
  }

  /** Whether carbon is the record's own energy times the factor that is really in force. */
  private boolean isProduct(Figure figure, Interval interval, Metric metric) {
    String value = interval.factors().get(metric.factor());
    Metric energy = interval.metrics().get(metric.of());
    boolean known =
        value != null && !value.isEmpty() && new BigDecimal(value).compareTo(figure.factor()) == 0;
    Long base = energy == null ? null : energy.micros();
    if (known && base != null) {
      long product =
          figure
              .factor()
              .multiply(BigDecimal.valueOf(base))
              .setScale(0, RoundingMode.HALF_EVEN)
              .longValueExact();
      long roundings = (interval.end() - interval.start()) / baseMillis;
      known =
          Math.abs(product - value(metric))
              <= (interval.length().equals(this.base) ? 0 : roundings);
    }
    if (!known) {
      findings.add(
          Verdict.WRONG_FACTOR,
          interval.start(),
          "%s of %s (%s kg, factor %s = %s, %s in force)"
              .formatted(
                  figure.metric(),
                  name(interval),
                  Decimals.text(value(metric)),
                  metric.factor(),
                  value,
                  figure.factor()));
    }
    return known;
  }

  private static long value(Metric metric) {
    Long micros = metric.micros();
    if (micros == null) {
      throw new IllegalStateException("asked for the value of a missing figure");
    }
    return micros;
  }

  /** The true figure, in millionths of its unit. */
  private long really(Figure figure, long start, long end) {
    long sum = 0;
    for (Figure.Term term : figure.terms()) {
      sum +=
          term.sign() * (truth.micros(term.counter(), end) - truth.micros(term.counter(), start));
    }
    return times(figure, sum, RoundingMode.HALF_EVEN);
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
  private long allowed(Figure figure, long start, long end) {
    long sum = 0;
    for (Figure.Term term : figure.terms()) {
      long atStart = unknown(term.counter(), start);
      long atEnd = unknown(term.counter(), end);
      if (atStart < 0 || atEnd < 0) {
        return -1;
      }
      // And a millionth at each end, where a boundary value is rounded.
      sum += truth.resolutionMicros(term.counter(), end) + atStart + atEnd + 2;
    }
    return times(figure, sum, RoundingMode.UP);
  }

  private long unknown(int counter, long boundary) {
    long unknown = neighbours.get(counter).unknownMicros(boundary, truth.micros(counter, boundary));
    return unknown < 0 ? unknown : unknown + truth.jitterMicros(counter, boundary);
  }

  /**
   * What was delivered over the run.
   *
   * @param series by figure, for each interval: start, truth, delivered or {@link Long#MIN_VALUE}
   */
  record Sums(List<Account.Row> rows, Map<String, List<long[]>> series, long unchecked) {}

  private Sums sums(long from, long until) {
    List<Long> starts = truth.between(from, until - 1);
    for (long start : starts) {
      if (!latest.containsKey(start)
          && !touched.isUnclear(start, start + baseMillis)
          && untold.stream().noneMatch(span -> start >= span[0] && start < span[1])) {
        findings.add(Verdict.MISSING, start, "interval " + base + " " + start);
      }
    }
    List<Account.Row> sums = new ArrayList<>();
    Map<String, List<long[]>> series = new HashMap<>();
    for (Figure figure : figures) {
      List<long[]> points = new ArrayList<>();
      sums.add(sum(figure, starts, points));
      series.put(figure.metric(), points);
    }
    return new Sums(sums, series, unchecked);
  }

  private Account.Row sum(Figure figure, List<Long> starts, List<long[]> points) {
    int touchedCount = 0;
    int others = 0;
    int absent = 0;
    long really = 0;
    long delivered = 0;
    for (long start : starts) {
      long end = start + baseMillis;
      if (!truth.knows(end)) {
        continue;
      }
      Interval interval = latest.get(start);
      Metric metric = interval == null ? null : interval.metrics().get(figure.metric());
      boolean touches = isTouched(figure, start, end);
      boolean whole = metric != null && metric.isWhole();
      touchedCount += touches ? 1 : 0;
      others += whole ? 0 : 1;
      if (interval != null && !whole && !touches) {
        findings.add(
            Verdict.NOT_MEASURED,
            start,
            figure.metric() + " of " + name(interval) + " (" + said(metric) + ")");
      }
      long truly = really(figure, start, end);
      Long value = metric == null ? null : metric.micros();
      absent += value == null ? 1 : 0;
      if (value != null) {
        really += truly;
        delivered += value;
      }
      points.add(new long[] {start, truly, value == null ? Long.MIN_VALUE : value});
    }
    return new Account.Row(
        figure.metric(), starts.size(), touchedCount, others, absent, really, delivered);
  }

  private static String said(@Nullable Metric metric) {
    return metric == null
        ? "no such figure"
        : "%s, coverage %d, estimated %d %s"
            .formatted(metric.quality(), metric.coverage(), metric.estimated(), metric.why());
  }

  private boolean isTouched(Figure figure, long start, long end) {
    return figure.terms().stream()
        .anyMatch(term -> touched.isTouched(counters.get(term.counter()).meter().id(), start, end));
  }
}
