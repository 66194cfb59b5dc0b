package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a counting register before it is read, in primary units (transformer ratios
 * applied).
 *
 * @param modulusMicros reading at which it starts again from 0, in millionths of its unit; 0 if it
 *     never does
 * @param stepMicros one step of the register, ≥ 1
 * @param floatScale for a float32 register the millionths that a raw 1.0 stands for, because its
 *     step depends on the value; 0 for the others
 * @param updateMillis how often the device renews it
 * @param ratePerHour greatest plausible increase per hour in millionths (a kW rating × 10⁶); 0 if
 *     not known: then nothing is too much, but what was never seen before is doubted once
 */
record RegisterSpec(
    long modulusMicros, long stepMicros, double floatScale, long updateMillis, long ratePerHour) {

  /**
   * Of a value that is told with its scale: a SunSpec accumulator comes with up to 10³, and a heat
   * meter's kWh as MWh or GJ.
   */
  private static final BigDecimal COARSEST_SCALE_FACTOR = BigDecimal.valueOf(1000);

  /** Of the modulus, in the register's unit: half of what millionths in a long can hold. */
  private static final BigDecimal MOST_MODULUS = BigDecimal.valueOf(Long.MAX_VALUE / 2, 6);

  /** What the display of a meter shows of its unit. */
  private static final double HUNDREDTH = 0.01;

  private static final long HOUR_MILLIS = 3_600_000L;

  public RegisterSpec {
    if (modulusMicros < 0 || stepMicros < 1 || updateMillis < 0 || ratePerHour < 0) {
      throw new IllegalArgumentException(
          "modulus, update period and rate are >= 0 and the step >= 1, were %d %d %d %d"
              .formatted(modulusMicros, updateMillis, ratePerHour, stepMicros));
    }
  }

  /** A register as its device's profile describes it. */
  public static RegisterSpec of(Device device, RegisterPoint register, long ratePerHour) {
    BigDecimal scale = register.scale().abs().multiply(device.ratio(register.ratio()));
    BigDecimal modulus = register.modulus();
    boolean told = register.scaleFrom() >= 0 || register.type().hasUnit();
    BigDecimal step = told ? scale.multiply(COARSEST_SCALE_FACTOR) : scale;
    boolean floating = register.type() == DeviceProfile.Type.FLOAT32;
    return new RegisterSpec(
        modulus == null ? 0 : microsOrNever(modulus.multiply(scale)),
        floating || register.type() == DeviceProfile.Type.FLOAT64
            ? 1
            : Math.max(1, Micros.of(step)),
        floating ? scale.movePointRight(6).doubleValue() : 0,
        register.updatePeriod().toMillis(),
        ratePerHour);
  }

  /** What the counts of a point's register are multiplied by; empty if the profile has none. */
  static String scale(Device device, Point point) {
    RegisterPoint declared = find(device, point);
    return declared == null
        ? ""
        : declared
            .scale()
            .multiply(device.ratio(declared.ratio()))
            .stripTrailingZeros()
            .toPlainString();
  }

  /** 0, which is never, for a register that is too wide to go round in any meter's life. */
  private static long microsOrNever(BigDecimal modulus) {
    return modulus.compareTo(MOST_MODULUS) > 0 ? 0 : Micros.of(modulus);
  }

  /** The register of a power that says more than the count; null where it is made from pulses. */
  static @Nullable RegisterPoint power(Device device, Point point) {
    return device.profile().measuresPower() ? find(device, point) : null;
  }

  /** The register of {@code point} in the device's profile that gives its value, null if none. */
  static @Nullable RegisterPoint find(Device device, Point point) {
    for (RegisterPoint register : device.profile().allPoints()) {
      if (point.equals(register.point())) {
        return register;
      }
    }
    return null;
  }

  /**
   * The most that it can have counted: {@code 1.2·Pmax·max(Δt, u) + r}.
   *
   * @param elapsedMillis Δt ≥ 0; negative if nobody knows
   * @param value its reading, on which the step of a float32 register depends
   */
  long limit(long elapsedMillis, long value) {
    if (ratePerHour == 0 || elapsedMillis < 0) {
      return Long.MAX_VALUE;
    }
    return atFullRate(Math.max(elapsedMillis, updateMillis)) + step(value);
  }

  /**
   * Whether an interval has more than was possible. One step of a coarse register is believed
   * whenever it comes; that many of them follow each other too soon shows only over time.
   *
   * @param counted from one boundary to the next, each of which may be a step and an update late
   */
  boolean isTooMuch(long counted, long millis, long value) {
    return ratePerHour > 0 && counted > atFullRate(millis + updateMillis) + 2 * step(value);
  }

  /** Whether it may have gone round more than once, so that a difference says nothing. */
  boolean turnsUnknown(long elapsedMillis) {
    return modulusMicros > 0
        && ratePerHour > 0
        && (elapsedMillis < 0 || atFullRate(elapsedMillis) >= modulusMicros / 2);
  }

  /**
   * Whether {@code counted}, across its modulus, is little enough to be a rollover. Without a
   * rating there is no limit to compare with: then within a hundredth of the range.
   */
  boolean isRollover(long counted, long elapsedMillis, long value) {
    long limit = limit(elapsedMillis, value);
    return counted <= (limit == Long.MAX_VALUE ? modulusMicros / 100 : limit);
  }

  /** What {@code counted} makes in an hour. */
  long perHour(long counted, long elapsedMillis) {
    long millis = Math.max(1, Math.max(elapsedMillis, updateMillis));
    long whole = counted / millis;
    return whole > Long.MAX_VALUE / HOUR_MILLIS
        ? Long.MAX_VALUE
        : whole * HOUR_MILLIS + counted % millis * HOUR_MILLIS / millis;
  }

  /**
   * Whether it is no more than three times the fastest that the register has been, or two of its
   * steps; asked only where no rating is known.
   *
   * @param fastest greatest increase per hour so far
   */
  boolean isUsual(long counted, long elapsedMillis, long value, long fastest) {
    if (ratePerHour > 0) {
      return true;
    }
    boolean steps = counted <= 2 * step(value);
    return steps || (elapsedMillis >= 0 && perHour(counted, elapsedMillis) / 3 <= fastest);
  }

  private long atFullRate(long millis) {
    long whole = ratePerHour * (millis / HOUR_MILLIS);
    long rest = ratePerHour * (millis % HOUR_MILLIS) / HOUR_MILLIS;
    return (whole + rest) * 12 / 10;
  }

  /**
   * One step of the register where it reads {@code value}. Of a float32 that is the distance of two
   * such numbers, unless what the device sends has no more than two decimals: then these are the
   * display's, and the register moves by a hundredth, which a transformer ratio makes many times as
   * much.
   */
  long step(long value) {
    if (floatScale == 0) {
      return stepMicros;
    }
    double raw = value / floatScale;
    double ulp = Math.ulp((float) raw);
    double hundredths = Math.rint(raw / HUNDREDTH) * HUNDREDTH;
    // Makers multiply a count by 0.01F, which is up to one such number off.
    boolean isDisplayed = ulp < HUNDREDTH && Math.abs(raw - hundredths) <= ulp + 1 / floatScale;
    double step = isDisplayed ? HUNDREDTH + ulp : ulp;
    return Math.max(1, (long) Math.ceil(step * floatScale));
  }
}
