package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;

import io.lingtan.agent.carbon.Factors.InForce;
import io.lingtan.agent.carbon.Flows.Energies;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Meter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The site's figures of an interval, worked out from what its meters counted.
 *
 * <table>
 * <caption>What is worked out, and from what</caption>
 * <tr><th>metric</th><th>unit</th><th>rule</th></tr>
 * <tr><td>elec.grid.import, .export, elec.pv.generation, elec.battery.charge, .discharge,
 *     h2.produced, h2.dispensed</td><td>kWh, kg</td><td>sum of the role's meters that are not behind
 *     one another; one metric per meter beside it, with its id at the end, where there are
 *     several</td></tr>
 * <tr><td>elec.load.{id}</td><td>kWh</td><td>each sub-metered load</td></tr>
 * <tr><td>elec.load.total</td><td>kWh</td><td>import + pv + discharge − export − charge; negative
 *     means a wrong sign or time somewhere: {@code suspect}, never clipped</td></tr>
 * <tr><td>flow.{source}_to_{sink}</td><td>kWh</td><td>{@link Flows}; roll-ups add base
 *     intervals</td></tr>
 * <tr><td>balance.residual, .residual_pct</td><td>kWh, %</td><td>load.total − metered loads; that
 *     in % of import + pv + discharge</td></tr>
 * <tr><td>kpi.self_consumption</td><td>1</td><td>(pv→load + pv→battery) / pv</td></tr>
 * <tr><td>kpi.self_sufficiency</td><td>1</td><td>1 − grid→load / load</td></tr>
 * <tr><td>h2.sec</td><td>kWh/kg</td><td>electrolysers' system AC energy / hydrogen produced</td></tr>
 * <tr><td>co2.scope2.location</td><td>kg</td><td>gross import × average factor of the place, rounded
 *     half-even to milligrams once per base interval; roll-ups add base intervals</td></tr>
 * </table>
 */
public final class SiteFigures {

  private static final String KWH = "kW.h";
  private static final String IMPORT = Figure.GRID_IMPORT.metric();
  private static final String LOCATION = "co2.scope2.location";
  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000L);

  private final Allocation allocation;
  private final boolean location;
  private final String region;
  private final Factors factors;
  private final Map<String, Meter> meters = new HashMap<>();

  public SiteFigures(Site site) {
    this.allocation = site.metering().allocation();
    this.region = site.place().region();
    this.factors = new Factors(site.carbon().tables(), region, site.place().zone());
    List<String> methods = site.carbon().methods();
    this.location =
        !site.carbon().tables().isEmpty() && (methods.isEmpty() || methods.contains("location"));
    site.metering().meters().forEach(meter -> meters.put(meter.id(), meter));
  }

  /**
   * Whether a roll-up's metric of this name is the sum over its base intervals, because working it
   * out from the roll-up's own counts would give something else.
   */
  public static boolean isSummed(String metric) {
    return metric.startsWith("flow.") || metric.startsWith("co2.");
  }

  /**
   * Whether a metric of this name that is not there is zero, because it is told only when it is
   * not.
   */
  public static boolean isZeroWhenAbsent(String metric) {
    return metric.equals("flow.grid_to_grid") || metric.equals("flow.battery_to_battery");
  }

  /** The figures of a base interval that starts at {@code startMillis}. */
  public Figures base(long startMillis, List<Count> counts) {
    return new Work(counts).base(startMillis);
  }

  /**
   * The figures of a longer interval.
   *
   * @param counts between its own boundaries
   * @param sums of the base intervals' {@link #isSummed} metrics, in their order
   * @param used factors of the base intervals
   */
  public Figures rollUp(
      List<Count> counts,
      SequencedMap<String, Metric> sums,
      SequencedMap<String, FactorUsed> used) {
    return new Work(counts).rollUp(sums, used);
  }

  /** One interval's way through the table above. */
  private final class Work {

    private final List<Count> counts;
    private final SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    private final SequencedMap<String, FactorUsed> used = new LinkedHashMap<>();

    Work(List<Count> counts) {
      this.counts = counts;
    }

    Figures base(long startMillis) {
      totals();
      Combining balance = balance();
      if (balance != null) {
        load(balance);
        flows(balance);
        residual();
        indicators();
      }
      hydrogen();
      carbon(startMillis);
      return new Figures(metrics, used);
    }

    Figures rollUp(
        SequencedMap<String, Metric> sums, SequencedMap<String, FactorUsed> factorsUsed) {
      totals();
      Combining balance = balance();
      if (balance != null) {
        load(balance);
      }
      sums.forEach((name, sum) -> metrics.put(name, like(sum)));
      if (balance != null) {
        residual();
        indicators();
      }
      hydrogen();
      used.putAll(factorsUsed);
      return new Figures(metrics, used);
    }

    /** A complete sum of what follows linearly from a count is as good as that count. */
    private Metric like(Metric sum) {
      String of = sum.of();
      Metric source = of == null ? null : metrics.get(of);
      if (source == null || source.micros() == null || sum.quality() == Quality.MISSING) {
        return sum;
      }
      boolean complete = sum.quality() != Quality.PARTIAL || source.quality() == Quality.PARTIAL;
      return complete
          ? new Metric(
              sum.micros(),
              sum.ucum(),
              source.quality(),
              source.coverage(),
              source.estimated(),
              of,
              sum.factor(),
              sum.why())
          : sum;
    }

    private void totals() {
      for (Figure figure : Figure.values()) {
        List<Count> all = of(figure);
        if (figure != Figure.LOAD && !all.isEmpty()) {
          metrics.put(figure.metric(), new Combining(topmost(all)).sum(figure.ucum()));
        }
        if (figure == Figure.LOAD || all.size() > 1) {
          all.forEach(
              count -> metrics.put(figure.metric() + "." + count.meter().id(), count.amount()));
        }
      }
    }

    private List<Count> of(Figure figure) {
      return counts.stream().filter(count -> count.figure() == figure).toList();
    }

    /** Without those whose energy is already in another one's. */
    private List<Metric> topmost(List<Count> all) {
      return all.stream().filter(count -> !isBehindAnother(count, all)).map(Count::amount).toList();
    }

    private boolean isBehindAnother(Count count, List<Count> all) {
      String parent = count.meter().parent();
      for (int depth = 0; parent != null && depth < meters.size(); depth++) {
        String id = parent;
        if (all.stream().anyMatch(other -> other.meter().id().equals(id))) {
          return true;
        }
        Meter upstream = meters.get(id);
        parent = upstream == null ? null : upstream.parent();
      }
      return false;
    }

    /** What feeds and drains the busbar; null without a meter at the gate. */
    private @Nullable Combining balance() {
      if (!metrics.containsKey(IMPORT)) {
        return null;
      }
      List<Metric> inputs = new ArrayList<>();
      for (Figure figure :
          List.of(
              Figure.GRID_IMPORT,
              Figure.GRID_EXPORT,
              Figure.PV_GENERATION,
              Figure.BATTERY_CHARGE,
              Figure.BATTERY_DISCHARGE)) {
        Metric total = metrics.get(figure.metric());
        if (total != null) {
          inputs.add(total);
        }
      }
      return new Combining(inputs);
    }

    private Energies energies() {
      return new Energies(
          total(Figure.GRID_IMPORT),
          total(Figure.GRID_EXPORT),
          total(Figure.PV_GENERATION),
          total(Figure.BATTERY_CHARGE),
          total(Figure.BATTERY_DISCHARGE));
    }

    /** What a role counted; a role that the site does not have counts nothing. */
    private long total(Figure figure) {
      Metric total = metrics.get(figure.metric());
      return total == null ? 0 : value(total);
    }

    private void load(Combining balance) {
      String why = balance.why();
      long load = why == null ? energies().load() : 0;
      Metric total = balance.figure(load, KWH);
      metrics.put("elec.load.total", load < 0 ? Combining.suspect(total) : total);
    }

    private void flows(Combining balance) {
      boolean known = balance.why() == null;
      Energies energies = known ? energies() : new Energies(0, 0, 0, 0, 0);
      Flows flows = Flows.of(allocation, energies);
      boolean contradictory = energies.load() < 0;
      boolean pv = metrics.containsKey(Figure.PV_GENERATION.metric());
      boolean battery =
          metrics.containsKey(Figure.BATTERY_CHARGE.metric())
              || metrics.containsKey(Figure.BATTERY_DISCHARGE.metric());
      SequencedMap<String, Long> named = new LinkedHashMap<>();
      named.put("grid_to_load", flows.gridToLoad());
      if (battery) {
        named.put("grid_to_battery", flows.gridToBattery());
      }
      if (pv) {
        named.put("pv_to_load", flows.pvToLoad());
        if (battery) {
          named.put("pv_to_battery", flows.pvToBattery());
        }
        named.put("pv_to_grid", flows.pvToGrid());
      }
      if (battery) {
        named.put("battery_to_load", flows.batteryToLoad());
        named.put("battery_to_grid", flows.batteryToGrid());
      }
      // These two are not energy that was used; they are told so that nothing is lost.
      if (flows.gridToGrid() > 0) {
        named.put("grid_to_grid", flows.gridToGrid());
      }
      if (flows.batteryToBattery() > 0) {
        named.put("battery_to_battery", flows.batteryToBattery());
      }
      named.forEach(
          (name, energy) -> {
            Metric flow = balance.figure(energy, KWH);
            metrics.put("flow." + name, contradictory ? Combining.suspect(flow) : flow);
          });
    }

    private void residual() {
      List<Metric> loads = topmost(of(Figure.LOAD));
      Metric total = metrics.get("elec.load.total");
      if (loads.isEmpty() || total == null) {
        return;
      }
      List<Metric> inputs = new ArrayList<>(loads);
      inputs.add(total);
      Combining all = new Combining(inputs);
      String why = all.why();
      if (why != null) {
        metrics.put("balance.residual", Metric.missing(KWH, why));
        metrics.put("balance.residual_pct", Metric.missing("%", why));
        return;
      }
      long metered = loads.stream().mapToLong(Combining::value).sum();
      long residual = value(total) - metered;
      metrics.put("balance.residual", all.figure(residual, KWH));
      long in =
          total(Figure.GRID_IMPORT) + total(Figure.PV_GENERATION) + total(Figure.BATTERY_DISCHARGE);
      metrics.put("balance.residual_pct", ratio(all, 100 * residual, in, "%", "no energy came in"));
    }

    private void indicators() {
      Metric generated = metrics.get(Figure.PV_GENERATION.metric());
      if (generated != null) {
        List<Metric> own = new ArrayList<>(List.of(flow("pv_to_load")));
        if (metrics.containsKey("flow.pv_to_battery")) {
          own.add(flow("pv_to_battery"));
        }
        metrics.put("kpi.self_consumption", share(own, generated, false, "no generation"));
      }
      Metric load = metrics.get("elec.load.total");
      if (load != null) {
        List<Metric> bought = List.of(flow("grid_to_load"));
        metrics.put("kpi.self_sufficiency", share(bought, load, true, "no load"));
      }
    }

    private Metric flow(String name) {
      Metric flow = metrics.get("flow." + name);
      return flow == null ? Metric.missing(KWH, "no interval is closed yet") : flow;
    }

    private Metric share(List<Metric> parts, Metric whole, boolean ofTheRest, String whenZero) {
      List<Metric> inputs = new ArrayList<>(parts);
      inputs.add(whole);
      Combining all = new Combining(inputs);
      String why = all.why();
      if (why != null) {
        return Metric.missing("1", why);
      }
      long part = parts.stream().mapToLong(Combining::value).sum();
      return ratio(all, ofTheRest ? value(whole) - part : part, value(whole), "1", whenZero);
    }

    private void hydrogen() {
      Metric produced = metrics.get(Figure.H2_PRODUCED.metric());
      List<Count> electrolysers =
          of(Figure.LOAD).stream()
              .filter(count -> count.meter().role() == Role.ELECTROLYSER)
              .toList();
      if (produced == null || electrolysers.isEmpty()) {
        return;
      }
      Metric energy = new Combining(topmost(electrolysers)).sum(KWH);
      Combining all = new Combining(List.of(energy, produced));
      String why = all.why();
      metrics.put(
          "h2.sec",
          why != null
              ? Metric.missing("kW.h/kg", why)
              : ratio(all, value(energy), value(produced), "kW.h/kg", "no hydrogen was produced"));
    }

    private void carbon(long startMillis) {
      Metric bought = metrics.get(IMPORT);
      if (!location || bought == null) {
        return;
      }
      InForce factor = factors.electricity("location", startMillis);
      String why = bought.why();
      if (factor == null) {
        why =
            "no location factor of electricity for %s on %s"
                .formatted(region, factors.date(startMillis));
      } else {
        used.put(factor.factor().id(), factor.used());
      }
      if (bought.micros() == null || factor == null) {
        metrics.put(
            LOCATION,
            new Metric(
                null,
                "kg",
                Quality.MISSING,
                0,
                0,
                IMPORT,
                factor == null ? null : factor.factor().id(),
                why));
        return;
      }
      metrics.put(
          LOCATION,
          new Metric(
              factor.milligrams(value(bought)),
              "kg",
              bought.quality(),
              bought.coverage(),
              bought.estimated(),
              IMPORT,
              factor.factor().id(),
              null));
    }

    private Metric ratio(
        Combining inputs, long numerator, long denominator, String ucum, String whenZero) {
      return denominator == 0
          ? Metric.missing(ucum, whenZero)
          : inputs.figure(millionths(numerator, denominator), ucum);
    }
  }

  /** {@code numerator / denominator} in millionths, half-even. */
  private static long millionths(long numerator, long denominator) {
    return new java.math.BigDecimal(BigInteger.valueOf(numerator).multiply(MILLION))
        .divide(java.math.BigDecimal.valueOf(denominator), 0, java.math.RoundingMode.HALF_EVEN)
        .longValueExact();
  }
}
