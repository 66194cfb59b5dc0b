package io.lingtan.agent.bill;

import io.lingtan.agent.reading.Interval.Metric;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  /** A figure's value; null where there is none. */
  static @Nullable BigDecimal value(Metric metric) {
    return metric.micros() == null ? null : of(metric.micros());
  }

  /** Millionths as a number. */
  static BigDecimal of(long micros) {
    return tidy(BigDecimal.valueOf(micros, 6));
  }

  /** Without zeros at the end of its decimals. */
  static BigDecimal tidy(BigDecimal number) {
    BigDecimal exact = number.stripTrailingZeros();
    return exact.scale() < 0 ? exact.setScale(0) : exact;
  }
}
