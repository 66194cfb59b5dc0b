package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.site.GpioInput;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * The power that pulses stand for, from the time between them: a pulse every three seconds at 1,000
 * per kWh is 1.2 kW. A reading has the mean over the pulses since the reading before, or the last
 * period where none has come. Once nothing has come for longer than that period, it is the most
 * that can flow unseen: one pulse in the time since. Pure; no clock.
 *
 * <p>Without a pulse for an hour nothing is said: a meter with one pulse per kWh may then have
 * anything below 1 kW. The pulse after that is a first one, as after a start or after lost pulses,
 * and two are needed for a period.
 */
final class PulsePower {

  static final long LONGEST_NANOS = 3_600_000_000_000L;

  private static final BigDecimal HOUR_NANOS = new BigDecimal(3_600_000_000_000L);

  private final GpioInput.Pulses input;
  private final BigDecimal ratio;

  private boolean begun;
  private boolean read;
  private long fromNanos;
  private long lastNanos;
  private long pulses;

  /**
   * @param ratio of the transformers
   */
  PulsePower(GpioInput.Pulses input, BigDecimal ratio) {
    this.input = input;
    this.ratio = ratio;
  }

  /** A pulse came. */
  void pulse(long atNanos) {
    if (!begun || atNanos - lastNanos > LONGEST_NANOS) {
      begun = true;
      fromNanos = atNanos;
      pulses = 0;
    } else if (read) {
      fromNanos = lastNanos;
      pulses = 1;
    } else {
      pulses++;
    }
    read = false;
    lastNanos = atNanos;
  }

  /** Pulses may be missing from here on. */
  void interrupted() {
    begun = false;
    pulses = 0;
  }

  /**
   * The power, in millionths of a watt and with the sign of what is counted; rounded to a
   * milliwatt.
   *
   * @return null if it is not known
   * @throws ArithmeticException if it does not fit
   */
  @Nullable Long read(long nowNanos) {
    long since = nowNanos - lastNanos;
    if (pulses == 0 || lastNanos == fromNanos || since > LONGEST_NANOS) {
      return null;
    }
    read = true;
    long span = lastNanos - fromNanos;
    boolean slower = since > span / pulses;
    BigDecimal watts =
        input
            .perPulse()
            .multiply(ratio)
            .movePointRight(3)
            .multiply(HOUR_NANOS)
            .multiply(BigDecimal.valueOf(slower ? 1 : pulses))
            .divide(BigDecimal.valueOf(slower ? since : span), 3, RoundingMode.HALF_EVEN);
    long micros = watts.movePointRight(6).longValueExact();
    return input.powerSign() * micros;
  }
}
