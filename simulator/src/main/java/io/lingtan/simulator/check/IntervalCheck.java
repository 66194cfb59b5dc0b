package io.lingtan.simulator.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes the interval records that a subscriber received and sets them against the truth.
 *
 * <p>Every revision must be honest: a figure that says it is measured or derived, wholly, must be
 * within its allowance, or it is <em>wrong but good</em>. Sums are over the latest revisions. An
 * interval of which nothing came is <em>missing</em>; a revision that came under two keys came
 * <em>twice</em>; the same key again is harmless and only counted.
 */
public final class IntervalCheck {

  /** Wrong figures that are kept in words; more are only counted. */
  private static final int MOST_WORDS = 100;

  private final String length;
  private final List<Figure> figures;
  private final Boundaries truth;
  private final Map<String, String> contents = new HashMap<>();
  private final Set<String> revisions = new HashSet<>();
  private final NavigableMap<Long, ReceivedInterval> latest = new TreeMap<>();
  private final List<ReceivedInterval> all = new ArrayList<>();
  private int again;
  private int twice;
  private int contradictory;
  private int unreadable;

  /**
   * @param length of the intervals that are checked, such as {@code 1m}
   */
  public IntervalCheck(String length, List<Figure> figures, Boundaries truth) {
    this.length = length;
    this.figures = List.copyOf(figures);
    this.truth = truth;
  }

  /** Takes a record of any kind, as text; what is no interval of this length is left aside. */
  public void take(String json) {
    ReceivedInterval received;
    try {
      received = ReceivedInterval.read(json);
    } catch (IOException e) {
      unreadable++;
      return;
    }
    if (received == null || !received.length().equals(length)) {
      return;
    }
    String known = contents.putIfAbsent(received.epoch() + '/' + received.seq(), json);
    if (known != null) {
      if (known.equals(json)) {
        again++;
      } else {
        contradictory++;
      }
      return;
    }
    if (!revisions.add(received.start() + "/" + received.rev())) {
      twice++;
    }
    all.add(received);
    latest.merge(received.start(), received, (old, now) -> now.rev() >= old.rev() ? now : old);
  }

  /**
   * The verdict on the intervals that lie within a span of wall time.
   *
   * @param from a boundary, or before the first that counts
   * @param until a boundary, or after the last that counts
   */
  public Report report(long from, long until) {
    List<Report.Wrong> wrong = new ArrayList<>();
    int wrongCount = 0;
    for (ReceivedInterval interval : all) {
      if (!isKnown(interval, from, until)) {
        continue;
      }
      for (Figure figure : figures) {
        Report.Wrong found = wrongButGood(figure, interval);
        if (found != null) {
          wrongCount++;
          if (wrong.size() < MOST_WORDS) {
            wrong.add(found);
          }
        }
      }
    }
    List<Report.Row> rows = figures.stream().map(figure -> row(figure, from, until)).toList();
    return new Report(
        rows,
        latest.subMap(from, true, until, false).size(),
        missing(from, until),
        twice,
        again,
        contradictory,
        unreadable,
        wrongCount,
        wrong);
  }

  private boolean isKnown(ReceivedInterval interval, long from, long until) {
    return interval.start() >= from
        && interval.end() <= until
        && truth.knows(interval.start())
        && truth.knows(interval.end());
  }

  private Report.@Nullable Wrong wrongButGood(Figure figure, ReceivedInterval interval) {
    ReceivedInterval.Metric metric = interval.metrics().get(figure.metric());
    if (metric == null || !metric.isGood()) {
      return null;
    }
    long delivered = micros(metric);
    long really = figure.truth(truth, interval.start(), interval.end());
    long allowed = figure.allowed(truth, interval.start(), interval.end());
    return Math.abs(delivered - really) <= allowed
        ? null
        : new Report.Wrong(
            figure.metric(), interval.start(), interval.rev(), really, delivered, allowed);
  }

  private static long micros(ReceivedInterval.Metric metric) {
    Long micros = metric.micros();
    if (micros == null) {
      throw new IllegalStateException("asked for the value of a missing figure");
    }
    return micros;
  }

  /**
   * Sums of one figure. What is allowed counts once for each run of intervals without a gap: at
   * boundaries inside a run, what one interval has too much its neighbour has too little.
   */
  private Report.Row row(Figure figure, long from, long until) {
    int intervals = 0;
    int estimated = 0;
    int absent = 0;
    long really = 0;
    long delivered = 0;
    long allowed = 0;
    long runStart = Long.MIN_VALUE;
    long runEnd = Long.MIN_VALUE;
    long roundings = 0;
    for (ReceivedInterval interval : latest.values()) {
      if (!isKnown(interval, from, until)) {
        continue;
      }
      ReceivedInterval.Metric metric = interval.metrics().get(figure.metric());
      if (metric == null || metric.micros() == null) {
        absent++;
        continue;
      }
      intervals++;
      estimated += metric.isGood() ? 0 : 1;
      delivered += micros(metric);
      really += figure.truth(truth, interval.start(), interval.end());
      if (interval.start() != runEnd) {
        allowed += runEnd == Long.MIN_VALUE ? 0 : figure.allowed(truth, runStart, runEnd);
        runStart = interval.start();
      }
      runEnd = interval.end();
      // A product with a factor is rounded in each interval.
      roundings++;
    }
    if (runEnd != Long.MIN_VALUE) {
      allowed += figure.allowed(truth, runStart, runEnd) + roundings;
    }
    return new Report.Row(
        figure.metric(), intervals, estimated, absent, really, delivered, allowed);
  }

  private int missing(long from, long until) {
    int missing = 0;
    Long start = null;
    for (long boundary : truth.between(from, until)) {
      if (start != null && !latest.containsKey(start)) {
        missing++;
      }
      start = boundary;
    }
    return missing;
  }
}
