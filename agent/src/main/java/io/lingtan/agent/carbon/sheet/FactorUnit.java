package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.site.FactorTable.Factor;
import java.math.BigDecimal;
import java.util.Map;

/**
 * A factor's unit: kilograms (of CO2 or of standard coal) per unit of some quantity. Only powers of
 * ten lie between what is written and what is used, so nothing is rounded.
 *
 * @param quantity UCUM unit of what it is multiplied with
 * @param shift decimal places by which the written value moves to become kg per {@code quantity}
 */
public record FactorUnit(String quantity, int shift) {

  private static final Map<String, FactorUnit> KNOWN =
      Map.ofEntries(
          Map.entry("kg/(kW.h)", new FactorUnit("kW.h", 0)),
          Map.entry("t/(MW.h)", new FactorUnit("kW.h", 0)),
          Map.entry("g/(W.h)", new FactorUnit("kW.h", 0)),
          Map.entry("g/(kW.h)", new FactorUnit("kW.h", -3)),
          Map.entry("kg/(MW.h)", new FactorUnit("kW.h", -3)),
          Map.entry("kg/m3", new FactorUnit("m3", 0)),
          Map.entry("kg/kg", new FactorUnit("kg", 0)),
          Map.entry("kg/L", new FactorUnit("L", 0)),
          Map.entry("kg/t", new FactorUnit("kg", -3)),
          Map.entry("t/GJ", new FactorUnit("GJ", 3)),
          Map.entry("kg{ce}/(kW.h)", new FactorUnit("kW.h", 0)),
          Map.entry("kg{ce}/MJ", new FactorUnit("GJ", 3)),
          Map.entry("kg{ce}/m3", new FactorUnit("m3", 0)),
          Map.entry("kg{ce}/kg", new FactorUnit("kg", 0)),
          Map.entry("kg{ce}/t", new FactorUnit("kg", -3)));

  /**
   * The unit of a factor.
   *
   * @throws IllegalStateException if nothing here can be multiplied with it
   */
  public static FactorUnit of(Factor factor) {
    return of(factor.id(), factor.ucum());
  }

  private static FactorUnit of(String factor, String ucum) {
    FactorUnit unit = KNOWN.get(ucum);
    if (unit == null) {
      throw new IllegalStateException(
          "factor %s is in %s, which is not known; give one of %s"
              .formatted(factor, ucum, KNOWN.keySet().stream().sorted().toList()));
    }
    return unit;
  }

  /**
   * Kilograms for one {@code ucum} by a factor as it was used.
   *
   * @throws IllegalStateException if the factor is not for that
   */
  public static BigDecimal kilogramsPer(String ucum, String id, FactorUsed used) {
    return of(id, used.ucum()).kilogramsPer(ucum, new BigDecimal(used.value()));
  }

  /**
   * Kilograms for one {@code ucum}.
   *
   * @throws IllegalStateException if the unit is one of another quantity
   */
  public BigDecimal kilogramsPer(String ucum, BigDecimal written) {
    if (!quantity.equals(ucum)) {
      throw new IllegalStateException("a factor per " + quantity + " cannot be applied to " + ucum);
    }
    return written.movePointRight(shift);
  }
}
