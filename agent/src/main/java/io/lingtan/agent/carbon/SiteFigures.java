package io.lingtan.agent.carbon;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The site's figures of an interval, worked out from what its meters counted and showed.
 *
 * <table>
 * <caption>What is worked out, and from what</caption>
 * <tr><th>metric</th><th>unit</th><th>rule</th></tr>
 * <tr><td>elec.grid.import, .export, elec.pv.generation, elec.chp.generation,
 *     elec.battery.charge, .discharge, reactive.import, .export, fuel.gas.volume, heat.energy,
 *     h2.produced, h2.dispensed</td><td>kWh, kvarh, m³, GJ, kg</td><td>sum of the role's meters that
 *     are not behind one another; one metric per meter beside it, with its id at the end, where
 *     there are several</td></tr>
 * <tr><td>elec.load.{id}</td><td>kWh</td><td>each sub-metered load</td></tr>
 * <tr><td>elec.load.total</td><td>kWh</td><td>import + pv + chp + discharge − export − charge;
 *     negative means a wrong sign or time somewhere: {@code suspect}, never clipped</td></tr>
 * <tr><td>flow.{source}_to_{sink}</td><td>kWh</td><td>{@link Flows}; longer intervals add base
 *     intervals</td></tr>
 * <tr><td>balance.residual, .residual_pct</td><td>kWh, %</td><td>load.total − metered loads; that
 *     in % of import + pv + chp + discharge</td></tr>
 * <tr><td>kpi.self_consumption</td><td>1</td><td>(pv→load + pv→battery) / pv</td></tr>
 * <tr><td>kpi.self_sufficiency</td><td>1</td><td>1 − grid→load / load</td></tr>
 * <tr><td>elec.grid.import.{period}</td><td>kWh</td><td>{@link TariffSplit}</td></tr>
 * <tr><td>demand.block, .sliding, .month_max, .month_max_sliding, pf</td><td>kW, 1</td><td>{@link Demand}</td></tr>
 * <tr><td>co2.scope1.*, co2.scope2.*, co2.total, co2.purchased_net, co2.per_load_kwh, co2.avoided.*
 *     </td><td>kg</td><td>{@link Emissions}, {@link Market}</td></tr>
 * <tr><td>chp.heat_share, co2.chp.heat, co2.chp.power</td><td>1, kg</td>
 *     <td>{@link CombinedHeatAndPower}</td></tr>
 * <tr><td>co2.load.{id}, storage.pool_ci</td><td>kg, kg/kWh</td><td>{@link LoadCarbon}</td></tr>
 * <tr><td>h2.sec, .eta_lhv, .ci, .class*, .from_*, .clean_budget</td><td></td>
 *     <td>{@link Hydrogen}</td></tr>
 * <tr><td>h2.storage_mass, .balance_residual, storage.*</td><td></td><td>{@link Storage}</td></tr>
 * <tr><td>cert.generated_kwh, .issued_est, .carry</td><td>kWh, 1</td><td>{@link Issuance}</td></tr>
 * <tr><td>bus.km, .kg_per_100km, .avoided, .avoided_per_km</td><td></td><td>{@link Fleet}</td></tr>
 * <tr><td>quality.*</td><td>%, 1</td><td>{@link Completeness}</td></tr>
 * <tr><td>tce.*</td><td>tce</td><td>{@link StandardCoal}, {@link Intensity}</td></tr>
 * </table>
 */
public final class SiteFigures {

  private final Map<String, Meter> meters = new LinkedHashMap<>();
  private final Factors factors;
  private final LoadCarbon loadCarbon;
  private final List<Chapter> chapters;

  public SiteFigures(Site site) {
    site.metering().meters().forEach(meter -> meters.put(meter.id(), meter));
    var zone = site.place().zone();
    factors =
        new Factors(site.carbon().tables(), site.carbon().accepted(), site.place().region(), zone);
    loadCarbon = new LoadCarbon(factors, meters.values());
    List<Chapter> all = new ArrayList<>();
    all.add(new EnergyBalance(site.metering().allocation()));
    all.add(new TariffSplit(site.metering().tariff(), site.metering().tariffExtras(), zone));
    all.add(new Demand());
    if (site.carbon().isWorkedOut("location")) {
      all.add(loadCarbon);
      all.add(new Emissions(factors));
      all.add(new CombinedHeatAndPower(factors));
    }
    if (site.carbon().isWorkedOut("market")) {
      all.add(new Market(factors, site.carbon().certificates(), zone));
    }
    Calendar calendar = new Calendar(zone);
    all.add(new Issuance());
    all.add(new Hydrogen(factors));
    all.add(new Storage());
    all.add(new Fleet(factors, calendar, site.carbon().dieselLitresPer100Km()));
    if (factors.has("equivalent")) {
      all.add(new StandardCoal(factors));
      all.add(new Intensity(calendar));
    }
    all.add(new Completeness());
    chapters = all.stream().<Chapter>map(Guarded::new).toList();
  }

  /**
   * Whether a longer interval's metric of this name is the sum over its base intervals, because
   * working it out from the longer interval's own counts would give something else.
   */
  public static boolean isSummed(String metric) {
    return metric.startsWith("flow.")
        || metric.startsWith("h2.from_")
        || Emissions.isSummed(metric)
        || TariffSplit.isPeriod(metric);
  }

  /**
   * Whether a longer interval takes the greatest of its base intervals' metric of this name, with
   * the time of it.
   */
  public static boolean isGreatest(String length, String metric) {
    return Demand.isGreatest(length, metric);
  }

  /** Whether a metric of this name follows from readings, and not from a table or from people. */
  public static boolean isObserved(String metric) {
    return !metric.equals(Emissions.GRID_FACTOR)
        && !metric.startsWith("quality.")
        && !metric.startsWith("cert.");
  }

  /** Of a longer interval, how many of its base intervals were revised. */
  public static final String LATE = Completeness.LATE;

  /** Of a month, what its successor begins with. */
  public static final String CARRY = Issuance.CARRY;

  /**
   * Whether a metric of this name that is not there is zero, because it is told only when it is
   * not.
   */
  public static boolean isZeroWhenAbsent(String metric) {
    return metric.equals("flow.grid_to_grid")
        || metric.equals("flow.battery_to_battery")
        || TariffSplit.isPeriod(metric);
  }

  /** Whether a metric of this name is what was bought in one period of the tariff. */
  public static boolean isTariffPeriod(String metric) {
    return TariffSplit.isPeriod(metric);
  }

  /** Whether a sum of this name depends on emission factors. */
  public static boolean isByFactor(String summed) {
    return Emissions.isSummed(summed);
  }

  /** The carbon in the battery before anything was counted; null without a battery. */
  public @Nullable CarbonPool pool() {
    return loadCarbon.unknown();
  }

  /**
   * The figures of a base interval.
   *
   * @param pool carbon in the battery at its start; null without a battery
   */
  public Figures base(Counted counted, @Nullable CarbonPool pool) {
    Sheet sheet = new Sheet(counted, meters, new LinkedHashMap<>(), Map.of(), pool);
    chapters.forEach(chapter -> chapter.base(sheet));
    return sheet.figures(factors.takeAsked());
  }

  /**
   * The figures of a longer interval.
   *
   * @param sums of the base intervals' {@link #isSummed} metrics, in their order, and their
   *     greatest of {@link #isGreatest}
   * @param used factors of the base intervals
   */
  public Figures rollUp(
      Counted counted, SequencedMap<String, Metric> sums, Map<String, FactorUsed> used) {
    Sheet sheet = new Sheet(counted, meters, sums, used, null);
    chapters.forEach(chapter -> chapter.rollUp(sheet));
    return sheet.figures(factors.takeAsked());
  }
}
