package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.ledger.code.Pools;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.DemandWatch;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.meter.LeftInterval;
import io.lingtan.agent.meter.Mark;
import io.lingtan.agent.meter.MeterChannel;
import io.lingtan.agent.meter.Meters;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.Corrections;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Samples in, intervals and events out. The same samples with the same times, in the same order,
 * make the same output, and a fold taken up from a checkpoint goes on as if it had never stopped:
 * that is what makes it possible to find the state again after a crash.
 *
 * <p>An interval closes when every figure has a reading at or after its end, or {@code close_after}
 * later, by the time of the samples. Late data revises it; what can be revised is bounded to the
 * last two hours and one base interval, or to the beginning of a gap that a device still has, as
 * long as that is not more than a day ago. After a silence of everything longer than {@code
 * close_after} intervals wait once more, so that each device has its say before they close.
 *
 * <p>No interval is left out because nothing was read in it: after an outage each one in it is told
 * too, with its figures missing. Of a long one the last seven days are, in at most 672 base
 * intervals; {@code agent.no_intervals} names what lies before, and all that lies in more than a
 * day that a wall clock skipped.
 *
 * <p>An interval and its revision have one content. Where a wall clock that was set back makes time
 * come again, what was told of it is told again with the next number, and is suspect.
 *
 * <p>What was open in time that the wall clock was set out of is kept until it returns, and goes on
 * then; what was counted meanwhile is in the intervals of the time that it showed. What is over is
 * told before the clock goes on elsewhere, and what was counted since goes on with it.
 */
public final class Fold {

  /**
   * The form in which {@link #checkpoint} writes: what has another is made anew from the records.
   */
  private static final long VERSION = 9;

  /** The form before, without intervals whose time a wall clock left, is read, too. */
  private static final long WITHOUT_LEFT = 8;

  /** Of the devices' gaps that end, those up to a day and two hours revise what lies in them. */
  private static final long LONGEST_GAP_MILLIS = 26 * 3_600_000L;

  /**
   * A wall clock that is set forward by more has skipped time in which nobody waits for figures.
   */
  private static final long LONGEST_SKIPPED_MILLIS = 24 * 3_600_000L;

  private static final String NO_READINGS = "no readings";

  /** The receiver of intervals and events. */
  public interface Output {

    void interval(Interval interval);

    /**
     * @param atNanos monotonic nanoseconds of the sample that showed it
     * @param tsMillis UTC ms of that instant
     */
    void event(Event event, long atNanos, long tsMillis);
  }

  /** The instant at which it showed that something is due, monotonic and UTC. */
  record Cause(long atNanos, long tsMillis) {}

  /** A closed base interval that may still be revised. */
  private record Closed(Published published, Part part, @Nullable Carried pool) {}

  private final IntervalGrid grid;
  private final Meters meters;
  private final List<MeterChannel> channels;
  private final Levels levels;
  private final Alarms alarms;
  private final @Nullable DemandWatch demand;

  /** What was last told of the running 15 minutes; not known again before the next minute. */
  private DemandWatch.@Nullable Outlook ahead;

  private final List<Refuelling> refuellings;
  private final SiteFigures figures;
  private final long closeAfter;
  private RowSink keeper = RowSink.NOBODY;

  private String boot = "";
  private int boots;
  private long newest = Long.MIN_VALUE;
  private long waitUntil = Long.MIN_VALUE;
  private long next = Long.MIN_VALUE;

  /** The instant of the last sample; null before the first. */
  private @Nullable Mark last;

  /** Intervals before this never were, after the open one. */
  private long skippedUntil = Long.MIN_VALUE;

  private final Revisions revisions = new Revisions();
  private final TreeMap<Long, Closed> closed = new TreeMap<>();
  private final RollUps rollUps;
  private @Nullable Interval latest;
  private long failed;
  private final CommandFeeds feeds;
  private final Corrections corrections;

  /** What is carried to the start of the oldest closed interval, else of the open one. */
  private @Nullable Carried settled;

  /** Whether days begin elsewhere than when the checkpoint was written. */
  private boolean isRegridded;

  public Fold(Site site) {
    this.grid = new IntervalGrid(site.place().zone(), site.metering().interval());
    this.meters = new Meters(site, grid);
    this.channels = meters.channels();
    this.levels = new Levels(site, grid);
    this.alarms = new Alarms(site, channels);
    this.demand = DemandWatch.of(site, channels);
    this.refuellings =
        channels.stream()
            .filter(channel -> channel.figure() == Figure.H2_DISPENSED)
            .map(channel -> new Refuelling(channel, site.place()))
            .toList();
    this.figures = new SiteFigures(site);
    this.closeAfter = site.metering().closeAfter().toMillis();
    this.settled = figures.carried();
    this.rollUps = new RollUps(grid, site.carbon().green().hourly());
    this.feeds = new CommandFeeds(site);
    this.corrections = site.metering().corrections();
    List<Counted> longer =
        IntervalGrid.rollUps().stream().map(length -> counted(length, 0, 1)).toList();
    figures.learn(base(0, 1), longer);
  }

  /** Tells from here on what is to be kept of each interval that is put out. */
  void keepIn(RowSink newKeeper) {
    keeper = newKeeper;
  }

  /**
   * Takes a sample. What it changes of closed intervals is told by {@link #revise}, or before
   * another interval closes: a thousand late samples are one revision of each.
   *
   * @param tsMillis UTC ms of its instant
   */
  public void observe(Sample sample, long tsMillis, Output output) {
    if (!sample.boot().equals(boot)) {
      boot = sample.boot();
      boots++;
    }
    Mark at = new Mark(boots, sample.atNanos(), tsMillis);
    Cause cause = new Cause(sample.atNanos(), tsMillis);
    watchReturn(at, cause, output);
    watchSkip(at, cause, output);
    last = at;
    moveOn(tsMillis, cause, output);
    long before = demand == null ? 0 : demand.minute();
    meters.observe(sample, at, event -> tell(event, cause, output));
    DemandWatch.Outlook outlook = demand == null ? null : demand.outlook(before, sample);
    if (demand == null) {
      alarms.withoutDemand(event -> tell(event, cause, output));
    } else if (demand.minute() != before) {
      ahead = outlook;
    }
    if (outlook != null) {
      alarms.demand(outlook, event -> tell(event, cause, output));
    }
    for (Refuelling refuelling : refuellings) {
      if (refuelling.device().equals(sample.device())) {
        refuelling.observe(sample, tsMillis, event -> tell(event, cause, output));
      }
    }
    levels.observe(sample, at);
    alarms.device(sample, tsMillis, event -> tell(event, cause, output));
    close(newest, cause, output);
  }

  /** The running 15 minutes at the gate, as they looked at the last whole minute. */
  LedgerSnapshot.@Nullable Demand demand() {
    return ahead == null
        ? null
        : new LedgerSnapshot.Demand(
            ahead.untilMillis(),
            ahead.sliding(),
            ahead.limitKw(),
            ahead.forecastKw(),
            ahead.mayDrawKw());
  }

  /**
   * Whether the wall clock was set forward to time that it had left: what was open there goes on.
   */
  private void watchReturn(Mark at, Cause cause, Output output) {
    long now = at.wallMillis();
    boolean isSet =
        last != null && (at.boot() != last.boot() || at.setSince(last) > grid.leastStepMillis());
    if (!isSet || newest == Long.MIN_VALUE || !rollUps.hasLeft(newest, now)) {
      return;
    }
    closeOver(cause, output);
    NavigableSet<Long> ends = rollUps.bounds();
    ends.add(next);
    ends.add(grid.baseEnd(next));
    skippedUntil = grid.baseStart(now);
    meters.goOn(skippedUntil, now, ends, rollUps.goOn(newest, now));
    last = at;
  }

  private void watchSkip(Mark at, Cause cause, Output output) {
    if (last != null && at.setSince(last) > LONGEST_SKIPPED_MILLIS) {
      closeOver(cause, output);
      skippedUntil = grid.baseStart(at.wallMillis());
      last = at;
    }
  }

  private static void tell(Event event, Cause cause, Output output) {
    output.event(event, cause.atNanos, cause.tsMillis);
  }

  private void moveOn(long millis, Cause cause, Output output) {
    if (newest == Long.MIN_VALUE) {
      newest = millis;
      next = grid.baseStart(millis);
    } else if (millis < grid.horizon(newest)) {
      // The clock was set back by hours: begin again there. Intervals of the time that comes a
      // second time are told a second time.
      closeOver(cause, output);
      revise(output);
      Times open =
          skippedUntil > next
              ? Times.of(next, grid.baseEnd(next)).and(Times.of(skippedUntil, newest))
              : Times.of(next, newest);
      meters.doubt(
          revisions.times(grid.base()).and(open).without(Long.MIN_VALUE, grid.baseStart(millis)));
      NavigableSet<Long> kept = rollUps.setBack(millis, each -> left(each, next));
      meters.setBack(millis, next, kept, rollUps.comeBack(millis));
      skippedUntil = Long.MIN_VALUE;
      newest = millis;
      next = grid.baseStart(millis);
      waitUntil = Long.MIN_VALUE;
      forgetClosed();
      forgetLeft(cause, output);
    } else if (millis > newest) {
      rollUps.passed(newest, millis);
      // Only once for the interval that is open: what is overdue already has waited.
      if (millis - newest > closeAfter && newest < grid.baseEnd(next)) {
        waitUntil = millis + closeAfter;
      }
      newest = millis;
    }
  }

  private LeftInterval left(RollUp of, long until) {
    return meters.left(of.start(), of.end(), next, until);
  }

  private void forgetLeft(Cause cause, Output output) {
    for (RollUp lost : rollUps.forgetLeft(newest)) {
      Event event =
          Event.of("clock.not_resumed", Severity.WARNING)
              .with("interval", lost.length())
              .with("start", lost.start());
      output.event(event, cause.atNanos, cause.tsMillis);
    }
  }

  /**
   * Another meter hangs in the place of {@code device}. Not known from samples: write a checkpoint
   * with the same commit.
   */
  public void exchanged(String device) {
    meters.exchanged(device);
  }

  /**
   * What the journal had of samples was folded again, and new ones follow. Not known from samples:
   * write a checkpoint with the next commit.
   */
  public void resumed() {
    meters.resumed();
    alarms.resumed();
  }

  /**
   * People told something that no meter knows. Not known from samples: write a checkpoint with the
   * same commit. Intervals of days that still wait for such words are told again with the next base
   * interval.
   *
   * @return why it is not taken, as a whole; null if it is
   */
  public @Nullable String tell(Feeds more) {
    String refused = objection(more, false);
    if (refused == null) {
      feeds.tell(more, newestDay());
      rollUps.touch(Long.MIN_VALUE);
    }
    return refused;
  }

  /**
   * Why what people tell is not taken, as a whole; null if it can be.
   *
   * @param isNew whether what was told before is no news, and so refused
   */
  @Nullable String objection(Feeds more, boolean isNew) {
    return feeds.objection(more, isNew, newestDay(), this::isClosed);
  }

  private @Nullable LocalDate newestDay() {
    return newest == Long.MIN_VALUE ? null : grid.date(newest);
  }

  private boolean isClosed(String length, LocalDate first) {
    return newest != Long.MIN_VALUE
        && first.isBefore(grid.date(grid.start(length, next)))
        && rollUps.live(length, first.atStartOfDay(grid.zone()).toInstant().toEpochMilli()) == null;
  }

  /**
   * When the open interval closes without any further sample, UTC ms; {@link Long#MAX_VALUE} if
   * none is open.
   */
  public long closesAt() {
    return next == Long.MIN_VALUE || isEmpty()
        ? Long.MAX_VALUE
        : Math.max(grid.baseEnd(next) + closeAfter, waitUntil);
  }

  /**
   * Closes what is due at {@code nowMillis} though no sample came. Changes nothing otherwise.
   *
   * @param nowBoot that {@code nowNanos} counts from
   * @param nowNanos the same instant, monotonic
   * @param nowMillis UTC ms
   * @return whether it closed anything: then write a checkpoint with the same commit, because no
   *     sample tells of it
   */
  public boolean closeOverdue(String nowBoot, long nowNanos, long nowMillis, Output output) {
    if (nowMillis < closesAt()) {
      return false;
    }
    Cause cause = new Cause(nowNanos, nowMillis);
    boolean isSameBoot = nowBoot.equals(boot);
    watchReturn(new Mark(isSameBoot ? boots : boots + 1, nowNanos, nowMillis), cause, output);
    if (isSameBoot) {
      watchSkip(new Mark(boots, nowNanos, nowMillis), cause, output);
    }
    newest = Math.max(newest, nowMillis);
    close(nowMillis, cause, output);
    return true;
  }

  private void close(long now, Cause cause, Output output) {
    while (!isEmpty() && isDue(grid.baseEnd(next), now)) {
      closeNext(now, cause, output);
    }
  }

  /** Before the wall clock goes on elsewhere: what is over waits for nothing any more. */
  private void closeOver(Cause cause, Output output) {
    while (!isEmpty() && next != Long.MIN_VALUE && grid.baseEnd(next) <= newest) {
      closeNext(newest, cause, output);
    }
  }

  private void closeNext(long now, Cause cause, Output output) {
    revise(output);
    long start = next;
    long end = grid.baseEnd(start);
    Part part = closeBase(start, end, cause, output);
    next = end;
    if (skippedUntil > next) {
      LeftInterval open = meters.left(start, end, end, end);
      rollUps.skip(open, skippedUntil, part, each -> left(each, each.end()));
    }
    leaveOut(now, cause, output);
    closeRollUps(cause, output);
    forget(now);
    forgetLeft(cause, output);
  }

  /** Goes on after what is too long ago to be told interval by interval. */
  private void leaveOut(long now, Cause cause, Output output) {
    long horizon = grid.horizon(now);
    long told =
        Math.max(
            skippedUntil, grid.baseStart(horizon - IntervalGrid.longestTold(grid.baseMillis())));
    if (next < told) {
      Event event =
          Event.of("agent.no_intervals", Severity.WARNING)
              .with("from", next)
              .with("to", told)
              .with("count", (told - next) / grid.baseMillis());
      output.event(event, cause.atNanos, cause.tsMillis);
      next = told;
    }
  }

  private boolean isEmpty() {
    return channels.isEmpty() && levels.isEmpty();
  }

  private boolean isDue(long end, long now) {
    boolean known = meters.isKnownUntil(end) && levels.isKnownUntil(end);
    return now >= end && (known || now >= Math.max(end + closeAfter, waitUntil));
  }

  private Part closeBase(long start, long end, Cause cause, Output output) {
    Counted counted = base(start, end);
    Carried before = poolAt(start);
    Figures worked = figures.base(counted.correctedBy(corrections, end), before);
    int rev = revisions.first(grid.base(), start, end);
    Interval interval = silent(base(worked, start, end, rev));
    revisions.add(interval);
    Part part = part(worked, counted, end);
    closed.put(
        start,
        new Closed(new Published(rev, MetricsCodec.digest(interval)), part, worked.carried()));
    rollUps.add(start, part, before);
    latest = interval;
    output.interval(interval);
    keeper.keep(kept(counted, worked, rev, end));
    failed += worked.failures().size();
    alarms.base(interval, worked.failures(), event -> tell(event, cause, output));
    return part;
  }

  private Part part(Figures worked, Counted counted, long end) {
    Part part = Part.of(worked, end - counted.startMillis());
    return corrections.isEmpty() ? part : part.with(counted, counted.correctedBy(corrections, end));
  }

  private BaseRow kept(Counted counted, Figures worked, int rev, long end) {
    // Several are there only where nobody knows in which it is.
    List<String> periods =
        worked.metrics().keySet().stream().filter(SiteFigures::isTariffPeriod).toList();
    return new BaseRow(
        counted.startMillis(),
        rev,
        counted.counts(),
        counted.sliding(),
        periods.size() == 1 ? periods.getFirst() : null,
        stored(counted, worked),
        corrections.digest(counted.startMillis(), end));
  }

  private static BaseRow.@Nullable Stored stored(Counted counted, Figures worked) {
    Carried carried = worked.carried();
    List<Level> tanks =
        counted.levels().stream().filter(level -> level.kind() == Level.Kind.H2_MASS).toList();
    return carried == null || carried.hydrogen() == null || tanks.isEmpty()
        ? null
        : new BaseRow.Stored(
            new Combining(tanks.stream().map(Level::start).toList()).sum("kg"),
            new Combining(tanks.stream().map(Level::end).toList()).sum("kg"));
  }

  /** Publishes roll-ups that have ended, and once per base interval those that have changed. */
  private void closeRollUps(Cause cause, Output output) {
    rollUps.due(next).forEach(rollUp -> publish(rollUp, cause, output));
  }

  private void publish(RollUp rollUp, Cause cause, Output output) {
    long told = rollUp.published().digest();
    boolean first = rollUp.published().isNone();
    publish(rollUp, interval -> first || MetricsCodec.digest(interval) != told, cause, output);
  }

  private boolean publish(RollUp rollUp, Predicate<Interval> isNews, Cause cause, Output output) {
    Counted counted = counted(rollUp.length(), rollUp.start(), rollUp.end());
    Figures worked = worked(rollUp, rollUp.corrected(counted, corrections));
    boolean first = rollUp.published().isNone();
    int rev =
        first
            ? revisions.first(rollUp.length(), rollUp.start(), rollUp.end())
            : rollUp.published().rev() + 1;
    Interval whole = longer(rollUp, worked, rev);
    Interval interval = silent(whole);
    failed += worked.failures().size();
    rollUps.told(rollUp, interval);
    boolean news = isNews.test(interval);
    if (news) {
      rollUp.published(new Published(rev, MetricsCodec.digest(interval)));
      told(interval);
      output.interval(interval);
      if (!rollUp.length().equals("1h")) {
        keeper.keep(kept(rollUp, counted, worked, interval, isSilent(whole)));
      }
      if (first) {
        alarms.rollUp(interval, worked.failures(), event -> tell(event, cause, output));
        directSupply(rollUp, interval, cause, output);
      }
    } else {
      rollUp.published(rollUp.published());
    }
    return news;
  }

  /** When a month is over, the shares of the year until then are held against their limits. */
  private void directSupply(RollUp month, Interval told, Cause cause, Output output) {
    RollUp year =
        month.isMonth() && figures.hasDirectSupply()
            ? rollUps.live("1Y", grid.start("1Y", month.start()))
            : null;
    if (year == null) {
      return;
    }
    Counted toDate = counted("1Y", year.start(), month.end());
    Map<String, Metric> shares =
        figures.rollUp(toDate, year.sums(grid.zone()), year.factors()).metrics();
    alarms.directSupply(
        told, shares, figures.missedShares(shares), event -> tell(event, cause, output));
  }

  // What was told is reckoned anew, because factors have become others.

  IntervalGrid grid() {
    return grid;
  }

  /** Start of the base interval that is open; {@link Long#MIN_VALUE} before the first sample. */
  long next() {
    return next;
  }

  /** Start of the oldest base interval that may still be revised, or of the open one. */
  long openFrom() {
    return closed.isEmpty() ? next : closed.firstKey();
  }

  RollUps rollUps() {
    return rollUps;
  }

  /** What commands told. */
  Feeds told() {
    return feeds.told();
  }

  /** An interval was told, so that none like it may have its number. */
  void told(Interval interval) {
    revisions.add(interval);
  }

  /**
   * Until when no new interval can be told, because the wall clock was ahead and what comes was
   * told already, UTC ms; {@link Long#MIN_VALUE} if one can.
   *
   * @param nowMillis UTC ms
   */
  long aheadUntil(long nowMillis) {
    boolean isAhead =
        next != Long.MIN_VALUE
            && next - nowMillis > grid.leastStepMillis()
            && nowMillis >= grid.horizon(newest);
    return isAhead ? grid.baseEnd(next) : Long.MIN_VALUE;
  }

  /** The same as of the newest sample: whether it was told before this process began. */
  long wasAheadUntil() {
    return last == null ? Long.MIN_VALUE : aheadUntil(last.wallMillis());
  }

  /** Days, months and years that have waited are told. */
  void releaseLonger(Cause cause, Output output) {
    rollUps.release();
    closeRollUps(cause, output);
  }

  /** What is carried to where the oldest base interval begins that may still be revised. */
  void settled(@Nullable Carried pool) {
    settled = pool;
  }

  /**
   * Works base intervals that may still be revised out again, by the factors that are in force now,
   * without telling them again.
   *
   * @param revs how often each was revised, by its start
   */
  void reckonClosed(Map<Long, Integer> revs) {
    for (Map.Entry<Long, Closed> entry : closed.entrySet()) {
      long start = entry.getKey();
      long end = grid.baseEnd(start);
      Closed old = entry.getValue();
      Carried before = poolAt(start);
      Counted counted = base(start, end);
      Figures worked = figures.base(counted.correctedBy(corrections, end), before);
      Part part = part(worked, counted, end);
      rollUps.replace(start, old.part, part, before, false);
      int rev = Math.max(old.published.rev(), revs.getOrDefault(start, 0));
      long digest = MetricsCodec.digest(base(worked, start, end, rev));
      entry.setValue(new Closed(new Published(rev, digest), part, worked.carried()));
    }
  }

  /**
   * Tells a day, a month or a year again if it comes out otherwise.
   *
   * @param digest of its figures and factors, as they were told
   */
  boolean tellAgain(RollUp rollUp, long digest, Cause cause, Output output) {
    return publish(
        rollUp, interval -> MetricsCodec.digestWithFactors(interval) != digest, cause, output);
  }

  /** Tells an hour again that was told, if it comes out otherwise. */
  void tellHour(RollUp hour, Cause cause, Output output) {
    if (!hour.published().isNone()) {
      publish(hour, cause, output);
    }
  }

  /** A revision that no interval like it has had. */
  int unusedRev(String length, long start, long end) {
    return revisions.first(length, start, end);
  }

  private RollUpRow kept(
      RollUp rollUp, Counted counted, Figures worked, Interval interval, boolean isSilent) {
    return new RollUpRow(
        rollUp.kept(worked.asked()),
        MetricsCodec.digestWithFactors(interval),
        isSilent,
        feeds
            .told()
            .within(
                grid.date(rollUp.start()).minusDays(SiteFigures.TOLD_BEFORE_DAYS),
                grid.date(rollUp.end())),
        counted.counts(),
        counted.levels(),
        interval.registers());
  }

  /** Whether it ended too long ago to be revised, and nobody looked at anything in it. */
  private boolean isSilent(Interval interval) {
    return interval.endMillis() <= grid.horizon(newest)
        && interval.metrics().entrySet().stream()
            .noneMatch(
                metric ->
                    metric.getValue().coverage() > 0 && SiteFigures.isObserved(metric.getKey()));
  }

  /**
   * The same; if nobody looked at anything in it, with that for a reason of what is missing: what
   * its devices answered before or since says nothing about it.
   */
  private Interval silent(Interval interval) {
    return isSilent(interval) ? withoutReadings(interval) : interval;
  }

  static Interval withoutReadings(Interval interval) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    interval.metrics().forEach((name, metric) -> metrics.put(name, silent(metric)));
    return new Interval(
        interval.length(),
        interval.startMillis(),
        interval.endMillis(),
        interval.rev(),
        metrics,
        interval.registers(),
        interval.factors(),
        interval.corrections());
  }

  private static Metric silent(Metric metric) {
    return metric.micros() != null
        ? metric
        : new Metric(null, metric.ucum(), Quality.MISSING, 0, 0, metric.of(), null, NO_READINGS)
            .by(metric.allFactors());
  }

  /**
   * Tells closed intervals again that samples have changed since this was last called. When that
   * is, no sample tells: write a checkpoint with the same commit.
   *
   * @return whether any interval was worked out anew
   */
  public boolean revise(Output output) {
    long from = meters.takeTouchedFrom();
    if (from >= next) {
      return false;
    }
    for (Map.Entry<Long, Closed> entry : closed.entrySet()) {
      long start = entry.getKey();
      long end = grid.baseEnd(start);
      if (end > from) {
        reviseBase(start, end, entry, output);
      }
    }
    rollUps.touch(from);
    return true;
  }

  private void reviseBase(long start, long end, Map.Entry<Long, Closed> entry, Output output) {
    Closed old = entry.getValue();
    Counted counted = base(start, end);
    Carried before = poolAt(start);
    Figures worked = figures.base(counted.correctedBy(corrections, end), before);
    Interval interval = base(worked, start, end, old.published.rev() + 1);
    long digest = MetricsCodec.digest(interval);
    if (digest == old.published.digest()) {
      if (!interval.corrections().isEmpty()) {
        // The correction stays; what is counted now is kept for when it does not.
        keeper.keep(kept(counted, worked, old.published.rev(), end));
      }
      // What is in the battery may still be another, and the next interval begins with it.
      entry.setValue(new Closed(old.published, old.part, worked.carried()));
      rollUps.began(start, before);
      return;
    }
    Part part = part(worked, counted, end);
    entry.setValue(new Closed(old.published.next(digest), part, worked.carried()));
    rollUps.replace(start, old.part, part, before, true);
    output.interval(interval);
    keeper.keep(kept(counted, worked, interval.rev(), end));
    told(interval);
  }

  private void forget(long now) {
    long horizon = Math.min(next, meters.openSince(grid.horizon(now), LONGEST_GAP_MILLIS));
    settled = poolAt(horizon);
    closed.headMap(horizon).clear();
    rollUps.forget(horizon, feeds.waitMillis());
    NavigableSet<Long> pins = rollUps.bounds();
    // Also of the one that is next, which may end before the horizon after an outage.
    pins.add(next);
    pins.add(grid.baseEnd(next));
    // And where those begin that have no base interval yet, after a clock that skipped much.
    IntervalGrid.rollUps().forEach(length -> pins.add(grid.start(length, next)));
    pins.addAll(rollUps.leftStarts());
    meters.forget(horizon, pins);
    levels.forget(horizon, pins);
  }

  private Interval base(Figures worked, long start, long end, int rev) {
    return new Interval(
        grid.base(),
        start,
        end,
        rev,
        worked.metrics(),
        registers(start, end),
        worked.factors(),
        corrections.during(start, end));
  }

  /** What is carried to the start of a base interval. */
  @Nullable Carried poolAt(long start) {
    Map.Entry<Long, Closed> before = closed.lowerEntry(start);
    Carried pool = before == null ? settled : before.getValue().pool;
    return pool == null ? figures.carried() : pool;
  }

  private void forgetClosed() {
    settled = poolAt(Long.MAX_VALUE);
    closed.clear();
  }

  private Figures worked(RollUp rollUp, Counted counted) {
    return figures.rollUp(counted, rollUp.sums(grid.zone()), rollUp.factors());
  }

  private Interval longer(RollUp rollUp, Figures worked, int rev) {
    return new Interval(
        rollUp.length(),
        rollUp.start(),
        rollUp.end(),
        rev,
        worked.metrics(),
        registers(rollUp.start(), rollUp.end()),
        worked.factors(),
        corrections.during(rollUp.start(), rollUp.end()));
  }

  /** Chapters of figures that could not be worked out, since the start. */
  public long failed() {
    return failed;
  }

  private Counted base(long start, long end) {
    return base(start, end, levels.between(start, end));
  }

  private Counted base(long start, long end, List<Level> reached) {
    Metric sliding = null;
    for (MeterChannel channel : channels) {
      sliding = sliding == null ? channel.sliding(start, end) : sliding;
    }
    return new Counted(grid.base(), start, counts(start, end), reached, sliding, Feeds.NONE);
  }

  private Counted counted(String length, long start, long end) {
    return counted(length, start, end, levels.between(start, end));
  }

  private Counted counted(String length, long start, long end, List<Level> reached) {
    return new Counted(length, start, counts(start, end), reached, null, feeds.all());
  }

  private List<Count> counts(long start, long end) {
    List<Count> counts = new ArrayList<>(channels.size());
    for (MeterChannel channel : channels) {
      counts.add(
          new Count(
              channel.meter(), channel.figure(), channel.between(start, end), channel.step()));
    }
    return counts;
  }

  private SequencedMap<String, Span> registers(long start, long end) {
    SequencedMap<String, Span> registers = new LinkedHashMap<>();
    for (MeterChannel channel : channels) {
      Span span = channel.readings(start, end);
      if (span != null) {
        registers.put(channel.key(), span);
      }
    }
    return registers;
  }

  /** By their names, the figures that interval records carry, of all lengths, in order. */
  public SequencedMap<String, Indicator> indicators() {
    return figures.usual();
  }

  /** The base interval that closed last, as it was then; null if none has since the start. */
  public @Nullable Interval latest() {
    return latest;
  }

  /**
   * The day that is not over yet, until the newest readings: with what the open base interval has
   * so far, so that what is added up and what is counted are of the same time. Null before the
   * first reading.
   */
  public @Nullable Interval today() {
    if (next == Long.MIN_VALUE) {
      return null;
    }
    RollUp day = rollUps.copy("1d", next);
    long end = grid.baseEnd(next);
    Carried before = poolAt(next);
    Counted open = base(next, end, levels.soFar(next, next));
    Figures worked = figures.base(open.correctedBy(corrections, end), before);
    day.add(next, part(worked, open, end), before);
    List<Level> reached = levels.soFar(day.start(), next);
    Counted counted = counted("1d", day.start(), day.end(), reached);
    return longer(day, worked(day, day.corrected(counted, corrections)), 0);
  }

  /** The newest time of any sample, UTC ms; {@link Long#MIN_VALUE} before the first. */
  public long newestMillis() {
    return newest;
  }

  /** Everything that a later {@link #from} needs to go on. */
  public byte[] checkpoint() {
    CheckpointWriter to = new CheckpointWriter();
    to.number(VERSION);
    meters.checkpoint(to);
    levels.checkpoint(to);
    to.text(boot).number(boots).number(newest).number(waitUntil).number(next);
    to.number(closed.size());
    closed.forEach(
        (start, row) -> {
          to.number(start);
          row.published.write(to);
          row.part.write(to);
          Pools.write(row.pool, to);
        });
    Pools.write(settled, to);
    rollUps.write(to);
    feeds.write(to);
    alarms.checkpoint(to);
    to.number(refuellings.size());
    for (Refuelling refuelling : refuellings) {
      CheckpointWriter own = new CheckpointWriter();
      refuelling.checkpoint(own);
      to.text(refuelling.name()).bytes(own.bytes());
    }
    to.flag(last != null);
    if (last != null) {
      last.write(to);
    }
    to.number(skippedUntil == Long.MIN_VALUE ? 0 : skippedUntil);
    revisions.write(to);
    rollUps.writeLeft(to);
    return to.bytes();
  }

  /** For open intervals that begin before what can still be revised; null if none does. */
  @Nullable EarlierCounts earlierCounts() {
    NavigableSet<Long> starts = rollUps.starts();
    starts.tailSet(openFrom()).clear();
    return starts.isEmpty() ? null : new EarlierCounts(starts, openFrom());
  }

  /** Knows again what registers had counted where those begin. */
  void knowAgain(EarlierCounts counts) {
    channels.forEach(counts::tell);
  }

  /** Whether sums have to be made anew, because days begin elsewhere than before. */
  boolean isRegridded() {
    return isRegridded;
  }

  /**
   * Days begin elsewhere from here on. Where base intervals are the same as before they go on, and
   * longer ones that are open are of all their base intervals when {@link Restatement} has added up
   * what is kept of those before. Else registers go on and intervals begin anew.
   */
  private void regrid(IntervalGrid before) {
    if (newest == Long.MIN_VALUE) {
      return;
    }
    if (!grid.goesOnFrom(before, next)) {
      meters.regrid();
      forgetClosed();
      rollUps.clear();
      next = grid.baseStart(newest);
      return;
    }
    isRegridded = true;
    rollUps.regrid(before, next);
  }

  /**
   * A fold that goes on where {@link #checkpoint} was written, also if the site's zone or base
   * length has changed since.
   *
   * @throws IllegalArgumentException if the bytes are torn or of another version
   */
  public static Fold from(Site site, byte[] checkpoint) {
    CheckpointReader from = new CheckpointReader(checkpoint);
    long version = from.number();
    if (version != VERSION && version != WITHOUT_LEFT) {
      throw new IllegalArgumentException(
          "the checkpoint has form %d, this software reads %d".formatted(version, VERSION));
    }
    Fold fold = new Fold(site);
    IntervalGrid before = fold.meters.restore(from);
    fold.levels.restore(from);
    fold.boot = from.text();
    fold.boots = (int) from.number();
    fold.newest = from.number();
    fold.waitUntil = from.number();
    fold.next = from.number();
    for (int left = from.count(); left > 0; left--) {
      long start = from.number();
      Published published = Published.read(from);
      Part part = Part.read(from, fold.grid.baseMillis());
      fold.closed.put(start, new Closed(published, part, Pools.read(from)));
    }
    fold.settled = Pools.read(from);
    fold.rollUps.read(from);
    fold.feeds.read(from);
    fold.alarms.restore(from);
    for (int left = from.count(); left > 0; left--) {
      String name = from.text();
      CheckpointReader own = new CheckpointReader(from.bytes());
      fold.refuellings.stream()
          .filter(refuelling -> refuelling.name().equals(name))
          .forEach(refuelling -> refuelling.restore(own));
    }
    fold.last = from.flag() ? Mark.read(from) : null;
    fold.skippedUntil = from.number();
    fold.revisions.read(from);
    if (version != WITHOUT_LEFT) {
      fold.rollUps.readLeft(from);
    }
    if (!before.isSame(fold.grid)) {
      fold.regrid(before);
    }
    return fold;
  }
}
