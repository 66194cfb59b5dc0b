package io.lingtan.agent.bill;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.price.RetailCalendar;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Import by the parts of a retail package: each base interval is in one, and a day or month in
 * which one is not known knows none of them.
 */
public final class RetailEnergy {

  private static final String IMPORT = "elec.grid.import";

  private final RetailCalendar calendar;
  private final SortedMap<Long, Metric> bought;
  private final long baseMillis;
  private final ZoneId zone;

  /**
   * @param bought import by the first millisecond of each base interval
   * @param baseMillis how long these are; no part begins within one
   */
  public RetailEnergy(
      RetailCalendar calendar, SortedMap<Long, Metric> bought, long baseMillis, ZoneId zone) {
    this.calendar = calendar;
    this.bought = bought;
    this.baseMillis = baseMillis;
    this.zone = zone;
  }

  /**
   * A day's figures with those of the contract's parts, such as {@code elec.grid.import.night}, in
   * place of the tariff's periods.
   */
  public SequencedMap<String, Metric> day(LocalDate day, Map<String, Metric> figures) {
    SequencedMap<String, Metric> own = withoutPeriods(figures);
    Metric all = figures.get(IMPORT);
    if (all != null) {
      parts(day, all).forEach((part, metric) -> own.put(IMPORT + "." + part, metric));
    }
    return own;
  }

  /**
   * The same of a month: the sum of its days.
   *
   * @param days each with its own parts
   */
  public SequencedMap<String, Metric> month(
      YearMonth month,
      Map<String, Metric> figures,
      SortedMap<LocalDate, ? extends Map<String, Metric>> days) {
    SequencedMap<String, Metric> own = withoutPeriods(figures);
    Map<String, Metric> sums = new TreeMap<>();
    for (int i = 1; i <= month.lengthOfMonth(); i++) {
      LocalDate day = month.atDay(i);
      Map<String, Metric> of = days.get(day);
      for (String part : calendar.parts()) {
        Metric told =
            of == null || !of.containsKey(IMPORT)
                ? Metric.missing("", "the day has no record")
                : of.get(IMPORT + "." + part);
        if (told != null) {
          sums.merge(part, dated(told, day), RetailEnergy::plus);
        }
      }
    }
    sums.forEach((part, metric) -> own.put(IMPORT + "." + part, metric));
    return own;
  }

  private static SequencedMap<String, Metric> withoutPeriods(Map<String, Metric> figures) {
    SequencedMap<String, Metric> own = new LinkedHashMap<>(figures);
    own.keySet().removeIf(name -> name.startsWith(IMPORT + "."));
    return own;
  }

  private Map<String, Metric> parts(LocalDate day, Metric all) {
    Map<String, Metric> parts = new TreeMap<>();
    long sum = 0;
    long end = day.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli();
    for (long at = day.atStartOfDay(zone).toInstant().toEpochMilli(); at < end; at += baseMillis) {
      Metric of = bought.get(at);
      String part = calendar.part(Instant.ofEpochMilli(at).atZone(zone).toLocalDateTime());
      Long micros = of == null ? null : of.micros();
      if (of == null || micros == null || part == null) {
        return lacking(
            part == null
                ? "the contract's calendar says nothing of the day"
                : of == null
                    ? "not every interval of the day has a record of its own"
                    : String.valueOf(of.why()),
            calendar.parts());
      }
      sum += micros;
      parts.merge(part, of, RetailEnergy::plus);
    }
    Long told = all.micros();
    return told != null && told == sum
        ? parts
        : lacking(
            "its intervals do not add up to the day: they were told otherwise", calendar.parts());
  }

  private static Map<String, Metric> lacking(String why, Set<String> parts) {
    Map<String, Metric> lacking = new TreeMap<>();
    parts.forEach(part -> lacking.put(part, Metric.missing("", why)));
    return lacking;
  }

  private static Metric dated(Metric metric, LocalDate day) {
    return metric.micros() != null
        ? metric
        : Metric.missing(metric.ucum(), day + ": " + metric.why());
  }

  /** Not known while one of them is not. */
  private static Metric plus(Metric one, Metric other) {
    Long a = one.micros();
    Long b = other.micros();
    if (a == null || b == null) {
      return a == null ? one : other;
    }
    return new Metric(
        Math.addExact(a, b),
        one.ucum(),
        one.quality().worse(other.quality()),
        Math.min(one.coverage(), other.coverage()),
        Math.max(one.estimated(), other.estimated()));
  }
}
