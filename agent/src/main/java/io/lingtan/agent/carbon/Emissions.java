package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;
import static io.lingtan.agent.carbon.Sheet.KG;

import io.lingtan.agent.carbon.Factors.InForce;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

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

  /** 0 °C in K: what a factor's cubic metre of gas refers to (101.325 kPa). */
  private static final BigDecimal NORMAL_KELVIN = new BigDecimal("273.15");

  private final Factors factors;

  Emissions(Factors factors) {
    this.factors = factors;
  }

  @Override
  public void base(Sheet sheet) {
    inForce(sheet);
    gas(sheet);
    by(sheet, "electricity", "location", EnergyBalance.IMPORT, LOCATION);
    by(sheet, "heat", "purchased_heat", Figure.HEAT.metric(), HEAT);
    net(sheet);
    total(sheet);
    by(sheet, "electricity", "location", "flow.pv_to_load", "co2.avoided.pv_self");
    by(sheet, "electricity", "location", "flow.pv_to_grid", "co2.avoided.pv_export");
    perLoad(sheet);
  }

  @Override
  public void rollUp(Sheet sheet) {
    inForce(sheet);
    sheet.takeSums("co2.load.");
    sheet.takeLinearSums("co2.scope");
    sheet.takeSums("co2.purchased_net");
    sheet.takeSums(TOTAL);
    sheet.takeLinearSums("co2.avoided.");
    perLoad(sheet);
  }

  /** The factor of the place, as a figure, so that a chart can show when it changed. */
  private void inForce(Sheet sheet) {
    InForce factor = factors.electricity("location", sheet.startMillis());
    if (factor == null || !sheet.has(EnergyBalance.IMPORT)) {
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

  /** Gas by its volume at 0 °C, which each meter's own reference is converted to. */
  private void gas(Sheet sheet) {
    List<Count> meters = sheet.topmost(sheet.of(Figure.GAS, Role.GAS));
    if (meters.isEmpty()) {
      return;
    }
    String of = Figure.GAS.metric();
    Metric volume = sheet.known(of, "m3");
    InForce factor = factors.find("natural_gas", "combustion", sheet.startMillis());
    if (factor != null) {
      sheet.use(factor);
    }
    String why =
        factor == null
            ? factors.lacking("natural_gas", "combustion", sheet.startMillis())
            : volume.why();
    if (factor == null || volume.micros() == null) {
      sheet.put(GAS, Sheet.unknown(factor, of, KG, why));
      return;
    }
    BigDecimal kilograms = BigDecimal.ZERO;
    for (Count count : meters) {
      kilograms = kilograms.add(burnt(factor, count));
    }
    sheet.put(GAS, Sheet.by(factor, volume, of, Rounding.whole(kilograms), KG));
  }

  /** Milligrams of CO2 of one gas meter's volume, brought to 0 °C. */
  static BigDecimal burnt(InForce factor, Count gas) {
    BigDecimal kelvin = NORMAL_KELVIN.add(BigDecimal.valueOf(gas.meter().gasCelsius()));
    return factor
        .kilogramsPer("m3")
        .multiply(BigDecimal.valueOf(value(gas.amount())))
        .multiply(NORMAL_KELVIN)
        .divide(kelvin, MathContext.DECIMAL64);
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
      sheet.put("co2.purchased_net", Sheet.unknown(factor, EnergyBalance.IMPORT, KG, why));
      return;
    }
    long energy = value(both.getFirst()) - value(both.getLast());
    Metric net = inputs.figure(energy, Sheet.KWH);
    sheet.put(
        "co2.purchased_net",
        Sheet.by(factor, net, EnergyBalance.IMPORT, factor.kilograms(energy, Sheet.KWH), KG));
  }

  private static void total(Sheet sheet) {
    List<Metric> parts = new ArrayList<>(sheet.present(GAS, LOCATION, HEAT));
    if (!parts.isEmpty()) {
      sheet.put(TOTAL, new Combining(parts).sum(KG));
    }
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
        "co2.per_load_kwh",
        why != null
            ? Metric.missing("kg/(kW.h)", why)
            : Sheet.ratio(both, value(total), value(load), "kg/(kW.h)", "no load"));
  }

  /** Whether a name of this chapter is added up over base intervals. */
  static boolean isSummed(String metric) {
    return metric.startsWith("co2.")
        && !metric.equals("co2.per_load_kwh")
        && !metric.startsWith("co2.scope2.market");
  }
}
