package io.lingtan.agent.site.terms;

import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.price.RetailCalendar;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * By which settings the intervals of each month were counted: what put import into periods, the
 * terms of the bill, and the month's prices. It is kept with the journal, so that a bill knows
 * whether it is worked out by what was in force, or by what was written since.
 *
 * <p>Limits: {@link #MOST_MONTHS}, then the oldest goes and nothing is known of it any more; {@link
 * #MOST_CHANGES} in a month, and what comes behind them is like nothing that can be written.
 */
public final class TermsInForce {

  /** The name by which the journal keeps it. */
  public static final String MEMO = "terms";

  private static final int MOST_MONTHS = 120;
  private static final int MOST_CHANGES = 32;
  private static final int DIGITS = 16;
  private static final String NONE = "-";
  private static final String FROM = "from";
  private static final Settings TOO_MANY = new Settings("?", "?", "?");

  private final NavigableMap<YearMonth, List<Since>> months = new TreeMap<>();

  /** Of intervals before it nothing is known, UTC ms. */
  private long from;

  private TermsInForce(long from) {
    this.from = from;
  }

  /**
   * What a month is billed by, as words that are others when a bill can come out otherwise; {@code
   * -} for none.
   *
   * @param periods what puts each quarter of the month into a period
   * @param terms what stands under {@code bill}
   * @param prices those of the month
   */
  public record Settings(String periods, String terms, String prices) {

    /** Those of a site for a month. */
    public static Settings of(Site site, YearMonth month) {
      BillTerms terms = site.bill();
      MonthPrices prices = terms == null ? null : terms.prices(month);
      Tariff tariff = site.metering().tariff();
      return new Settings(
          tariff == null ? NONE : digest(periods(tariff, site.metering(), month)),
          terms == null ? NONE : digest(words(terms)),
          prices == null ? NONE : digest(words(prices) + words(prices.calendar(), month)));
    }

    private static String digest(String words) {
      return Sha256.hex(words.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
    }

    /** The days with the minutes at which another period begins, whatever the base interval is. */
    private static String periods(Tariff tariff, Site.Metering metering, YearMonth month) {
      String interval = metering.interval();
      int minutes = Integer.parseInt(interval.substring(0, interval.length() - 1));
      StringBuilder words = new StringBuilder();
      for (int day = 1; day <= month.lengthOfMonth(); day++) {
        LocalDate date = month.atDay(day);
        String before = "";
        for (int minute = 0; minute < 24 * 60; minute += minutes) {
          String period =
              period(
                  tariff.on(date), date.atTime(minute / 60, minute % 60), metering.tariffExtras());
          if (!period.equals(before)) {
            words.append(day).append(' ').append(minute).append(period).append(' ');
            before = period;
          }
        }
      }
      return words.toString();
    }

    private static String period(Tariff held, LocalDateTime local, boolean extras) {
      Period period = held.period(local, extras);
      return period == null || (extras && held.unlisted(local) != null) ? NONE : period.name();
    }

    private static String words(BillTerms terms) {
      List<Object> words = new ArrayList<>();
      words.add(plain(terms.user().kva()));
      words.add(terms.basic());
      words.add(plain(terms.contractKw()));
      words.add(plain(terms.contractFloor()));
      words.add(terms.over());
      words.add(terms.sliding());
      if (terms.transformerKva().compareTo(terms.user().kva()) != 0) {
        words.add(plain(terms.transformerKva()));
      }
      words.add(plain(terms.discountFrom()));
      words.add(plain(terms.discount()));
      words.add(plain(terms.powerFactor()));
      words.add(new TreeSet<>(terms.outside()));
      words.add(plain(terms.purchaseFactor()));
      return words.toString();
    }

    private static String words(MonthPrices prices) {
      return "%s %s %s %s %s%s"
          .formatted(
              plain(prices.floated()),
              plain(prices.fixed()),
              plain(prices.factors()),
              plain(prices.capacity()),
              plain(prices.demand()),
              prices.spot() == null ? "" : " " + prices.spot().sha256());
    }

    /** What the month's days are like; nothing where there is no calendar. */
    private static String words(@Nullable RetailCalendar calendar, YearMonth month) {
      StringBuilder words = new StringBuilder();
      for (int day = 1; calendar != null && day <= month.lengthOfMonth(); day++) {
        RetailCalendar.Days of = calendar.on(month.atDay(day));
        words.append(' ').append(of == null ? NONE : of.slots());
      }
      return words.toString();
    }

    private static Map<String, String> plain(Map<String, BigDecimal> numbers) {
      Map<String, String> plain = new TreeMap<>();
      numbers.forEach((name, number) -> plain.put(name, plain(number)));
      return plain;
    }

    private static String plain(@Nullable BigDecimal number) {
      return number == null ? NONE : number.stripTrailingZeros().toPlainString();
    }
  }

  /**
   * Settings, and the first base interval that was counted under them.
   *
   * @param millis UTC ms
   */
  private record Since(long millis, Settings settings) {}

  /** What a month can be billed by. */
  public enum What {
    /** Nothing tells by what. */
    UNKNOWN,
    PERIODS,
    TERMS,
    PRICES
  }

  /**
   * A time of a month that did not run under what the month is billed by.
   *
   * @param from UTC ms
   * @param to UTC ms, exclusive
   */
  public record Otherwise(What what, long from, long to) {}

  /** Of a journal that has no interval yet. */
  public static TermsInForce begun() {
    return new TermsInForce(Long.MIN_VALUE);
  }

  /** Of a journal that says nothing of it. */
  public static TermsInForce unknown() {
    return new TermsInForce(Long.MAX_VALUE);
  }

  /**
   * A base interval was counted under settings.
   *
   * @param startMillis UTC ms
   * @return whether that is not known yet: then it has to be written
   */
  public boolean note(long startMillis, YearMonth month, Settings settings) {
    boolean first = from == Long.MAX_VALUE;
    from = first ? startMillis : from;
    List<Since> known = months.computeIfAbsent(month, any -> new ArrayList<>());
    Settings last = known.isEmpty() ? null : known.getLast().settings;
    if (settings.equals(last) || TOO_MANY.equals(last)) {
      return first;
    }
    known.add(
        new Since(
            known.isEmpty() ? startMillis : Math.max(startMillis, known.getLast().millis),
            known.size() < MOST_CHANGES ? settings : TOO_MANY));
    while (months.size() > MOST_MONTHS) {
      months.pollFirstEntry();
      from = Math.max(from, months.firstEntry().getValue().getFirst().millis);
    }
    return true;
  }

  /**
   * Where a month ran under others than these; of each kind once, from the first of it to the last.
   * What was not written then and is now contradicts nothing, but for periods.
   */
  public List<Otherwise> otherwise(YearMonth month, ZoneId zone, Settings now) {
    long start = month.atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
    long end = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
    List<Otherwise> all = new ArrayList<>();
    if (from > start) {
      all.add(new Otherwise(What.UNKNOWN, start, Math.min(from, end)));
    }
    List<Since> known = months.getOrDefault(month, List.of());
    for (What what : List.of(What.PERIODS, What.TERMS, What.PRICES)) {
      long first = Long.MAX_VALUE;
      long last = Long.MIN_VALUE;
      for (int i = 0; i < known.size(); i++) {
        if (isOtherwise(what, known.get(i).settings, now)) {
          first = Math.min(first, i == 0 ? Math.max(start, from) : known.get(i).millis);
          last = i + 1 < known.size() ? known.get(i + 1).millis : end;
        }
      }
      if (first < end) {
        all.add(new Otherwise(what, first, last));
      }
    }
    return all;
  }

  private static boolean isOtherwise(What what, Settings then, Settings now) {
    return switch (what) {
      case UNKNOWN -> false;
      case PERIODS -> !then.periods.equals(now.periods);
      case TERMS -> !then.terms.equals(NONE) && !then.terms.equals(now.terms);
      case PRICES -> !then.prices.equals(NONE) && !then.prices.equals(now.prices);
    };
  }

  /** As the journal keeps it: a line for each time. */
  public byte[] bytes() {
    StringBuilder text = new StringBuilder(FROM + " " + from + "\n");
    months.forEach(
        (month, known) ->
            known.forEach(
                since ->
                    text.append(
                        "%s %d %s %s %s%n"
                            .formatted(
                                month,
                                since.millis,
                                since.settings.periods,
                                since.settings.terms,
                                since.settings.prices))));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * What {@link #bytes} wrote; of what cannot be read nothing is known.
   *
   * @param bytes null where there are none
   */
  public static TermsInForce of(byte @Nullable [] bytes) {
    if (bytes == null) {
      return unknown();
    }
    try {
      TermsInForce read = unknown();
      for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
        String[] words = line.split(" ");
        long millis = Long.parseLong(words[1]);
        if (words[0].equals(FROM)) {
          read.from = millis;
        } else {
          read.months
              .computeIfAbsent(YearMonth.parse(words[0]), any -> new ArrayList<>())
              .add(new Since(millis, new Settings(words[2], words[3], words[4])));
        }
      }
      return read;
    } catch (DateTimeException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return unknown();
    }
  }
}
