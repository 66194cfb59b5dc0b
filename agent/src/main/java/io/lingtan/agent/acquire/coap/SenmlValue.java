package io.lingtan.agent.acquire.coap;

import java.math.BigDecimal;
import java.math.BigInteger;

/** What one value in a payload is. */
sealed interface SenmlValue {

  /** Digits, and places before or behind the point, that a number may have to be worked with. */
  int MOST_DIGITS = 40;

  /** A number, exactly as written; at most {@value #MOST_DIGITS} digits and places. */
  record Decimal(BigDecimal exact) implements SenmlValue {}

  /**
   * No number that a reading could be.
   *
   * @param absent whether it is the sender's way to say that it has none (NaN, null); else it is
   *     infinite or far too large
   */
  record NoNumber(boolean absent) implements SenmlValue {}

  record Text(String text) implements SenmlValue {}

  record Truth(boolean truth) implements SenmlValue {}

  /** Bytes, an array or an object: nothing that a point could be. */
  record Opaque() implements SenmlValue {}

  /** A number from its digits. */
  static SenmlValue number(String digits) {
    try {
      return number(new BigDecimal(digits));
    } catch (NumberFormatException exponentTooLarge) {
      return new NoNumber(false);
    }
  }

  static SenmlValue number(BigDecimal exact) {
    if (exact.signum() == 0) {
      return new Decimal(BigDecimal.ZERO);
    }
    long magnitude = (long) exact.precision() - exact.scale();
    boolean sane =
        exact.precision() <= MOST_DIGITS && magnitude <= MOST_DIGITS && magnitude >= -MOST_DIGITS;
    return sane ? new Decimal(exact) : new NoNumber(false);
  }

  static SenmlValue number(BigInteger whole) {
    return number(new BigDecimal(whole));
  }

  /** The shortest decimal that names the floating-point number, which is what its sender meant. */
  static SenmlValue number(double floating) {
    return Double.isFinite(floating)
        ? number(Double.toString(floating))
        : new NoNumber(Double.isNaN(floating));
  }

  static SenmlValue number(float floating) {
    return Float.isFinite(floating)
        ? number(Float.toString(floating))
        : new NoNumber(Float.isNaN(floating));
  }

  /** This value on top of a base; a base that is no number leaves none. */
  default SenmlValue plus(SenmlValue base) {
    if (this instanceof Decimal(var own) && base instanceof Decimal(var other)) {
      return number(own.add(other));
    }
    return this instanceof NoNumber ? this : base;
  }
}
