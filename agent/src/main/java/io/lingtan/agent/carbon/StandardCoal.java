package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.DAYS;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Comprehensive energy consumption in tonnes of standard coal (GB/T 2589-2020), by the day and
 * longer: net electricity from the grid, electricity from PV used here, gas and heat, each by its
 * printed coefficient. The equal value (coal that power stations burnt for the grid electricity) is
 * a figure of its own and is only worked out where the operator declares its yearly coefficient.
 */
final class StandardCoal implements Chapter {

  private static final Set<String> LENGTHS = Set.of("1d", "1M", "1Y");
  private static final String TONNE = "t{ce}";
  static final String TOTAL = "tce.total";
  private static final String CARRIER = "tce.by_carrier.";
  private static final String PV = "tce.by_carrier.pv";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.COAL)
          .lengths(DAYS)
          .rolls(Rolling.LINEAR)
          .rule("energy × printed coefficient, equivalent value", "GB/T 2589-2020")
          .needs("grid equivalent")
          .from(EnergyBalance.IMPORT + " " + EnergyBalance.EXPORT)
          .add("tce.by_carrier.electricity", TONNE, "其中电力（净购入）", "electricity, net")
          .needs("grid pv equivalent")
          .from("elec.pv.generation flow.pv_to_loss")
          .rule(
              "generation, without what is lost in hybrid inverters, × printed coefficient,"
                  + " equivalent value",
              "GB/T 2589-2020")
          .add(PV, TONNE, "其中光伏", "PV")
          .needs("gas equivalent")
          .rule("Nm³ × printed coefficient, equivalent value", "GB/T 2589-2020")
          .from(EnergyBalance.NORMAL_GAS)
          .add("tce.by_carrier.natural_gas", TONNE, "其中天然气", "natural gas")
          .needs("heat equivalent")
          .rule("heat that was bought × printed coefficient, equivalent value", "GB/T 2589-2020")
          .from("heat.energy heat.purchased")
          .add("tce.by_carrier.heat", TONNE, "其中热力", "heat")
          .needs("activities equivalent")
          .rule("mass or heat × printed coefficient, equivalent value", "GB/T 2589-2020")
          .from("")
          .presence(Presence.UNOBSERVED)
          .add(CARRIER + "{carrier}", TONNE, "其中", "of it:")
          .needs("grid equivalent")
          .rule("the sum of the carriers", "GB/T 2589-2020")
          .from(
              "tce.by_carrier.electricity tce.by_carrier.pv tce.by_carrier.natural_gas"
                  + " tce.by_carrier.heat tce.by_carrier.{carrier}")
          .add(TOTAL, TONNE, "综合能源消费量（当量值）", "comprehensive consumption (equivalent value)")
          .rolls(Rolling.ANEW)
          .needs("grid pv equivalent")
          .rule("PV that was used here / all")
          .from("flow.pv_to_load flow.pv_to_battery tce.total")
          .add("tce.nonfossil_share", "%", "非化石能源占比", "non-fossil share")
          .rolls(Rolling.LINEAR)
          .needs("grid equivalent equal_value")
          .rule("net grid electricity × equal value, never mixed with the other")
          .from(EnergyBalance.IMPORT + " " + EnergyBalance.EXPORT)
          .add("tce.equal_value", TONNE, "下网电量折标（等价值）", "grid electricity (equal value)")
          .list();

  private final Factors factors;

  StandardCoal(Factors factors) {
    this.factors = factors;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    if (!LENGTHS.contains(sheet.length())) {
      return;
    }
    List<Metric> parts = new ArrayList<>();
    Metric grid = netElectricity(sheet);
    if (grid != null) {
      add(parts, sheet, "electricity", "equivalent", grid, "tce.by_carrier.electricity");
    }
    // The export taken off above contains the surplus, so all of the generation counts.
    Metric own = EnergyBalance.pvPastInverters(sheet);
    if (own != null) {
      add(parts, sheet, "electricity", "equivalent", own, PV);
      Metric made = sheet.known(PV, TONNE);
      String text = own.text();
      if (text != null && made.micros() != null) {
        sheet.put(PV, made.saying(text));
      }
    }
    // The same cubic metre as for its CO2: the coefficient is printed without a temperature.
    for (Metric gas : sheet.present(EnergyBalance.NORMAL_GAS)) {
      add(parts, sheet, "natural_gas", "equivalent", gas, "tce.by_carrier.natural_gas");
    }
    for (Metric heat : sheet.present(EnergyBalance.boughtHeat(sheet))) {
      add(parts, sheet, "heat", "equivalent", heat, "tce.by_carrier.heat");
    }
    Activities.energies(sheet)
        .forEach(
            (carrier, name) -> {
              boolean heat = name.startsWith("heat.");
              String of = heat ? "heat" : carrier;
              add(parts, sheet, of, "equivalent", sheet.known(name, KG), CARRIER + carrier, name);
            });
    if (parts.isEmpty()) {
      return;
    }
    sheet.put(TOTAL, new Combining(parts).sum(TONNE));
    nonFossil(sheet);
    if (grid != null && factors.has("equal_value")) {
      add(new ArrayList<>(), sheet, "electricity", "equal_value", grid, "tce.equal_value");
    }
  }

  /** Import less export; null without a gate. */
  private static @Nullable Metric netElectricity(Sheet sheet) {
    List<Metric> both = sheet.present(EnergyBalance.IMPORT, EnergyBalance.EXPORT);
    if (both.isEmpty()) {
      return null;
    }
    Combining inputs = new Combining(both);
    return inputs.why() != null
        ? inputs.figure(0, Sheet.KWH)
        : inputs.compared(
            sheet.total(Figure.GRID_IMPORT) - sheet.total(Figure.GRID_EXPORT),
            Sheet.KWH,
            sheet.length());
  }

  private void add(
      List<Metric> parts, Sheet sheet, String carrier, String basis, Metric amount, String name) {
    // Of gas there are two volumes.
    String of = carrier.equals("natural_gas") ? EnergyBalance.NORMAL_GAS : null;
    add(parts, sheet, carrier, basis, amount, name, of);
  }

  private void add(
      List<Metric> parts,
      Sheet sheet,
      String carrier,
      String basis,
      Metric amount,
      String name,
      @Nullable String of) {
    InForce factor = factors.find(carrier, basis, sheet.startMillis());
    if (factor != null) {
      sheet.use(factor);
    }
    String why =
        factor == null ? factors.lacking(carrier, basis, sheet.startMillis()) : amount.why();
    Metric metric =
        factor == null || amount.micros() == null
            ? Sheet.unknown(factor, of, TONNE, why)
            : Sheet.by(
                factor,
                amount,
                of,
                Rounding.whole(
                    factor
                        .kilogramsPer(amount.ucum())
                        .multiply(BigDecimal.valueOf(value(amount)))
                        .movePointLeft(3)),
                TONNE);
    sheet.put(name, metric);
    parts.add(metric);
  }

  /** PV that was used here, of all energy that was. */
  private void nonFossil(Sheet sheet) {
    Metric total = sheet.get(TOTAL);
    List<Metric> used = sheet.present("flow.pv_to_load", "flow.pv_to_battery");
    InForce factor = factors.find("electricity", "equivalent", sheet.startMillis());
    if (total == null || used.isEmpty()) {
      return;
    }
    if (factor == null) {
      sheet.put(
          "tce.nonfossil_share",
          Metric.missing("%", factors.lacking("electricity", "equivalent", sheet.startMillis())));
      return;
    }
    List<Metric> inputs = new ArrayList<>(used);
    inputs.add(total);
    Combining all = new Combining(inputs);
    String why = all.why();
    if (why != null) {
      sheet.put("tce.nonfossil_share", Metric.missing("%", why));
      return;
    }
    long energy = used.stream().mapToLong(Combining::value).sum();
    long tonnes =
        Rounding.whole(
            factor.kilogramsPer(Sheet.KWH).multiply(BigDecimal.valueOf(energy)).movePointLeft(3));
    Metric share = sheet.ratio(all, 100 * tonnes, value(total), "%", "no energy was used");
    boolean possible = value(total) > 0 && tonnes <= value(total);
    sheet.put("tce.nonfossil_share", possible ? share : Combining.suspect(share));
  }
}
