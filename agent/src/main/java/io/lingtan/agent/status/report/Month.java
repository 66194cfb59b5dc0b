package io.lingtan.agent.status.report;

import io.lingtan.agent.bill.DayCharge;
import io.lingtan.agent.bill.MonthAccount;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.bill.MonthStatement.Doubt;
import io.lingtan.agent.bill.RetailEnergy;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.price.SpotPrices;
import io.lingtan.agent.site.terms.TermsInForce;
import io.lingtan.agent.site.terms.TermsInForce.Otherwise;
import io.lingtan.agent.site.terms.TermsInForce.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A month of a site, from its own record where the month is over, else from its days.
 *
 * @param catalogue what its figures are called
 * @param today local date at which it was made
 * @param record the month's record, null if there is none yet or it is no longer kept
 * @param figures by name; of a month without a record sums of its days, marked partial
 * @param factors that the figures name, as used
 * @param days newest revision of each day's record
 * @param bought import by the first millisecond of each base interval, on the spot market and by a
 *     retail package's calendar alone
 * @param wanting why the month is not complete; empty if it is
 * @param terms by which settings months were counted
 * @param chain where the chain of signed records is now, null if they are not signed
 */
record Month(
    Site site,
    FigureNames catalogue,
    YearMonth month,
    LocalDate today,
    @Nullable IntervalRecord record,
    SequencedMap<String, Metric> figures,
    SequencedMap<String, FactorUsed> factors,
    SortedMap<LocalDate, Interval> days,
    SortedMap<Long, Metric> bought,
    List<Wanting> wanting,
    TermsInForce terms,
    @Nullable ChainSnapshot chain) {

  /** A year of lateness: a month may be restated long after it. */
  static final Duration LATEST = Duration.ofDays(400);

  /** A base interval is told before the day that it is of, but for what still waits. */
  private static final Duration SETTLED = Duration.ofDays(3);

  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  private static final String BOUGHT = "elec.grid.import";
  private static final Set<String> LENGTHS = Set.of("1d", "1M");

  /** Something that keeps a month from being complete. */
  sealed interface Wanting {
    /** It is not over. */
    record NotOver() implements Wanting {}

    /** It has no record of its own. */
    record NoRecord() implements Wanting {}

    /** Days without a record. */
    record NoDays(List<LocalDate> days) implements Wanting {
      public NoDays {
        days = List.copyOf(days);
      }
    }

    /** Figures that are missing, or of a part of the time only, or contradicted. */
    record Figures(Quality quality, List<String> names) implements Wanting {
      public Figures {
        names = List.copyOf(names);
      }
    }

    /** The history could not be read to its end. */
    record Unread() implements Wanting {}
  }

  /**
   * @param nowMillis UTC ms
   */
  static Month of(
      Site site,
      Indicators listed,
      History history,
      YearMonth month,
      long nowMillis,
      @Nullable ChainSnapshot chain) {
    FigureNames catalogue = new FigureNames(listed);
    ZoneId zone = site.place().zone();
    long start = millis(month.atDay(1), zone);
    long end = millis(month.plusMonths(1).atDay(1), zone);
    Newest newest = new Newest(start, end, zone);
    boolean read = history.eachInterval(LENGTHS, start, end + LATEST.toMillis(), newest::isTaken);
    IntervalRecord whole = newest.whole;
    SortedMap<LocalDate, Interval> days = newest.days;
    LocalDate today = date(nowMillis, zone);
    SequencedMap<String, Metric> figures = new LinkedHashMap<>();
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    days.values().forEach(day -> factors.putAll(day.factors()));
    if (whole != null) {
      Interval interval = IntervalText.of(whole);
      figures.putAll(interval.metrics());
      factors.putAll(interval.factors());
    } else {
      figures.putAll(sums(catalogue, days.values()));
    }
    List<Wanting> wanting = new ArrayList<>();
    if (!today.isAfter(month.atEndOfMonth())) {
      wanting.add(new Wanting.NotOver());
    } else if (whole == null) {
      wanting.add(new Wanting.NoRecord());
    }
    SortedMap<Long, Metric> bought = new TreeMap<>();
    if (isByInterval(site, month)) {
      read &= bought(site, history, start, end, newest.told + SETTLED.toMillis(), bought);
    }
    History.Found<byte[]> terms = history.memo(TermsInForce.MEMO);
    if (!read || !terms.complete()) {
      wanting.add(new Wanting.Unread());
    }
    noDays(month, today, days, wanting);
    poor(figures, wanting);
    return new Month(
        site,
        catalogue,
        month,
        today,
        whole,
        figures,
        factors,
        days,
        bought,
        wanting,
        terms(site, terms),
        chain);
  }

  static TermsInForce terms(Site site, History.Found<byte[]> memo) {
    return site.bill() == null
        ? TermsInForce.unknown()
        : TermsInForce.of(memo.records().isEmpty() ? null : memo.records().getFirst());
  }

  /** The newest revisions of a month and its days, of the thousands that a year may tell. */
  private static final class Newest {
    private final long start;
    private final long end;
    private final ZoneId zone;
    private final SortedMap<LocalDate, Interval> days = new TreeMap<>();
    private @Nullable IntervalRecord whole;

    /** UTC ms until which the days' figures were told. */
    private long told;

    private Newest(long start, long end, ZoneId zone) {
      this.start = start;
      this.end = end;
      this.zone = zone;
      this.told = end;
    }

    private boolean isTaken(IntervalRecord each) {
      Interval interval = IntervalText.of(each);
      if (interval.startMillis() < start || interval.endMillis() > end) {
        return true;
      }
      if (interval.length().equals("1M")) {
        IntervalRecord before = whole;
        whole = before == null || interval.rev() >= IntervalText.of(before).rev() ? each : before;
      } else {
        LocalDate day = date(interval.startMillis(), zone);
        Interval before = days.get(day);
        if (before == null || !Objects.equals(micros(before), micros(interval))) {
          told = Math.max(told, each.tsMillis());
        }
        days.merge(day, interval, Interval::orNewer);
      }
      return true;
    }
  }

  /** A month that is over, by its own record alone. */
  static Month of(
      Site site,
      FigureNames catalogue,
      LocalDate today,
      IntervalRecord record,
      TermsInForce terms) {
    Interval interval = IntervalText.of(record);
    List<Wanting> wanting = new ArrayList<>();
    poor(interval.metrics(), wanting);
    return new Month(
        site,
        catalogue,
        YearMonth.from(date(interval.startMillis(), site.place().zone())),
        today,
        record,
        interval.metrics(),
        interval.factors(),
        new TreeMap<>(),
        new TreeMap<>(),
        wanting,
        terms,
        null);
  }

  /** What forms take from it. */
  PeriodFigures told() {
    boolean isOver = today.isAfter(month.atEndOfMonth());
    int last = isOver || days.isEmpty() ? month.lengthOfMonth() : days.lastKey().getDayOfMonth();
    PeriodFigures told =
        new PeriodFigures(
            site,
            month.toString(),
            record == null ? closed(figures, days.values(), last) : figures,
            factors,
            isOver,
            isComplete());
    MonthStatement bill = bill(Language.ENGLISH);
    return bill == null
        ? told
        : told.billing(bill.bill() == null ? null : bill.bill().totalFen(), bill.quality());
  }

  /** Its electricity bill, null where the site has no prices of it. */
  @Nullable MonthStatement bill(Language language) {
    BillTerms billed = site.bill();
    MonthPrices prices = billed == null ? null : billed.prices(month);
    if (billed == null || prices == null) {
      return null;
    }
    List<Doubt> doubts = new ArrayList<>();
    wanting.stream()
        .map(each -> doubt(each, language))
        .filter(Objects::nonNull)
        .forEach(doubts::add);
    terms.otherwise(month, site.place().zone(), Settings.of(site, month)).stream()
        .map(each -> doubt(each, language))
        .forEach(doubts::add);
    RetailEnergy retail =
        prices.calendar() == null
            ? null
            : new RetailEnergy(
                prices.calendar(), bought, site.metering().base().toMillis(), site.place().zone());
    SortedMap<LocalDate, SequencedMap<String, Metric>> each = new TreeMap<>();
    days.forEach(
        (day, interval) ->
            each.put(
                day, retail == null ? interval.metrics() : retail.day(day, interval.metrics())));
    return MonthAccount.of(
        month,
        billed,
        prices,
        retail != null || site.metering().tariff() != null,
        retail == null ? figures : retail.month(month, figures, each),
        each,
        spot(billed, prices),
        doubts);
  }

  /** What each day's purchase on the spot market comes to; empty where there is none. */
  private SortedMap<LocalDate, DayCharge> spot(BillTerms billed, MonthPrices prices) {
    SortedMap<LocalDate, DayCharge> spot = new TreeMap<>();
    SpotPrices of = prices.spot();
    if (of != null) {
      ZoneId zone = site.place().zone();
      days.forEach(
          (day, interval) ->
              spot.put(
                  day,
                  DayCharge.spot(
                      day,
                      of,
                      interval.metrics().get(BOUGHT),
                      bought,
                      site.metering().base().toMillis(),
                      millis(day, zone),
                      millis(day.plusDays(1), zone),
                      billed.purchaseFactor())));
    }
    return spot;
  }

  private static @Nullable Long micros(Interval day) {
    Metric metric = day.metrics().get(BOUGHT);
    return metric == null ? null : metric.micros();
  }

  /** Whether the bill needs what was bought in each base interval. */
  private static boolean isByInterval(Site site, YearMonth month) {
    BillTerms billed = site.bill();
    MonthPrices prices = billed == null ? null : billed.prices(month);
    return prices != null && (prices.spot() != null || prices.calendar() != null);
  }

  /**
   * Import of each base interval, newest revision. Of the records, which may be a hundred thousand,
   * none is kept.
   *
   * @param lastMillis UTC ms until which they may have been told
   * @return whether all of them were read
   */
  private static boolean bought(
      Site site,
      History history,
      long start,
      long end,
      long lastMillis,
      SortedMap<Long, Metric> bought) {
    Map<Long, Integer> newest = new HashMap<>();
    return history.eachInterval(
        Set.of(site.metering().interval()),
        start,
        lastMillis,
        each -> {
          Interval interval = IntervalText.of(each);
          Long at = interval.startMillis();
          if (at >= start
              && interval.endMillis() <= end
              && interval.rev() >= newest.getOrDefault(at, 0)) {
            newest.put(at, interval.rev());
            Metric metric = interval.metrics().get(BOUGHT);
            if (metric == null) {
              bought.remove(at);
            } else {
              bought.put(at, bare(metric));
            }
          }
          return true;
        });
  }

  /** No more of it than a bill needs. */
  private static Metric bare(Metric of) {
    return new Metric(
        of.micros(), "", of.quality(), of.coverage(), of.estimated(), null, null, of.why());
  }

  /** What is billed by other settings than those that were in force. */
  private Doubt doubt(Otherwise of, Language language) {
    Object[] span = {local(of.from()), local(of.to())};
    return switch (of.what()) {
      case UNKNOWN ->
          Doubt.ofTerms(
              language
                  .of(
                      "%s 至 %s 按何种条款计量无记录可查，账单不能确认。",
                      "nothing tells by which terms the time from %s to %s was counted: the bill"
                          + " cannot be vouched for")
                  .formatted(span),
              Quality.SUSPECT);
      case PERIODS ->
          Doubt.ofTerms(
              language
                  .of(
                      "%s 至 %s"
                          + " 的下网电量是按另外的时段或用户类别（metering.tariff、tariff_extras、bill.class、bill.kva、bill.one_season）划分的，分时电量不能确认。",
                      "from %s to %s import was put into periods by others than these"
                          + " (metering.tariff, tariff_extras, bill.class, bill.kva,"
                          + " bill.one_season): its energy by period cannot be vouched for")
                  .formatted(span),
              Quality.SUSPECT);
      case TERMS ->
          Doubt.ofTerms(
              language
                  .of(
                      "%s 至 %s 执行的是另外的计费条款（bill），本账单按后来的条款计算，不能确认。",
                      "from %s to %s other terms were in force (bill) than these, which are of"
                          + " another time: the bill cannot be vouched for")
                  .formatted(span),
              Quality.SUSPECT);
      case PRICES ->
          Doubt.ofTerms(
              language
                  .of(
                      "%s 至 %s 电价文件中本月的电价与现在不同，本账单按现在的电价计算。",
                      "from %s to %s the file had other prices of this month than these")
                  .formatted(span),
              Quality.SUBSTITUTED);
    };
  }

  private String local(long millis) {
    return MINUTE.format(Instant.ofEpochMilli(millis).atZone(site.place().zone()));
  }

  /** What it means for the bill; null where the lines say it or it is of no concern to them. */
  private @Nullable Doubt doubt(Wanting of, Language language) {
    return switch (of) {
      case Wanting.NotOver() ->
          new Doubt(
              language.of("本月尚未结束，暂不合计。", "the month is not over: it has no total yet"), false);
      case Wanting.Unread() ->
          new Doubt(
              language.of(
                  "历史数据未能在时限内全部读出，不予合计，请重试。",
                  "the history could not be read to its end in time: try again for a total"),
              false);
      case Wanting.NoDays(List<LocalDate> missing) ->
          record != null
              ? null
              : new Doubt(
                  language
                      .of(
                          "没有本月的月记录，且缺少 %d 天的日记录，不予合计。",
                          "%d days have no record: without them no total")
                      .formatted(missing.size()),
                  false);
      case Wanting.NoRecord() ->
          new Doubt(
              language.of(
                  "没有本月的月记录，电量为各日之和。", "there is no record of the month: its days are added up"),
              true);
      // Of days that are added up it is said above.
      case Wanting.Figures(Quality quality, List<String> names) ->
          record == null || quality != Quality.PARTIAL || !names.contains(BOUGHT)
              ? null
              : new Doubt(
                  language.of(
                      "本月下网电量只含部分时间，不予合计。",
                      BOUGHT + " is of a part of the month alone: it has no total"),
                  false);
    };
  }

  /** What people put in place of what meters counted, each with how many days that are told. */
  SequencedMap<Correction, Integer> corrections() {
    SequencedMap<Correction, Integer> corrections = new LinkedHashMap<>();
    days.values()
        .forEach(
            day ->
                day.corrections().values().forEach(one -> corrections.merge(one, 1, Integer::sum)));
    if (record != null) {
      IntervalText.of(record)
          .corrections()
          .values()
          .forEach(one -> corrections.putIfAbsent(one, 0));
    }
    return corrections;
  }

  boolean isComplete() {
    return wanting.isEmpty();
  }

  /** Whether all that the journal has of it was read. */
  boolean isRead() {
    return !wanting.contains(new Wanting.Unread());
  }

  static long millis(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant().toEpochMilli();
  }

  static LocalDate date(long millis, ZoneId zone) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone);
  }

  private static void noDays(
      YearMonth month, LocalDate today, SortedMap<LocalDate, Interval> days, List<Wanting> to) {
    List<LocalDate> missing = new ArrayList<>();
    for (int day = 1; day <= month.lengthOfMonth(); day++) {
      LocalDate date = month.atDay(day);
      if (date.isBefore(today) && !days.containsKey(date)) {
        missing.add(date);
      }
    }
    if (!missing.isEmpty()) {
      to.add(new Wanting.NoDays(missing));
    }
  }

  static void poor(Map<String, Metric> figures, List<Wanting> to) {
    for (Quality quality : List.of(Quality.MISSING, Quality.SUSPECT, Quality.PARTIAL)) {
      List<String> names = new ArrayList<>();
      figures.forEach(
          (name, metric) -> {
            if (metric.quality() == quality) {
              names.add(name);
            }
          });
      if (!names.isEmpty()) {
        to.add(new Wanting.Figures(quality, names));
      }
    }
  }

  /** What the days that are there add up to; nothing of what cannot be added up. */
  static SequencedMap<String, Metric> sums(FigureNames catalogue, Collection<Interval> days) {
    Set<String> names = new LinkedHashSet<>();
    days.forEach(day -> names.addAll(day.metrics().keySet()));
    SequencedMap<String, Metric> sums = new LinkedHashMap<>();
    for (String name : names) {
      if (catalogue.isAdded(name)) {
        sums.put(name, sum(name, days));
      }
    }
    return sums;
  }

  /**
   * Of sums those that lack nothing that is closed; the others have no value. What a day or a month
   * with a record does not name there was none of in it, such as fuel that nobody delivered.
   *
   * @param parts what was added up
   * @param all how many there are to add up
   */
  static SequencedMap<String, Metric> closed(
      SequencedMap<String, Metric> sums, Collection<Interval> parts, int all) {
    SequencedMap<String, Metric> closed = new LinkedHashMap<>();
    sums.forEach(
        (name, sum) -> {
          boolean lacking =
              parts.size() < all
                  || parts.stream()
                      .map(part -> part.metrics().get(name))
                      .anyMatch(metric -> metric != null && metric.micros() == null);
          closed.put(
              name,
              lacking && sum.micros() != null
                  ? Metric.missing(sum.ucum(), "not all that it adds up is known")
                      .by(sum.allFactors())
                  : sum);
        });
    return closed;
  }

  static Metric sum(String name, Collection<Interval> days) {
    Metric like = null;
    long sum = 0;
    long estimated = 0;
    long size = 0;
    long coverage = 0;
    boolean known = false;
    SequencedSet<String> used = new LinkedHashSet<>();
    Standing standing = Standing.OFFICIAL;
    for (Interval day : days) {
      Metric metric = day.metrics().get(name);
      if (metric == null) {
        continue;
      }
      like = metric;
      used.addAll(metric.allFactors());
      Long micros = metric.micros();
      if (micros != null) {
        known = true;
        standing = standing.worse(metric.standing());
        sum += micros;
        size += Math.abs(micros);
        estimated += Math.abs(micros) * metric.estimated();
        coverage += metric.coverage();
      }
    }
    if (like == null || !known) {
      return Metric.missing(like == null ? "" : like.ucum(), "no day has it");
    }
    return new Metric(
            sum,
            like.ucum(),
            Quality.PARTIAL,
            (int) (coverage / days.size()),
            size == 0 ? 0 : (int) Math.ceilDiv(estimated, size),
            like.of(),
            null,
            null)
        .by(used)
        .restingOn(standing);
  }
}
