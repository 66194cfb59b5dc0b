package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;

import io.lingtan.agent.carbon.Factors.InForce;
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

  private final Factors factors;

  StandardCoal(Factors factors) {
    this.factors = factors;
  }

  @Override
  public void base(Sheet sheet) {
    // Statistics of energy are kept by the day.
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
    for (Metric own : sheet.present(Figure.PV_GENERATION.metric())) {
      add(parts, sheet, "electricity", "equivalent", own, "tce.by_carrier.pv");
    }
    for (Metric gas : sheet.present(Figure.GAS.metric())) {
      add(parts, sheet, "natural_gas", "equivalent", gas, "tce.by_carrier.natural_gas");
    }
    for (Metric heat : sheet.present(Figure.HEAT.metric())) {
      add(parts, sheet, "heat", "equivalent", heat, "tce.by_carrier.heat");
    }
    if (parts.isEmpty()) {
      return;
    }
    sheet.put(TOTAL, new Combining(parts).sum(TONNE));
    nonFossil(sheet);
    if (grid != null && factors.find("electricity", "equal_value", sheet.startMillis()) != null) {
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
        : inputs.figure(
            sheet.total(Figure.GRID_IMPORT) - sheet.total(Figure.GRID_EXPORT), Sheet.KWH);
  }

  private void add(
      List<Metric> parts, Sheet sheet, String carrier, String basis, Metric amount, String name) {
    InForce factor = factors.find(carrier, basis, sheet.startMillis());
    if (factor != null) {
      sheet.use(factor);
    }
    String why =
        factor == null ? factors.lacking(carrier, basis, sheet.startMillis()) : amount.why();
    Metric metric =
        factor == null || amount.micros() == null
            ? Sheet.unknown(factor, name, TONNE, why)
            : new Metric(
                Rounding.whole(
                    factor
                        .kilogramsPer(amount.ucum())
                        .multiply(BigDecimal.valueOf(value(amount)))
                        .movePointLeft(3)),
                TONNE,
                amount.quality(),
                amount.coverage(),
                amount.estimated(),
                null,
                factor.factor().id(),
                null,
                null,
                amount.standing().worse(factor.standing()));
    sheet.put(name, metric);
    parts.add(metric);
  }

  /** PV that was used here, of all energy that was. */
  private void nonFossil(Sheet sheet) {
    Metric total = sheet.get(TOTAL);
    List<Metric> used = sheet.present("flow.pv_to_load", "flow.pv_to_battery");
    InForce factor = factors.find("electricity", "equivalent", sheet.startMillis());
    if (total == null || used.isEmpty() || factor == null) {
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
    Metric share = Sheet.ratio(all, 100 * tonnes, value(total), "%", "no energy was used");
    boolean possible = value(total) > 0 && tonnes <= value(total);
    sheet.put("tce.nonfossil_share", possible ? share : Combining.suspect(share));
  }
}
