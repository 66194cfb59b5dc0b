package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;

/** Exact amounts, alone and by period. */
final class Amounts {

  private Amounts() {}

  static BigDecimal sum(Collection<BigDecimal> values) {
    return values.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** What a period has; there is no price for energy of a period that has none. */
  static BigDecimal in(String period, Map<String, BigDecimal> values) {
    BigDecimal value = values.get(period);
    if (value == null) {
      throw new IllegalArgumentException(
          "nothing is given for the period " + period + ", only for " + values.keySet());
    }
    return value;
  }
}
