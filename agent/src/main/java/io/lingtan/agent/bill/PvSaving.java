package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.util.Map;

/**
 * What PV is worth: the price that is not paid for what is used on site, in the period in which it
 * is used, and what is paid for export.
 *
 * @param saving by period
 * @param feedInFen for export
 */
public record PvSaving(EnergyCharge saving, long feedInFen) {

  /**
   * @param usedKwh by period
   * @param avoided yuan/kWh by period
   * @param exportPrice yuan/kWh
   */
  public static PvSaving of(
      Map<String, BigDecimal> usedKwh,
      Map<String, BigDecimal> avoided,
      BigDecimal exportKwh,
      BigDecimal exportPrice) {
    return new PvSaving(EnergyCharge.of(usedKwh, avoided), Fen.of(exportKwh.multiply(exportPrice)));
  }

  /** Fen. */
  public long benefitFen() {
    return Math.addExact(saving.total(), feedInFen);
  }
}
