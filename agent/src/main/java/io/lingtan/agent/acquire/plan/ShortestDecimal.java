package io.lingtan.agent.acquire.plan;

import java.math.BigDecimal;

/**
 * The shortest decimal that identifies a floating-point number, scaled exactly: a meter that shows
 * 230.1 sends the float nearest to it, and 230.1 is what it means, not 230.1000061.
 */
public final class ShortestDecimal {

  private static final float LEAST_QUICK = 1e-3f;
  private static final float GREATEST_QUICK = 1 << 24;
  private static final int MOST_PLACES = 11;

  private ShortestDecimal() {}

  /** Millionths of number × 10^{@code shift}; the number is finite. */
  public static long micros(float number, Scaling scaling, int shift) {
    if (number == 0) {
      return 0;
    }
    float magnitude = Math.abs(number);
    if (magnitude >= LEAST_QUICK && magnitude < GREATEST_QUICK) {
      // The first number of places at which the rounded decimal reads back as the same float gives
      // the fewest digits; this avoids text for what meters send thousands of times a second.
      for (int places = 0; places <= MOST_PLACES; places++) {
        double power = Scaling.power(places);
        double rounded = Math.rint(number * power);
        if ((float) (rounded / power) == number) {
          return scaling.micros((long) rounded, shift - places);
        }
      }
    }
    return scaling.micros(new BigDecimal(Float.toString(number)).scaleByPowerOfTen(shift));
  }

  /** Millionths of number × 10^{@code shift}; the number is finite. */
  public static long micros(double number, Scaling scaling, int shift) {
    return scaling.micros(new BigDecimal(Double.toString(number)).scaleByPowerOfTen(shift));
  }
}
