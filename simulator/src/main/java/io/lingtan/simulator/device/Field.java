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

  /** Whether it only ever counts up. */
  boolean isCounter() {
    return measure == Measure.MILLIJOULE;
  }

  /** Counts after which it begins again at 0; 0 for none. */
  long turn() {
    return switch (coding) {
      case UINT16, UINT32 -> modulus == 0 ? coding.span() : modulus;
      case INT16, INT32, FLOAT32 -> 0;
    };
  }

  /** The register's bits for a value in the measure's unit: quantised, rounded down, wrapped. */
  long raw(long value) {
    return switch (coding) {
      case FLOAT32 -> Float.floatToRawIntBits((float) ((double) value / perCount)) & 0xFFFF_FFFFL;
      case INT16, INT32 -> {
        long half = coding.span() / 2;
        // A meter at the end of its scale stays there; it does not wrap into the other sign.
        yield Math.clamp(Math.floorDiv(value, perCount), -half + 1, half - 1);
      }
      case UINT16, UINT32 -> Math.floorMod(Math.floorDiv(value, perCount), turn());
    };
  }

  /** What "not available" looks like in it. */
  long sentinel() {
    return switch (coding) {
      case FLOAT32 -> 0x7FC0_0000L;
      case INT16 -> 0x8000L;
      case INT32 -> 0x8000_0000L;
      case UINT16 -> 0xFFFFL;
      case UINT32 -> 0xFFFF_FFFFL;
    };
  }

  /** The register's bits with so many counts more, wrapped to its width. */
  long spiked(long raw, long counts) {
    return coding == Coding.FLOAT32
        ? Float.floatToRawIntBits(Float.intBitsToFloat((int) raw) + counts) & 0xFFFF_FFFFL
        : (raw + counts) & (coding.span() - 1);
  }

  /**
   * What a register's bits say, in millionths of the point's unit; of a float the shortest decimal
   * that names it.
   */
  long shownMicros(long raw) {
    return switch (coding) {
      case FLOAT32 ->
          new BigDecimal(Float.toString(Float.intBitsToFloat((int) raw)))
              .multiply(BigDecimal.valueOf(measure.micros(perCount)))
              .setScale(0, RoundingMode.HALF_EVEN)
              .longValueExact();
      case INT16 -> measure.micros((short) raw * perCount);
      case INT32 -> measure.micros((int) raw * perCount);
      case UINT16, UINT32 -> measure.micros(raw * perCount);
    };
  }

  long trueMicros(World world, long millis) {
    return measure.micros(gauge.at(world, millis));
  }

  /** One step of the register, in millionths of the point's unit. */
  long stepMicros(World world, long millis) {
    if (coding != Coding.FLOAT32) {
      return measure.micros(perCount);
    }
    float now = Float.intBitsToFloat((int) raw(gauge.at(world, millis)));
    return (long) Math.ceil((double) Math.ulp(now) * measure.micros(perCount));
  }
}
