package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.time.LocalTime;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The day of a retail contract: parts with the price of purchase that was agreed, in place of the
 * administrative periods and their factors.
 */
public record RetailDay(List<Part> parts) {

  /** The only period there is at a time of the contract's day. */
  public static final String PERIOD = "contract";

  private static final int MINUTES = 24 * 60;

  /**
   * A part of the day.
   *
   * @param fromMinute first minute of the local day
   * @param toMinute the minute behind the last, up to 1440
   * @param price of purchase, yuan/kWh
   */
  public record Part(int fromMinute, int toMinute, BigDecimal price) {}

  /**
   * @throws IllegalArgumentException if a minute of the day is in no part or in two
   */
  public RetailDay {
    parts = parts.stream().sorted(Comparator.comparingInt(Part::fromMinute)).toList();
    int minute = 0;
    for (Part part : parts) {
      if (part.fromMinute != minute || part.toMinute <= minute) {
        throw new IllegalArgumentException(
            "a contract's day has each minute once, but at minute %d begins %s"
                .formatted(minute, part));
      }
      minute = part.toMinute;
    }
    if (minute != MINUTES) {
      throw new IllegalArgumentException(
          "a contract's day has each minute once, but ends at minute " + minute);
    }
  }

  /**
   * The parts of the price at a time of day.
   *
   * @param fixed the others, yuan/kWh by name
   */
  public PriceLines lines(LocalTime time, SequencedMap<String, BigDecimal> fixed) {
    SequencedMap<String, BigDecimal> purchase = new LinkedHashMap<>();
    purchase.put("purchase", price(time));
    SequencedMap<String, BigDecimal> factors = new LinkedHashMap<>();
    factors.put(PERIOD, BigDecimal.ONE);
    return new PriceLines(purchase, fixed, factors);
  }

  private BigDecimal price(LocalTime time) {
    int minute = time.toSecondOfDay() / 60;
    return parts.stream()
        .filter(part -> part.fromMinute <= minute && minute < part.toMinute)
        .findFirst()
        .orElseThrow()
        .price;
  }
}
