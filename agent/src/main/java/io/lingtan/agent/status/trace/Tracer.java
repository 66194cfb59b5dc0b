package io.lingtan.agent.status.trace;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.trace.Trace.Kind;
import io.lingtan.agent.status.trace.Trace.Rule;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Explains the figures of a site's interval records. Any thread; one question at a time. */
public final class Tracer {

  /** Of what a longer interval's sums are told to be made: the next shorter length. */
  private static final Map<String, String> SHORTER = Map.of("1d", "1h", "1M", "1d", "1Y", "1M");

  /** Most parts of one sum: a month has 31 days, an hour 60 minutes, a day 25 hours. */
  private static final int MOST_PARTS = 64;

  private static final int MOST_READ = 5_000;

  /** Revisions come later than what they revise. */
  private static final long LATE_MILLIS = 24 * 3_600_000L;

  private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

  private final Site site;
  private final Indicators listed;
  private final History history;
  private final Registers registers;

  /**
   * @param listed every figure that there is
   */
  public Tracer(Site site, Indicators listed, History history) {
    this.site = site;
    this.listed = listed;
    this.history = history;
    this.registers = new Registers(site, history);
  }

  /** An answer, or why there is none. */
  public sealed interface Answer {

    record Explained(String epoch, long seq, Trace trace) implements Answer {}

    /**
     * @param why for a person: what was looked for and what there is
     */
    record Unknown(String why) implements Answer {}
  }

  /**
   * Explains one figure.
   *
   * @param epoch of the record; empty for the newest that has the number
   */
  public Answer explain(String epoch, long seq, String metric) {
    JournalRecord record = history.record(epoch, seq);
    if (record == null) {
      return new Answer.Unknown(
          "no record "
              + seq
              + (epoch.isEmpty() ? "" : " of epoch " + epoch)
              + " is in this journal: the oldest go first when it is full, and what was kept on"
              + " another card is not here");
    }
    if (!(record instanceof IntervalRecord intervals)) {
      return new Answer.Unknown(
          "record " + seq + " is no interval: a sample is its own explanation, an event has none");
    }
    Interval interval = IntervalText.of(intervals);
    if (!interval.metrics().containsKey(metric)) {
      return new Answer.Unknown(
          "record %d (%s) has no figure %s; it has %s"
              .formatted(seq, interval.length(), metric, interval.metrics().keySet()));
    }
    Page page = new Page(intervals, interval);
    Trace trace = page.figure(metric, 0).noted(words(intervals, interval));
    String before = page.toldBefore(metric);
    trace = before == null ? trace : trace.noted(before);
    return new Answer.Explained(record.epoch(), seq, trace);
  }

  private String words(IntervalRecord record, Interval interval) {
    ZoneId zone = site.place().zone();
    String from = WHEN.format(Instant.ofEpochMilli(interval.startMillis()).atZone(zone));
    String to = WHEN.format(Instant.ofEpochMilli(interval.endMillis()).atZone(zone));
    return "%s from %s to %s, rev %d, epoch %s seq %d"
        .formatted(interval.length(), from, to, interval.rev(), record.epoch(), record.seq());
  }

  static Trace figure(String name, Metric metric) {
    StringBuilder note = new StringBuilder(metric.quality().word());
    if (metric.micros() != null && metric.coverage() < 100) {
      note.append(", ").append(metric.coverage()).append(" % covered");
    }
    if (metric.estimated() > 0) {
      note.append(", ").append(metric.estimated()).append(" % estimated");
    }
    if (metric.text() != null) {
      note.append(", ").append(metric.text());
    }
    if (metric.why() != null) {
      note.append(": ").append(metric.why());
    }
    Long micros = metric.micros();
    return Trace.given(
        Kind.FIGURE,
        name,
        micros == null ? null : new BigDecimal(Micros.text(micros)),
        metric.ucum(),
        note.toString());
  }

  /** One record being explained. */
  private final class Page implements Formulas.Figures {

    /** No figure is further from a register than this. */
    private static final int DEEPEST = 8;

    private final IntervalRecord record;
    private final Interval interval;

    Page(IntervalRecord record, Interval interval) {
      this.record = record;
      this.interval = interval;
    }

    @Override
    public Interval interval() {
      return interval;
    }

    @Override
    public Site site() {
      return site;
    }

    @Override
    public Indicators listed() {
      return listed;
    }

    @Override
    public Trace figure(String name, int depth) {
      Metric metric = interval.metrics().get(name);
      if (metric == null) {
        return Trace.given(Kind.FIGURE, name, null, "", "not in this record");
      }
      Trace trace = Tracer.figure(name, metric);
      if (metric.micros() == null || depth > DEEPEST) {
        return trace;
      }
      boolean longer = !interval.length().endsWith("m");
      if (longer && Formulas.isAdded(listed, name, interval)) {
        Restated restated = Restated.of(interval, name);
        return trace.of(
            Rule.SUM,
            restated != null && isToldAgain(restated) ? partsAgain(restated) : parts(name));
      }
      Trace counted = registers.counted(trace, name, interval);
      return counted == null
          ? Formulas.explain(trace, name, metric, this, depth)
          : metric.quality().compareTo(Quality.SUBSTITUTED) < 0 || interval.corrections().isEmpty()
              ? counted
              : counted.noted(corrected());
    }

    /** Who put what in place of what was counted. */
    private String corrected() {
      return interval.corrections().values().stream()
          .map(
              one ->
                  "corrected by %s: %s (%s), proposed by %s, approved by %s"
                      .formatted(
                          one.id(), one.reason(), one.document(), one.proposed(), one.approved()))
          .collect(Collectors.joining("; "));
    }

    /** The intervals that a longer one's figure is the sum of. */
    private List<Trace> parts(String name) {
      String shorter = SHORTER.getOrDefault(interval.length(), site.metering().interval());
      History.Found<IntervalRecord> found =
          history.intervals(
              Set.of(shorter),
              interval.startMillis(),
              Math.max(record.tsMillis() + 1, interval.endMillis() + LATE_MILLIS),
              MOST_READ);
      Map<Long, Trace> newest = new TreeMap<>();
      Map<Long, Integer> revs = new HashMap<>();
      for (IntervalRecord each : found.records()) {
        boolean before = !each.epoch().equals(record.epoch()) || each.seq() < record.seq();
        Interval part = IntervalText.of(each);
        if (before
            && part.startMillis() >= interval.startMillis()
            && part.endMillis() <= interval.endMillis()
            && revs.merge(part.startMillis(), part.rev(), Math::max) == part.rev()) {
          newest.put(part.startMillis(), part(each, part, name));
        }
      }
      List<Trace> parts = new ArrayList<>(newest.values());
      parts.removeIf(part -> part.value() == null);
      return parts.size() > MOST_PARTS ? parts.subList(0, MOST_PARTS) : parts;
    }

    /** Base intervals in it, the newest revision of each, as they were told in their time. */
    private List<Interval> bases() {
      Map<Long, Interval> newest = new TreeMap<>();
      for (IntervalRecord each :
          history
              .intervals(
                  Set.of(site.metering().interval()),
                  interval.startMillis(),
                  interval.endMillis() + LATE_MILLIS,
                  MOST_READ)
              .records()) {
        Interval base = IntervalText.of(each);
        if (base.startMillis() >= interval.startMillis()
            && base.endMillis() <= interval.endMillis()) {
          newest.merge(base.startMillis(), base, Interval::orNewer);
        }
      }
      return List.copyOf(newest.values());
    }

    /** Whether a day's base intervals were worked out by another factor than it names. */
    private boolean isToldAgain(Restated restated) {
      return interval.length().equals("1d") && bases().stream().anyMatch(restated::isByAnother);
    }

    /** The hours of a day that was told again: the energy of each base interval by its factor. */
    private List<Trace> partsAgain(Restated restated) {
      ZoneId zone = site.place().zone();
      Map<ZonedDateTime, List<Interval>> hours = new LinkedHashMap<>();
      for (Interval base : bases()) {
        hours
            .computeIfAbsent(
                Instant.ofEpochMilli(base.startMillis()).atZone(zone).truncatedTo(ChronoUnit.HOURS),
                first -> new ArrayList<>())
            .add(base);
      }
      List<Trace> parts = new ArrayList<>();
      hours.forEach((hour, bases) -> parts.add(restated.part("1h " + WHEN.format(hour), bases)));
      return parts;
    }

    /** What the revision before said, if it was by another factor; else null. */
    @Nullable String toldBefore(String name) {
      Metric metric = interval.metrics().get(name);
      if (interval.rev() == 0 || metric == null) {
        return null;
      }
      Interval before = null;
      for (IntervalRecord each :
          history
              .intervals(
                  Set.of(interval.length()),
                  interval.startMillis(),
                  record.tsMillis() + 1,
                  MOST_READ)
              .records()) {
        Interval other = IntervalText.of(each);
        if (other.startMillis() == interval.startMillis() && other.rev() < interval.rev()) {
          before = other;
        }
      }
      Metric old = before == null ? null : before.metrics().get(name);
      if (before == null || old == null) {
        return null;
      }
      String by = Restated.factors(before, old);
      String now = Restated.factors(interval, metric);
      return by.equals(now)
          ? null
          : "told again by %s; rev %d said %s by %s"
              .formatted(
                  now,
                  before.rev(),
                  old.micros() == null ? "nothing" : Micros.text(old.micros()),
                  by);
    }

    private Trace part(IntervalRecord each, Interval part, String name) {
      @Nullable Metric metric = part.metrics().get(name);
      Trace figure =
          metric == null
              ? Trace.given(Kind.INTERVAL, name, null, "", "not told")
              : Tracer.figure(name, metric);
      return new Trace(
          Kind.INTERVAL,
          part.length()
              + " "
              + WHEN.format(Instant.ofEpochMilli(part.startMillis()).atZone(site.place().zone())),
          figure.value(),
          figure.unit(),
          Rule.GIVEN,
          false,
          figure.note() + ", seq " + each.seq() + ", rev " + part.rev(),
          List.of());
    }
  }
}
