package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.ledger.code.Pools;
import io.lingtan.agent.ledger.hours.HourBook;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.correction.Corrections;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** An interval longer than the base, made of the base intervals in it. */
final class RollUp {

  private final String length;
  private final long start;
  private final long end;
  private final SequencedMap<String, Sum> sums = new LinkedHashMap<>();
  private final SequencedMap<String, Peak> peaks = new LinkedHashMap<>();
  private final SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
  private Published published = Published.NONE;
  private boolean touched;

  /** Base intervals that were told again. */
  private long revised;

  /** Of a month: what the one before it left over. */
  private long carried;

  /** Of a year: what each month in it tells, by its start. */
  private final SortedMap<Long, Metric> months = new TreeMap<>();

  /** Added to the number of months where hours follow, twice where with what was bought in them. */
  private static final long HOURLY = 1 << 16;

  /** Clean energy hour by hour; null where nobody asks for it. */
  private @Nullable HourBook hours;

  /** How long the base intervals are that were told, whatever they had. */
  private long toldMillis;

  /** How much of that has its energies in the table that outlives the records. */
  private long keptMillis;

  /** Start of the first base interval in it that has; {@link Long#MIN_VALUE} if none has yet. */
  private long keptFrom = Long.MIN_VALUE;

  /** What is carried to then; null where nothing is stored. */
  private @Nullable Carried pool;

  /** Carrier and basis of each factor that was looked up for its base intervals. */
  private final SortedSet<String> asked = new TreeSet<>();

  RollUp(String length, long start, long end) {
    this.length = length;
    this.start = start;
    this.end = end;
  }

  String length() {
    return length;
  }

  long start() {
    return start;
  }

  long end() {
    return end;
  }

  /** One of its base intervals was told again. */
  void late() {
    revised++;
  }

  /** From here on clean energy is matched hour by hour. */
  RollUp hourly() {
    if (hours == null && !length.equals("1h")) {
      hours = isMonth() ? new HourBook(start).ofMonth() : new HourBook(start);
    }
    return this;
  }

  boolean isMonth() {
    return length.equals("1M");
  }

  /** What makes no whole certificate of the month before, milliwatt-hours. */
  void carry(long milliwattHours) {
    carried = milliwattHours;
  }

  boolean isYear() {
    return length.equals("1Y");
  }

  /** A month in it was told. */
  void month(long at, Metric tells) {
    months.put(at, tells);
  }

  /** Takes over what the months of another year tell, each at its own start. */
  void monthsOf(RollUp year, LongUnaryOperator start) {
    year.months.forEach((at, tells) -> months.put(start.applyAsLong(at), tells));
  }

  boolean holds(long millis) {
    return start <= millis && millis < end;
  }

  Published published() {
    return published;
  }

  void published(Published newest) {
    published = newest;
    touched = false;
  }

  /** Something in it changed after it was published. */
  void touch() {
    touched = true;
  }

  boolean isTouched() {
    return touched;
  }

  /**
   * Adds the base interval that begins at {@code at}.
   *
   * @param before what is carried to its start; null where nothing is stored
   */
  void add(long at, Part part, @Nullable Carried before) {
    long millis = part.millis();
    part.summed()
        .forEach(
            (name, metric) -> {
              boolean greatest = SiteFigures.isGreatest(length, name);
              if (greatest || SiteFigures.isSummed(name) || Part.isOfCounts(name)) {
                sums.computeIfAbsent(name, first -> Sum.like(metric)).add(metric, at, millis);
              }
              Long value = metric.micros();
              if (greatest && value != null) {
                peaks.computeIfAbsent(name, first -> new Peak()).put(at, value);
              }
            });
    if (hours != null) {
      hours.add(at, part.summed(), millis, 1);
    }
    toldMillis += millis;
    part.factors().forEach((id, factor) -> factors.merge(id, factor, FactorUsed::and));
    asked.addAll(part.asked());
    if (part.isKept()) {
      keptMillis += millis;
      if (keptFrom == Long.MIN_VALUE || at <= keptFrom) {
        keptFrom = at;
        pool = before;
      }
    }
  }

  /** What is carried to the start of a base interval in it has become another. */
  void began(long at, @Nullable Carried before) {
    if (keptFrom == at) {
      pool = before;
    }
  }

  /** Takes out what {@link #add} added. */
  void remove(long at, Part part) {
    long millis = part.millis();
    part.summed()
        .forEach(
            (name, metric) -> {
              Sum sum = sums.get(name);
              if (sum != null && sum.remove(metric, at, millis)) {
                sums.remove(name);
              }
            });
    peaks.values().forEach(peak -> peak.remove(at));
    if (hours != null) {
      hours.add(at, part.summed(), millis, -1);
    }
    toldMillis -= millis;
    keptMillis -= part.isKept() ? millis : 0;
  }

  /**
   * What counts over all of it, where some of that was corrected. It is the sum of its base
   * intervals if none is missing: three of 1 kWh and one corrected from 1 to 5 are 8. If one is, it
   * is what its registers say and what was corrected: 4 and 5 - 1 are 8.
   *
   * @param counted by the meters
   */
  Counted corrected(Counted counted, Corrections by) {
    if (by.isEmpty()) {
      return counted;
    }
    return counted.with(
        counted.counts().stream()
            .map(
                count ->
                    by.isOf(count.meter().id(), count.figure().metric(), start, end)
                        ? count.of(corrected(count))
                        : count)
            .toList());
  }

  private Metric corrected(Count count) {
    Metric counted = count.amount();
    Sum parts = sums.get(Part.count(count));
    if (parts == null || parts.millis() != toldMillis) {
      return counted;
    }
    Metric all = parts.over(start, end - start);
    Long before = counted.micros();
    if (all.isWhole() || before == null) {
      return all;
    }
    Sum more = sums.get(Part.more(count));
    Long micros = more == null ? null : more.over(start, end - start).micros();
    return new Metric(
            before + (micros == null ? 0 : micros),
            counted.ucum(),
            counted.quality().worse(Quality.SUBSTITUTED),
            counted.coverage(),
            counted.estimated(),
            counted.of(),
            null,
            null)
        .lacking(counted.lacking());
  }

  /** What its base intervals add up to of each count, where a site corrects some. */
  List<Count> counts(List<Count> like) {
    return like.stream()
        .map(
            count -> {
              Sum parts = sums.get(Part.count(count));
              return parts == null ? count : count.of(parts.over(start, end - start));
            })
        .toList();
  }

  /** Whether all that was told of it can be worked out again from energies that are kept. */
  boolean isKept() {
    return keptMillis == toldMillis;
  }

  /**
   * What is kept of it: the sums follow from the energies of base intervals where these are kept
   * too, and are left out then.
   *
   * @param more factors that were looked up for it beside those of its base intervals
   */
  RollUp kept(Set<String> more) {
    RollUp kept = new RollUp(length, start, end);
    kept.published = published;
    kept.revised = revised;
    kept.carried = carried;
    kept.months.putAll(months);
    kept.toldMillis = toldMillis;
    kept.keptMillis = keptMillis;
    kept.keptFrom = keptFrom;
    kept.pool = pool;
    kept.asked.addAll(asked);
    kept.asked.addAll(more);
    if (!isKept()) {
      kept.sums.putAll(sums);
      kept.peaks.putAll(peaks);
      kept.factors.putAll(factors);
      kept.hours = hours;
    }
    return kept;
  }

  /**
   * The same interval with sums that were reckoned anew.
   *
   * @param again made of all its base intervals
   */
  RollUp reckoned(RollUp again) {
    RollUp reckoned = new RollUp(length, start, end);
    reckoned.published = published;
    reckoned.revised = revised;
    reckoned.carried = carried;
    reckoned.months.putAll(months);
    reckoned.toldMillis = toldMillis;
    reckoned.keptMillis = keptMillis;
    reckoned.keptFrom = keptFrom;
    reckoned.asked.addAll(asked);
    reckoned.takeOver(again);
    return reckoned;
  }

  /** Takes over sums that were reckoned anew of all its base intervals. */
  void takeOver(RollUp again) {
    sums.clear();
    sums.putAll(again.sums);
    peaks.clear();
    peaks.putAll(again.peaks);
    factors.clear();
    factors.putAll(again.factors);
    asked.addAll(again.asked);
    hours = again.hours;
    pool = again.pool;
  }

  /** Whether the other one is made of more base intervals. */
  boolean isLessThan(RollUp again) {
    return toldMillis < again.toldMillis;
  }

  /**
   * Takes over everything from one that was reckoned anew of all base intervals that are kept.
   *
   * @param told as it was told before, null if it was not
   */
  void rebuild(RollUp again, @Nullable RollUp told) {
    takeOver(again);
    toldMillis = again.toldMillis;
    keptMillis = again.keptMillis;
    keptFrom = again.keptFrom;
    revised = again.revised;
    if (told != null) {
      carried = told.carried;
      months.putAll(told.months);
    }
  }

  /** Whether both are made of as many base intervals, whose energies are all kept. */
  boolean isOfAll(RollUp again) {
    return isKept() && again.toldMillis == toldMillis;
  }

  /** Another one like it, to which something may be added. */
  RollUp copy() {
    CheckpointWriter bytes = new CheckpointWriter();
    write(bytes);
    return read(new CheckpointReader(bytes.bytes()));
  }

  /** What is carried to the start of the first base interval that is kept of it. */
  @Nullable Carried pool() {
    return pool;
  }

  /** Start of the first base interval that is kept of it; {@link Long#MIN_VALUE} if none is. */
  long keptFrom() {
    return keptFrom;
  }

  /** Carrier and basis of each factor that was looked up for its base intervals. */
  SortedSet<String> asked() {
    return asked;
  }

  /** Base intervals before {@code horizon} are not revised any more. */
  void settle(long horizon, ZoneId zone) {
    peaks.values().forEach(peak -> peak.settle(horizon));
    if (hours != null) {
      hours.settle(horizon, zone);
    }
  }

  /**
   * What the base intervals make together, by name: their sum, or the greatest of them with its
   * local time beside it.
   */
  SequencedMap<String, Metric> sums(ZoneId zone) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    // What was never told is not known to be zero.
    long untold = end - start - toldMillis;
    sums.forEach(
        (name, sum) -> {
          if (Part.isOfCounts(name)) {
            return;
          }
          boolean zero = SiteFigures.isZeroWhenAbsent(name);
          Metric over = sum.over(start, zero ? sum.millis() + untold : end - start);
          Peak peak = peaks.get(name);
          metrics.put(name, peak == null ? over : greatest(over, peak.top(), zone));
        });
    months.forEach(
        (at, tells) ->
            metrics.put(
                SiteFigures.monthly(YearMonth.from(Instant.ofEpochMilli(at).atZone(zone))), tells));
    HourBook book = hours;
    if (book != null) {
      HourBook.Matched matched = book.matched(zone);
      Quality quality = book.millis() < toldMillis ? Quality.PARTIAL : Quality.MEASURED;
      metrics.put(SiteFigures.MATCHED, energy(matched.covered(), quality));
      metrics.put(SiteFigures.UNMATCHED, energy(matched.unmatched(), quality));
      SortedMap<Long, Long> bought = book.bought();
      if (bought != null) {
        bought.forEach((at, of) -> metrics.put(SiteFigures.bought(at), energy(of, quality)));
      }
    }
    metrics.put(SiteFigures.CARRY, energy(carried, Quality.MEASURED));
    metrics.put(SiteFigures.LATE, new Metric(1_000_000 * revised, "1", Quality.DERIVED, 100, 0));
    return metrics;
  }

  private static Metric energy(long milliwattHours, Quality quality) {
    return new Metric(milliwattHours, "kW.h", quality, 100, 0);
  }

  private static Metric greatest(Metric over, Peak.@Nullable Top top, ZoneId zone) {
    return top == null || over.micros() == null
        ? over
        : new Metric(top.value(), over.ucum(), over.quality(), over.coverage(), over.estimated())
            .saying(Instant.ofEpochMilli(top.at()).atZone(zone).toOffsetDateTime().toString())
            .restingOn(over.standing());
  }

  SequencedMap<String, FactorUsed> factors() {
    return factors;
  }

  void write(CheckpointWriter to) {
    to.text(length)
        .number(start)
        .number(end)
        .flag(touched)
        .number(toldMillis)
        .number(carried)
        .number(revised);
    published.write(to);
    to.number(sums.size());
    sums.forEach(
        (name, sum) -> {
          to.word(name);
          sum.write(to);
        });
    to.number(peaks.size());
    peaks.forEach(
        (name, peak) -> {
          to.word(name);
          peak.write(to);
        });
    MetricsCodec.writeFactors(factors, to);
    to.number(keptMillis).number(keptFrom);
    Pools.write(pool, to);
    to.number(asked.size());
    asked.forEach(to::word);
    long books = hours == null ? 0 : hours.bought() == null ? HOURLY : 2 * HOURLY;
    to.number(months.size() + books);
    months.forEach(
        (at, tells) -> {
          to.number(at);
          MetricsCodec.write(Map.of(SiteFigures.MONTHLY, tells), to);
        });
    if (hours != null) {
      hours.write(to);
    }
  }

  static RollUp read(CheckpointReader from) {
    RollUp rollUp = head(from);
    for (int left = from.count(); left > 0; left--) {
      rollUp.sums.put(from.word(), Sum.read(from));
    }
    for (int left = from.count(); left > 0; left--) {
      rollUp.peaks.put(from.word(), Peak.read(from));
    }
    rollUp.factors.putAll(MetricsCodec.readFactors(from));
    rollUp.keptMillis = from.number();
    rollUp.keptFrom = from.number();
    rollUp.pool = Pools.read(from);
    for (int left = from.count(); left > 0; left--) {
      rollUp.asked.add(from.word());
    }
    long monthsAndHours = from.number();
    for (long left = monthsAndHours % HOURLY; left > 0; left--) {
      long at = from.number();
      MetricsCodec.read(from).values().forEach(tells -> rollUp.months.put(at, tells));
    }
    rollUp.hours =
        monthsAndHours >= HOURLY ? HourBook.read(from, monthsAndHours >= 2 * HOURLY) : null;
    return rollUp;
  }

  private static RollUp head(CheckpointReader from) {
    RollUp rollUp = new RollUp(from.text(), from.number(), from.number());
    rollUp.touched = from.flag();
    rollUp.toldMillis = from.number();
    rollUp.carried = from.number();
    rollUp.revised = from.number();
    rollUp.published = Published.read(from);
    return rollUp;
  }
}
