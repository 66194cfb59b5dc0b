package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.Units;
import io.lingtan.agent.site.read.CodingReader.Coding;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a raw number stands for: unit, scale, offset, sign, ratio, range and modulus. */
final class ScaleReader {

  static final Map<String, Ratio> RATIOS =
      Map.of("none", Ratio.NONE, "ct", Ratio.CT, "pt", Ratio.PT, "ct_pt", Ratio.CT_PT);
  private static final BigInteger LARGEST_RAW = BigInteger.TWO.pow(64);

  private final Problems problems;
  private final Ratio ratio;

  /**
   * What a raw number stands for.
   *
   * @param modulus raw value at which the register starts again from 0; null if it never does
   * @param least smallest believable value in millionths of the point's unit
   * @param mostPerHour of a counter, in millionths of the point's unit; 0 if it is not known
   */
  record Scale(
      BigDecimal factor,
      BigDecimal offset,
      Ratio ratio,
      @Nullable BigDecimal modulus,
      long least,
      long greatest,
      long mostPerHour) {

    /** A number as it stands. */
    static final Scale PLAIN =
        new Scale(
            BigDecimal.ONE, BigDecimal.ZERO, Ratio.NONE, null, Long.MIN_VALUE, Long.MAX_VALUE, 0);
  }

  ScaleReader(Fields defaults, Problems problems) {
    this.problems = problems;
    ratio = defaults.choice("ratio", RATIOS, Ratio.NONE);
  }

  Scale read(Fields fields, Point point, Coding coding) {
    Quantity quantity = point.quantity();
    BigDecimal factor = factor(fields, quantity, coding.type().hasUnit());
    if (fields.flag("reverse", false)) {
      if (quantity.isRegister()) {
        problems.error(fields.at("reverse"), "a counter has no sign to reverse");
      }
      factor = factor.negate();
    }
    BigDecimal offset = fields.decimal("offset", "-1000000", "1000000");
    if (offset != null && (quantity.isRegister() || quantity == Quantity.STATE)) {
      problems.error(fields.at("offset"), quantity.key() + " has no offset");
    }
    long least = limit(fields, "min", Long.MIN_VALUE);
    long greatest = limit(fields, "max", Long.MAX_VALUE);
    if (least > greatest) {
      problems.error(fields.at("min"), "min is above max");
    }
    return new Scale(
        factor,
        offset == null ? BigDecimal.ZERO : offset,
        ratio(fields, quantity),
        modulus(fields, quantity, coding),
        least,
        greatest,
        mostPerHour(fields, quantity, problems));
  }

  private BigDecimal factor(Fields fields, Quantity quantity, boolean isUnitTold) {
    BigDecimal written = fields.decimal("scale", "0.000000001", "1000000000");
    BigDecimal scale = written == null ? BigDecimal.ONE : written;
    String unit = fields.text("unit");
    if (isUnitTold) {
      if (unit != null) {
        problems.error(fields.valueAt("unit"), "the meter tells the unit: only scale is needed");
      }
      return scale;
    }
    if (unit == null) {
      if (!quantity.ucum().equals("1") && !fields.isWritten("unit")) {
        fields.require(
            "unit", "one of " + Units.offered(quantity) + ", with a step: 0.1" + quantity.symbol());
      }
      return scale;
    }
    BigDecimal factor = Units.factor(quantity, unit);
    if (factor == null) {
      problems.error(
          fields.valueAt("unit"),
          quantity.key()
              + " is not measured in '"
              + unit
              + "'; possible: "
              + Units.offered(quantity)
              + ", each with a step in front: 0.1"
              + quantity.symbol());
      return scale;
    }
    return scale.multiply(factor).stripTrailingZeros();
  }

  private Ratio ratio(Fields fields, Quantity quantity) {
    Ratio chosen = fields.choice("ratio", RATIOS, ratio);
    if (fields.has("ratio")) {
      return chosen;
    }
    // The profile's default says that registers are secondary; each quantity takes its own part.
    return switch (quantity) {
      case POWER,
          ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          ENERGY_ABSORBED,
          REACTIVE_POWER,
          REACTIVE_ENERGY_IMPORT,
          REACTIVE_ENERGY_EXPORT,
          APPARENT_POWER,
          DEMAND,
          DEMAND_MAX ->
          chosen;
      case VOLTAGE -> chosen == Ratio.CT_PT ? Ratio.PT : chosen == Ratio.CT ? Ratio.NONE : chosen;
      case CURRENT -> chosen == Ratio.CT_PT ? Ratio.CT : chosen == Ratio.PT ? Ratio.NONE : chosen;
      default -> Ratio.NONE;
    };
  }

  private @Nullable BigDecimal modulus(Fields fields, Quantity quantity, Coding coding) {
    String text = fields.text("modulus");
    if (text != null) {
      return written(fields, quantity, text);
    }
    if (!quantity.isRegister()) {
      return null;
    }
    return switch (coding.type()) {
      case UINT16, UINT32, UINT64, ACC32, ACC64 ->
          new BigDecimal(BigInteger.TWO.pow(16 * coding.words()));
      case BITS -> new BigDecimal(BigInteger.TWO.pow(coding.bits()));
      case BCD -> BigDecimal.TEN.pow(4 * coding.words());
      case DIGITS, SIGNED_DIGITS -> BigDecimal.TEN.pow(2 * coding.words());
      default -> null;
    };
  }

  private @Nullable BigDecimal written(Fields fields, Quantity quantity, String text) {
    if (text.equals("none")) {
      return null;
    }
    if (!mayCount(quantity)) {
      problems.error(fields.at("modulus"), quantity.key() + " does not count up");
    }
    BigDecimal modulus = Words.decimal(text);
    if (modulus == null
        || modulus.compareTo(BigDecimal.TEN) < 0
        || modulus.compareTo(new BigDecimal(LARGEST_RAW)) > 0) {
      problems.error(
          fields.valueAt("modulus"),
          "modulus is the raw value at which the counter starts again, from 10 to 2^64, or"
              + " none; not '"
              + text
              + "'");
    }
    if (modulus != null && text.matches("9{4,18}")) {
      problems.warning(
          fields.valueAt("modulus"),
          "a register that shows "
              + text
              + " at most starts again at "
              + modulus.add(BigDecimal.ONE).toPlainString());
    }
    return modulus;
  }

  /** Whether a device may count it: a tank's mass goes up and down, a dispenser's only up. */
  private static boolean mayCount(Quantity quantity) {
    return quantity.isRegister()
        || quantity == Quantity.MASS
        || quantity == Quantity.VOLUME
        || quantity == Quantity.DISTANCE
        || quantity == Quantity.PULSES;
  }

  /** The most that the point can count in an hour, in millionths of its unit; 0 if not written. */
  static long mostPerHour(Fields fields, Quantity quantity, Problems problems) {
    BigDecimal most = fields.decimal("max_rate", "0.000001", "1000000000");
    if (most != null && !mayCount(quantity)) {
      problems.error(fields.at("max_rate"), quantity.key() + " does not count up");
    }
    return most == null ? 0 : Math.max(1, Micros.of(most));
  }

  private static long limit(Fields fields, String key, long otherwise) {
    BigDecimal limit = fields.decimal(key, "-1000000000000", "1000000000000");
    return limit == null ? otherwise : Micros.of(limit);
  }
}
