package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.Exact;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a factor's unit says, read from a record alone. Only powers of ten lie between units. */
final class FactorUnits {

  /** Kilograms, of CO2 or of standard coal, that stand before the stroke of a factor's unit. */
  private static final Map<String, BigDecimal> MASS =
      Map.of(
          "kg", BigDecimal.ONE,
          "t", new BigDecimal(1000),
          "g", new BigDecimal("0.001"),
          "kg{ce}", BigDecimal.ONE,
          "t{ce}", new BigDecimal(1000));

  /** How many of the factor's unit one of the record's is. */
  private static final Map<String, BigDecimal> QUANTITY =
      Map.of(
          "kW.h>kW.h",
          BigDecimal.ONE,
          "kW.h>MW.h",
          new BigDecimal("0.001"),
          "kW.h>W.h",
          new BigDecimal(1000),
          "GJ>GJ",
          BigDecimal.ONE,
          "GJ>MJ",
          new BigDecimal(1000),
          "m3>m3",
          BigDecimal.ONE,
          "L>L",
          BigDecimal.ONE,
          "kg>kg",
          BigDecimal.ONE,
          "kg>t",
          new BigDecimal("0.001"));

  private FactorUnits() {}

  /** Kilograms for one {@code of}; null if the unit is not for that. */
  static @Nullable BigDecimal kilograms(String value, String unit, @Nullable String of) {
    int stroke = unit.indexOf('/');
    if (stroke < 0) {
      return null;
    }
    String per = unit.substring(stroke + 1).replaceAll("[()]", "");
    BigDecimal mass = MASS.get(unit.substring(0, stroke));
    BigDecimal quantity = QUANTITY.get(of + ">" + per);
    return mass == null || quantity == null
        ? null
        : Exact.of(value).multiply(mass).multiply(quantity);
  }

  /** Kilograms in one of the unit of mass; null if it is none. */
  static @Nullable BigDecimal kilogramsIn(@Nullable String unit) {
    return unit == null ? null : MASS.get(unit);
  }
}
