package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.ledger.code.Pools;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.Corrections;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Works longer intervals out again from the kept energies of their base intervals, which it is
 * given one after the other, by the factors that are in force now and the meters and rules of then.
 */
final class Reckoning {

  private final Site site;
  private final List<String> lengths;
  private final Map<Integer, Rules> rules = new HashMap<>();
  private final List<RollUp> open = new ArrayList<>();
  private final IntervalTable keeping;
  private final Corrections corrections;

  /** The base interval before, if it was taken in this run. */
  private IntervalTable.@Nullable Row last;

  /** Zone and base length of the base interval before; empty before the first. */
  private String time = "";

  private @Nullable Carried pool;

  /**
   * By what figures of a layout are worked out.
   *
   * @param grids its own, and those of later ones: where a zone was corrected, days of the new one
   *     are of base intervals of the old one, too
   */
  private record Rules(
      Layout layout, IntervalGrid grid, List<IntervalGrid> grids, SiteFigures figures) {}

  /**
   * A base interval, worked out again.
   *
   * @param before what is carried to its start; null where nothing is stored
   */
  record Worked(BaseRow kept, Figures worked, Part part, @Nullable Carried before) {}

  /**
   * @param lengths that are made
   */
  Reckoning(Site site, List<String> lengths, IntervalTable keeping) {
    this.keeping = keeping;
    this.site = site;
    this.corrections = site.metering().corrections();
    this.lengths = List.copyOf(lengths);
  }

  /** What is carried from here on. */
  void pool(@Nullable Carried known) {
    pool = known;
  }

  @Nullable Carried pool() {
    return pool;
  }

  /** Those that have begun and not ended. */
  List<RollUp> open() {
    return List.copyOf(open);
  }

  /** Takes out and returns those that have ended when this base interval begins. */
  List<RollUp> ended(IntervalTable.Row next) {
    List<RollUp> ended = new ArrayList<>();
    boolean other = isOther(next);
    for (RollUp rollUp : open) {
      if (other || rollUp.end() <= next.kept().startMillis()) {
        ended.add(rollUp);
      }
    }
    open.removeAll(ended);
    ended.sort(inOrder());
    return ended;
  }

  /** What others are sums of comes before them. */
  Comparator<RollUp> inOrder() {
    return Comparator.comparingInt((RollUp rollUp) -> lengths.indexOf(rollUp.length()))
        .thenComparingLong(RollUp::start);
  }

  /** Whether base intervals are others than before: then the ledger, too, began anew. */
  private boolean isOther(IntervalTable.Row next) {
    if (time.isEmpty() || time.equals(time(next.layout()))) {
      return false;
    }
    String[] before = time.split(" ", 2);
    IntervalGrid grid = new IntervalGrid(ZoneId.of(before[0]), before[1]);
    return !grid(next.number(), next.layout()).goesOnFrom(grid, next.kept().startMillis());
  }

  /** All grids of which base intervals like this one are. */
  List<IntervalGrid> grids(IntervalTable.Row row) {
    Rules by = rules(row.number(), row.layout());
    long start = row.kept().startMillis();
    return by.grids.stream().filter(grid -> grid.goesOnFrom(by.grid, start)).toList();
  }

  private static String time(Layout layout) {
    return layout.zone().getId() + " " + layout.base();
  }

  /** The grid of a layout. */
  IntervalGrid grid(int number, Layout of) {
    return rules(number, of).grid;
  }

  private Rules rules(int number, Layout of) {
    return rules.computeIfAbsent(number, n -> rules(of, keeping.grids(n)));
  }

  private Rules rules(Layout of, List<IntervalGrid> grids) {
    IntervalGrid grid = new IntervalGrid(of.zone(), of.base());
    SiteFigures figures = new SiteFigures(of.on(site));
    List<Count> nothing = nothing(of);
    figures.learn(
        new Counted(of.base(), 0, nothing, List.of()),
        IntervalGrid.rollUps().stream()
            .map(length -> new Counted(length, 0, nothing, List.of()))
            .toList());
    return new Rules(of, grid, grids, figures);
  }

  private static List<Count> nothing(Layout of) {
    return of.columns().stream()
        .map(
            column ->
                new Count(
                    of.meter(column.meter()),
                    column.figure(),
                    Metric.missing(column.figure().ucum(), "nothing is known"),
                    column.step()))
        .toList();
  }

  /**
   * An hour, of which nothing is kept but its base intervals.
   *
   * @param by the layout by which it is
   */
  record Hour(IntervalTable.Row by, List<Count> counts, Figures worked) {}

  /**
   * An hour that was corrected.
   *
   * @param again of all its base intervals
   * @param next the base interval after it; null after the last
   * @param reasons says of counts why they are missing
   * @param tanks what they held at its two ends
   */
  Hour hour(
      RollUp again,
      IntervalTable.@Nullable Row next,
      UnaryOperator<List<Count>> reasons,
      List<Level> tanks,
      Feeds told) {
    IntervalTable.Row of =
        Objects.requireNonNull(last == null ? next : last, "an hour has intervals");
    Rules by = rules(of.number(), of.layout());
    List<Count> counts = reasons.apply(again.counts(nothing(of.layout())));
    Figures worked =
        by.figures.rollUp(
            new Counted("1h", again.start(), counts, tanks, null, site.carbon().fed().and(told)),
            again.sums(by.grid.zone()),
            again.factors());
    return new Hour(of, counts, worked);
  }

  /**
   * Adds the next base interval to those that it is in.
   *
   * @param horizon before it no base interval is revised any more
   */
  Worked take(IntervalTable.Row next, long horizon) {
    Rules by = rules(next.number(), next.layout());
    time = time(next.layout());
    BaseRow kept = next.kept();
    long start = kept.startMillis();
    Carried before = pool == null ? by.figures.carried() : pool;
    long end = by.grid.baseEnd(start);
    Counted counted =
        new Counted(
            by.grid.base(),
            start,
            kept.counts(),
            kept.levels(next.layout().meters()),
            kept.sliding(),
            Feeds.NONE);
    Counted corrected = counted.correctedBy(corrections, end);
    Figures worked = inPeriod(by.figures.base(corrected, before), kept.period());
    Part part = Part.of(worked, end - start);
    Part withCounts = part.with(counted, corrected);
    last = next;
    Set<RollUp> holding = new LinkedHashSet<>();
    for (IntervalGrid grid : grids(next)) {
      lengths.forEach(length -> holding.add(open(length, start, grid)));
    }
    for (RollUp rollUp : holding) {
      // What was counted in an hour is kept nowhere else, and is wanted when a correction is gone.
      boolean bare = corrections.isEmpty() && !rollUp.length().equals("1h");
      rollUp.add(start, bare ? part : withCounts, before);
      rollUp.settle(Math.min(start, horizon), by.grid.zone());
      for (int i = 0; i < kept.rev(); i++) {
        rollUp.late();
      }
    }
    pool = worked.carried();
    return new Worked(kept, worked, part, before);
  }

  private RollUp open(String length, long start, IntervalGrid grid) {
    RollUp fresh = new RollUp(length, grid.start(length, start), grid.end(length, start));
    for (RollUp rollUp : open) {
      if (rollUp.length().equals(length)
          && rollUp.start() == fresh.start()
          && rollUp.end() == fresh.end()) {
        return rollUp;
      }
    }
    open.add(fresh);
    return site.carbon().green().hourly() ? fresh.hourly() : fresh;
  }

  /** In the period of the tariff that was in force then, and not by the tariff of now. */
  private static Figures inPeriod(Figures worked, @Nullable String period) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>(worked.metrics());
    metrics.keySet().removeIf(SiteFigures::isTariffPeriod);
    Metric bought = metrics.get(SiteFigures.MONTHLY);
    if (period != null && bought != null) {
      metrics.put(period, bought.within(null));
    }
    return new Figures(
        metrics, worked.factors(), worked.carried(), worked.failures(), worked.asked());
  }

  /** A longer interval that was worked out again, and its figures. */
  record Again(RollUp rollUp, Figures worked, Interval interval) {}

  /**
   * The record of a longer interval, by new sums.
   *
   * @param again of all its base intervals
   * @param told what commands tell, of any time
   */
  Again longer(IntervalTable.Longer longer, RollUp again, Feeds told) {
    Rules by = rules(longer.number(), longer.layout());
    RollUpRow kept = longer.kept();
    RollUp rollUp = kept.rollUp().reckoned(again);
    Figures worked =
        by.figures.rollUp(
            rollUp.corrected(
                kept.counted(site.carbon().fed().and(kept.told()).and(told)), corrections),
            rollUp.sums(by.grid.zone()),
            rollUp.factors());
    Interval interval =
        new Interval(
            rollUp.length(),
            rollUp.start(),
            rollUp.end(),
            rollUp.published().rev() + 1,
            worked.metrics(),
            kept.registers(),
            worked.factors(),
            corrections.during(rollUp.start(), rollUp.end()));
    return new Again(rollUp, worked, kept.isSilent() ? Fold.withoutReadings(interval) : interval);
  }

  void write(CheckpointWriter to) {
    to.text(time);
    Pools.write(pool, to);
    write(open, to);
  }

  static void write(List<RollUp> rollUps, CheckpointWriter to) {
    to.number(rollUps.size());
    rollUps.forEach(rollUp -> rollUp.write(to));
  }

  static List<RollUp> readRollUps(CheckpointReader from) {
    List<RollUp> rollUps = new ArrayList<>();
    for (int left = from.count(); left > 0; left--) {
      rollUps.add(RollUp.read(from));
    }
    return rollUps;
  }

  /**
   * @throws IllegalArgumentException if the bytes are torn
   */
  void read(CheckpointReader from) {
    time = from.text();
    pool = Pools.read(from);
    open.clear();
    open.addAll(readRollUps(from));
  }
}
