package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A live value in a meter's registers.
 *
 * @param point what it means; null for what no point is made of
 * @param function 3 (holding) or 4 (input)
 * @param address first register on the wire, 0-based
 * @param perCount the measure's units in one count of the register, or in 1.0 of a float
 * @param modulus count at which the register begins again at 0; 0 for the width of the register
 */
record Field(
    @Nullable Point point,
    int function,
    int address,
    Coding coding,
    Measure measure,
    long perCount,
    long modulus,
    Gauge gauge) {

  Field {
    if (perCount < 1 || modulus < 0 || modulus > coding.span()) {
      throw new IllegalArgumentException(
          "perCount is at least 1 and modulus 0.."
              + coding.span()
              + ": "
              + perCount
              + ", "
              + modulus);
    }
  }

  /** The register's bits: quantised, rounded down, wrapped. */
  long raw(World world, long millis) {
    long value = gauge.at(world, millis);
    return switch (coding) {
      case FLOAT32 -> Float.floatToRawIntBits((float) ((double) value / perCount)) & 0xFFFF_FFFFL;
      case INT16, INT32 -> {
        long half = coding.span() / 2;
        // A meter at the end of its scale stays there; it does not wrap into the other sign.
        yield Math.clamp(Math.floorDiv(value, perCount), -half + 1, half - 1);
      }
      case UINT16, UINT32 ->
          Math.floorMod(Math.floorDiv(value, perCount), modulus == 0 ? coding.span() : modulus);
    };
  }

  /**
   * What the register says, in millionths of the point's unit; of a float the shortest decimal that
   * names it.
   */
  long shownMicros(World world, long millis) {
    long raw = raw(world, millis);
    return coding == Coding.FLOAT32
        ? new BigDecimal(Float.toString(Float.intBitsToFloat((int) raw)))
            .multiply(BigDecimal.valueOf(measure.micros(perCount)))
            .setScale(0, RoundingMode.HALF_EVEN)
            .longValueExact()
        : measure.micros(raw * perCount);
  }

  long trueMicros(World world, long millis) {
    return measure.micros(gauge.at(world, millis));
  }

  /** One step of the register, in millionths of the point's unit. */
  long stepMicros(World world, long millis) {
    if (coding != Coding.FLOAT32) {
      return measure.micros(perCount);
    }
    float now = Float.intBitsToFloat((int) raw(world, millis));
    return (long) Math.ceil((double) Math.ulp(now) * measure.micros(perCount));
  }
}
