package io.lingtan.agent.reading;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Text of numbers held in millionths. Exact both ways. */
public final class Micros {

  /** Millionths in one. */
  public static final long ONE = 1_000_000L;

  private Micros() {}

  /**
   * Appends a value as a plain decimal: at most six places, trailing zeros dropped down to {@code
   * leastPlaces}.
   */
  public static void append(StringBuilder to, long micros, int leastPlaces) {
    if (micros < 0) {
      to.append('-');
    }
    // Long.MIN_VALUE has no positive twin; unsigned division covers it.
    long magnitude = Math.abs(micros);
    to.append(Long.divideUnsigned(magnitude, ONE));
    int fraction = (int) Long.remainderUnsigned(magnitude, ONE);
    int places = 6;
    while (places > leastPlaces && fraction % 10 == 0) {
      fraction /= 10;
      places--;
    }
    if (places > 0) {
      to.append('.');
      String digits = Integer.toString(fraction);
      to.repeat('0', places - digits.length()).append(digits);
    }
  }

  /** A value as a plain decimal without trailing zeros, such as {@code 12.534} or {@code 0}. */
  public static String text(long micros) {
    StringBuilder text = new StringBuilder();
    append(text, micros, 0);
    return text.toString();
  }

  /**
   * Millionths of a decimal number, half-even beyond six places.
   *
   * @throws ArithmeticException if it does not fit into a long
   * @throws NumberFormatException if it is not a number
   */
  public static long parse(String decimal) {
    return of(new BigDecimal(decimal));
  }

  /**
   * Millionths of a decimal number, half-even beyond six places.
   *
   * @throws ArithmeticException if it does not fit into a long
   */
  public static long of(BigDecimal decimal) {
    return decimal.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
  }
}
