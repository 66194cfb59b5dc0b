package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * An exact decimal factor, prepared once: millionths = raw × {@code unscaled} × 10^{@code
 * exponent}.
 *
 * <p>Everything that fits is worked out in 64 bits without allocation; the rest in {@link
 * BigDecimal}. Beyond the sixth decimal half-even.
 */
public final class Scaling {

  /** Says that a value does not fit into millionths in a long. No reading is this number. */
  public static final long DOES_NOT_FIT = Long.MIN_VALUE;

  private static final long[] POWERS = powers();

  private final BigDecimal factor;
  private final long unscaled;
  private final int exponent;
  private final boolean small;

  /**
   * @param factor from raw to the point's unit, ratios included
   */
  public Scaling(BigDecimal factor) {
    this.factor = factor.movePointRight(6).stripTrailingZeros();
    this.small = this.factor.unscaledValue().bitLength() < 64;
    this.unscaled = small ? this.factor.unscaledValue().longValue() : 0;
    this.exponent = -this.factor.scale();
  }

  /**
   * What makes raw numbers what is held of a point's value: millionths of its unit, or what its
   * form says.
   */
  static Scaling of(Point point, BigDecimal factor) {
    return new Scaling(inMillionths(point, factor));
  }

  /** A number of the point's unit such that its millionths are what is held. */
  static BigDecimal inMillionths(Point point, BigDecimal number) {
    return switch (point.form()) {
      case null -> number;
      case Form.Decimals(int places, _) -> number.movePointRight(places - 6);
      case Form.Binary _ -> number;
      case Form.Texts _, Form.Bits _ -> number.movePointLeft(6);
    };
  }

  private static long[] powers() {
    long[] powers = new long[19];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }

  /** Ten to the power of {@code exponent}, 0..18. */
  static long power(int exponent) {
    return POWERS[exponent];
  }

  /**
   * Millionths of raw × 10^{@code shift} in the point's unit, or {@link #DOES_NOT_FIT}.
   *
   * @param raw a signed 64-bit number
   */
  public long micros(long raw, int shift) {
    int tens = exponent + shift;
    if (small && tens > -POWERS.length && tens < POWERS.length) {
      long product = raw * unscaled;
      if (Math.multiplyHigh(raw, unscaled) == product >> 63) {
        if (tens < 0) {
          return divideHalfEven(product, POWERS[-tens]);
        }
        long power = POWERS[tens];
        long scaled = product * power;
        if (Math.multiplyHigh(product, power) == scaled >> 63) {
          return scaled;
        }
        return DOES_NOT_FIT;
      }
    }
    return micros(BigDecimal.valueOf(raw).scaleByPowerOfTen(shift));
  }

  /** The same for an unsigned 64-bit number. */
  long microsUnsigned(long raw, int shift) {
    return raw >= 0
        ? micros(raw, shift)
        : micros(
            new BigDecimal(new BigInteger(Long.toUnsignedString(raw))).scaleByPowerOfTen(shift));
  }

  /** The same for any decimal. */
  public long micros(BigDecimal raw) {
    BigInteger exact = raw.multiply(factor).setScale(0, RoundingMode.HALF_EVEN).unscaledValue();
    return exact.bitLength() < 64 ? exact.longValue() : DOES_NOT_FIT;
  }

  private static long divideHalfEven(long dividend, long divisor) {
    long quotient = dividend / divisor;
    long twice = 2 * Math.abs(dividend % divisor);
    if (twice > divisor || (twice == divisor && (quotient & 1) != 0)) {
      quotient += dividend < 0 ? -1 : 1;
    }
    return quotient;
  }
}
