package io.lingtan.agent.command.draft;

import io.lingtan.agent.site.Ucum;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A unit as makers print it, with or without the step in front: {@code 0.1V}, {@code KWH}, {@code
 * ℃}.
 *
 * @param step in front of it, as a number is written; null if there is none
 * @param ucum its code; null if it is not known
 */
record MakerUnit(@Nullable String step, @Nullable String ucum) {

  static final MakerUnit NONE = new MakerUnit(null, null);

  private static final Pattern STEPPED =
      Pattern.compile("[x×*]?\\s*([0-9]+(?:[.,][0-9]+)?)\\s*[x×*]?\\s*([^0-9.,].*)");

  /** Where case tells units apart, they are written as here. */
  private static final Map<String, String> EXACT =
      Map.ofEntries(
          Map.entry("mW", "mW"),
          Map.entry("MW", "MW"),
          Map.entry("mWh", "mW.h"),
          Map.entry("MWh", "MW.h"),
          Map.entry("mV", "mV"),
          Map.entry("MPa", "MPa"),
          Map.entry("mPa", "mPa"),
          Map.entry("MJ", "MJ"),
          Map.entry("mΩ", "mOhm"),
          Map.entry("MΩ", "MOhm"),
          Map.entry("mvar", "mV.A"),
          Map.entry("Mvar", "MV.A"),
          Map.entry("mVA", "mV.A"),
          Map.entry("MVA", "MV.A"),
          Map.entry("mA", "mA"));

  private static final Map<String, String> ANY_CASE =
      Map.ofEntries(
          Map.entry("v", "V"),
          Map.entry("volt", "V"),
          Map.entry("volts", "V"),
          Map.entry("kv", "kV"),
          Map.entry("mv", "mV"),
          Map.entry("a", "A"),
          Map.entry("amp", "A"),
          Map.entry("amps", "A"),
          Map.entry("ma", "mA"),
          Map.entry("ka", "kA"),
          Map.entry("w", "W"),
          Map.entry("watt", "W"),
          Map.entry("watts", "W"),
          Map.entry("kw", "kW"),
          Map.entry("va", "V.A"),
          Map.entry("kva", "kV.A"),
          Map.entry("var", "V.A"),
          Map.entry("kvar", "kV.A"),
          Map.entry("wh", "W.h"),
          Map.entry("kwh", "kW.h"),
          Map.entry("度", "kW.h"),
          Map.entry("mwh", "MW.h"),
          Map.entry("varh", "V.A.h"),
          Map.entry("kvarh", "kV.A.h"),
          Map.entry("kvah", "kV.A.h"),
          Map.entry("ah", "A.h"),
          Map.entry("hz", "Hz"),
          Map.entry("°c", "Cel"),
          Map.entry("c", "Cel"),
          Map.entry("degc", "Cel"),
          Map.entry("deg c", "Cel"),
          Map.entry("摄氏度", "Cel"),
          Map.entry("%", "%"),
          Map.entry("%rh", "%"),
          Map.entry("‰", "[ppth]"),
          Map.entry("pa", "Pa"),
          Map.entry("hpa", "hPa"),
          Map.entry("kpa", "kPa"),
          Map.entry("mpa", "MPa"),
          Map.entry("bar", "bar"),
          Map.entry("mbar", "mbar"),
          Map.entry("w/m2", "W/m2"),
          Map.entry("w/m^2", "W/m2"),
          Map.entry("m/s", "m/s"),
          Map.entry("km/h", "km/h"),
          Map.entry("rpm", "{rot}/min"),
          Map.entry("r/min", "{rot}/min"),
          Map.entry("°", "deg"),
          Map.entry("deg", "deg"),
          Map.entry("degree", "deg"),
          Map.entry("degrees", "deg"),
          Map.entry("度数", "deg"),
          Map.entry("mm", "mm"),
          Map.entry("m", "m"),
          Map.entry("km", "km"),
          Map.entry("kg", "kg"),
          Map.entry("g", "g"),
          Map.entry("t", "t"),
          Map.entry("l", "l"),
          Map.entry("m3", "m3"),
          Map.entry("m3/h", "m3/h"),
          Map.entry("l/h", "l/h"),
          Map.entry("l/min", "l/min"),
          Map.entry("lux", "lx"),
          Map.entry("lx", "lx"),
          Map.entry("ppm", "[ppm]"),
          Map.entry("ug/m3", "ug/m3"),
          Map.entry("ω", "Ohm"),
          Map.entry("ohm", "Ohm"),
          Map.entry("kω", "kOhm"),
          Map.entry("kohm", "kOhm"),
          Map.entry("s", "s"),
          Map.entry("sec", "s"),
          Map.entry("min", "min"),
          Map.entry("h", "h"),
          Map.entry("kj", "kJ"),
          Map.entry("gj", "GJ"),
          Map.entry("mj/m2", "MJ/m2"));

  private static final Pattern NO_UNIT = Pattern.compile("[-—/\\\\~]*|n/?a|none|无|无单位|1");

  /** What a cell says. */
  static MakerUnit of(String cell) {
    String text = cell.replace("·", "").replace("μ", "u").replace("µ", "u").strip();
    if (NO_UNIT.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
      return new MakerUnit(null, "1");
    }
    if (text.matches("[0-9]+([.,][0-9]+)?")) {
      return new MakerUnit(number(text), "1");
    }
    Matcher stepped = STEPPED.matcher(text);
    return stepped.matches()
        ? new MakerUnit(number(stepped.group(1)), code(stepped.group(2).strip()))
        : new MakerUnit(null, code(text));
  }

  static String number(String text) {
    return text.replace(',', '.');
  }

  private static @Nullable String code(String text) {
    String exact = EXACT.get(text);
    String known = exact != null ? exact : ANY_CASE.get(text.toLowerCase(Locale.ROOT));
    return known != null ? known : Ucum.isUnit(text) ? text : null;
  }
}
