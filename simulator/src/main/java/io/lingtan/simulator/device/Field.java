package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.simulator.device.measure.Gauge;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A live value in a meter's registers: one count is {@code perCount / countsPer} of the measure's
 * units.
 *
 * @param point what it means; null for what no point is made of
 * @param function 3 (holding) or 4 (input)
 * @param address first register on the wire, 0-based
 * @param order of its registers
 * @param perCount the measure's units in {@code countsPer} counts of the register, or in that of a
 *     float; negative where the maker's plus is our minus
 * @param countsPer ≥ 1
 * @param offset what 0 counts mean, in the measure's units
 * @param modulus count at which the register begins again at 0; 0 for the width of the register
 */
record Field(
    @Nullable Point point,
    int function,
    int address,
    Coding coding,
    WordOrder order,
    Measure measure,
    long perCount,
    long countsPer,
    long offset,
    long modulus,
    Gauge gauge) {

  Field {
    if (perCount == 0 || countsPer < 1 || modulus < 0) {
      throw new IllegalArgumentException(
          "perCount is not 0, countsPer at least 1, modulus not negative: "
              + perCount
              + ", "
              + countsPer
              + ", "
              + modulus);
    }
    if (coding.span() != 0 && modulus > coding.span()) {
      throw new IllegalArgumentException("a modulus is 0.." + coding.span() + ", was " + modulus);
    }
  }

  /**
   * A data item of a meter that has no registers.
   *
   * @param perCount how much of the point's unit one count is
   */
  static Field item(
      Point point,
      int id,
      Coding coding,
      BigDecimal perCount,
      Instrument instrument,
      long modulus) {
    BigDecimal exact = perCount.multiply(instrument.measure().inOne()).stripTrailingZeros();
    int decimals = Math.max(0, exact.scale());
    return new Field(
        point,
        Dlt645Meter.ITEM,
        id,
        coding,
        WordOrder.BIG,
        instrument.measure(),
        exact.movePointRight(decimals).longValueExact(),
        BigDecimal.TEN.pow(decimals).longValueExact(),
        0,
        modulus,
        instrument.gauge());
  }

  /** Whether it only ever counts up. */
  boolean isCounter() {
    return measure == Measure.MILLIJOULE;
  }

  /** Counts after which it begins again at 0; 0 for none. */
  long turn() {
    return coding.isFloat() || (coding.isSigned() && modulus == 0)
        ? 0
        : modulus == 0 ? coding.span() : modulus;
  }

  /** Whether it begins again at 0 while the measure's unit, four times over, still has a number. */
  boolean isRound() {
    return turn() != 0
        && BigInteger.valueOf(turn()).multiply(BigInteger.valueOf(perCount)).abs().bitLength() < 62;
  }

  /** So many counts, in the measure's unit. */
  long ofCounts(long counts) {
    return Math.floorDiv(Math.multiplyExact(counts, perCount), countsPer);
  }

  /** The register's bits for a value in the measure's unit: quantised, rounded down, wrapped. */
  long raw(long value) {
    long scaled = Math.multiplyExact(value - offset, countsPer);
    long count = Math.floorDiv(scaled, perCount);
    long turn = turn();
    return coding.bits(turn == 0 ? count : Math.floorMod(count, turn), (double) scaled / perCount);
  }

  /** The register's bits with so many counts more, wrapped to its width. */
  long spiked(long raw, long counts) {
    return switch (coding) {
      case FLOAT32 ->
          Float.floatToRawIntBits(Float.intBitsToFloat((int) raw) + counts) & 0xFFFF_FFFFL;
      case FLOAT64 -> Double.doubleToRawLongBits(Double.longBitsToDouble(raw) + counts);
      case INT64, UINT64 -> raw + counts;
      case INT16, UINT16, INT32, UINT32 -> (raw + counts) & (coding.span() - 1);
    };
  }

  /**
   * What a register's bits say, in millionths of the point's unit; of a float the shortest decimal
   * that names it.
   */
  long shownMicros(long raw) {
    return measure.micros(offset) + counted(raw);
  }

  private long counted(long raw) {
    return switch (coding) {
      case FLOAT32 -> micros(new BigDecimal(Float.toString(Float.intBitsToFloat((int) raw))));
      case FLOAT64 -> micros(new BigDecimal(Double.toString(Double.longBitsToDouble(raw))));
      case INT16, UINT16, INT32, UINT32, INT64, UINT64 ->
          micros(BigDecimal.valueOf(coding.count(raw)));
    };
  }

  private long micros(BigDecimal counts) {
    return counts
        .multiply(BigDecimal.valueOf(perCount))
        .multiply(measure.microsOfOne())
        .divide(BigDecimal.valueOf(countsPer).multiply(measure.partsOfOne()), 0, rounding())
        .longValueExact();
  }

  /** A float is rounded to the nearest millionth; the others come out whole, or are cut. */
  private RoundingMode rounding() {
    return coding.isFloat() ? RoundingMode.HALF_EVEN : RoundingMode.FLOOR;
  }

  long trueMicros(World world, long millis) {
    return measure.micros(gauge.at(world, millis));
  }

  /** One step of the register, in millionths of the point's unit. */
  long stepMicros(World world, long millis) {
    return stepMicros(raw(gauge.at(world, millis)));
  }

  /** One step of a register with these bits, in millionths of the point's unit. */
  long stepMicros(long raw) {
    return switch (coding) {
      case FLOAT32 ->
          micros(BigDecimal.valueOf((double) Math.ulp(Float.intBitsToFloat((int) raw))).abs()) + 1;
      case FLOAT64 -> micros(BigDecimal.valueOf(Math.ulp(Double.longBitsToDouble(raw)))) + 1;
      default -> Math.abs(micros(BigDecimal.ONE));
    };
  }

  /** The register's words as they stand on the wire, for word {@code index} of its bits. */
  int word(long raw, int index) {
    int place = order.isLowWordFirst() ? index : coding.words() - 1 - index;
    int word = (int) (raw >>> (16 * place)) & 0xFFFF;
    return order.isLowByteFirst() ? (word & 0xFF) << 8 | word >>> 8 : word;
  }
}
