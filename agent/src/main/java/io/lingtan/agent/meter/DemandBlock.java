package io.lingtan.agent.meter;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The running quarter of an hour of a meter whose demand is the mean of 00-15, 15-30, 30-45 and
 * 45-60.
 *
 * @param limitKw what shall not be exceeded
 * @param elapsedSeconds 0..899
 * @param kwh drawn in it so far
 * @param presentKw power now
 */
public record DemandBlock(
    BigDecimal limitKw, int elapsedSeconds, BigDecimal kwh, BigDecimal presentKw) {

  public static final int SECONDS = 900;

  static final BigDecimal HOURS = new BigDecimal("0.25");

  private static final BigDecimal SECONDS_OF_HOUR = BigDecimal.valueOf(3600);
  private static final int DIGITS = 20;

  public DemandBlock {
    if (elapsedSeconds < 0 || elapsedSeconds >= SECONDS) {
      throw new IllegalArgumentException("0 to 899 s of a block pass, was " + elapsedSeconds);
    }
  }

  public BigDecimal allowanceKwh() {
    return limitKw.multiply(HOURS);
  }

  /** What may still be drawn; less than 0 where it is too late. */
  public BigDecimal leftKwh() {
    return allowanceKwh().subtract(kwh);
  }

  public int remainingSeconds() {
    return SECONDS - elapsedSeconds;
  }

  /** Constant power with which the block ends at the limit; 0 where it is too late. */
  public BigDecimal mayDrawKw() {
    return leftKwh()
        .multiply(SECONDS_OF_HOUR)
        .divide(BigDecimal.valueOf(remainingSeconds()), DIGITS, RoundingMode.HALF_UP)
        .max(BigDecimal.ZERO);
  }

  /** Demand of the block if the present power stays. */
  public BigDecimal forecastKw() {
    BigDecimal toCome =
        presentKw
            .multiply(BigDecimal.valueOf(remainingSeconds()))
            .divide(SECONDS_OF_HOUR, DIGITS, RoundingMode.HALF_UP);
    return demand(kwh.add(toCome));
  }

  /** The mean over a quarter of an hour, kW. */
  static BigDecimal demand(BigDecimal kwh) {
    return kwh.divide(HOURS, DIGITS, RoundingMode.HALF_UP);
  }
}
