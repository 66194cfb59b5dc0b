package io.lingtan.agent.carbon;

import java.math.BigDecimal;

/**
 * Hydrogen by the normal cubic metre (0 °C, 101.325 kPa), as electrolysers are sold: it weighs
 * 0.0899 kg. Nine kilograms of water are split for each kilogram.
 */
final class HydrogenGas {

  /** kg in a normal cubic metre. */
  static final BigDecimal NORMAL_DENSITY = new BigDecimal("0.0899");

  /** Lower heating value, kWh/kg: 119.96 MJ/kg. */
  static final BigDecimal HEATING_VALUE = new BigDecimal("33.33");

  private static final BigDecimal WATER = BigDecimal.valueOf(9);

  private HydrogenGas() {}

  /** What of something per kilogram belongs to a normal cubic metre; of 1 what that weighs. */
  static BigDecimal perCubicMetre(BigDecimal perKilogram) {
    return perKilogram.multiply(NORMAL_DENSITY);
  }

  /** The water that is split for it, kg. */
  static BigDecimal water(BigDecimal kilogramsOfHydrogen) {
    return kilogramsOfHydrogen.multiply(WATER);
  }
}
