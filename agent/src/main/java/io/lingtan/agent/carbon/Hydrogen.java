package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Hydrogen: what it took to make it and what it carries. The boundary is the electrolysers' AC
 * supply, without compression.
 *
 * <p>Classes are those of T/CAB 0078-2020, whose limits are life-cycle CO2e. With average grid
 * factors and PV at zero the result is a lower bound, and so named; {@code h2.class} rests on the
 * footprint factors alone, and there energy from the battery counts as the grid's with what the
 * battery lost of it, which can only make the class worse. Budgets are on the basis of the class.
 */
final class Hydrogen implements Chapter {

  private static final String RATIO = "kg/kg";

  /** Of normal cubic metres; UCUM has no word for the reference. */
  private static final String PER_CUBIC_METRE = "kW.h/m3";

  private static final String DAY = "1d";
  private static final String UNSPLIT = LoadCarbon.UNSPLIT;
  private static final String PRODUCED = Figure.H2_PRODUCED.metric();
  private static final String BY_DAY = "a class is of a day's hydrogen";
  private static final String PER_KG = "kW.h/kg";
  private static final String SEC = "h2.sec";
  private static final String CI = "h2.ci";
  private static final String CO2 = "h2.co2";
  private static final String ENERGY = "h2.energy";
  private static final String FROM_BATTERY = "h2.from_battery";
  private static final String CLEAN_BUDGET = "h2.clean_budget";
  private static final String LOW_CARBON_BUDGET = "h2.low_carbon_budget";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.H2)
          .lengths(ALL)
          .rolls(Rolling.LINEAR)
          .needs("electrolyser hydrogen")
          .from("elec.load.{id}")
          .rule("AC energy of the electrolysers that are not behind one another")
          .add(ENERGY, KWH, "制氢用电量", "electricity of the electrolysers")
          .rolls(Rolling.ANEW)
          .from("h2.energy h2.produced")
          .rule("AC energy for a kilogram, without compression")
          .add(SEC, PER_KG, "制氢单位电耗", "specific consumption")
          .rule("the same for a normal cubic metre, 1 kg = 11.12 Nm³")
          .from("h2.sec")
          .add("h2.sec_nm3", PER_CUBIC_METRE, "制氢单位电耗（每标方）", "specific consumption per Nm³")
          .from("h2.energy h2.produced")
          .rule("33.33 kWh/kg × produced / AC energy")
          .add("h2.eta_lhv", "1", "制氢效率（低位热值）", "efficiency (LHV)")
          .rolls(Rolling.LINEAR)
          .from("h2.produced")
          .rule("water that was split, 9 kg for each kilogram")
          .add("h2.water_split", KG, "电解水量", "water that was split")
          .rolls(Rolling.SUMMED)
          .rule("the electrolysers' share of what each source gave the loads")
          .from("h2.energy elec.load.total flow.grid_to_load")
          .needs("grid electrolyser hydrogen")
          .add("h2.from_grid", KWH, "制氢用网电", "hydrogen made of grid electricity")
          .from("h2.energy elec.load.total flow.pv_to_load")
          .needs("grid electrolyser hydrogen pv")
          .add("h2.from_pv", KWH, "制氢用光伏电", "hydrogen made of PV electricity")
          .from("h2.energy elec.load.total flow.chp_to_load")
          .needs("grid electrolyser hydrogen chp")
          .add("h2.from_chp", KWH, "制氢用热电联产电", "hydrogen made of CHP electricity")
          .from("h2.energy elec.load.total flow.battery_to_load")
          .needs("grid electrolyser hydrogen battery")
          .add("h2.from_battery", KWH, "制氢用储能电", "hydrogen made of the battery's electricity")
          .rolls(Rolling.LINEAR)
          .needs("grid electrolyser hydrogen location")
          .rule("what the electrolysers have of co2.load")
          .from("co2.load.{id}")
          .add(CO2, KG, "制氢用电排放", "CO2 of the electrolysers' electricity")
          .rolls(Rolling.ANEW)
          .rule("h2.co2 / h2.produced")
          .from("h2.co2 h2.produced")
          .add(CI, RATIO, "氢气碳强度", "carbon intensity")
          .rule("in words what h2.ci counts")
          .from("h2.ci")
          .add("h2.ci_boundary", "1", "氢气碳强度边界", "what the carbon intensity counts")
          .lengths("1d")
          .rolls(Rolling.OWN)
          .rule("the class that it would have, were that all", "T/CAB 0078-2020")
          .because(BY_DAY)
          .add("h2.class_lower_bound", "1", "碳强度下限等级", "class, lower bound only")
          .needs("grid electrolyser hydrogen footprint")
          .from("h2.from_grid h2.from_pv h2.from_battery h2.produced")
          .rule(
              "on the footprint basis, energy from the battery as the grid's and divided by its"
                  + " `round_trip`, as its text says; missing where that is not given",
              "T/CAB 0078-2020")
          .because(BY_DAY)
          .add("h2.ci_footprint", RATIO, "氢气碳足迹", "carbon footprint")
          .from("h2.ci_footprint")
          .because(BY_DAY)
          .add("h2.class", "1", "清洁氢等级（T/CAB 0078）", "class (T/CAB 0078)")
          .needs("grid electrolyser hydrogen location")
          .from("h2.produced h2.co2 grid.factor h2.from_grid h2.from_pv h2.from_battery")
          .rule(
              "grid energy that the day's hydrogen may still take in place of PV's: (4.9, or 14.51,"
                  + " × h2.produced − its footprint) / (the grid's footprint factor − PV's);"
                  + " without footprint factors (… − h2.co2) / grid.factor; the page has it live",
              "T/CAB 0078-2020")
          .because(BY_DAY)
          .add(CLEAN_BUDGET, KWH, "清洁氢网电余量", "grid energy left for clean hydrogen")
          .because(BY_DAY)
          .add(LOW_CARBON_BUDGET, KWH, "低碳氢网电余量", "grid energy left for low-carbon hydrogen")
          .list();

  private final Factors factors;

  /** The classes, best first. Limits in kg CO2e per kg H2. */
  enum HydrogenClass {
    RENEWABLE("renewable", 3, "4.9"),
    CLEAN("clean", 2, "4.9"),
    LOW_CARBON("low-carbon", 1, "14.51"),
    NONE("none", 0, null);

    private final String word;
    private final int code;
    private final @Nullable BigDecimal limit;

    HydrogenClass(String word, int code, @Nullable String limit) {
      this.word = word;
      this.code = code;
      this.limit = limit == null ? null : new BigDecimal(limit);
    }

    String word() {
      return word;
    }

    /** The number that stands for it in a record, beside its word. */
    int code() {
      return code;
    }

    /**
     * The best class that an intensity allows.
     *
     * @param onlyRenewable whether nothing but renewable energy went in, and that is known of the
     *     whole day
     */
    static HydrogenClass of(BigDecimal kilogramsPerKilogram, boolean onlyRenewable) {
      for (HydrogenClass candidate : values()) {
        boolean fits =
            candidate.limit == null || kilogramsPerKilogram.compareTo(candidate.limit) <= 0;
        if (fits && (candidate != RENEWABLE || onlyRenewable)) {
          return candidate;
        }
      }
      return NONE;
    }

    /** What hydrogen of this class may have emitted, kg. */
    BigDecimal allowed(BigDecimal kilogramsOfHydrogen) {
      return java.util.Objects.requireNonNull(limit, "no limit").multiply(kilogramsOfHydrogen);
    }
  }

  Hydrogen(Factors factors) {
    this.factors = factors;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    Metric energy = energy(sheet);
    if (energy == null) {
      return;
    }
    specific(sheet, energy);
    for (String source : List.of("grid", "pv", "chp", "battery")) {
      from(sheet, source, energy);
    }
    intensity(sheet);
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric energy = energy(sheet);
    if (energy == null) {
      return;
    }
    specific(sheet, energy);
    sheet.takeSums("h2.from_");
    intensity(sheet);
    if (sheet.length().equals(DAY)) {
      byFootprint(sheet);
      budget(sheet, HydrogenClass.CLEAN, CLEAN_BUDGET);
      budget(sheet, HydrogenClass.LOW_CARBON, LOW_CARBON_BUDGET);
    }
  }

  /** What the electrolysers took; null without one, or without a count of hydrogen. */
  private static @Nullable Metric energy(Sheet sheet) {
    List<Count> electrolysers = sheet.of(Figure.LOAD, Role.ELECTROLYSER);
    return electrolysers.isEmpty() || !sheet.has(PRODUCED)
        ? null
        : sheet.together(electrolysers).sum(KWH);
  }

  private static void specific(Sheet sheet, Metric energy) {
    sheet.put(ENERGY, energy);
    Metric produced = sheet.known(PRODUCED, KG);
    Combining both = new Combining(List.of(energy, produced));
    String why = both.why();
    sheet.put(
        SEC,
        why != null
            ? Metric.missing(PER_KG, why)
            : sheet.ratio(
                both, value(energy), value(produced), PER_KG, "no hydrogen was produced"));
    perCubicMetre(sheet);
    water(sheet, produced);
    sheet.put(
        "h2.eta_lhv",
        why != null ? Metric.missing("1", why) : efficiency(sheet, both, energy, produced));
  }

  /** The same as makers print it. */
  private static void perCubicMetre(Sheet sheet) {
    Metric specific = sheet.known(SEC, PER_KG);
    long exact =
        specific.micros() == null
            ? 0
            : Rounding.whole(HydrogenGas.perCubicMetre(BigDecimal.valueOf(value(specific))));
    sheet.put("h2.sec_nm3", new Combining(List.of(specific)).figure(exact, PER_CUBIC_METRE));
  }

  private static void water(Sheet sheet, Metric produced) {
    long exact =
        produced.micros() == null
            ? 0
            : Rounding.whole(HydrogenGas.water(BigDecimal.valueOf(value(produced))));
    sheet.put("h2.water_split", new Combining(List.of(produced)).figure(exact, KG));
  }

  private static Metric efficiency(Sheet sheet, Combining both, Metric energy, Metric produced) {
    if (value(energy) == 0) {
      return Metric.missing("1", "no energy went in");
    }
    BigDecimal heat = HydrogenGas.HEATING_VALUE.multiply(BigDecimal.valueOf(value(produced)));
    return both.compared(
        heat.movePointRight(6)
            .divide(BigDecimal.valueOf(value(energy)), 0, RoundingMode.HALF_EVEN)
            .longValueExact(),
        "1",
        sheet.length());
  }

  /** The electrolysers' share of what a source gave the loads. */
  private static void from(Sheet sheet, String source, Metric energy) {
    Metric flow = sheet.get("flow." + source + "_to_load");
    Metric load = sheet.get(EnergyBalance.LOAD);
    if (flow == null || load == null) {
      return;
    }
    Combining all = new Combining(List.of(energy, flow, load));
    String why = all.why();
    String name = "h2.from_" + source;
    if (why != null) {
      sheet.put(name, Metric.missing(KWH, why));
    } else if (value(load) <= 0) {
      sheet.put(name, value(energy) == 0 ? all.figure(0, KWH) : Metric.missing(KWH, "no load"));
    } else {
      sheet.put(
          name,
          all.compared(
              Rounding.share(value(flow), value(energy), value(load)), KWH, sheet.length()));
    }
  }

  /** CO2 of the electrolysers' electricity per hydrogen, on the basis of scope 2. */
  private static void intensity(Sheet sheet) {
    List<Metric> inputs = new ArrayList<>();
    for (Count count : sheet.topmost(sheet.of(Figure.LOAD, Role.ELECTROLYSER))) {
      inputs.addAll(sheet.present("co2.load." + count.meter().id()));
    }
    if (inputs.isEmpty()) {
      return;
    }
    Metric carbon = new Combining(inputs).sum(KG);
    sheet.put(CO2, carbon);
    Metric produced = sheet.known(PRODUCED, KG);
    Combining both = new Combining(List.of(carbon, produced));
    String why = both.why();
    sheet.put(
        CI,
        why != null
            ? Metric.missing(RATIO, why)
            : sheet.ratio(both, value(carbon), value(produced), RATIO, "no hydrogen was produced"));
    Metric intensity = sheet.known(CI, RATIO);
    sheet.put("h2.ci_boundary", boundary(intensity));
    if (sheet.length().equals(DAY) && intensity.micros() == null) {
      sheet.put("h2.class_lower_bound", Metric.missing("1", String.valueOf(intensity.why())));
    } else if (sheet.length().equals(DAY)) {
      boolean renewable = value(carbon) == 0 && intensity.isWhole();
      BigDecimal kilograms = BigDecimal.valueOf(value(intensity), 6);
      sheet.put(
          "h2.class_lower_bound", named(intensity, HydrogenClass.of(kilograms, renewable), CI));
    }
  }

  /** What the intensity counts, and what not, in words. */
  private static Metric boundary(Metric intensity) {
    return new Metric(
            intensity.micros() == null ? null : (Long) 1_000_000L,
            "1",
            intensity.quality(),
            intensity.coverage(),
            intensity.estimated(),
            CI,
            null,
            intensity.why())
        .saying("electrolyser AC without compression, scope 2 location")
        .restingOn(intensity.standing());
  }

  private static Metric named(Metric like, HydrogenClass of, String from) {
    return new Metric(
            1_000_000L * of.code(),
            "1",
            like.quality(),
            like.coverage(),
            like.estimated(),
            from,
            null,
            null)
        .saying(of.word())
        .restingOn(like.standing());
  }

  /** Class and budgets on the footprint basis. */
  private void byFootprint(Sheet sheet) {
    List<Metric> all = sheet.present("h2.from_grid", "h2.from_pv", FROM_BATTERY);
    if (!factors.has("footprint") || all.isEmpty()) {
      return;
    }
    InForce grid = factors.find("electricity", "footprint", sheet.startMillis());
    InForce pv = factors.find("electricity_pv", "footprint", sheet.startMillis());
    Metric produced = sheet.known(PRODUCED, KG);
    List<Metric> inputs = new ArrayList<>(all);
    inputs.add(produced);
    Combining combined = new Combining(inputs);
    String why =
        grid == null || pv == null
            ? factors.lacking(
                grid == null ? "electricity" : "electricity_pv", "footprint", sheet.startMillis())
            : sheet.has("h2.from_chp") ? UNSPLIT : combined.why();
    double roundTrip = sheet.roundTrip();
    boolean stored = why == null && sheet.value(FROM_BATTERY) != 0;
    if (stored && Double.isNaN(roundTrip)) {
      why = "round_trip of the battery is not known";
    }
    if (grid == null || pv == null || why != null) {
      String unknown = String.valueOf(why);
      sheet.put("h2.ci_footprint", Metric.missing(RATIO, unknown));
      sheet.put("h2.class", Metric.missing("1", unknown));
      if (sheet.has(CO2)) {
        sheet.put(CLEAN_BUDGET, Metric.missing(KWH, unknown));
        sheet.put(LOW_CARBON_BUDGET, Metric.missing(KWH, unknown));
      }
      return;
    }
    sheet.use(grid);
    sheet.use(pv);
    // What the battery gave took more of the grid when it was charged.
    long bought =
        sheet.value("h2.from_grid")
            + (stored
                ? Rounding.whole(
                    BigDecimal.valueOf(sheet.value(FROM_BATTERY))
                        .divide(BigDecimal.valueOf(roundTrip), MathContext.DECIMAL64))
                : 0);
    long carbon = grid.kilograms(bought, KWH) + pv.kilograms(sheet.value("h2.from_pv"), KWH);
    SequencedSet<String> used = new LinkedHashSet<>();
    used.add(grid.factor().id());
    used.add(pv.factor().id());
    Standing standing = grid.standing().worse(pv.standing());
    Metric intensity =
        sheet
            .ratio(combined, carbon, value(produced), RATIO, "no hydrogen was produced")
            .restingOn(standing);
    if (intensity.micros() == null) {
      sheet.put("h2.ci_footprint", intensity);
      sheet.put("h2.class", Metric.missing("1", String.valueOf(intensity.why())));
    } else {
      intensity = intensity.by(used);
      sheet.put(
          "h2.ci_footprint",
          stored
              ? intensity.saying("battery / " + BigDecimal.valueOf(roundTrip).toPlainString())
              : intensity);
      HydrogenClass reached =
          HydrogenClass.of(
              BigDecimal.valueOf(value(intensity), 6), bought == 0 && intensity.isWhole());
      sheet.put("h2.class", named(intensity, reached, "h2.ci_footprint").by(used));
    }
    BigDecimal more = grid.kilogramsPer(KWH).subtract(pv.kilogramsPer(KWH));
    for (HydrogenClass of : List.of(HydrogenClass.CLEAN, HydrogenClass.LOW_CARBON)) {
      Metric budget =
          more.signum() <= 0
              ? Metric.missing(KWH, "the grid's footprint is no more than PV's")
              : combined.compared(left(of, produced, carbon, more), KWH, sheet.length());
      if (sheet.has(CO2)) {
        sheet.put(
            of == HydrogenClass.CLEAN ? CLEAN_BUDGET : LOW_CARBON_BUDGET,
            budget.micros() == null ? budget : budget.restingOn(standing).by(used));
      }
    }
  }

  /** What hydrogen of a class may emit beside what it has emitted, by what a kWh emits. */
  private static long left(HydrogenClass of, Metric produced, long carbon, BigDecimal each) {
    return Rounding.whole(
        of.allowed(BigDecimal.valueOf(value(produced)))
            .subtract(BigDecimal.valueOf(carbon))
            .divide(each, MathContext.DECIMAL64));
  }

  /**
   * Grid energy that the day's hydrogen may still take and stay within a class; may be negative. On
   * the location basis, where there are no footprint factors.
   */
  private void budget(Sheet sheet, HydrogenClass of, String name) {
    InForce factor = factors.electricity("location", sheet.startMillis());
    Metric carbon = sheet.get(CO2);
    Metric produced = sheet.known(PRODUCED, KG);
    if (factors.has("footprint") || !factors.has("location") || carbon == null) {
      return;
    }
    if (factor == null) {
      sheet.put(
          name,
          Metric.missing(KWH, factors.lacking("electricity", "location", sheet.startMillis())));
      return;
    }
    Combining both = new Combining(List.of(carbon, produced));
    String why = both.why();
    Metric battery = sheet.get(FROM_BATTERY);
    boolean given = battery != null && (battery.micros() == null || value(battery) != 0);
    if (why == null && given && carbon.quality().compareTo(Quality.SUSPECT) >= 0) {
      why = "it is not known yet what the battery was charged with";
    }
    if (why == null && !both.isOfTheSameTime(sheet.length())) {
      why = Combining.OTHER_TIME;
    }
    if (why != null) {
      sheet.put(name, Metric.missing(KWH, why));
      return;
    }
    // What the day's hydrogen has emitted so far, the battery's part by the mix in it, is spent.
    long left = left(of, produced, value(carbon), factor.kilogramsPer(KWH));
    sheet.use(factor);
    Metric figure = both.figure(left, KWH);
    sheet.put(name, Sheet.by(factor, figure, CO2, value(figure), KWH));
  }
}
