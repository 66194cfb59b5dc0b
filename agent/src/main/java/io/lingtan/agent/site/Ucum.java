package io.lingtan.agent.site;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which texts are units of the Unified Code for Units of Measure, case-sensitive (ucum.org, version
 * 2.1), as far as meters have them: its grammar with the base units, the SI, and what engineers of
 * energy, water, gas and weather use beside it.
 */
public final class Ucum {

  private static final int LONGEST = 40;
  private static final Set<String> METRIC =
      words(
          "m g s rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv kat l L ar t"
              + " bar u eV pc B Np bit By Bd cal G Mx dyn erg P St m[H2O] m[Hg]");
  private static final Set<String> PLAIN =
      words(
          "% [ppth] [ppm] [ppb] [pptr] 10* 10^ [pi] min h d wk mo a deg ' '' gon circ att atm"
              + " [degF] [psi] [in_i] [ft_i] [yd_i] [mi_i] [kn_i] [gal_us] [HP] [Btu] [lb_av]"
              + " [oz_av] [pH] [g]");
  private static final Set<String> PREFIXES =
      words("Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti");
  private static final Map<String, String> COMMON_SLIPS =
      Map.ofEntries(
          Map.entry("°C", "Cel"),
          Map.entry("℃", "Cel"),
          Map.entry("degC", "Cel"),
          Map.entry("rpm", "{rot}/min"),
          Map.entry("r/min", "{rot}/min"),
          Map.entry("Ω", "Ohm"),
          Map.entry("kΩ", "kOhm"),
          Map.entry("MΩ", "MOhm"),
          Map.entry("var", "V.A"),
          Map.entry("kvar", "kV.A"),
          Map.entry("VA", "V.A"),
          Map.entry("kVA", "kV.A"),
          Map.entry("Wh", "W.h"),
          Map.entry("kWh", "kW.h"),
          Map.entry("Ah", "A.h"),
          Map.entry("W/m²", "W/m2"),
          Map.entry("m³", "m3"),
          Map.entry("m³/h", "m3/h"),
          Map.entry("°", "deg"),
          Map.entry("µA", "uA"),
          Map.entry("ppm", "[ppm]"));
  private static final Pattern ATOM = Pattern.compile("(10[*^]|[^0-9+-].*?)([+-]?[0-9]{1,3})?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern ANNOTATION = Pattern.compile("\\{[!-z|~]{0,32}\\}$");

  private Ucum() {}

  private static Set<String> words(String text) {
    return Set.of(text.split(" +"));
  }

  /** Whether it is a unit. */
  public static boolean isUnit(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST
        && (!text.matches("[0-9.]+") || text.equals("1"))
        && isTerm(text.startsWith("/") ? text.substring(1) : text);
  }

  /** The code of what is often written otherwise; null if it is no such slip. */
  public static @Nullable String instead(String text) {
    return COMMON_SLIPS.get(text.strip());
  }

  /** Components between {@code .} and {@code /}; those in brackets are terms themselves. */
  private static boolean isTerm(String text) {
    int depth = 0;
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      char at = i < text.length() ? text.charAt(i) : '.';
      depth +=
          at == '(' || at == '{' || at == '[' ? 1 : at == ')' || at == '}' || at == ']' ? -1 : 0;
      if (depth < 0 || (i == text.length() && depth > 0)) {
        return false;
      }
      if (depth == 0 && (at == '.' || at == '/')) {
        if (!isComponent(text.substring(from, i))) {
          return false;
        }
        from = i + 1;
      }
    }
    return true;
  }

  private static boolean isComponent(String text) {
    if (text.startsWith("(") && text.endsWith(")")) {
      return text.length() > 2 && isTerm(text.substring(1, text.length() - 1));
    }
    String plain = ANNOTATION.matcher(text).replaceFirst("");
    if (plain.isEmpty()) {
      return !text.isEmpty();
    }
    if (NUMBER.matcher(plain).matches()) {
      return true;
    }
    var parts = ATOM.matcher(plain);
    return parts.matches() && isAtom(parts.group(1));
  }

  private static boolean isAtom(String text) {
    return METRIC.contains(text)
        || PLAIN.contains(text)
        || PREFIXES.stream()
            .anyMatch(
                prefix ->
                    text.startsWith(prefix) && METRIC.contains(text.substring(prefix.length())));
  }
}
