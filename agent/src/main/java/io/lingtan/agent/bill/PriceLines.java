package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the price of one kWh; which of them go up and down with the time of use is a
 * province's own rule.
 *
 * @param floated yuan/kWh by name, each multiplied by the period's factor
 * @param fixed yuan/kWh by name, the same in every period
 * @param factors by period; 1 is the flat one's
 */
public record PriceLines(
    SequencedMap<String, BigDecimal> floated,
    SequencedMap<String, BigDecimal> fixed,
    SequencedMap<String, BigDecimal> factors) {

  /**
   * The whole price in a period, yuan/kWh.
   *
   * @param digits of the fraction; rounded once, half-up
   */
  public BigDecimal price(String period, int digits) {
    return Amounts.sum(floated.values())
        .multiply(Amounts.in(period, factors))
        .add(Amounts.sum(fixed.values()))
        .setScale(digits, RoundingMode.HALF_UP);
  }

  /**
   * The price of one line.
   *
   * @param of what part of the price it is
   * @param period whose energy it is of, null for all energy
   * @param price yuan/kWh, unrounded
   */
  public record Part(String of, @Nullable String period, BigDecimal price) {

    /** Of the line. */
    public String name() {
      return period == null ? of : of + "_" + period;
    }
  }

  /** The price of each line where there is energy in these periods. */
  public List<Part> parts(Collection<String> periods) {
    List<Part> parts = new ArrayList<>();
    floated.forEach(
        (name, price) ->
            periods.forEach(
                period ->
                    parts.add(
                        new Part(name, period, price.multiply(Amounts.in(period, factors))))));
    fixed.forEach((name, price) -> parts.add(new Part(name, null, price)));
    return parts;
  }

  /** The same with one part at a multiple of its price, such as 1.5 for who left the market. */
  public PriceLines times(String part, BigDecimal multiple) {
    return new PriceLines(times(floated, part, multiple), times(fixed, part, multiple), factors);
  }

  private static SequencedMap<String, BigDecimal> times(
      SequencedMap<String, BigDecimal> prices, String part, BigDecimal multiple) {
    SequencedMap<String, BigDecimal> changed = new LinkedHashMap<>(prices);
    changed.computeIfPresent(part, (name, price) -> price.multiply(multiple));
    return changed;
  }
}
