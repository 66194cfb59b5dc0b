package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an input of a GPIO chip means. */
public sealed interface GpioInput {

  /** Where it is and how it is wired. */
  Pin pin();

  /** What it gives, as registers of a meter would: so nobody after it needs to know of pulses. */
  List<RegisterPoint> registers();

  /** Resistor at the input. */
  enum Bias {
    /** As the chip or its device tree has set it. */
    AS_IS,
    PULL_UP,
    PULL_DOWN,
    NONE
  }

  /**
   * An input and its wiring.
   *
   * @param offset number of the line within its chip, 0..1023; on a Raspberry Pi the GPIO number
   * @param activeLow whether a low voltage is the active level: a contact between input and ground
   * @param debounce how long a level must hold to be believed; zero believes each edge
   */
  record Pin(int offset, Bias bias, boolean activeLow, Duration debounce) {
    public Pin {
      if (offset < 0 || offset > 1023) {
        throw new IllegalArgumentException("offset is 0..1023, was " + offset);
      }
      if (debounce.isNegative() || debounce.compareTo(Duration.ofSeconds(10)) > 0) {
        throw new IllegalArgumentException("debounce is 0s..10s, was " + debounce);
      }
    }
  }

  /**
   * Pulses that are counted.
   *
   * @param perPulse what one is worth in the unit of {@code point}, before transformer ratios
   * @param point what is counted; null for pulses as such
   */
  record Pulses(Pin pin, BigDecimal perPulse, @Nullable Point point) implements GpioInput {
    public Pulses {
      if (perPulse.signum() <= 0) {
        throw new IllegalArgumentException("a pulse is worth more than nothing, was " + perPulse);
      }
    }

    /**
     * What {@code count} pulses are worth in millionths of the point's unit: rounded once and half
     * to even, however many they are.
     *
     * @throws ArithmeticException if it does not fit
     */
    public long micros(long count, BigDecimal ratio) {
      return perPulse
          .multiply(ratio)
          .multiply(BigDecimal.valueOf(count))
          .movePointRight(6)
          .setScale(0, RoundingMode.HALF_EVEN)
          .longValueExact();
    }

    /**
     * How the power goes while these pulses come: 1, -1, or 0 where they are no active energy, and
     * there is none.
     */
    public int powerSign() {
      if (point == null) {
        return 0;
      }
      return switch (point.quantity()) {
        case ENERGY_IMPORT, ENERGY_GENERATED, ENERGY_DISCHARGED -> 1;
        case ENERGY_EXPORT, ENERGY_CHARGED, ENERGY_ABSORBED -> -1;
        default -> 0;
      };
    }

    @Override
    public List<RegisterPoint> registers() {
      List<RegisterPoint> registers = new ArrayList<>();
      if (powerSign() != 0) {
        BigDecimal milliwatt = BigDecimal.valueOf(powerSign(), 3);
        registers.add(register(Point.of(Quantity.POWER), milliwatt, Ratio.CT_PT));
      }
      if (point != null) {
        registers.add(register(point, perPulse, Ratio.CT_PT));
      }
      registers.add(register(Point.of(Quantity.PULSES), BigDecimal.ONE, Ratio.NONE));
      return registers;
    }
  }

  /**
   * A level that is a state: a door, a breaker.
   *
   * @param active the state's word while the level is active
   * @param inactive while it is not
   */
  record Level(Pin pin, String active, String inactive) implements GpioInput {
    @Override
    public List<RegisterPoint> registers() {
      return List.of(register(Point.of(Quantity.STATE), BigDecimal.ONE, Ratio.NONE));
    }
  }

  /** A total is renewed with each pulse and never starts again from 0 by itself. */
  private static RegisterPoint register(Point point, BigDecimal scale, Ratio ratio) {
    return new RegisterPoint(
        point,
        3,
        0,
        DeviceProfile.Type.UINT64,
        4,
        WordOrder.BIG,
        scale,
        -1,
        ratio,
        List.of(),
        null,
        Duration.ofSeconds(1),
        0,
        Long.MAX_VALUE,
        Map.of(),
        BigDecimal.ZERO,
        0,
        0,
        0,
        null);
  }
}
