package io.lingtan.agent.site;

import io.lingtan.agent.reading.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Units of SenML and what they are in ours: the IANA registries "SenML Units" (RFC 8428, section
 * 12.1; RFC 8798, section 2) and "Secondary Units" (RFC 8798, section 3), as far as a quantity of
 * ours is measured in them. Beside them the makers' units that profiles know, such as MPa and bar,
 * which are in no registry and are met all the same.
 */
public final class SenmlUnits {

  /** Ours = theirs × times ÷ over + plus. */
  private record Row(String times, String over, String plus) {}

  private static final Row SAME = new Row("1", "1", "0");
  private static final Row THOUSAND = new Row("1000", "1", "0");
  private static final Row THOUSANDTH = new Row("1", "1000", "0");
  private static final Row MILLION = new Row("1000000", "1", "0");
  private static final Row PER_CENT = new Row("1", "100", "0");

  /** J in kWh, and var·s in kvarh. */
  private static final Row JOULE = new Row("1", "3600000", "0");

  private static final Map<String, Row> ENERGY = Map.of("J", JOULE, "Wh", THOUSANDTH, "kWh", SAME);
  private static final Map<String, Row> REACTIVE_ENERGY =
      Map.of("vars", JOULE, "varh", THOUSANDTH, "kvarh", SAME);

  /** What a rate is once summed over seconds. */
  private static final Map<String, String> SUMMED =
      Map.of("W", "J", "var", "vars", "m3/s", "m3", "l/s", "l", "m/s", "m");

  /** Larger numbers are no reading of anything, and would take long to work with. */
  private static final int MOST_DIGITS = 40;

  private final BigDecimal times;
  private final BigDecimal over;
  private final BigDecimal plus;

  private SenmlUnits(BigDecimal times, BigDecimal over, BigDecimal plus) {
    this.times = times;
    this.over = over;
    this.plus = plus;
  }

  /** The way from {@code unit} to the quantity's own; null if it is not measured in that. */
  public static @Nullable SenmlUnits of(Quantity quantity, String unit) {
    Row row = registered(quantity).get(unit);
    if (row != null) {
      return new SenmlUnits(
          new BigDecimal(row.times), new BigDecimal(row.over), new BigDecimal(row.plus));
    }
    BigDecimal factor = Units.factor(quantity, unit);
    return factor == null ? null : new SenmlUnits(factor, BigDecimal.ONE, BigDecimal.ZERO);
  }

  /** The same for a sum over time of a rate in {@code unit}. */
  public static @Nullable SenmlUnits ofSum(Quantity quantity, String unit) {
    String summed = SUMMED.get(unit);
    return summed == null ? null : of(quantity, summed);
  }

  private static Map<String, Row> registered(Quantity quantity) {
    return switch (quantity) {
      case POWER, DEMAND, DEMAND_MAX -> Map.of("W", SAME, "kW", THOUSAND);
      case ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          ENERGY_ABSORBED ->
          ENERGY;
      case REACTIVE_POWER -> Map.of("var", SAME, "kvar", THOUSAND);
      case REACTIVE_ENERGY_IMPORT, REACTIVE_ENERGY_EXPORT -> REACTIVE_ENERGY;
      case APPARENT_POWER -> Map.of("VA", SAME, "kVA", THOUSAND);
      case VOLTAGE -> Map.of("V", SAME, "mV", THOUSANDTH);
      case CURRENT -> Map.of("A", SAME, "mA", THOUSANDTH);
      case FREQUENCY -> Map.of("Hz", SAME, "MHz", MILLION);
      case POWER_FACTOR -> Map.of("/", SAME, "%", PER_CENT, "/100", PER_CENT, "/1000", THOUSANDTH);
      case SOC ->
          Map.of(
              "%",
              SAME,
              "%EL",
              SAME,
              "/100",
              SAME,
              "/",
              new Row("100", "1", "0"),
              "/1000",
              new Row("1", "10", "0"));
      case SOH ->
          Map.of(
              "%",
              SAME, "/100", SAME, "/", new Row("100", "1", "0"), "/1000", new Row("1", "10", "0"));
      case TEMPERATURE -> Map.of("Cel", SAME, "K", new Row("1", "1", "-273.15"));
      case PRESSURE ->
          Map.of("Pa", new Row("1", "1000000", "0"), "hPa", new Row("1", "10000", "0"));
      case MASS -> Map.of("kg", SAME, "g", THOUSANDTH);
      case VOLUME -> Map.of("m3", SAME, "l", THOUSANDTH);
      case FLOW -> Map.of("m3/s", new Row("3600", "1", "0"), "l/s", new Row("3.6", "1", "0"));
      case DISTANCE ->
          Map.of(
              "m",
              THOUSANDTH,
              "km",
              SAME,
              "cm",
              new Row("1", "100000", "0"),
              "mm",
              new Row("1", "1000000", "0"));
      case PULSES -> Map.of("count", SAME);
      case STATE, OWN -> Map.of();
    };
  }

  /**
   * A value in millionths of the quantity's own unit, half-even; null if no reading can be so
   * large.
   */
  public @Nullable Long micros(BigDecimal value) {
    if (value.signum() == 0 && value.scale() != 0) {
      return micros(BigDecimal.ZERO);
    }
    int magnitude = value.precision() - value.scale();
    if (value.precision() > MOST_DIGITS || magnitude > MOST_DIGITS || magnitude < -MOST_DIGITS) {
      return null;
    }
    BigInteger micros =
        value
            .multiply(times)
            .add(plus.multiply(over))
            .movePointRight(6)
            .divide(over, 0, RoundingMode.HALF_EVEN)
            .toBigIntegerExact();
    return micros.bitLength() < 64 ? (Long) micros.longValueExact() : null;
  }
}
