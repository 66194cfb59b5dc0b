package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.Flows.Energies;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.Allocation;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What came in, what went out, who fed whom, and what is left unexplained. */
final class EnergyBalance implements Chapter {

  static final String IMPORT = Figure.GRID_IMPORT.metric();
  static final String EXPORT = Figure.GRID_EXPORT.metric();
  static final String LOAD = "elec.load.total";
  static final String RESIDUAL = "balance.residual";

  /** Tells, only where it is contradictory, what nothing at the site can have given. */
  static final String UNEXPLAINED = "balance.unexplained_export";

  /** The electricity that crosses the busbar. */
  private static final List<Figure> BUSBAR =
      List.of(
          Figure.GRID_IMPORT,
          Figure.GRID_EXPORT,
          Figure.PV_GENERATION,
          Figure.CHP_GENERATION,
          Figure.BATTERY_CHARGE,
          Figure.BATTERY_DISCHARGE,
          Figure.HYBRID_OUTPUT,
          Figure.HYBRID_INPUT);

  /** What is counted on either side of hybrid inverters. */
  private static final List<Figure> BEHIND =
      List.of(
          Figure.PV_GENERATION,
          Figure.BATTERY_CHARGE,
          Figure.BATTERY_DISCHARGE,
          Figure.HYBRID_OUTPUT,
          Figure.HYBRID_INPUT);

  private static final List<Figure> CONSUMED =
      Stream.concat(BUSBAR.stream(), Stream.of(Figure.LOAD)).toList();

  private static final List<Figure> SOURCES =
      List.of(Figure.PV_GENERATION, Figure.CHP_GENERATION, Figure.BATTERY_DISCHARGE);

  /** What a combustion factor's cubic metre of gas refers to. */
  static final String NORMAL_GAS = "fuel.gas.normal";

  /** Of the heat, what the site made of energy that counts already, where it has such a meter. */
  static final String OWN_HEAT = "heat.own";

  /** The text of a figure for which the loss of hybrid inverters was taken off PV's energy. */
  static final String PAST_INVERTERS = "elec.pv.generation - flow.pv_to_loss";

  static final String PV_LOSS = "flow.pv_to_loss";

  private static final String BOUGHT_HEAT = "heat.purchased";

  /** 0 °C in K. */
  static final BigDecimal NORMAL_KELVIN = new BigDecimal("273.15");

  private static final String SOURCES_NAMES =
      "elec.grid.import elec.pv.generation elec.chp.generation elec.battery.discharge";
  private static final String BUSBAR_NAMES =
      SOURCES_NAMES + " elec.grid.export elec.battery.charge";

  private static final String HYBRID_NAMES =
      "elec.hybrid.pv elec.hybrid.charge elec.hybrid.discharge elec.hybrid.output"
          + " elec.hybrid.input";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.ENERGY)
          .lengths(ALL)
          .rolls(Rolling.COUNTED)
          .rule("register deltas at the gate")
          .needs("grid")
          .add(IMPORT, KWH, "下网电量", "bought from the grid")
          .needs("grid export")
          .add(EXPORT, KWH, "上网电量", "sold to the grid")
          .rule("register deltas; AC, or DC where the meter's `coupling` is dc")
          .needs("pv")
          .add("elec.pv.generation", KWH, "光伏发电量", "PV generation")
          .needs("battery")
          .add("elec.battery.charge", KWH, "储能充电量", "battery charged")
          .add("elec.battery.discharge", KWH, "储能放电量", "battery discharged")
          .rule("AC, register deltas")
          .needs("chp")
          .add("elec.chp.generation", KWH, "热电联产发电量", "CHP generation")
          .rule("register deltas at the AC side of inverters with a battery behind them")
          .needs("hybrid")
          .add(Hybrid.OUTPUT, KWH, "混合逆变器交流输出", "given by hybrid inverters")
          .rolls(Rolling.SUMMED)
          .needs("hybrid battery")
          .rule(
              "the same; where nothing counts it the least that the charge needs, and suspect"
                  + " above 0")
          .add(Hybrid.INPUT, KWH, "混合逆变器交流输入", "taken by hybrid inverters")
          .rolls(Rolling.COUNTED)
          .needs("hybrid")
          .rule("what of the figure without `hybrid` is counted behind them, on the DC side")
          .add(Hybrid.PV, KWH, "混合逆变器光伏发电量", "PV behind hybrid inverters")
          .needs("hybrid battery")
          .add(Hybrid.CHARGE, KWH, "混合逆变器储能充电量", "charged behind hybrid inverters")
          .add(Hybrid.DISCHARGE, KWH, "混合逆变器储能放电量", "discharged behind hybrid inverters")
          .rolls(Rolling.LINEAR)
          .needs("hybrid")
          .rule("hybrid pv + discharge + input − charge − output")
          .from(HYBRID_NAMES)
          .add(Hybrid.LOSS, KWH, "混合逆变器损耗", "lost in hybrid inverters")
          .rolls(Rolling.ANEW)
          .rule("hybrid (output + charge) / (pv + discharge + input)")
          .add(Hybrid.EFFICIENCY, "%", "混合逆变器效率", "efficiency of hybrid inverters")
          .from("")
          .rolls(Rolling.COUNTED)
          .rule("each metered load, electrolysers, compressors and chargers among them")
          .needs("load")
          .add("elec.load.{id}", KWH, "用电量", "used by")
          .rolls(Rolling.LINEAR)
          .rule(
              "import + pv + chp + discharge − export − charge; of what is behind hybrid inverters"
                  + " their output − input instead")
          .needs("grid")
          .from(BUSBAR_NAMES + " " + HYBRID_NAMES)
          .add(LOAD, KWH, "用电量合计", "used in all")
          .rolls(Rolling.SUMMED)
          .rule("who fed whom by `metering.allocation`, per base interval and then added")
          .add("flow.grid_to_load", KWH, "电网供负荷", "grid to load")
          .needs("grid pv")
          .add("flow.pv_to_load", KWH, "光伏供负荷", "PV to load")
          .add("flow.pv_to_grid", KWH, "光伏上网", "PV to grid")
          .needs("grid battery")
          .add("flow.grid_to_battery", KWH, "电网充储能", "grid to battery")
          .add("flow.battery_to_load", KWH, "储能供负荷", "battery to load")
          .add("flow.battery_to_grid", KWH, "储能上网", "battery to grid")
          .needs("grid pv battery")
          .add("flow.pv_to_battery", KWH, "光伏充储能", "PV to battery")
          .rule("what got lost in hybrid inverters of it")
          .needs("grid hybrid")
          .add(PV_LOSS, KWH, "光伏逆变损耗", "PV to loss")
          .needs("grid hybrid battery")
          .add("flow.battery_to_loss", KWH, "储能逆变损耗", "battery to loss")
          .rule("who fed whom by `metering.allocation`, per base interval and then added")
          .needs("grid chp")
          .add("flow.chp_to_load", KWH, "热电联产供负荷", "CHP to load")
          .add("flow.chp_to_grid", KWH, "热电联产上网", "CHP to grid")
          .needs("grid chp battery")
          .add("flow.chp_to_battery", KWH, "热电联产充储能", "CHP to battery")
          .needs("grid contradiction")
          .rule(
              "only where counts contradict each other, or a battery takes and gives in one"
                  + " interval")
          .presence(Presence.NOT_ZERO)
          .add("flow.grid_to_grid", KWH, "电网至电网（矛盾）", "grid to grid (contradiction)")
          .presence(Presence.NOT_ZERO)
          .add("flow.battery_to_battery", KWH, "储能至储能", "battery to battery")
          .rolls(Rolling.LINEAR)
          .rule("export − pv − chp − discharge, only where that is more than meters can be off")
          .from("elec.grid.export elec.pv.generation elec.chp.generation elec.battery.discharge")
          .presence(Presence.NOT_ZERO)
          .add(UNEXPLAINED, KWH, "来源不明的上网电量", "export without a known source")
          .needs("grid load")
          .rule("what the metered loads leave over")
          .from("elec.load.total elec.load.{id}")
          .add(RESIDUAL, KWH, "平衡差", "left over by the metered loads")
          .rolls(Rolling.ANEW)
          .rule("the same in percent of import + pv + chp + discharge")
          .from("balance.residual " + SOURCES_NAMES)
          .add("balance.residual_pct", "%", "平衡差率", "the same, share of what came in")
          .needs("grid pv")
          .rule("(pv to load + pv to battery) / pv")
          .from("flow.pv_to_load flow.pv_to_battery elec.pv.generation")
          .add("kpi.self_consumption", "1", "自发自用率", "self-consumption")
          .needs("grid")
          .rule(
              "1 − grid to load / load: what the battery gave counts as own, of the grid as it may"
                  + " be; missing where a battery is all that the site has of its own")
          .from("flow.grid_to_load elec.load.total")
          .add("kpi.self_sufficiency", "1", "自给率", "self-sufficiency")
          .rolls(Rolling.COUNTED)
          .from("")
          .needs("grid reactive")
          .rule("register deltas at the gate")
          .add("reactive.import", "kV.A.h", "正向无功电量", "reactive, import")
          .add("reactive.export", "kV.A.h", "反向无功电量", "reactive, export")
          .needs("gas")
          .rule("as the meter counts it, at its own reference temperature")
          .add("fuel.gas.volume", "m3", "天然气", "natural gas")
          .rolls(Rolling.SUMMED)
          .rule("the same at 0 °C and 101.325 kPa: × 273.15 / (273.15 + gas_celsius)")
          .from("fuel.gas.volume")
          .add(NORMAL_GAS, "m3", "Nm³", "天然气（标准状态 0 °C）", "natural gas at 0 °C")
          .from("")
          .needs("heat")
          .rule("1 kWh = 0.0036 GJ")
          .add("heat.energy", "GJ", "热量", "heat")
          .needs("heat own_heat")
          .rule("of it, what meters count that a chp names or that are `own`; not bought")
          .add(OWN_HEAT, "GJ", "自产热量", "heat made here")
          .rolls(Rolling.LINEAR)
          .rule("heat.energy − heat.own")
          .from("heat.energy heat.own")
          .add(BOUGHT_HEAT, "GJ", "外购热量", "heat that was bought")
          .from("")
          .rolls(Rolling.COUNTED)
          .in(Section.H2)
          .needs("electrolyser hydrogen")
          .rule("register deltas")
          .add("h2.produced", KG, "产氢量", "produced")
          .needs("h2_dispenser")
          .add("h2.dispensed", KG, "加注量", "dispensed")
          .list();

  private final Allocation allocation;
  private final long recordMillis;

  /**
   * @param recordMillis longest time between two readings of an electricity meter
   */
  EnergyBalance(Allocation allocation, long recordMillis) {
    this.allocation = allocation;
    this.recordMillis = recordMillis;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    totals(sheet);
    contradictions(sheet);
    Combining balance = balance(sheet);
    if (balance != null) {
      load(sheet, balance);
      flows(sheet, balance);
      residual(sheet);
      indicators(sheet);
    }
  }

  @Override
  public void rollUp(Sheet sheet) {
    totals(sheet);
    contradictions(sheet);
    Combining balance = balance(sheet);
    if (balance != null) {
      load(sheet, balance);
    }
    sheet.takeSums("flow.");
    for (String name : sheet.names()) {
      if (name.startsWith("flow.")) {
        sheet.put(name, by(allocation, sheet.known(name, KWH)));
      }
    }
    if (balance != null) {
      residual(sheet);
      indicators(sheet);
    }
  }

  /** Marks counts that cannot all be true: what is worked out from them is suspect, too. */
  private void contradictions(Sheet sheet) {
    Hybrid hybrid = Hybrid.of(sheet);
    List<Metric> busbar = sheet.present(BUSBAR.stream().map(Figure::metric).toArray(String[]::new));
    if (!sheet.has(IMPORT) || !Contradiction.isJudged(busbar)) {
      return;
    }
    if (hybrid != null) {
      long in = hybrid.pv() + hybrid.discharge() + hybrid.input();
      long steps = Contradiction.steps(behind(sheet));
      long tolerance = steps >= 0 ? steps : tolerance(sheet, in, BEHIND);
      if (Contradiction.isGain(hybrid.loss(), tolerance)) {
        suspect(sheet, Hybrid.OUTPUT);
        suspect(sheet, Hybrid.LOSS);
        suspect(sheet, Hybrid.EFFICIENCY);
      }
    }
    Energies passed = energies(sheet);
    long unexplained =
        Contradiction.unexplainedExport(
            passed.pv(), passed.discharge(), passed.chp(), passed.gridExport());
    long energy = passed.pv() + passed.discharge() + passed.chp() + passed.gridExport();
    if (sheet.has(EXPORT)
        && Contradiction.isWithoutSource(unexplained, tolerance(sheet, energy, BUSBAR))) {
      suspect(sheet, EXPORT);
      sheet.put(UNEXPLAINED, Combining.suspect(new Combining(busbar).figure(unexplained, KWH)));
    }
  }

  /** What is counted at hybrid inverters, on either side. */
  private static List<Count> behind(Sheet sheet) {
    return sheet.counts().stream()
        .filter(
            count ->
                count.figure() == Figure.HYBRID_OUTPUT
                    || count.figure() == Figure.HYBRID_INPUT
                    || (BEHIND.contains(count.figure()) && count.meter().coupling() == Coupling.DC))
        .toList();
  }

  private long tolerance(Sheet sheet, long energy, List<Figure> figures) {
    return Contradiction.tolerance(sheet, energy, figures, recordMillis);
  }

  private static void suspect(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    if (metric != null) {
      sheet.put(name, Combining.suspect(metric));
    }
  }

  private static void totals(Sheet sheet) {
    for (Figure figure : Figure.values()) {
      List<Count> all = sheet.of(figure);
      if (figure != Figure.LOAD && !all.isEmpty()) {
        if (figure == Figure.HEAT) {
          putConverted(sheet, figure.metric(), sheet.topmost(all), EnergyBalance::heat, "GJ");
        } else {
          sheet.put(figure.metric(), sheet.together(all).sum(figure.ucum()));
        }
        if (figure == Figure.GAS) {
          putConverted(sheet, NORMAL_GAS, sheet.topmost(all), EnergyBalance::normal, "m3");
        }
      }
      if (figure == Figure.LOAD || all.size() > 1) {
        for (Count count : all) {
          String name = figure.metric() + "." + count.meter().id();
          if (figure == Figure.HEAT) {
            putConverted(sheet, name, List.of(count), EnergyBalance::heat, "GJ");
          } else {
            sheet.put(name, count.amount());
          }
        }
      }
    }
    if (sheet.has(Hybrid.OUTPUT)) {
      hybrid(sheet);
    }
    ownHeat(sheet);
    otherDirection(sheet, Figure.BATTERY_CHARGE, Figure.BATTERY_DISCHARGE, true);
    boolean sources = SOURCES.stream().anyMatch(source -> sheet.has(source.metric()));
    otherDirection(sheet, Figure.GRID_IMPORT, Figure.GRID_EXPORT, sources);
  }

  private static void ownHeat(Sheet sheet) {
    List<Count> all = sheet.of(Figure.HEAT);
    List<Count> own = all.stream().filter(count -> count.meter().own()).toList();
    if (own.isEmpty()) {
      return;
    }
    putConverted(sheet, OWN_HEAT, sheet.topmost(own), EnergyBalance::heat, "GJ");
    if (own.size() < all.size()) {
      Combining both = new Combining(sheet.present(Figure.HEAT.metric(), OWN_HEAT));
      long rest =
          both.why() == null ? sheet.value(Figure.HEAT.metric()) - sheet.value(OWN_HEAT) : 0;
      sheet.put(BOUGHT_HEAT, both.compared(rest, "GJ", sheet.length()));
    }
  }

  /** Which figure is the heat that was bought; the sheet has none if nothing was. */
  static String boughtHeat(Sheet sheet) {
    return sheet.has(OWN_HEAT) ? BOUGHT_HEAT : Figure.HEAT.metric();
  }

  /** What is behind hybrid inverters, and what they lose. */
  private static void hybrid(Sheet sheet) {
    behind(sheet, Figure.PV_GENERATION, Hybrid.PV);
    behind(sheet, Figure.BATTERY_CHARGE, Hybrid.CHARGE);
    behind(sheet, Figure.BATTERY_DISCHARGE, Hybrid.DISCHARGE);
    if (sheet.has(Hybrid.CHARGE)) {
      sheet.put(Hybrid.INPUT, input(sheet));
    }
    Combining all =
        new Combining(
            sheet.present(Hybrid.PV, Hybrid.CHARGE, Hybrid.DISCHARGE, Hybrid.OUTPUT, Hybrid.INPUT));
    Hybrid hybrid = Hybrid.of(sheet);
    sheet.put(Hybrid.LOSS, all.compared(hybrid == null ? 0 : hybrid.loss(), KWH, sheet.length()));
    sheet.put(
        Hybrid.EFFICIENCY,
        hybrid == null
            ? all.figure(0, "%")
            : sheet.ratio(
                all,
                100 * (hybrid.output() + hybrid.charge()),
                hybrid.pv() + hybrid.discharge() + hybrid.input(),
                "%",
                "no energy passed"));
  }

  /**
   * PV's energy as it reached the busbar or the battery beside it: of panels behind hybrid
   * inverters without what got lost there. Null without PV.
   */
  static @Nullable Metric pvPastInverters(Sheet sheet) {
    Metric generated = sheet.get(Figure.PV_GENERATION.metric());
    if (generated == null || !sheet.has(Hybrid.PV)) {
      return generated;
    }
    Metric lost = sheet.get(PV_LOSS);
    Hybrid hybrid = Hybrid.of(sheet);
    List<Metric> inputs = new ArrayList<>(List.of(generated));
    inputs.addAll(sheet.present(lost == null ? Hybrid.OUTPUT : PV_LOSS));
    Combining both = new Combining(inputs);
    long loss =
        lost != null && lost.micros() != null ? value(lost) : hybrid == null ? 0 : hybrid.pvLoss();
    Metric past =
        both.why() == null
            ? both.compared(value(generated) - loss, KWH, sheet.length())
            : both.figure(0, KWH);
    return past.micros() == null ? past : past.saying(PAST_INVERTERS);
  }

  private static void behind(Sheet sheet, Figure figure, String name) {
    List<Count> counts =
        sheet.of(figure).stream().filter(count -> count.meter().isBehindInverter()).toList();
    if (!counts.isEmpty()) {
      sheet.put(name, sheet.together(counts).sum(KWH));
    }
  }

  /**
   * What hybrid inverters took from the busbar. Where nothing counts it, at least what was charged
   * and is not from anywhere else.
   */
  private static Metric input(Sheet sheet) {
    Metric counted = sheet.get(Hybrid.INPUT);
    Metric summed = sheet.sum(Hybrid.INPUT);
    if (counted != null && counted.micros() != null) {
      return counted;
    }
    if (summed != null) {
      return summed;
    }
    Combining rest =
        new Combining(sheet.present(Hybrid.PV, Hybrid.CHARGE, Hybrid.DISCHARGE, Hybrid.OUTPUT));
    if (rest.why() != null) {
      return rest.figure(0, KWH);
    }
    long least =
        Hybrid.leastInput(
            sheet.value(Hybrid.PV),
            sheet.value(Hybrid.CHARGE),
            sheet.value(Hybrid.DISCHARGE),
            sheet.value(Hybrid.OUTPUT));
    Metric figure = rest.figure(least, KWH);
    return least > 0
        ? Combining.suspect(figure)
        : figure.of(figure.quality().worse(Quality.DERIVED));
  }

  /**
   * A direction that nothing counts is not zero: it is missing where the other is counted.
   *
   * @param needsOut whether {@code out} can be; of a site without a source nothing goes out
   */
  private static void otherDirection(Sheet sheet, Figure in, Figure out, boolean needsOut) {
    if (sheet.has(in.metric()) && !sheet.has(out.metric()) && needsOut) {
      sheet.put(out.metric(), Metric.missing(out.ucum(), "no register and no power counts it"));
    } else if (sheet.has(out.metric()) && !sheet.has(in.metric())) {
      sheet.put(in.metric(), Metric.missing(in.ucum(), "no register and no power counts it"));
    }
  }

  /**
   * What meters counted, in another unit than theirs, and in a base interval each rounded once. A
   * longer interval is the sum over its base intervals where these account for as much as its own
   * counts do: else their roundings would not add up.
   */
  private static void putConverted(
      Sheet sheet, String name, List<Count> meters, ToLongFunction<Count> converted, String ucum) {
    Combining inputs = new Combining(meters.stream().map(Count::amount).toList());
    long own = inputs.why() == null ? meters.stream().mapToLong(converted).sum() : 0;
    Metric figure = inputs.figure(own, ucum);
    Metric sum = sheet.sum(name);
    boolean isSum =
        sum != null
            && sum.micros() != null
            && figure.micros() != null
            && sum.lacking().equals(figure.lacking());
    sheet.put(name, sum != null && isSum ? inputs.figure(value(sum), ucum) : figure);
  }

  /** A gas meter's volume, brought to 0 °C, in millionths of m³. */
  static long normal(Count gas) {
    BigDecimal kelvin = NORMAL_KELVIN.add(BigDecimal.valueOf(gas.meter().gasCelsius()));
    return Rounding.whole(
        BigDecimal.valueOf(value(gas.amount()))
            .multiply(NORMAL_KELVIN)
            .divide(kelvin, MathContext.DECIMAL64));
  }

  /** Heat meters count kilowatt-hours; heat is told in gigajoules: 1 kWh = 0.0036 GJ, exactly. */
  private static long heat(Count counted) {
    return Rounding.share(value(counted.amount()), 36, 10_000);
  }

  /** What feeds and drains the busbar; null without a meter at the gate. */
  private static @Nullable Combining balance(Sheet sheet) {
    return sheet.has(IMPORT)
        ? new Combining(sheet.present(BUSBAR.stream().map(Figure::metric).toArray(String[]::new)))
        : null;
  }

  /** What passes the busbar: of hybrid inverters not what is behind them, but their own AC. */
  private static Energies energies(Sheet sheet) {
    Hybrid known = Hybrid.of(sheet);
    Hybrid hybrid = known == null ? new Hybrid(0, 0, 0, 0, 0) : known;
    return new Energies(
        sheet.total(Figure.GRID_IMPORT),
        sheet.total(Figure.GRID_EXPORT),
        sheet.total(Figure.PV_GENERATION) - hybrid.pv() + hybrid.pvOutput(),
        sheet.total(Figure.CHP_GENERATION),
        sheet.total(Figure.BATTERY_CHARGE) - hybrid.charge() + hybrid.input(),
        sheet.total(Figure.BATTERY_DISCHARGE) - hybrid.discharge() + hybrid.batteryOutput());
  }

  /** Whether less than nothing is left for loads, by more than honest meters are off. */
  private boolean isShort(Sheet sheet, Combining balance) {
    return balance.why() == null
        && Contradiction.isShort(
            energies(sheet).load(), 0, tolerance(sheet, passed(sheet), BUSBAR));
  }

  /** What all meters at the busbar counted, in either direction. */
  private static long passed(Sheet sheet) {
    Energies passed = energies(sheet);
    return passed.gridImport()
        + passed.gridExport()
        + passed.pv()
        + passed.chp()
        + passed.charge()
        + passed.discharge();
  }

  private void load(Sheet sheet, Combining balance) {
    long load = balance.why() == null ? energies(sheet).load() : 0;
    Metric total = balance.compared(load, KWH, sheet.length());
    sheet.put(LOAD, isShort(sheet, balance) ? Combining.suspect(total) : total);
  }

  private void flows(Sheet sheet, Combining balance) {
    boolean known = balance.why() == null;
    Energies energies = known ? energies(sheet) : new Energies(0, 0, 0, 0, 0, 0);
    Flows flows = Flows.of(allocation, energies);
    Hybrid hybrid = known ? Hybrid.of(sheet) : null;
    boolean contradictory = isShort(sheet, balance);
    named(sheet, flows, hybrid)
        .forEach(
            (name, energy) -> {
              Metric flow = by(allocation, balance.compared(energy, KWH, sheet.length()));
              sheet.put("flow." + name, contradictory ? Combining.suspect(flow) : flow);
            });
  }

  /** Says by which rule, so that others can work it out again. */
  private static Metric by(Allocation rule, Metric flow) {
    return flow.micros() == null ? flow : flow.saying(rule.name().toLowerCase(Locale.ROOT));
  }

  private static SequencedMap<String, Long> named(
      Sheet sheet, Flows flows, @Nullable Hybrid hybrid) {
    boolean battery =
        sheet.has(Figure.BATTERY_CHARGE.metric())
            || sheet.has(Figure.BATTERY_DISCHARGE.metric())
            || (hybrid != null && hybrid.batteryOutput() > 0);
    SequencedMap<String, Long> named = new LinkedHashMap<>();
    named.put("grid_to_load", flows.gridToLoad());
    if (battery) {
      named.put("grid_to_battery", flows.gridToBattery());
    }
    if (sheet.has(Figure.PV_GENERATION.metric())) {
      named.put("pv_to_load", flows.pvToLoad());
      if (battery) {
        long direct = hybrid == null ? 0 : hybrid.pvToBattery();
        named.put("pv_to_battery", flows.pvToBattery() + direct);
      }
      named.put("pv_to_grid", flows.pvToGrid());
    }
    if (sheet.has(Figure.CHP_GENERATION.metric())) {
      named.put("chp_to_load", flows.chpToLoad());
      if (battery) {
        named.put("chp_to_battery", flows.chpToBattery());
      }
      named.put("chp_to_grid", flows.chpToGrid());
    }
    if (battery) {
      named.put("battery_to_load", flows.batteryToLoad());
      named.put("battery_to_grid", flows.batteryToGrid());
    }
    if (sheet.has(Hybrid.OUTPUT)) {
      named.put("pv_to_loss", hybrid == null ? 0 : hybrid.pvLoss());
      if (battery) {
        named.put("battery_to_loss", hybrid == null ? 0 : hybrid.batteryLoss());
      }
    }
    // These two are not energy that was used; they are told so that nothing is lost.
    if (flows.gridToGrid() > 0) {
      named.put("grid_to_grid", flows.gridToGrid());
    }
    if (flows.batteryToBattery() > 0) {
      named.put("battery_to_battery", flows.batteryToBattery());
    }
    return named;
  }

  private void residual(Sheet sheet) {
    List<Metric> loads = sheet.topmost(sheet.of(Figure.LOAD)).stream().map(Count::amount).toList();
    Metric total = sheet.get(LOAD);
    if (loads.isEmpty() || total == null) {
      return;
    }
    List<Metric> inputs = new ArrayList<>(loads);
    inputs.add(total);
    Combining all = new Combining(inputs);
    String why = all.why();
    if (why != null) {
      sheet.put(RESIDUAL, Metric.missing(KWH, why));
      sheet.put("balance.residual_pct", Metric.missing("%", why));
      return;
    }
    long metered = loads.stream().mapToLong(Combining::value).sum();
    long residual = value(total) - metered;
    sheet.put(RESIDUAL, all.compared(residual, KWH, sheet.length()));
    long in =
        sheet.total(Figure.GRID_IMPORT)
            + sheet.total(Figure.PV_GENERATION)
            + sheet.total(Figure.CHP_GENERATION)
            + sheet.total(Figure.BATTERY_DISCHARGE);
    long tolerance = tolerance(sheet, passed(sheet) + metered, CONSUMED);
    if (Contradiction.isShort(value(total), metered, tolerance) && Contradiction.isJudged(inputs)) {
      suspect(sheet, RESIDUAL);
      suspect(sheet, LOAD);
    }
    sheet.put(
        "balance.residual_pct", sheet.ratio(all, 100 * residual, in, "%", "no energy came in"));
  }

  private static void indicators(Sheet sheet) {
    Metric generated = sheet.get(Figure.PV_GENERATION.metric());
    if (generated != null) {
      List<Metric> own = new ArrayList<>(List.of(sheet.known("flow.pv_to_load", KWH)));
      own.addAll(sheet.present("flow.pv_to_battery"));
      sheet.put(
          "kpi.self_consumption",
          sheet.has(UNEXPLAINED)
              ? Metric.missing("1", "more was exported than there was")
              : share(sheet, own, generated, false, "no generation"));
    }
    Metric load = sheet.get(LOAD);
    if (load != null) {
      List<Metric> bought = List.of(sheet.known("flow.grid_to_load", KWH));
      boolean generates = generated != null || sheet.has(Figure.CHP_GENERATION.metric());
      boolean onlyStores = !generates && sheet.has(Figure.BATTERY_DISCHARGE.metric());
      sheet.put(
          "kpi.self_sufficiency",
          onlyStores
              ? Metric.missing("1", "the site has a battery and no source of its own")
              : share(sheet, bought, load, true, "no load"));
    }
  }

  private static Metric share(
      Sheet sheet, List<Metric> parts, Metric whole, boolean ofTheRest, String whenZero) {
    List<Metric> inputs = new ArrayList<>(parts);
    inputs.add(whole);
    Combining all = new Combining(inputs);
    String why = all.why();
    if (why != null) {
      return Metric.missing("1", why);
    }
    long part = parts.stream().mapToLong(Combining::value).sum();
    return sheet.ratio(all, ofTheRest ? value(whole) - part : part, value(whole), "1", whenZero);
  }
}
