package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * CO2 of what the site bought and burnt. Each figure is rounded once per base interval, half-even
 * to the milligram; longer intervals add those.
 *
 * <p>Scope 2 is on gross import (location basis). What GB/T 32150 asks for, purchased less
 * exported, is {@code co2.purchased_net}; what PV avoids elsewhere is a memo, never subtracted.
 */
final class Emissions implements Chapter {

  static final String LOCATION = "co2.scope2.location";
  static final String TOTAL = "co2.total";
  static final String GRID_FACTOR = "grid.factor";
  private static final String FACTOR_UNIT = "kg/(kW.h)";
  private static final String GAS = "co2.scope1.natural_gas";
  private static final String HEAT = "co2.scope2.heat";

  static final String NET = "co2.purchased_net";
  static final String PER_LOAD = "co2.per_load_kwh";

  static final List<Indicator> LISTED =
      new Listing()
          .lengths(ALL)
          .in(Section.SCOPE2)
          .needs("grid location")
          .rolls(Rolling.OWN)
          .rule("the factor in force; none where a longer interval has several")
          .presence(Presence.UNOBSERVED)
          .add(GRID_FACTOR, FACTOR_UNIT, "电网排放因子", "grid factor in force")
          .in(Section.SCOPE1)
          .rolls(Rolling.SUMMED)
          .needs("gas combustion")
          .rule("volume at 0 °C × factor", "GB/T 32150")
          .from(EnergyBalance.NORMAL_GAS)
          .add(GAS, KG, "天然气燃烧", "natural gas burnt")
          .in(Section.SCOPE2)
          .needs("grid location")
          .rule("gross import × factor", "GHG Protocol Scope 2 Guidance")
          .from(EnergyBalance.IMPORT)
          .add(LOCATION, KG, "外购电力（基于位置）", "electricity, location-based")
          .needs("heat purchased_heat")
          .rule("heat that was bought × factor", "GB/T 32150")
          .from("heat.energy heat.purchased")
          .add(HEAT, KG, "外购热力", "heat")
          .in(Section.CO2)
          .needs("grid export location")
          .rule("(import − export) × factor", "GB/T 32150")
          .from(EnergyBalance.IMPORT + " " + EnergyBalance.EXPORT)
          .add(NET, KG, "净购入电力排放（GB/T 32150）", "purchased less exported (GB/T 32150)")
          .needs("grid location")
          .rule(
              "the sum of what is metered, and by the day and longer of what people told; its text"
                  + " names the figures that it covers")
          .from(GAS + " " + LOCATION + " " + HEAT)
          .add(TOTAL, KG, "已计量排放合计（范围一 + 范围二基于位置）", "metered scope 1 + scope 2 location-based")
          .rolls(Rolling.ANEW)
          .rule("co2.total / load")
          .from(TOTAL + " " + EnergyBalance.LOAD)
          .add(PER_LOAD, FACTOR_UNIT, "单位用电排放", "per kWh used")
          .rolls(Rolling.SUMMED)
          .needs("grid pv location")
          .rule("PV's energy × factor: memo, never subtracted")
          .from("flow.pv_to_load")
          .add(
              "co2.avoided.pv_self",
              KG,
              "光伏自用减排量（备查，不抵扣）",
              "avoided by own PV (memo, never subtracted)")
          .from("flow.pv_to_grid")
          .add(
              "co2.avoided.pv_export",
              KG,
              "光伏上网减排量（备查，不抵扣）",
              "avoided by exported PV (memo, never subtracted)")
          .list();

  private final Factors factors;

  Emissions(Factors factors) {
    this.factors = factors;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    inForce(sheet);
    by(sheet, "natural_gas", "combustion", EnergyBalance.NORMAL_GAS, GAS);
    by(sheet, "electricity", "location", EnergyBalance.IMPORT, LOCATION);
    by(sheet, "heat", "purchased_heat", EnergyBalance.boughtHeat(sheet), HEAT);
    net(sheet);
    total(sheet);
    by(sheet, "electricity", "location", "flow.pv_to_load", "co2.avoided.pv_self");
    by(sheet, "electricity", "location", "flow.pv_to_grid", "co2.avoided.pv_export");
    perLoad(sheet);
  }

  @Override
  public void rollUp(Sheet sheet) {
    inForce(sheet);
    sheet.takeLinearSums("co2.scope");
    sheet.takeSums(NET);
    Metric total = sheet.sum(TOTAL);
    List<String> told = Activities.emissions(sheet);
    if (total != null && told.isEmpty()) {
      sheet.put(TOTAL, total.saying(String.join(" ", covered(sheet))));
    } else if (!told.isEmpty()) {
      List<String> covered = new ArrayList<>(total == null ? List.of() : covered(sheet));
      List<Metric> parts = new ArrayList<>(total == null ? List.of() : List.of(total));
      told.forEach(name -> parts.add(sheet.known(name, KG)));
      covered.addAll(told);
      sheet.put(TOTAL, new Combining(parts).sum(KG).saying(String.join(" ", covered)));
    }
    sheet.takeLinearSums("co2.avoided.");
    perLoad(sheet);
  }

  /** The factor of the place, as a figure, so that a chart can show when it changed. */
  private void inForce(Sheet sheet) {
    InForce factor = factors.electricity("location", sheet.startMillis());
    if (!factors.has("location") || !sheet.has(EnergyBalance.IMPORT)) {
      return;
    }
    if (factor == null) {
      String lacking = factors.lacking("electricity", "location", sheet.startMillis());
      sheet.put(GRID_FACTOR, Metric.missing(FACTOR_UNIT, lacking));
      return;
    }
    Metric emitted = sheet.sum(LOCATION);
    if (emitted != null && !emitted.factors().isEmpty()) {
      sheet.put(
          GRID_FACTOR,
          Metric.missing(FACTOR_UNIT, "several factors were in force").by(emitted.factors()));
      return;
    }
    sheet.use(factor);
    long micros = factor.kilograms(1_000_000, Sheet.KWH);
    String id = factor.factor().id();
    sheet.put(
        GRID_FACTOR,
        new Metric(micros, FACTOR_UNIT, Quality.MEASURED, 100, 0, null, id, null)
            .restingOn(factor.standing()));
  }

  /** A figure that is another one times a factor. */
  private void by(Sheet sheet, String carrier, String basis, String of, String name) {
    Metric source = sheet.get(of);
    if (source == null) {
      return;
    }
    InForce factor = factors.find(carrier, basis, sheet.startMillis());
    if (factor != null) {
      sheet.use(factor);
    }
    String why =
        factor == null ? factors.lacking(carrier, basis, sheet.startMillis()) : source.why();
    sheet.put(
        name,
        factor == null || source.micros() == null
            ? Sheet.unknown(factor, of, KG, why)
            : Sheet.by(factor, source, of, factor.kilograms(value(source), source.ucum()), KG));
  }

  /** Purchased electricity less exported, at the factor of the place; may be negative. */
  private void net(Sheet sheet) {
    List<Metric> both = sheet.present(EnergyBalance.IMPORT, EnergyBalance.EXPORT);
    if (both.size() < 2) {
      return;
    }
    InForce factor = factors.electricity("location", sheet.startMillis());
    Combining inputs = new Combining(both);
    String why =
        factor == null
            ? factors.lacking("electricity", "location", sheet.startMillis())
            : inputs.why();
    if (factor == null || why != null) {
      sheet.put(NET, Sheet.unknown(factor, EnergyBalance.IMPORT, KG, why));
      return;
    }
    long energy = value(both.getFirst()) - value(both.getLast());
    Metric net = inputs.compared(energy, Sheet.KWH, sheet.length());
    if (net.micros() == null) {
      sheet.put(NET, Sheet.unknown(factor, EnergyBalance.IMPORT, KG, net.why()));
      return;
    }
    sheet.put(
        NET, Sheet.by(factor, net, EnergyBalance.IMPORT, factor.kilograms(energy, Sheet.KWH), KG));
  }

  /** The sum of what is metered, which says of what: fuel in cans is told by the day. */
  private static void total(Sheet sheet) {
    List<String> covered = covered(sheet);
    if (!covered.isEmpty()) {
      Metric sum = new Combining(covered.stream().map(sheet::get).toList()).sum(KG);
      sheet.put(TOTAL, sum.saying(String.join(" ", covered)));
    }
  }

  private static List<String> covered(Sheet sheet) {
    return Stream.of(GAS, LOCATION, HEAT).filter(sheet::has).toList();
  }

  private static void perLoad(Sheet sheet) {
    Metric total = sheet.get(TOTAL);
    Metric load = sheet.get(EnergyBalance.LOAD);
    if (total == null || load == null) {
      return;
    }
    Combining both = new Combining(List.of(total, load));
    String why = both.why();
    sheet.put(
        PER_LOAD,
        why != null
            ? Metric.missing("kg/(kW.h)", why)
            : sheet.ratio(both, value(total), value(load), "kg/(kW.h)", "no load"));
  }
}
