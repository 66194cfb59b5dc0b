package io.lingtan.agent.audit;

import java.math.BigDecimal;

/**
 * Numbers of a record, exactly as they are written. Ten characters can stand for a number of a
 * billion digits: such a one is refused before anything is added to it.
 */
public final class Exact {

  /** Characters, and places before or behind the point; a double needs 325. */
  private static final int MOST = 400;

  private Exact() {}

  /**
   * The number that these characters are.
   *
   * @throws NumberFormatException if they are none, or one that no record holds
   */
  public static BigDecimal of(String literal) {
    if (literal.length() > MOST) {
      throw new NumberFormatException("one of " + literal.length() + " characters");
    }
    BigDecimal number = new BigDecimal(literal);
    if (Math.abs((long) number.scale()) > MOST) {
      throw new NumberFormatException("one beyond 10^" + MOST);
    }
    return number;
  }
}
