package io.lingtan.agent.ledger;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.RecordJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** Everything that a fold put out, in order. */
final class Collected implements Fold.Output {

  final List<Interval> intervals = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  private final List<Supplier<String>> lines = new ArrayList<>();

  @Override
  public void interval(Interval interval) {
    intervals.add(interval);
    long seq = lines.size() + 1L;
    lines.add(() -> RecordJson.interval("e", seq, 0, 0, interval, null));
  }

  @Override
  public void event(Event event, long atNanos, long tsMillis) {
    events.add(event);
    lines.add(() -> event + " " + atNanos + " " + tsMillis);
  }

  /** All output as text, to compare. */
  List<String> lines() {
    return lines.stream().map(Supplier::get).toList();
  }

  List<Interval> of(String length) {
    return intervals.stream().filter(interval -> interval.length().equals(length)).toList();
  }

  /** The newest revision of each interval of a length, by start. */
  SequencedMap<Long, Interval> newest(String length) {
    SequencedMap<Long, Interval> newest = new LinkedHashMap<>();
    for (Interval interval : of(length)) {
      newest.merge(
          interval.startMillis(), interval, (old, now) -> now.rev() > old.rev() ? now : old);
    }
    return newest;
  }

  static Metric metric(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    if (metric == null) {
      throw new AssertionError("no " + name + " in " + interval);
    }
    return metric;
  }

  static long value(Interval interval, String name) {
    Long micros = metric(interval, name).micros();
    if (micros == null) {
      throw new AssertionError(name + " is missing in " + interval);
    }
    return micros;
  }

  /** Values and qualities by name, without what depends on the moment of closing. */
  static Map<String, String> figures(Interval interval) {
    Map<String, String> figures = new LinkedHashMap<>();
    interval
        .metrics()
        .forEach((name, metric) -> figures.put(name, metric.micros() + " " + metric.quality()));
    return figures;
  }
}
