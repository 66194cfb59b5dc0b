package io.lingtan.agent.site.price;

import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Prices of purchase on the spot market: one for each quarter of an hour of a month.
 *
 * @param sha256 of the file's text, hex: the version
 * @param yuan yuan/kWh by the quarter's first millisecond, UTC; may be negative
 */
public record SpotPrices(String sha256, SortedMap<Long, BigDecimal> yuan) {

  /** Of a quarter of an hour. */
  public static final long QUARTER_MILLIS = 900_000;

  private static final String HEADER = "start,yuan_per_kwh";
  private static final int MOST_TOLD = 20;
  private static final BigDecimal MOST_YUAN = BigDecimal.TEN;

  public SpotPrices {
    yuan = Collections.unmodifiableSortedMap(new TreeMap<>(yuan));
  }

  /** Where a problem goes, line and column from 1. */
  public interface Sink {
    /** One problem. */
    void problem(int line, int column, String message);
  }

  /**
   * The price at a time; null outside of the month.
   *
   * @param millis UTC ms
   */
  public @Nullable BigDecimal at(long millis) {
    return yuan.get(Math.floorDiv(millis, QUARTER_MILLIS) * QUARTER_MILLIS);
  }

  /**
   * What a table says; null if a problem was told. A price that is wrong spoils all of it.
   *
   * @param sha256 of the text, hex
   */
  public static @Nullable SpotPrices read(
      String text, String sha256, YearMonth month, ZoneId zone, Sink sink) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().replace("\uFEFF", "").strip().equals(HEADER)) {
      sink.problem(1, 1, "the first line is " + HEADER);
      return null;
    }
    TreeMap<Long, BigDecimal> prices = new TreeMap<>();
    TreeMap<Long, Integer> places = new TreeMap<>();
    long from = month.atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
    long to = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
    int wrong = 0;
    for (int i = 1; i < lines.size() && wrong < MOST_TOLD; i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String[] cells = lines.get(i).split(",", -1);
      Long start = cells.length == 2 ? start(cells[0].strip(), zone) : null;
      BigDecimal price = cells.length == 2 ? Words.decimal(cells[1].strip()) : null;
      String why = null;
      int column = 1;
      if (start == null || Math.floorMod(start, QUARTER_MILLIS) != 0) {
        why = "a line is such as 2026-07-01T00:15,0.3124, a quarter of an hour and its price";
      } else if (start < from || start >= to) {
        why = cells[0].strip() + " is not in " + month + ", the month of these prices";
      } else if (places.containsKey(start)) {
        why = "%s has a price in line %d already".formatted(cells[0].strip(), places.get(start));
      } else if (price == null || price.abs().compareTo(MOST_YUAN) > 0) {
        column = cells[0].length() + 2;
        why = "a price is a number from -10 to 10, in yuan/kWh, not '%s'".formatted(cells[1]);
      }
      if (why != null || start == null || price == null) {
        wrong++;
        sink.problem(i + 1, column, String.valueOf(why));
      } else {
        prices.put(start, price);
        places.put(start, i + 1);
      }
    }
    if (wrong > 0) {
      return null;
    }
    for (long quarter = from; quarter < to; quarter += QUARTER_MILLIS) {
      if (!prices.containsKey(quarter)) {
        sink.problem(
            lines.size(),
            1,
            "%s has no price: each quarter of an hour of %s needs one"
                .formatted(Instant.ofEpochMilli(quarter).atZone(zone).toLocalDateTime(), month));
        return null;
      }
    }
    return new SpotPrices(sha256, prices);
  }

  /** Of an hour that a clock has twice the second needs its offset. */
  private static @Nullable Long start(String text, ZoneId zone) {
    try {
      Instant instant =
          text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
              ? OffsetDateTime.parse(text).toInstant()
              : LocalDateTime.parse(text).atZone(zone).toInstant();
      return instant.toEpochMilli();
    } catch (DateTimeException e) {
      return null;
    }
  }
}
