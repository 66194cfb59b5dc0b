package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.Corrections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The next revisions of base intervals and hours, when people have put something else in place of
 * what was counted in them, or take back what they had put.
 *
 * <p>Everything that follows from what is counted is worked out anew, and what is missing or zero
 * by now is told so. Only what is shown and not counted, such as a battery's charge, is not kept
 * for years as counts are, and is as it was told.
 */
final class IntervalCorrection {

  private static final String HOUR = "1h";

  /** Base intervals of a minute. */
  private static final int MOST_IN_HOUR = 60;

  private final Reckoning reckoning;
  private final IntervalTable keeping;
  private final Corrections corrections;

  /** Starts of base intervals that were told again, in hours that have not ended. */
  private final TreeSet<Long> corrected = new TreeSet<>();

  IntervalCorrection(Site site, Reckoning reckoning, IntervalTable keeping) {
    this.reckoning = reckoning;
    this.keeping = keeping;
    this.corrections = site.metering().corrections();
  }

  /** The intervals that are to be told again, as they were told before. */
  static final class Earlier {
    private final Map<String, Interval> told = new HashMap<>();

    /** What was kept of hours that were corrected before, by their starts. */
    private final Map<Long, IntervalTable.Longer> hours = new HashMap<>();

    /** What tanks held at the two ends of an hour. */
    private final Map<Long, List<Level>> tanks = new HashMap<>();

    private @Nullable Interval told(String length, long start) {
      return told.get(name(length, start));
    }
  }

  private static String name(String length, long start) {
    return length + " " + start;
  }

  /**
   * Reads it, before anything is done.
   *
   * @param rows base intervals that come next
   */
  Earlier read(List<IntervalTable.Row> rows) {
    Map<Long, Long> hours = new TreeMap<>();
    Set<String> wanted = new TreeSet<>();
    for (RollUp rollUp : reckoning.open()) {
      if (rollUp.length().equals(HOUR) && isIn(rollUp)) {
        hours.put(rollUp.start(), rollUp.end());
      }
    }
    for (IntervalTable.Row row : rows) {
      if (isDue(row)) {
        IntervalGrid grid = reckoning.grid(row.number(), row.layout());
        long start = row.kept().startMillis();
        hours.put(grid.start(HOUR, start), grid.end(HOUR, start));
        wanted.add(name(grid.base(), start));
      }
    }
    Earlier earlier = new Earlier();
    hours.forEach(
        (start, end) -> {
          wanted.add(name(HOUR, start));
          IntervalTable.Longer kept = keeping.longer(HOUR, start);
          if (kept != null) {
            earlier.hours.put(start, kept);
          }
          earlier.tanks.put(start, tanks(start, end));
        });
    if (!wanted.isEmpty()) {
      earlier.told.putAll(keeping.told(wanted));
    }
    return earlier;
  }

  private List<Level> tanks(long start, long end) {
    List<IntervalTable.Row> rows = keeping.bases(start, end, MOST_IN_HOUR);
    List<Level> first = rows.isEmpty() ? List.of() : tanks(rows.getFirst());
    List<Level> last = rows.isEmpty() ? List.of() : tanks(rows.getLast());
    if (first.isEmpty() || last.isEmpty()) {
      return List.of();
    }
    Level level = last.getFirst();
    IntervalGrid grid = reckoning.grid(rows.getLast().number(), rows.getLast().layout());
    boolean begins = rows.getFirst().kept().startMillis() == start;
    boolean ends = grid.baseEnd(rows.getLast().kept().startMillis()) == end;
    Metric unknown = Metric.missing(level.kind().ucum(), BaseRow.WHY);
    return List.of(
        new Level(
            level.meter(),
            level.kind(),
            begins ? first.getFirst().start() : unknown,
            ends ? level.end() : unknown));
  }

  private static List<Level> tanks(IntervalTable.Row row) {
    return row.kept().levels(row.layout().meters());
  }

  /** Whether a base interval was told by other corrections than there are now. */
  boolean isDue(IntervalTable.Row row) {
    IntervalGrid grid = reckoning.grid(row.number(), row.layout());
    long start = row.kept().startMillis();
    return row.kept().corrected() != corrections.digest(start, grid.baseEnd(start));
  }

  /** Whether a base interval that begins there was told again, in an hour that has not ended. */
  boolean isTold(long start) {
    return corrected.contains(start);
  }

  /** Whether one in it was. */
  boolean isIn(RollUp hour) {
    return !corrected.subSet(hour.start(), hour.end()).isEmpty();
  }

  /** The base interval with the reasons of what is missing, which are in its record alone. */
  IntervalTable.Row withReasons(IntervalTable.Row row, Earlier earlier) {
    IntervalGrid grid = reckoning.grid(row.number(), row.layout());
    Interval told = earlier.told(grid.base(), row.kept().startMillis());
    return new IntervalTable.Row(
        row.number(), row.layout(), row.kept().with(withReasons(row.kept().counts(), told)));
  }

  private static List<Count> withReasons(List<Count> counts, @Nullable Interval told) {
    return told == null
        ? counts
        : counts.stream().map(count -> count.of(withReason(count, told.metrics()))).toList();
  }

  private static Metric withReason(Count count, Map<String, Metric> told) {
    String name = count.figure().metric();
    Metric ofAll = told.get(name);
    Metric own = told.getOrDefault(name + "." + count.meter().id(), ofAll);
    String why = own == null ? null : own.why();
    return count.amount().micros() != null || why == null
        ? count.amount()
        : Metric.missing(count.amount().ucum(), why);
  }

  /** Tells a base interval again that {@link #isDue}. */
  void base(
      IntervalTable.Row row,
      Figures worked,
      Earlier earlier,
      Fold fold,
      Batch batch,
      Fold.Output to) {
    long start = row.kept().startMillis();
    IntervalGrid grid = reckoning.grid(row.number(), row.layout());
    long end = grid.baseEnd(start);
    BaseRow kept = row.kept().toldAgain(corrections.digest(start, end));
    tell(
        again(grid.base(), start, end, kept.rev(), earlier.told(grid.base(), start), worked),
        fold,
        to);
    keeping.keepAgain(new IntervalTable.Row(row.number(), row.layout(), kept), batch);
    corrected.add(start);
  }

  /**
   * Tells an hour again, when it has ended, if a base interval in it was.
   *
   * @param hour of all its base intervals
   * @param next the base interval after it; null after the last
   */
  void hour(
      RollUp hour,
      IntervalTable.@Nullable Row next,
      Earlier earlier,
      Fold fold,
      Batch batch,
      Fold.Output to) {
    boolean isCorrected = isIn(hour);
    corrected.headSet(hour.end()).clear();
    if (!isCorrected) {
      return;
    }
    Interval told = earlier.told(HOUR, hour.start());
    IntervalTable.Longer longer = earlier.hours.get(hour.start());
    int last =
        Math.max(
            told == null ? -1 : told.rev(),
            longer == null || longer.kept().rollUp().end() != hour.end()
                ? -1
                : longer.kept().rollUp().published().rev());
    int rev = last < 0 ? fold.unusedRev(HOUR, hour.start(), hour.end()) : last + 1;
    Reckoning.Hour again =
        reckoning.hour(
            hour,
            next,
            counts -> withReasons(counts, told),
            earlier.tanks.getOrDefault(hour.start(), List.of()),
            fold.told());
    Interval interval = again(HOUR, hour.start(), hour.end(), rev, told, again.worked());
    tell(interval, fold, to);
    hour.published(new Published(rev, MetricsCodec.digest(interval)));
    keeping.keepAgain(
        new IntervalTable.Longer(
            again.by().number(),
            again.by().layout(),
            new RollUpRow(
                hour.kept(again.worked().asked()),
                MetricsCodec.digestWithFactors(interval),
                false,
                Feeds.NONE,
                again.counts(),
                List.of(),
                interval.registers())),
        batch);
  }

  private static void tell(Interval interval, Fold fold, Fold.Output to) {
    to.interval(interval);
    fold.told(interval);
  }

  /**
   * The next revision.
   *
   * @param told null if its record is there no longer
   */
  private Interval again(
      String length, long start, long end, int rev, @Nullable Interval told, Figures worked) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    if (told != null) {
      told.metrics()
          .forEach(
              (name, metric) -> {
                if (worked.metrics().containsKey(name) || isAsTold(name, metric)) {
                  metrics.put(name, metric);
                }
              });
    }
    metrics.putAll(worked.metrics());
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    for (Metric metric : metrics.values()) {
      for (String id : metric.allFactors()) {
        FactorUsed used = worked.factors().get(id);
        if (used != null) {
          factors.put(id, used);
        }
      }
    }
    return new Interval(
        length,
        start,
        end,
        rev,
        metrics,
        told == null ? new LinkedHashMap<>() : told.registers(),
        factors,
        corrections.during(start, end));
  }

  /**
   * Whether a figure does not follow from what is kept: a level, or that nobody knew the period of
   * the tariff.
   */
  private static boolean isAsTold(String name, Metric metric) {
    return SiteFigures.isLevel(name)
        || (metric.micros() == null && SiteFigures.isTariffPeriod(name));
  }

  void write(CheckpointWriter to) {
    to.number(corrected.size());
    corrected.forEach(to::number);
  }

  /** Software before it wrote nothing. */
  void read(CheckpointReader from) {
    for (int left = from.isAtEnd() ? 0 : from.count(); left > 0; left--) {
      corrected.add(from.number());
    }
  }
}
