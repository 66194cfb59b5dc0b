package io.lingtan.agent.reading;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One figure that interval records may carry: the one place that says what it is called, what it is
 * measured in, what it needs and how a longer interval has it.
 *
 * @param name in records; a part in braces, such as {@code {id}}, stands for any id
 * @param section of a report
 * @param ucum unit
 * @param symbol the unit as people write it
 * @param lengths of the intervals that carry it; {@code 15m} stands for the base interval
 * @param needs what a site must have for it, all of these, in the words of {@code config/README.md}
 * @param rolling how a longer interval has it
 * @param inputs figures of the same record that it follows from; in braces as in {@code name}
 * @param rule what it is, or how it follows from the inputs
 * @param reference document that the rule is from, empty for arithmetic
 * @param chinese name
 * @param english name
 * @param presence when records have it
 * @param unreported why no monthly report shows it, empty if they do
 */
public record Indicator(
    String name,
    Section section,
    String ucum,
    String symbol,
    List<String> lengths,
    List<String> needs,
    Rolling rolling,
    List<String> inputs,
    String rule,
    String reference,
    String chinese,
    String english,
    Presence presence,
    String unreported) {

  private static final Map<String, String> SYMBOLS =
      Map.ofEntries(
          Map.entry("kW.h", "kWh"),
          Map.entry("kV.A.h", "kvarh"),
          Map.entry("m3", "m³"),
          Map.entry("t{ce}", "tce"),
          Map.entry("t{ce}/(10*4.{CNY})", "tce/10⁴ CNY"),
          Map.entry("kg/(kW.h)", "kg/kWh"),
          Map.entry("kW.h/kg", "kWh/kg"),
          Map.entry("kW.h/m3", "kWh/Nm³"),
          Map.entry("kg/(100.km)", "kg/100 km"),
          Map.entry("kg{ce}/(kW.h)", "kgce/kWh"),
          Map.entry("kg{ce}/m3", "kgce/m³"),
          Map.entry("kg{ce}/MJ", "kgce/MJ"),
          Map.entry("kg{ce}/kg", "kgce/kg"),
          Map.entry("kg{ce}/t", "kgce/t"),
          Map.entry("kg{CO2e}", "kg CO₂e"),
          Map.entry("kg/m3", "kg/m³"),
          Map.entry("1", ""));

  public Indicator {
    if (!name.matches("[a-z][a-z0-9_]*(\\.([a-z0-9_]+|\\{[a-z]+\\}))*")) {
      throw new IllegalArgumentException("'" + name + "' is no name of a figure");
    }
    lengths = List.copyOf(lengths);
    needs = List.copyOf(needs);
    inputs = List.copyOf(inputs);
  }

  /** A unit as people write it. */
  public static String symbolOf(String ucum) {
    return SYMBOLS.getOrDefault(ucum, ucum);
  }

  /** Whether intervals of this length carry it. */
  public boolean isIn(String length) {
    boolean longer = length.equals("1h") || length.equals("1d") || !length.endsWith("m");
    return lengths.contains(longer ? length : "15m");
  }

  /** The part of a report in which a figure stands. */
  public enum Section {
    ENERGY("energy", "能源", "Energy"),
    DEMAND("demand", "需量与功率因数", "Demand and power factor"),
    STORAGE("storage", "储能", "Storage"),
    COAL("coal", "折标准煤", "Standard coal"),
    SCOPE1("scope1", "范围一 直接排放", "Scope 1: direct"),
    SCOPE2("scope2", "范围二 外购电力与热力", "Scope 2: purchased"),
    CO2("co2", "排放合计与备查项", "Emissions in all, and memo items"),
    CERT("cert", "绿证", "Certificates"),
    H2("h2", "氢能", "Hydrogen"),
    BUS("bus", "氢能公交", "Hydrogen buses"),
    QUALITY("quality", "数据质量", "Quality of the data");

    private final String id;
    private final String chinese;
    private final String english;

    Section(String id, String chinese, String english) {
      this.id = id;
      this.chinese = chinese;
      this.english = english;
    }

    public String id() {
      return id;
    }

    public String chinese() {
      return chinese;
    }

    public String english() {
      return english;
    }
  }

  /** How an interval longer than the base has a figure. */
  public enum Rolling {
    /** From registers at its own two ends; what parts have adds up to it. */
    COUNTED(true),
    /** The sum over its base intervals. */
    SUMMED(true),
    /** By the same rule from its own counts, in which it is linear, so that parts add up to it. */
    LINEAR(true),
    /** By the same rule from its own figures; parts do not add up. */
    ANEW(false),
    /** The greatest of its base intervals. */
    GREATEST(false),
    /** As it is at the end. */
    LAST(false),
    /** There is one length, or each has its own. */
    OWN(false);

    private final boolean added;

    Rolling(boolean added) {
      this.added = added;
    }

    /** Whether parts add up to the whole. */
    public boolean isAdded() {
      return added;
    }

    /** The word in {@code config/README.md}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** When a figure is told, and what it says about readings. */
  public enum Presence {
    /** Always, and it follows from readings. */
    ALWAYS,
    /** Only where it is not zero. */
    NOT_ZERO,
    /**
     * Always, and from a table or from what people tell: it does not show that anything was read.
     */
    UNOBSERVED
  }
}
