package io.lingtan.agent.status.report;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.terms.TermsInForce;
import io.lingtan.agent.status.report.Month.Wanting;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A year of a site beside the year before. Both are told by their own records where both are over
 * and have one, else each figure by the months that have it in both years, added up. A record may
 * itself be of a part of its time, as that of a site's first year is: its quality says so, and then
 * nobody says by how much a figure changed.
 *
 * @param whole the year's own record, null if there is none
 * @param figures of its own record, or sums of its months, marked partial
 * @param now of what can be compared: the same, or sums of the months that both years have, as good
 *     as the worst of these
 * @param before the same of the year before; empty where nothing of it is kept
 * @param compared months that {@code now} and {@code before} are of; empty where they are of years
 * @param fewer of which of these a figure is, where it is not in all of them
 * @param months newest revision of each month's record, with its bill
 */
record Year(
    Site site,
    FigureNames catalogue,
    int year,
    LocalDate today,
    @Nullable Interval whole,
    SequencedMap<String, Metric> figures,
    SequencedMap<String, FactorUsed> factors,
    SequencedMap<String, Metric> now,
    SequencedMap<String, Metric> before,
    SortedSet<Integer> compared,
    SortedMap<String, SortedSet<Integer>> fewer,
    SortedMap<YearMonth, Month> months,
    List<Wanting> wanting) {

  private static final Set<String> LENGTHS = Set.of("1M", "1Y");

  /**
   * @param nowMillis UTC ms
   */
  static Year of(Site site, Indicators listed, History history, int year, long nowMillis) {
    FigureNames catalogue = new FigureNames(listed);
    ZoneId zone = site.place().zone();
    TreeMap<YearMonth, IntervalRecord> records = new TreeMap<>();
    TreeMap<Integer, Interval> years = new TreeMap<>();
    boolean read =
        history.eachInterval(
            LENGTHS,
            Month.millis(LocalDate.of(year - 1, 1, 1), zone),
            Month.millis(LocalDate.of(year + 1, 1, 1), zone) + Month.LATEST.toMillis(),
            each -> {
              Interval interval = IntervalText.of(each);
              LocalDate from = Month.date(interval.startMillis(), zone);
              if (interval.length().equals("1Y")) {
                years.merge(from.getYear(), interval, Interval::orNewer);
              } else {
                records.merge(
                    YearMonth.from(from),
                    each,
                    (one, later) -> interval.rev() >= IntervalText.of(one).rev() ? later : one);
              }
              return true;
            });
    LocalDate today = Month.date(nowMillis, zone);
    History.Found<byte[]> memo = history.memo(TermsInForce.MEMO);
    TermsInForce terms = Month.terms(site, memo);
    SortedMap<YearMonth, Month> months = new TreeMap<>();
    records
        .subMap(YearMonth.of(year, 1), YearMonth.of(year + 1, 1))
        .forEach((month, one) -> months.put(month, Month.of(site, catalogue, today, one, terms)));
    Interval whole = years.get(year);
    List<Interval> own = months.values().stream().map(Year::interval).toList();
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    own.forEach(one -> factors.putAll(one.factors()));
    if (whole != null) {
      factors.putAll(whole.factors());
    }
    SequencedMap<String, Metric> figures =
        whole == null ? Month.sums(catalogue, own) : whole.metrics();
    SortedSet<Integer> compared = new TreeSet<>();
    SequencedMap<String, Metric> now = figures;
    SequencedMap<String, Metric> before = new LinkedHashMap<>();
    SortedMap<String, SortedSet<Integer>> fewer = new TreeMap<>();
    Interval last = years.get(year - 1);
    if (whole != null && last != null) {
      before.putAll(last.metrics());
    } else {
      months.keySet().stream()
          .filter(month -> records.containsKey(month.minusYears(1)))
          .forEach(month -> compared.add(month.getMonthValue()));
      now = new LinkedHashMap<>();
      compare(catalogue, records, year, compared, now, before, fewer);
    }
    return new Year(
        site,
        catalogue,
        year,
        today,
        whole,
        figures,
        factors,
        now,
        before,
        compared,
        fewer,
        months,
        wanting(year, today, whole, figures, months, read && memo.complete()));
  }

  private static Interval interval(Month of) {
    if (of.record() == null) {
      throw new IllegalArgumentException(of.month() + " has no record of its own");
    }
    return IntervalText.of(of.record());
  }

  /** Adds up each figure over the months that have it in both years. */
  private static void compare(
      FigureNames catalogue,
      SortedMap<YearMonth, IntervalRecord> records,
      int year,
      SortedSet<Integer> months,
      SequencedMap<String, Metric> now,
      SequencedMap<String, Metric> before,
      SortedMap<String, SortedSet<Integer>> fewer) {
    SortedMap<Integer, Interval> ours = of(records, year, months);
    SortedMap<Integer, Interval> theirs = of(records, year - 1, months);
    SequencedSet<String> names = new LinkedHashSet<>();
    ours.values().forEach(one -> names.addAll(one.metrics().keySet()));
    for (String name : names) {
      if (catalogue.isAdded(name)) {
        SortedSet<Integer> both = new TreeSet<>(months);
        both.removeIf(month -> !has(ours.get(month), name) || !has(theirs.get(month), name));
        if (!both.isEmpty()) {
          now.put(name, sum(name, ours, both));
          before.put(name, sum(name, theirs, both));
        }
        if (!both.isEmpty() && both.size() < months.size()) {
          fewer.put(name, both);
        }
      }
    }
  }

  private static SortedMap<Integer, Interval> of(
      SortedMap<YearMonth, IntervalRecord> records, int year, SortedSet<Integer> months) {
    SortedMap<Integer, Interval> of = new TreeMap<>();
    records.forEach(
        (month, record) -> {
          if (month.getYear() == year && months.contains(month.getMonthValue())) {
            of.put(month.getMonthValue(), IntervalText.of(record));
          }
        });
    return of;
  }

  private static boolean has(@Nullable Interval of, String name) {
    Metric metric = of == null ? null : of.metrics().get(name);
    return metric != null && metric.micros() != null;
  }

  private static Metric sum(
      String name, SortedMap<Integer, Interval> of, SortedSet<Integer> months) {
    List<Interval> parts =
        of.entrySet().stream()
            .filter(one -> months.contains(one.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    Quality worst =
        parts.stream()
            .map(part -> part.metrics().get(name))
            .filter(Objects::nonNull)
            .map(Metric::quality)
            .reduce(Quality.MEASURED, Quality::worse);
    return Month.sum(name, parts).of(worst);
  }

  private static List<Wanting> wanting(
      int year,
      LocalDate today,
      @Nullable Interval whole,
      SequencedMap<String, Metric> figures,
      SortedMap<YearMonth, Month> months,
      boolean read) {
    List<Wanting> wanting = new ArrayList<>();
    if (today.getYear() <= year) {
      wanting.add(new Wanting.NotOver());
    } else if (whole == null) {
      wanting.add(new Wanting.NoRecord());
    }
    if (!read) {
      wanting.add(new Wanting.Unread());
    }
    List<LocalDate> lacking = new ArrayList<>();
    for (int month = 1; month <= 12; month++) {
      YearMonth of = YearMonth.of(year, month);
      if (of.isBefore(YearMonth.from(today)) && !months.containsKey(of)) {
        lacking.add(of.atDay(1));
      }
    }
    if (!lacking.isEmpty()) {
      wanting.add(new Wanting.NoDays(lacking));
    }
    Month.poor(figures, wanting);
    return wanting;
  }

  /** What forms take from it. */
  PeriodFigures told() {
    boolean isOver = today.getYear() > year;
    int last = isOver || months.isEmpty() ? 12 : months.lastKey().getMonthValue();
    List<Interval> own = months.values().stream().map(Year::interval).toList();
    PeriodFigures told =
        new PeriodFigures(
            site,
            String.valueOf(year),
            whole == null ? Month.closed(figures, own, last) : figures,
            factors,
            isOver,
            wanting.isEmpty());
    return site.bill() == null ? told : told.billing(fen(), billed());
  }

  /** What electricity cost in all months; null where a month has no total. */
  @Nullable Long fen() {
    long sum = 0;
    for (int month = 1; month <= 12; month++) {
      Month of = months.get(YearMonth.of(year, month));
      Long fen = of == null ? null : fen(of);
      if (fen == null) {
        return null;
      }
      sum += fen;
    }
    return sum;
  }

  /** What electricity cost in a month; null where it has no total. */
  static @Nullable Long fen(Month of) {
    MonthStatement bill = of.bill(Language.ENGLISH);
    return bill == null || bill.bill() == null ? null : bill.bill().totalFen();
  }

  private Quality billed() {
    return months.values().stream()
        .map(month -> month.bill(Language.ENGLISH))
        .map(bill -> bill == null ? Quality.MISSING : bill.quality())
        .reduce(Quality.MEASURED, Quality::worse);
  }
}
