package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The part of a published row of prices that goes up and down with the time of use, solved from the
 * row. Each printed price is within half of its last digit, so that every period bounds the part.
 *
 * @param from yuan/kWh as each period gives it
 * @param least the greatest of the lower bounds
 * @param most the least of the upper bounds
 */
public record FloatedPart(
    SequencedMap<String, BigDecimal> from, BigDecimal least, BigDecimal most) {

  private static final int DIGITS = 20;

  /**
   * @param row yuan/kWh by period, one of which has the factor 1
   * @param factors by period
   * @param digits of the fraction, as printed
   */
  public static FloatedPart of(
      Map<String, BigDecimal> row, Map<String, BigDecimal> factors, int digits) {
    BigDecimal flat =
        row.keySet().stream()
            .filter(period -> Amounts.in(period, factors).compareTo(BigDecimal.ONE) == 0)
            .map(row::get)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no period has the factor 1"));
    SequencedMap<String, BigDecimal> from = new LinkedHashMap<>();
    BigDecimal least = null;
    BigDecimal most = null;
    for (Map.Entry<String, BigDecimal> printed : row.entrySet()) {
      BigDecimal over = Amounts.in(printed.getKey(), factors).subtract(BigDecimal.ONE);
      if (over.signum() == 0) {
        continue;
      }
      BigDecimal base =
          printed.getValue().subtract(flat).divide(over, DIGITS, RoundingMode.HALF_UP);
      // Half a last digit of this price, and half of the flat one's.
      BigDecimal half =
          BigDecimal.ONE.movePointLeft(digits).divide(over.abs(), DIGITS, RoundingMode.HALF_UP);
      from.put(printed.getKey(), base);
      least = least == null ? base.subtract(half) : least.max(base.subtract(half));
      most = most == null ? base.add(half) : most.min(base.add(half));
    }
    if (least == null || most == null) {
      throw new IllegalArgumentException("the row has no period but the flat one");
    }
    return new FloatedPart(from, least, most);
  }

  /** Whether any part at all explains the whole row. */
  public boolean isConsistent() {
    return least.compareTo(most) <= 0;
  }
}
