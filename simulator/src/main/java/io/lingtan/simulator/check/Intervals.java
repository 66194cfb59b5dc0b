package io.lingtan.simulator.check;

import io.lingtan.agent.site.Site;
import io.lingtan.simulator.check.Spans.Span;
import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.check.record.Received.Interval;
import io.lingtan.simulator.check.record.Received.Metric;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Interval records against the truth. Every revision has to be honest: a figure that says it is
 * good is within what each register that it rests on can show, plus what lies between the truth and
 * the straight line through the readings on either side of its ends. A figure that no fault touched
 * has to be measured, wholly.
 */
final class Intervals {

  /** Longest gap that is split linearly: the agent's documented limit, less a record period. */
  private static final long SPLIT_MILLIS = 2 * 3_600_000L - 30_000;

  private static final long AROUND_MILLIS = 150_000;

  /** How long a gateway may take to tell what it learnt. */
  private static final long LATEST_MILLIS = 3 * 3_600_000L;

  private static final Set<String> BALANCE = Set.of("elec.load.total", "balance.residual");

  private final String base;
  private final long baseMillis;
  private final List<Counter> counters;
  private final Sites sites;
  private final Truth truth;
  private final Touched touched;
  private final Happened happened;
  private final Findings findings;
  private final Grounds grounds;
  private final RollUps rollUps;
  private final IdentityHashMap<Sites.Version, Books> books = new IdentityHashMap<>();
  private final List<Received> all = new ArrayList<>();
  private final NavigableMap<Long, Interval> latest = new TreeMap<>();
  private final List<Span> toldAgain = new ArrayList<>();

  /** The first of each length, start and revision. */
  private final Map<String, Interval> contents = new HashMap<>();

  private List<Span> shed = List.of();
  private List<Span> untold = new ArrayList<>();
  private long unchecked;

  /**
   * An interval record.
   *
   * @param version the site file that it was made by, null if that cannot be said
   */
  private record Received(Interval interval, Sites.@Nullable Version version) {}

  Intervals(Sites sites, Truth truth, Touched touched, Happened happened, Findings findings) {
    Site site = sites.whole().site();
    this.sites = sites;
    this.base = site.metering().interval();
    this.baseMillis = site.metering().base().toMillis();
    this.counters = sites.whole().book().counters();
    this.truth = truth;
    this.touched = touched;
    this.happened = happened;
    this.findings = findings;
    this.grounds =
        new Grounds(
            baseMillis, site.metering().maxInterpolation().toMillis(), counters, sites, truth);
    this.rollUps = new RollUps(site.place().zone(), baseMillis, findings);
  }

  /** A counter was read: see {@link Neighbours#add}. */
  void read(String device, String point, long ts, long trueMicros) {
    if (touched.isForgotten(ts)) {
      grounds.forgotten(device, point, ts, trueMicros);
    } else {
      grounds.read(device, point, ts, trueMicros, !touched.isUnsure(ts));
    }
  }

  /**
   * An interval record.
   *
   * @param version the site file that it was made by, null if that cannot be said
   */
  void take(Interval interval, Sites.@Nullable Version version) {
    all.add(new Received(interval, version));
    compare(interval);
    rollUps.take(interval);
    if (interval.length().equals(base)) {
      latest.merge(interval.start(), interval, Intervals::later);
      if (Math.floorMod(interval.start(), baseMillis) != 0
          || interval.end() - interval.start() != baseMillis) {
        findings.add(Verdict.WRONG_TIME, interval.start(), name(interval));
      }
    }
  }

  /** The one that counts. */
  static Interval later(Interval old, Interval now) {
    return now.rev() < old.rev() ? old : now;
  }

  /** An interval and its revision have one content for ever, whatever number it came under. */
  private void compare(Interval interval) {
    Interval before =
        contents.putIfAbsent(
            interval.length() + " " + interval.start() + " " + interval.rev(), interval);
    if (before != null && !before.metrics().equals(interval.metrics())) {
      findings.add(
          Verdict.TWO_CONTENTS, interval.start(), name(interval) + " and " + before.key().words());
    }
  }

  /** The gateway says that an older copy of its card told intervals of this time again. */
  void toldAgain(long since, long until) {
    toldAgain.add(new Span(since, until));
  }

  /** The gateway says that it leaves out the intervals of this time. */
  void untold(long from, long to) {
    untold.add(new Span(from, to));
  }

  static String name(Interval interval) {
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

  /**
   * Says what is wrong within a span of whole base intervals.
   *
   * @param gone what was dropped: figures may rest on it, and nobody has seen it
   */
  Sums finish(long from, long until, Truth.Wall wall, List<Delivery.Gone> gone) {
    shed = gone.stream().map(one -> new Span(one.from(), one.until())).toList();
    founded(new Spans(happened, wall));
    for (Received told : all) {
      Sites.Version version = told.version;
      if (version != null) {
        judge(told.interval, version, from, until);
      }
    }
    rollUps.finish(
        from, until, latest, this::isUnclear, this::isToldUnderAnotherSiteFile, this::isMeasurable);
    return sums(from, until, gone);
  }

  /** Of what the gateway leaves out only that is left out in which it could close nothing. */
  private void founded(Spans spans) {
    // An interval closes when a reading came behind it, and the one that is open goes with it.
    long margin = 2 * baseMillis;
    List<Span> unclosed =
        spans.unclosed().stream().map(span -> span.wider(margin, margin)).toList();
    List<Span> founded = new ArrayList<>();
    for (Span said : untold) {
      List<Span> really =
          unclosed.stream().map(said::within).filter(span -> !span.isEmpty()).toList();
      if (!really.contains(said)) {
        findings.add(
            Verdict.UNFOUNDED,
            said.from(),
            "that there are no intervals from %d to %d".formatted(said.from(), said.until()));
      }
      founded.addAll(really);
    }
    untold = founded;
  }

  private void judge(Interval interval, Sites.Version version, long from, long until) {
    if (interval.length().equals(base)) {
      books.computeIfAbsent(version, fresh -> new Books(fresh.site(), findings)).judge(interval);
      unfounded(interval, version);
    }
    if (interval.start() >= from
        && interval.end() <= until
        && truth.knows(interval.start())
        && truth.knows(interval.end())) {
      boolean unclear = touched.isUnclear(interval.start(), interval.end());
      version
          .book()
          .figures()
          .forEach(
              unclear ? figure -> whole(figure, interval) : figure -> honest(figure, interval));
    }
  }

  /** Says which figures are of meters that the site file did not name. */
  private void unfounded(Interval interval, Sites.Version version) {
    for (Figure figure : sites.whole().book().figures()) {
      if (interval.metrics().containsKey(figure.metric())
          && version.book().figure(figure.metric()) == null) {
        findings.add(
            Verdict.UNFOUNDED,
            interval.start(),
            figure.metric() + " of " + name(interval) + ", of which the site file has no meter,");
      }
    }
  }

  /**
   * Whether the sums of this time cannot be asked for: a clock was set, a card forgot, or there
   * were other meters.
   */
  private boolean isUnclear(long start, long end) {
    return touched.isUnclear(start, end)
        || !sites.isSame(start, end + LATEST_MILLIS)
        || touched.isForgottenWithin(start, end)
        || untold.stream().anyMatch(span -> start < span.until() && end > span.from());
  }

  private boolean isMeasurable(String metric, long start, long end) {
    Figure figure = sites.whole().book().figure(metric);
    return figure != null && grounds.isMeasurable(figure, start, end);
  }

  private void honest(Figure figure, Interval interval) {
    whole(figure, interval);
    Metric metric = interval.metrics().get(figure.metric());
    if (metric == null || metric.micros() == null) {
      return;
    }
    if (interval.length().equals(base)) {
      seen(figure, interval, metric);
    }
    if (figure.isProduct() && !isProduct(figure, interval, metric)) {
      return;
    }
    if (isDeceived(figure, interval.start(), interval.end())) {
      return;
    }
    if (!metric.isGood()) {
      bounded(figure, interval, metric);
      straight(figure, interval, metric);
    } else if (!isRescaled(figure, interval, Sites.CLOCK_MILLIS)) {
      good(figure, interval, metric);
    } else if (isRescaled(figure, interval, -Sites.CLOCK_MILLIS)) {
      findings.add(
          Verdict.WRONG_BUT_GOOD,
          interval.start(),
          figure.metric() + " of " + name(interval) + " (across a change of a register's scale)");
    }
  }

  /** Every revision of what no fault touched is measured, wholly. */
  private void whole(Figure figure, Interval interval) {
    Metric metric = interval.metrics().get(figure.metric());
    boolean doubted =
        metric != null
            && Set.of("suspect", "missing").contains(metric.quality())
            && (touched.isStepped(interval.start(), interval.end()) || isToldAgain(interval));
    if ((metric == null || !metric.isWhole())
        && !doubted
        && !isTouched(figure, interval.start(), interval.end())
        && !isShort(figure, interval)
        && !isToldUnderAnotherSiteFile(interval)) {
      findings.add(
          Verdict.NOT_MEASURED,
          interval.start(),
          figure.metric() + " of " + name(interval) + " (" + said(metric) + ")");
    }
  }

  private boolean isToldAgain(Interval interval) {
    return toldAgain.stream()
        .anyMatch(span -> span.from() < interval.end() && span.until() > interval.start());
  }

  /**
   * Whether the site file changed its meters between the interval and this revision, however long
   * after: what a meter counted while it was in the file is forgotten with it.
   */
  private boolean isToldUnderAnotherSiteFile(Interval interval) {
    return interval.rev() > 0
        && !sites.isSame(interval.start(), Math.max(interval.end(), interval.key().ts()));
  }

  /**
   * Where a meter of either side is wrong or a source is not in the file, loads take more than
   * there is, and the balance is suspect; nothing else is excused.
   */
  private boolean isShort(Figure figure, Interval interval) {
    Metric metric = interval.metrics().get(figure.metric());
    if (!BALANCE.contains(figure.metric())
        || metric == null
        || !metric.quality().equals("suspect")) {
      return false;
    }
    Figure residual = sites.whole().book().figure("balance.residual");
    return !sites.at(interval.start()).metered().equals(sites.whole().metered())
        || !sites.at(interval.end()).metered().equals(sites.whole().metered())
        || (residual != null && isTouched(residual, interval.start(), interval.end()));
  }

  /** Nothing was seen more wholly than readings came. */
  private void seen(Figure figure, Interval interval, Metric metric) {
    // A source that sleeps has made nothing, and counts as seen.
    if (wasKnownOnce(interval)
        || metric.quality().equals("derived")
        || figure.terms().stream().anyMatch(term -> sleeps(term, interval))
        // A register that stands still was read, and a reader need not know that it says nothing.
        || figure.terms().stream().anyMatch(term -> isStuck(term, interval))) {
      return;
    }
    long coverage = grounds.coverage(figure, interval.start());
    if (metric.coverage() > coverage) {
      findings.add(
          Verdict.WRONG_BUT_GOOD,
          interval.start(),
          "coverage %d of %s of %s, of which %d percent were seen at most,"
              .formatted(metric.coverage(), figure.metric(), name(interval), coverage));
    }
  }

  /** Whether it has been silent since it fell asleep, whatever keeps it so by now. */
  private boolean sleeps(Figure.Term term, Interval interval) {
    String device = counters.get(term.counter()).meter().id();
    return happened.ofDevice(
        device,
        MeterFault.Asleep.class::isInstance,
        happened.quietSince(device, interval.start()) - AROUND_MILLIS,
        interval.end() + AROUND_MILLIS);
  }

  /** Whether a line kept it silent between the readings around: in the dark it sleeps then, too. */
  private boolean isSilenced(Figure figure, Figure.Term term, Interval interval) {
    Span reach = grounds.reach(figure, interval.start(), interval.end());
    return happened.ofLine(
        counters.get(term.counter()).meter().id(),
        Claims::isOfWire,
        reach.from() - AROUND_MILLIS,
        reach.until() + AROUND_MILLIS);
  }

  private boolean isStuck(Figure.Term term, Interval interval) {
    return happened.ofDevice(
        counters.get(term.counter()).meter().id(),
        MeterFault.Stuck.class::isInstance,
        interval.start() - AROUND_MILLIS,
        interval.end() + AROUND_MILLIS);
  }

  /** Whether it may rest on readings that the gateway forgot afterwards, or that it dropped. */
  private boolean wasKnownOnce(Interval interval) {
    long from = interval.start() - AROUND_MILLIS;
    long until = interval.end() + AROUND_MILLIS;
    return touched.isForgottenWithin(from, until)
        || shed.stream().anyMatch(span -> span.meets(from, until));
  }

  /** A figure that is not good may be far from the truth, but not made up. */
  private void bounded(Figure figure, Interval interval, Metric metric) {
    long[] bounds = grounds.bounds(figure, interval.start(), interval.end());
    long delivered = value(metric);
    if (delivered < bounds[0] || delivered > bounds[1]) {
      findings.add(
          Verdict.WILDLY_WRONG,
          interval.start(),
          "%s of %s: %s, delivered %s, between the readings beside it at most %s,"
              .formatted(
                  figure.metric(),
                  name(interval),
                  metric.quality(),
                  Decimals.text(delivered),
                  Decimals.text(bounds[1])));
    }
  }

  /**
   * A base interval that is split linearly is as far from the truth as the straight line through
   * the readings around its ends is, and no farther. Where readings came that the gateway could not
   * use, because they had no date yet or their device another name, its line is another one.
   */
  private void straight(Figure figure, Interval interval, Metric metric) {
    Span reach = grounds.reach(figure, interval.start(), interval.end());
    if (!metric.quality().equals("est_linear")
        || !interval.length().equals(base)
        || isRescaled(figure, interval, Sites.CLOCK_MILLIS)
        || wasKnownOnce(interval)
        || isDeceived(figure, reach.from(), reach.until())
        || grounds.guessedMillis(figure, interval.start(), interval.end(), term -> false) == 0) {
      return;
    }
    long allowed = grounds.allowed(figure, interval.start(), interval.end());
    long really = grounds.believed(figure, interval.start(), interval.end());
    if (allowed >= 0 && Math.abs(value(metric) - really) > allowed) {
      findings.add(
          Verdict.WILDLY_WRONG,
          interval.start(),
          "%s of %s: est_linear, true %s, delivered %s, the straight line is off by %s at most,"
              .formatted(
                  figure.metric(),
                  name(interval),
                  Decimals.text(really),
                  Decimals.text(value(metric)),
                  Decimals.text(allowed)));
    }
  }

  private void good(Figure figure, Interval interval, Metric metric) {
    long allowed = grounds.allowed(figure, interval.start(), interval.end());
    if (allowed < 0) {
      unchecked++;
      if (!isTouched(figure, interval.start(), interval.end()) && !wasKnownOnce(interval)) {
        findings.add(
            Verdict.WRONG_BUT_GOOD,
            interval.start(),
            figure.metric() + " of " + name(interval) + " (no reading lies beside it)");
      }
      return;
    }
    long guessed =
        grounds.guessedMillis(
            figure,
            interval.start(),
            interval.end(),
            // What a register that stands still says is right while there is nothing to count.
            term ->
                (metric.quality().equals("derived")
                        && (sleeps(term, interval) || isSilenced(figure, term, interval)))
                    || isStuck(term, interval));
    if (guessed > 0 && !wasKnownOnce(interval)) {
      findings.add(
          Verdict.WRONG_BUT_GOOD,
          interval.start(),
          "%s of %s (no reading for %d s around one of its ends)"
              .formatted(figure.metric(), name(interval), guessed / 1_000));
      return;
    }
    long really = grounds.believed(figure, interval.start(), interval.end());
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

  /**
   * Whether a register that it rests on counted by two scales in it, its ends so much farther out.
   */
  private boolean isRescaled(Figure figure, Interval interval, long margin) {
    return figure.terms().stream()
        .anyMatch(
            term ->
                isRescaled(
                        counters.get(term.counter()).meter().id(),
                        interval.start() - margin,
                        interval.end() + margin)
                    && grounds.hasCounted(term, interval.start(), interval.end()));
  }

  /** What a meter that shows its ratio counted by a wrong one is suspect, and in no good figure. */
  private boolean isRescaled(String device, long from, long until) {
    return !sites.showsRatio(device) && sites.isRescaled(device, from, until);
  }

  private boolean isDeceived(Figure figure, long from, long until) {
    return figure.terms().stream()
        .anyMatch(term -> touched.isDeceived(counters.get(term.counter()), from, until));
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

  /**
   * What was delivered over the run.
   *
   * @param series by figure, for each interval: start, truth, delivered or {@link Long#MIN_VALUE}
   * @param longer how many hours, days and so on were compared with what is in them, by length
   */
  record Sums(
      List<Account.Row> rows,
      Map<String, List<long[]>> series,
      long unchecked,
      Map<String, Integer> longer) {}

  private Sums sums(long from, long until, List<Delivery.Gone> gone) {
    List<Long> starts = truth.between(from, until - 1);
    for (long start : starts) {
      if (!latest.containsKey(start)
          && !touched.isUnclear(start, start + baseMillis)
          && untold.stream().noneMatch(span -> start >= span.from() && start < span.until())
          && !isMadeByACopy(start, start + baseMillis, gone)) {
        findings.add(Verdict.MISSING, start, "interval " + base + " " + start);
      }
    }
    List<Account.Row> sums = new ArrayList<>();
    Map<String, List<long[]>> series = new HashMap<>();
    for (Figure figure : sites.whole().book().figures()) {
      List<long[]> points = new ArrayList<>();
      sums.add(sum(figure, starts, points));
      series.put(figure.metric(), points);
    }
    return new Sums(sums, series, unchecked, rollUps.judged());
  }

  /**
   * Whether a copy of the card made it once its end was over, and again what was made since the
   * image, and declares that it may not send what it made.
   */
  private boolean isMadeByACopy(long start, long end, List<Delivery.Gone> gone) {
    boolean again = touched.isForgottenWithin(start, end);
    return gone.stream()
        .anyMatch(
            one ->
                one.isOfCopy(
                    "interval",
                    again ? Long.MIN_VALUE : end,
                    again ? Long.MAX_VALUE : end + AROUND_MILLIS));
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
      if (interval != null && isUnrevised(figure, metric, start, end)) {
        findings.add(
            Verdict.UNREVISED,
            start,
            figure.metric() + " of " + name(interval) + " (" + said(metric) + ")");
      }
      long truly = grounds.really(figure, start, end);
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

  /** Whether it is not known in the end though readings on either side of its ends came. */
  private boolean isUnrevised(Figure figure, @Nullable Metric metric, long start, long end) {
    boolean unknown =
        metric == null || metric.micros() == null || metric.quality().equals("partial");
    return unknown
        && grounds.isKnowable(figure, start, end, SPLIT_MILLIS)
        && !isUnclear(start - LATEST_MILLIS, end + LATEST_MILLIS)
        && figure.terms().stream().noneMatch(term -> isIll(term, start, end))
        && figure.terms().stream().noneMatch(term -> isUncounted(term, start, end))
        && figure.terms().stream().allMatch(term -> isSteady(term, start, end))
        && !happened.any(Intervals::isOfCard, start - LATEST_MILLIS, end + LATEST_MILLIS)
        && !happened.isClockWrong(start, end);
  }

  /** Whether the site file said the same of its meter as long as anything may be learnt of it. */
  private boolean isSteady(Figure.Term term, long start, long end) {
    return sites.isSteady(
        counters.get(term.counter()).meter().id(), start - SPLIT_MILLIS, end + LATEST_MILLIS);
  }

  /** Whether the meter itself was such that a careful reader may not know. */
  private boolean isIll(Figure.Term term, long start, long end) {
    return happened.ofDevice(
        counters.get(term.counter()).meter().id(),
        fault ->
            fault instanceof MeterFault
                && !(fault instanceof MeterFault.Rollover && happened.isFromTheStart(fault)),
        start - SPLIT_MILLIS - AROUND_MILLIS,
        end + SPLIT_MILLIS + AROUND_MILLIS);
  }

  /** Whether pulses may have come that nobody counted: readings on either side tell nothing. */
  private boolean isUncounted(Figure.Term term, long start, long end) {
    return counters.get(term.counter()).meter() instanceof PulseOutput output
        && (happened.any(HostFault.class::isInstance, start - AROUND_MILLIS, end + AROUND_MILLIS)
            || happened.ofDevice(
                output.id(), fault -> true, start - AROUND_MILLIS, end + AROUND_MILLIS));
  }

  /** What may leave the gateway without what it had. */
  private static boolean isOfCard(Fault fault) {
    return fault instanceof HostFault
        && !(fault instanceof HostFault.SiteChanged)
        && !(fault instanceof HostFault.Killed)
        && !(fault instanceof HostFault.PowerCut);
  }

  private static String said(@Nullable Metric metric) {
    return metric == null
        ? "no such figure"
        : "%s, coverage %d, estimated %d %s"
            .formatted(metric.quality(), metric.coverage(), metric.estimated(), metric.why());
  }

  private boolean isTouched(Figure figure, long start, long end) {
    return figure.terms().stream()
        .anyMatch(term -> touched.isTouched(counters.get(term.counter()), start, end));
  }
}
