package io.lingtan.agent.carbon.sheet;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** From exact numbers to whole millionths, half-even. */
public final class Rounding {

  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000L);

  private Rounding() {}

  public static long whole(BigDecimal exact) {
    return exact.setScale(0, RoundingMode.HALF_EVEN).longValueExact();
  }

  /** {@code numerator / denominator} in millionths. */
  public static long millionths(long numerator, long denominator) {
    return new BigDecimal(BigInteger.valueOf(numerator).multiply(MILLION))
        .divide(BigDecimal.valueOf(denominator), 0, RoundingMode.HALF_EVEN)
        .longValueExact();
  }

  /** {@code part · share / whole}. */
  public static long share(long part, long share, long whole) {
    return new BigDecimal(BigInteger.valueOf(part).multiply(BigInteger.valueOf(share)))
        .divide(BigDecimal.valueOf(whole), 0, RoundingMode.HALF_EVEN)
        .longValueExact();
  }
}
