package io.lingtan.agent.meter;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * Demand of a meter whose 15 minutes move on by one minute. What was drawn a while ago leaves the
 * window first, so that the energy that stays decides what may be drawn.
 */
public final class DemandWindow {

  private static final BigDecimal MINUTES_OF_HOUR = BigDecimal.valueOf(60);
  private static final int DIGITS = 20;
  private static final int MINUTES = 15;

  private DemandWindow() {}

  /**
   * The greatest constant power over some minutes that keeps every window at the limit, kW; 0 where
   * it is too late.
   *
   * @param lastKwh energy of the last 14 minutes, oldest first
   * @param minutes that the power lasts, from 1
   */
  public static BigDecimal mayDrawKw(BigDecimal limitKw, List<BigDecimal> lastKwh, int minutes) {
    if (lastKwh.size() != MINUTES - 1 || minutes < 1) {
      throw new IllegalArgumentException(
          "14 minutes decide, and power lasts for 1 or more, were %d and %d"
              .formatted(lastKwh.size(), minutes));
    }
    BigDecimal allowance = limitKw.multiply(DemandBlock.HOURS);
    BigDecimal least = null;
    for (int ahead = 1; ahead <= Math.min(minutes, MINUTES); ahead++) {
      BigDecimal left = allowance.subtract(sum(lastKwh.subList(ahead - 1, lastKwh.size())));
      BigDecimal kw =
          left.multiply(MINUTES_OF_HOUR)
              .divide(BigDecimal.valueOf(ahead), DIGITS, RoundingMode.HALF_UP);
      least = least == null ? kw : least.min(kw);
    }
    return least == null ? BigDecimal.ZERO : least.max(BigDecimal.ZERO);
  }

  /**
   * The greatest demand that is to come while a power stays, kW.
   *
   * @param lastKwh energy of the last 14 minutes, oldest first
   */
  public static BigDecimal forecastKw(List<BigDecimal> lastKwh, BigDecimal kw) {
    BigDecimal minute = kw.divide(MINUTES_OF_HOUR, DIGITS, RoundingMode.HALF_UP);
    BigDecimal greatest = BigDecimal.ZERO;
    for (int ahead = 1; ahead <= MINUTES; ahead++) {
      BigDecimal stays = sum(lastKwh.subList(ahead - 1, lastKwh.size()));
      greatest =
          greatest.max(DemandBlock.demand(stays.add(minute.multiply(BigDecimal.valueOf(ahead)))));
    }
    return greatest;
  }

  private static BigDecimal sum(List<BigDecimal> kwh) {
    return kwh.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}
