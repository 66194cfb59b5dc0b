package io.lingtan.agent.acquire.mbus;

import io.lingtan.agent.site.reply.RecordQuantity;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/**
 * What a VIF means: a quantity and how many of its unit one count is (EN 13757-3, primary table and
 * the tables behind FBH and FDH).
 *
 * @param quantity null for what no profile can name
 * @param factor times the number is the value in the quantity's unit
 * @param word for a person where there is no quantity
 */
record ValueInformation(@Nullable RecordQuantity quantity, BigDecimal factor, String word) {

  private static final BigDecimal JOULE =
      BigDecimal.ONE.divide(BigDecimal.valueOf(3600), MathContext.DECIMAL128);

  private static ValueInformation of(RecordQuantity quantity, int exponent) {
    return new ValueInformation(quantity, BigDecimal.ONE.scaleByPowerOfTen(exponent), "");
  }

  private static ValueInformation of(RecordQuantity quantity, BigDecimal unit, int exponent) {
    return new ValueInformation(quantity, unit.scaleByPowerOfTen(exponent), "");
  }

  private static ValueInformation word(String word) {
    return new ValueInformation(null, BigDecimal.ONE, word);
  }

  private static BigDecimal whole(long number) {
    return BigDecimal.valueOf(number);
  }

  /** The primary table; {@code vif} without its extension bit, 0..7AH. */
  static ValueInformation primary(int vif) {
    int n = vif & 7;
    int two = vif & 3;
    return switch (vif >>> 3) {
      case 0 -> of(RecordQuantity.ENERGY, n - 3);
      case 1 -> of(RecordQuantity.ENERGY, JOULE, n);
      case 2 -> of(RecordQuantity.VOLUME, n - 6);
      case 3 -> of(RecordQuantity.MASS, n - 3);
      case 4 -> time(n < 4 ? RecordQuantity.ON_TIME : RecordQuantity.OPERATING_TIME, two);
      case 5 -> of(RecordQuantity.POWER, n - 3);
      case 6 -> of(RecordQuantity.POWER, JOULE, n);
      case 7 -> of(RecordQuantity.FLOW, n - 6);
      case 8 -> of(RecordQuantity.FLOW, whole(60), n - 7);
      case 9 -> of(RecordQuantity.FLOW, whole(3600), n - 9);
      case 10 -> of(RecordQuantity.MASS_FLOW, n - 3);
      case 11 ->
          of(n < 4 ? RecordQuantity.FLOW_TEMPERATURE : RecordQuantity.RETURN_TEMPERATURE, two - 3);
      case 12 ->
          of(
              n < 4 ? RecordQuantity.TEMPERATURE_DIFFERENCE : RecordQuantity.EXTERNAL_TEMPERATURE,
              two - 3);
      case 13 ->
          n < 4
              ? of(RecordQuantity.PRESSURE, two - 3)
              : word(n == 4 ? "date" : n == 5 ? "date and time" : n == 6 ? "heat cost units" : "");
      case 14 -> word(n < 4 ? "averaging time" : "actuality");
      default ->
          word(
              switch (vif) {
                case 0x78 -> "fabrication number";
                case 0x79 -> "identification";
                case 0x7A -> "bus address";
                default -> "";
              });
    };
  }

  private static ValueInformation time(RecordQuantity quantity, int unit) {
    long seconds =
        switch (unit) {
          case 0 -> 1;
          case 1 -> 60;
          case 2 -> 3600;
          default -> 86_400;
        };
    return of(quantity, whole(seconds), 0);
  }

  /** The table behind FBH. */
  static ValueInformation ofBigUnits(int vife) {
    int one = vife & 1;
    int two = vife & 3;
    return switch (vife) {
      case 0x00, 0x01 -> of(RecordQuantity.ENERGY, 5 + one);
      case 0x02, 0x03 -> of(RecordQuantity.REACTIVE_ENERGY, 3 + one);
      case 0x08, 0x09 -> of(RecordQuantity.ENERGY, JOULE, 8 + one);
      case 0x10, 0x11 -> of(RecordQuantity.VOLUME, 2 + one);
      case 0x14, 0x15, 0x16, 0x17 -> of(RecordQuantity.REACTIVE_POWER, two);
      case 0x18, 0x19 -> of(RecordQuantity.MASS, 5 + one);
      case 0x1A, 0x1B -> of(RecordQuantity.HUMIDITY, one - 1);
      case 0x28, 0x29 -> of(RecordQuantity.POWER, 5 + one);
      case 0x2C, 0x2D, 0x2E, 0x2F -> of(RecordQuantity.FREQUENCY, two - 3);
      case 0x30, 0x31 -> of(RecordQuantity.POWER, JOULE, 8 + one);
      case 0x34, 0x35, 0x36, 0x37 -> of(RecordQuantity.APPARENT_POWER, two);
      default -> word("FB %02X".formatted(vife));
    };
  }

  /** The table behind FDH. */
  static ValueInformation ofOthers(int vife) {
    return switch (vife >>> 4) {
      case 4 -> of(RecordQuantity.VOLTAGE, (vife & 15) - 9);
      case 5 -> of(RecordQuantity.CURRENT, (vife & 15) - 12);
      default ->
          vife == 0x17
              ? of(RecordQuantity.ERROR_FLAGS, 0)
              : word(
                  switch (vife) {
                    case 0x08 -> "access number";
                    case 0x09 -> "medium";
                    case 0x0A -> "manufacturer";
                    case 0x0B -> "parameter set";
                    case 0x0C -> "model, version";
                    case 0x0D -> "hardware version";
                    case 0x0E -> "firmware version";
                    case 0x0F -> "software version";
                    case 0x10 -> "customer location";
                    case 0x11 -> "customer";
                    case 0x1A -> "digital output";
                    case 0x1B -> "digital input";
                    case 0x3A -> "dimensionless";
                    case 0x60 -> "reset counter";
                    default -> "FD %02X".formatted(vife);
                  });
    };
  }
}
