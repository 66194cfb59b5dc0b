package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.FactorUnit;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.carbon.sheet.UncertaintyBudget;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How sure figures are: gives each that follows from registers of declared classes the half-width
 * of the interval in which the true value lies with 95 % ({@link UncertaintyBudget}). It is no
 * figure of its own but a member of the others, and so comes last.
 *
 * <p>What rests on a meter without a class has none, and neither has what is suspect, substituted
 * or known in part, what power was added up for, and what a rule shares out among flows: nobody can
 * say how far that is off.
 */
final class Uncertainty implements Chapter {

  private static final Set<Quality> JUDGED =
      EnumSet.of(Quality.MEASURED, Quality.DERIVED, Quality.EST_LINEAR, Quality.EST_PROFILE);

  /** Energy that is counted into or out of the busbar, and with which sign the load has it. */
  private static final Map<Figure, Integer> BUSBAR =
      Map.of(
          Figure.GRID_IMPORT, 1,
          Figure.GRID_EXPORT, -1,
          Figure.PV_GENERATION, 1,
          Figure.CHP_GENERATION, 1,
          Figure.BATTERY_CHARGE, -1,
          Figure.BATTERY_DISCHARGE, 1,
          Figure.HYBRID_OUTPUT, 1,
          Figure.HYBRID_INPUT, -1);

  /** What a meter behind a hybrid inverter counts of the inverter's other side. */
  private static final Set<Figure> AC_SIDE = EnumSet.of(Figure.HYBRID_OUTPUT, Figure.HYBRID_INPUT);

  @Override
  public List<Indicator> listed() {
    return List.of();
  }

  @Override
  public void base(Sheet sheet) {
    if (sheet.counts().stream().anyMatch(count -> count.meter().accuracy() != null)) {
      new Page(sheet).write();
    }
  }

  @Override
  public void rollUp(Sheet sheet) {
    base(sheet);
  }

  /** The budgets of one interval's figures. */
  private record Page(Sheet sheet, Map<String, UncertaintyBudget> known) {

    Page(Sheet sheet) {
      this(sheet, new HashMap<>());
    }

    void write() {
      for (Figure figure : Figure.values()) {
        List<Count> all = sheet.of(figure);
        if (figure != Figure.LOAD) {
          put(figure.metric(), sum(sheet.topmost(all)));
        }
        for (Count count : all) {
          put(figure.metric() + "." + count.meter().id(), sum(List.of(count)));
        }
      }
      put(
          EnergyBalance.NORMAL_GAS,
          sum(sheet.topmost(sheet.of(Figure.GAS)), Page::normalPerCounted));
      ownHeat();
      energy();
      carbon();
    }

    private void ownHeat() {
      UncertaintyBudget own =
          sum(
              sheet.topmost(
                  sheet.of(Figure.HEAT).stream().filter(count -> count.meter().own()).toList()));
      put(EnergyBalance.OWN_HEAT, own);
      UncertaintyBudget all = known.get(Figure.HEAT.metric());
      String bought = EnergyBalance.boughtHeat(sheet);
      if (all != null && own != null && !bought.equals(Figure.HEAT.metric())) {
        put(bought, all.minus(own));
      }
    }

    /** All counts together, in the figure's unit; null where one of them has no budget. */
    private static @Nullable UncertaintyBudget sum(List<Count> counts) {
      // Heat is counted in kilowatt-hours and told in gigajoules.
      return sum(counts, count -> count.figure() == Figure.HEAT ? 0.0036 : 1);
    }

    /**
     * The same in another unit.
     *
     * @param per how much one of the counted unit is there
     */
    private static @Nullable UncertaintyBudget sum(
        List<Count> counts, ToDoubleFunction<Count> per) {
      UncertaintyBudget sum = counts.isEmpty() ? null : UncertaintyBudget.NOTHING;
      for (Count count : counts) {
        UncertaintyBudget each = UncertaintyBudget.of(count);
        sum = sum == null || each == null ? null : sum.plus(each.times(per.applyAsDouble(count)));
      }
      return sum;
    }

    /** A gas meter's cubic metre at 0 °C. */
    private static double normalPerCounted(Count gas) {
      double kelvin = EnergyBalance.NORMAL_KELVIN.doubleValue();
      return kelvin / (kelvin + gas.meter().gasCelsius());
    }

    private void put(String name, @Nullable UncertaintyBudget budget) {
      Metric metric = sheet.get(name);
      if (metric != null
          && budget != null
          && metric.isWhole()
          && JUDGED.contains(metric.quality())) {
        known.put(name, budget);
        sheet.put(name, metric.within(Math.round(budget.expanded())));
      }
    }

    private void energy() {
      UncertaintyBudget load = UncertaintyBudget.NOTHING;
      for (Figure figure : Figure.values()) {
        int sign = BUSBAR.getOrDefault(figure, 0);
        List<Count> atBusbar =
            sheet.topmost(sheet.of(figure)).stream()
                .filter(count -> !count.meter().isBehindInverter() || AC_SIDE.contains(figure))
                .toList();
        boolean counted = sign != 0 && !atBusbar.isEmpty();
        UncertaintyBudget each = counted ? sum(atBusbar) : UncertaintyBudget.NOTHING;
        load = load == null || each == null ? null : load.plus(each.times(sign));
      }
      boolean uncounted = sheet.has(Hybrid.INPUT) && sheet.of(Figure.HYBRID_INPUT).isEmpty();
      put(EnergyBalance.LOAD, uncounted ? null : load);
      UncertaintyBudget total = known.get(EnergyBalance.LOAD);
      UncertaintyBudget metered = sum(sheet.topmost(sheet.of(Figure.LOAD)));
      if (total != null && metered != null) {
        put(EnergyBalance.RESIDUAL, total.minus(metered));
      }
    }

    private void carbon() {
      Metric all = sheet.get(Emissions.TOTAL);
      String covered = all == null ? null : all.text();
      if (covered == null) {
        return;
      }
      UncertaintyBudget total = UncertaintyBudget.NOTHING;
      // What people told, of fuel in cans, is among it and has none.
      for (String name : covered.split(" ")) {
        Metric carbon = sheet.get(name);
        String of = carbon == null ? null : carbon.of();
        if (of != null) {
          scaled(name, of);
        }
        UncertaintyBudget each = known.get(name);
        total = total == null || each == null ? null : total.plus(each);
      }
      put(Emissions.TOTAL, total);
      UncertaintyBudget bought = known.get(EnergyBalance.IMPORT);
      UncertaintyBudget sold = known.get(EnergyBalance.EXPORT);
      Metric net = sheet.get(Emissions.NET);
      // Of several factors nobody knows how much was bought and sold by which.
      Double each = net == null ? null : byFactor(net, EnergyBalance.IMPORT);
      if (bought != null && sold != null && net != null && each != null) {
        put(Emissions.NET, bought.minus(sold).times(each).plus(factors(net)));
      }
      perLoad();
    }

    private void perLoad() {
      UncertaintyBudget carbon = known.get(Emissions.TOTAL);
      UncertaintyBudget load = known.get(EnergyBalance.LOAD);
      Metric ratio = sheet.get(Emissions.PER_LOAD);
      Metric energy = sheet.get(EnergyBalance.LOAD);
      Long share = ratio == null ? null : ratio.micros();
      Long used = energy == null ? null : energy.micros();
      if (carbon != null && load != null && share != null && used != null && used != 0) {
        // In millionths of the ratio: the total and the load are both in millionths.
        put(Emissions.PER_LOAD, carbon.times(1e6).minus(load.times(share)).times(1.0 / used));
      }
    }

    /** A figure that is another one times a factor, or by several one after the other. */
    private void scaled(String name, String of) {
      Metric metric = sheet.get(name);
      UncertaintyBudget source = known.get(of);
      if (metric != null && source != null) {
        Double one = byFactor(metric, of);
        Double each = one == null ? onAverage(metric, of) : one;
        put(name, each == null ? null : source.times(each).plus(factors(metric)));
      }
    }

    /** Kilograms for one unit of what a figure is of; null where it has not just one factor. */
    private @Nullable Double byFactor(Metric metric, String of) {
      Metric source = sheet.get(of);
      String id = metric.factor();
      FactorUsed factor = id == null ? null : sheet.factor(id);
      return source == null || id == null || factor == null
          ? null
          : Double.valueOf(FactorUnit.kilogramsPer(source.ucum(), id, factor).doubleValue());
    }

    /** The same of several factors; null of nothing. */
    private @Nullable Double onAverage(Metric metric, String of) {
      Metric source = sheet.get(of);
      Long whole = source == null ? null : source.micros();
      Long part = metric.micros();
      return whole == null || part == null || whole == 0 ? null : (double) part / whole;
    }

    /** The factors' own; of several the greatest, as if all of them were off together. */
    private UncertaintyBudget factors(Metric metric) {
      Long micros = metric.micros();
      double most = 0;
      for (String id : metric.allFactors()) {
        FactorUsed factor = sheet.factor(id);
        String percent = factor == null ? null : factor.u95Percent();
        most = percent == null ? most : Math.max(most, Double.parseDouble(percent));
      }
      return micros == null || most == 0
          ? UncertaintyBudget.NOTHING
          : UncertaintyBudget.of(String.join(" ", metric.allFactors()), micros * most / 100 / 2);
    }
  }
}
