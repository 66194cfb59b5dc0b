package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * What a month's power factor adds to a bill, or takes off it: 功率因数调整电费办法, (83)水电财字第215号, with its
 * three tables.
 */
public enum PowerFactorAdjustment {
  /** High-voltage industry above 160 kVA. */
  P90("0.90", 0, 5),
  /** Others from 100 kVA. */
  P85("0.85", 5, 4),
  /** Agriculture. */
  P80("0.80", 10, 2);

  private static final BigDecimal SLOW_BONUS = new BigDecimal("-0.10");
  private static final BigDecimal BONUS = new BigDecimal("-0.15");
  private static final BigDecimal PENALTY = new BigDecimal("0.50");
  private static final BigDecimal FASTER_PENALTY = new BigDecimal("1.00");
  private static final BigDecimal FASTEST_PENALTY = new BigDecimal("2.00");
  private static final int PENALTY_STEPS = 20;
  private static final int FASTER_STEPS = 5;

  private final BigDecimal standard;
  private final int slowSteps;
  private final int bonusSteps;

  /**
   * @param slowSteps hundredths from the standard to 0.90
   * @param bonusSteps hundredths from there to where the bonus ends
   */
  PowerFactorAdjustment(String standard, int slowSteps, int bonusSteps) {
    this.standard = new BigDecimal(standard);
    this.slowSteps = slowSteps;
    this.bonusSteps = bonusSteps;
  }

  /**
   * The table of a standard.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static PowerFactorAdjustment of(BigDecimal standard) {
    for (PowerFactorAdjustment table : values()) {
      if (table.standard.compareTo(standard) == 0) {
        return table;
      }
    }
    throw new IllegalArgumentException("there is no table for the standard " + standard);
  }

  /**
   * The factor of a month's energies, unrounded. Reactive energies of both directions add.
   *
   * @param kvarh without sign, of both directions together
   * @return null without active energy
   */
  public static @Nullable BigDecimal factor(BigDecimal kwh, BigDecimal kvarh) {
    if (kwh.signum() == 0) {
      return null;
    }
    BigDecimal apparent = kwh.multiply(kwh).add(kvarh.multiply(kvarh)).sqrt(MathContext.DECIMAL128);
    return kwh.divide(apparent, MathContext.DECIMAL128);
  }

  /** What is looked up: two digits, rounded once. */
  public static BigDecimal billed(BigDecimal factor) {
    return factor.setScale(2, RoundingMode.HALF_UP);
  }

  /**
   * Per cent of the bill; less than 0 is a bonus.
   *
   * @param billed a factor of two digits
   */
  public BigDecimal percent(BigDecimal billed) {
    int steps = billed.subtract(standard).movePointRight(2).intValueExact();
    if (steps >= 0) {
      int slow = Math.min(steps, slowSteps);
      return times(SLOW_BONUS, slow).add(times(BONUS, Math.min(steps - slow, bonusSteps)));
    }
    int first = Math.min(-steps, PENALTY_STEPS);
    int second = Math.min(-steps - first, FASTER_STEPS);
    return times(PENALTY, first)
        .add(times(FASTER_PENALTY, second))
        .add(times(FASTEST_PENALTY, -steps - first - second));
  }

  private static BigDecimal times(BigDecimal rate, int steps) {
    return rate.multiply(BigDecimal.valueOf(steps));
  }

  /**
   * Fen.
   *
   * @param baseFen energy and basic charge, without government funds and without the environmental
   *     value of green power
   */
  public static long fen(long baseFen, BigDecimal percent) {
    return Fen.of(Fen.yuan(baseFen).multiply(percent).movePointLeft(2));
  }
}
