package io.lingtan.agent.acquire.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The unit that a CJ/T 188 meter tells beside a value: one byte, a unit or ten or 100 of it. */
final class UnitCode {

  private static final BigDecimal KILOJOULES_IN_KILOWATT_HOUR = BigDecimal.valueOf(3600);

  /** What units measure, and how many of the first of their kind one of them is. */
  private static final Map<String, List<String>> KINDS =
      Map.ofEntries(
          Map.entry("W.h", List.of("energy", "1e-3")),
          Map.entry("kW.h", List.of("energy", "1")),
          Map.entry("MW.h", List.of("energy", "1e3")),
          Map.entry("J", List.of("heat", "1e-3")),
          Map.entry("kJ", List.of("heat", "1")),
          Map.entry("MJ", List.of("heat", "1e3")),
          Map.entry("GJ", List.of("heat", "1e6")),
          Map.entry("W", List.of("power", "1")),
          Map.entry("kW", List.of("power", "1e3")),
          Map.entry("MW", List.of("power", "1e6")),
          Map.entry("L", List.of("volume", "1e-3")),
          Map.entry("m3", List.of("volume", "1")),
          Map.entry("L/h", List.of("flow", "1e-3")),
          Map.entry("m3/h", List.of("flow", "1")));

  private static final List<String> UNITS = new ArrayList<>();

  static {
    // The code is the position: J alone, then each unit, ten of it, 100 of it; "" is reserved.
    UNITS.add("");
    UNITS.add("J");
    for (String unit : List.of("W.h", "kW.h", "MW.h", "kJ", "MJ", "GJ", "W", "kW", "MW")) {
      UNITS.addAll(List.of(unit, unit, unit));
    }
    while (UNITS.size() < 0x29) {
      UNITS.add("");
    }
    UNITS.addAll(List.of("L", "L", "L", "m3", "m3", "m3", "", "", ""));
    UNITS.addAll(List.of("L/h", "L/h", "L/h", "m3/h", "m3/h", "m3/h"));
  }

  private UnitCode() {}

  /**
   * What one of the coded unit is in another.
   *
   * @param code the byte on the wire, 0..255
   * @param unit UCUM code of the other
   * @return null if the code is none, or its unit measures something else
   */
  static @Nullable BigDecimal factor(int code, String unit) {
    List<String> from = KINDS.get(code < UNITS.size() ? UNITS.get(code) : "");
    List<String> to = KINDS.get(unit);
    if (from == null || to == null) {
      return null;
    }
    BigDecimal ratio = inKilowattHours(from);
    BigDecimal base = inKilowattHours(to);
    boolean alike = kind(from).equals(kind(to));
    return alike ? ratio.divide(base, MathContext.DECIMAL64).scaleByPowerOfTen(tens(code)) : null;
  }

  private static String kind(List<String> unit) {
    return unit.getFirst().equals("heat") ? "energy" : unit.getFirst();
  }

  private static BigDecimal inKilowattHours(List<String> unit) {
    BigDecimal number = new BigDecimal(unit.getLast());
    return unit.getFirst().equals("heat")
        ? number.divide(KILOJOULES_IN_KILOWATT_HOUR, MathContext.DECIMAL128)
        : number;
  }

  /** Threes of codes begin at 2, but for those of volumes and flows. */
  private static int tens(int code) {
    return code < 2
        ? 0
        : code < 0x29 ? (code - 2) % 3 : code < 0x32 ? (code - 0x29) % 3 : (code - 0x32) % 3;
  }
}
