package io.lingtan.simulator.check.record;

import io.lingtan.agent.reading.Micros;
import java.math.BigDecimal;

/** Millionths of plain decimals, without making objects for the usual ones. */
public final class Decimals {

  private static final int PLACES = 6;
  private static final int MOST_DIGITS = 18;

  private Decimals() {}

  /** Millionths as a plain decimal. */
  public static String text(long micros) {
    return Micros.text(micros);
  }

  /**
   * Millionths of a number as written.
   *
   * @throws NumberFormatException if it is none
   * @throws ArithmeticException if it does not fit
   */
  static long micros(char[] text, int from, int length) {
    long value = 0;
    int digits = 0;
    int places = -1;
    int at = from;
    int end = from + length;
    boolean negative = length > 0 && text[from] == '-';
    if (negative) {
      at++;
    }
    for (; at < end; at++) {
      char c = text[at];
      if (c == '.' && places < 0) {
        places = 0;
      } else if (c >= '0' && c <= '9' && digits < MOST_DIGITS && places < PLACES) {
        value = 10 * value + (c - '0');
        digits++;
        places = places < 0 ? places : places + 1;
      } else {
        return Micros.of(new BigDecimal(text, from, length));
      }
    }
    int missing = PLACES - Math.max(0, places);
    if (digits == 0 || digits + missing > MOST_DIGITS) {
      return Micros.of(new BigDecimal(text, from, length));
    }
    for (int i = 0; i < missing; i++) {
      value *= 10;
    }
    return negative ? -value : value;
  }
}
