package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What energy costs, line by line.
 *
 * @param lines fen by the line's name, each rounded by itself
 */
public record EnergyCharge(SequencedMap<String, Long> lines) {

  /**
   * Each period's energy by that period's whole price.
   *
   * @param kwh by period
   * @param prices yuan/kWh by period
   */
  public static EnergyCharge of(Map<String, BigDecimal> kwh, Map<String, BigDecimal> prices) {
    SequencedMap<String, Long> lines = new LinkedHashMap<>();
    kwh.forEach(
        (period, energy) -> lines.put(period, Fen.of(energy.multiply(Amounts.in(period, prices)))));
    return new EnergyCharge(lines);
  }

  /** Fen. */
  public long total() {
    return lines.values().stream().mapToLong(Long::longValue).reduce(0, Math::addExact);
  }
}
