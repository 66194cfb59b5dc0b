package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** The quarter of an hour over which demand is the mean. */
final class Quarter {

  static final int MINUTES = 15;
  static final BigDecimal HOURS = new BigDecimal("0.25");

  private static final int DIGITS = 20;

  private Quarter() {}

  /** Demand, kW. */
  static BigDecimal demand(BigDecimal kwh) {
    return kwh.divide(HOURS, DIGITS, RoundingMode.HALF_UP);
  }
}
