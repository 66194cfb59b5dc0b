package io.lingtan.agent.carbon;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Shares the fuel of combined heat and power among its two products by the efficiency method of the
 * WRI/WBCSD guidance: each takes what a boiler and a power station of the given efficiencies would
 * have burnt for it.
 *
 * @param heatEfficiency of a boiler, above 0, at most 1
 * @param powerEfficiency of a power station, above 0, at most 1
 */
record ChpSplit(BigDecimal heatEfficiency, BigDecimal powerEfficiency) {

  ChpSplit {
    if (!isShare(heatEfficiency) || !isShare(powerEfficiency)) {
      throw new IllegalArgumentException(
          "efficiencies are above 0 and at most 1, were "
              + heatEfficiency
              + " and "
              + powerEfficiency);
    }
  }

  private static boolean isShare(BigDecimal share) {
    return share.signum() > 0 && share.compareTo(BigDecimal.ONE) <= 0;
  }

  /**
   * The heat's share of the fuel, 0..1.
   *
   * @param heat and {@code power} in the same unit, not negative
   * @throws ArithmeticException if both are zero
   */
  BigDecimal heatShare(BigDecimal heat, BigDecimal power) {
    BigDecimal forHeat = heat.divide(heatEfficiency, MathContext.DECIMAL64);
    BigDecimal forPower = power.divide(powerEfficiency, MathContext.DECIMAL64);
    return forHeat.divide(forHeat.add(forPower), MathContext.DECIMAL64);
  }
}
