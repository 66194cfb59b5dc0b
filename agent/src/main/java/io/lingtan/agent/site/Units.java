package io.lingtan.agent.site;

import io.lingtan.agent.reading.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Units that makers use, and what they are in the unit of a {@link Quantity}. Only such conversions
 * as are exact in decimals.
 */
public final class Units {

  private static final Pattern STEP_AND_UNIT =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(%|[^0-9.\\s].*)");

  private static final Map<String, String> POWER =
      Map.of("W", "1", "kW", "1e3", "MW", "1e6", "mW", "1e-3");
  private static final Map<String, String> ENERGY =
      Map.of("W.h", "1e-3", "Wh", "1e-3", "kW.h", "1", "kWh", "1", "MW.h", "1e3", "MWh", "1e3");
  private static final Map<String, String> REACTIVE_POWER =
      Map.of("var", "1", "kvar", "1e3", "Mvar", "1e6", "V.A", "1", "kV.A", "1e3");
  private static final Map<String, String> REACTIVE_ENERGY =
      Map.of("varh", "1e-3", "kvarh", "1", "Mvarh", "1e3", "V.A.h", "1e-3", "kV.A.h", "1");
  private static final Map<String, String> APPARENT_POWER =
      Map.of("VA", "1", "kVA", "1e3", "MVA", "1e6", "V.A", "1", "kV.A", "1e3");
  private static final Map<String, String> RATIO = Map.of("1", "1", "%", "1e-2");
  private static final Map<String, String> PERCENT = Map.of("%", "1", "1", "1e2");
  private static final Map<String, String> PRESSURE =
      Map.of("Pa", "1e-6", "hPa", "1e-4", "kPa", "1e-3", "MPa", "1", "bar", "0.1", "mbar", "1e-4");

  private Units() {}

  /** The units in which a quantity may come, each with what one of it is in the quantity's unit. */
  static Map<String, String> of(Quantity quantity) {
    return switch (quantity) {
      case POWER, DEMAND, DEMAND_MAX -> POWER;
      case ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          ENERGY_ABSORBED ->
          ENERGY;
      case REACTIVE_POWER -> REACTIVE_POWER;
      case REACTIVE_ENERGY_IMPORT, REACTIVE_ENERGY_EXPORT -> REACTIVE_ENERGY;
      case APPARENT_POWER -> APPARENT_POWER;
      case VOLTAGE -> Map.of("V", "1", "mV", "1e-3", "kV", "1e3");
      case CURRENT -> Map.of("A", "1", "mA", "1e-3", "kA", "1e3");
      case FREQUENCY -> Map.of("Hz", "1", "mHz", "1e-3");
      case POWER_FACTOR -> RATIO;
      case SOC, SOH -> PERCENT;
      case TEMPERATURE -> Map.of("Cel", "1", "°C", "1");
      case PRESSURE -> PRESSURE;
      case MASS -> Map.of("g", "1e-3", "kg", "1", "t", "1e3");
      case VOLUME -> Map.of("m3", "1", "l", "1e-3", "L", "1e-3");
      case FLOW -> Map.of("m3/h", "1", "l/h", "1e-3", "L/h", "1e-3", "l/min", "0.06");
      case DISTANCE -> Map.of("km", "1", "m", "1e-3");
      case STATE, PULSES, OWN -> Map.of("1", "1");
    };
  }

  /**
   * What one step of a value in {@code unit} is in the quantity's own unit.
   *
   * @param unit such as {@code kW.h}, or with its step {@code 0.1V}
   * @return null if the quantity is not measured in that unit
   */
  static @Nullable public BigDecimal factor(Quantity quantity, String unit) {
    Map<String, String> units = of(quantity);
    String plain = units.get(unit);
    if (plain != null) {
      return new BigDecimal(plain);
    }
    Matcher matcher = STEP_AND_UNIT.matcher(unit);
    String found = matcher.matches() ? units.get(matcher.group(2)) : null;
    return found == null ? null : new BigDecimal(matcher.group(1)).multiply(new BigDecimal(found));
  }

  /** The units that a message can offer, in alphabetical order. */
  public static String offered(Quantity quantity) {
    return String.join(" ", new TreeMap<>(of(quantity)).keySet());
  }
}
