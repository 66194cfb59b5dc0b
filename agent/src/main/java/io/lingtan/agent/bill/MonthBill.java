package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A month's electricity bill.
 *
 * @param lines fen by name, without the power factor's
 * @param factor power factor as it is billed; null where there is none
 * @param percent of the base, null without a factor
 * @param baseFen what the power factor's adjustment is of
 * @param adjustmentFen of the power factor, null without one
 * @param totalFen lines and adjustment
 * @param meanPrice yuan/kWh, 4 digits; null without energy
 */
public record MonthBill(
    SequencedMap<String, Long> lines,
    @Nullable BigDecimal factor,
    @Nullable BigDecimal percent,
    long baseFen,
    @Nullable Long adjustmentFen,
    long totalFen,
    @Nullable BigDecimal meanPrice) {

  private static final int PRICE_DIGITS = 4;

  /**
   * The bill of some lines.
   *
   * @param kwh of the month
   * @param energy lines for energy, fen, each rounded by itself
   * @param basic lines for capacity or demand, fen
   * @param outside names of lines that the adjustment is not of, such as government funds
   * @param table null where no power factor is billed
   * @param kvarh reactive energy without sign, null where no power factor is billed
   */
  public static MonthBill of(
      BigDecimal kwh,
      SequencedMap<String, Long> energy,
      Map<String, Long> basic,
      Set<String> outside,
      @Nullable PowerFactorAdjustment table,
      @Nullable BigDecimal kvarh) {
    SequencedMap<String, Long> lines = new LinkedHashMap<>(energy);
    basic.forEach(
        (name, fen) -> {
          if (lines.putIfAbsent(name, fen) != null) {
            throw new IllegalArgumentException(name + " is a line for energy, too");
          }
        });
    long all = lines.values().stream().reduce(0L, Math::addExact);
    long base = all;
    for (String name : outside) {
      base = Math.subtractExact(base, lines.getOrDefault(name, 0L));
    }
    BigDecimal exact =
        table == null || kvarh == null ? null : PowerFactorAdjustment.factor(kwh, kvarh);
    BigDecimal factor = exact == null ? null : PowerFactorAdjustment.billed(exact);
    BigDecimal percent = table == null || factor == null ? null : table.percent(factor);
    Long adjustment = percent == null ? null : PowerFactorAdjustment.fen(base, percent);
    long total = Math.addExact(all, adjustment == null ? 0 : adjustment);
    BigDecimal mean =
        kwh.signum() == 0 ? null : Fen.yuan(total).divide(kwh, PRICE_DIGITS, RoundingMode.HALF_UP);
    return new MonthBill(lines, factor, percent, base, adjustment, total, mean);
  }
}
