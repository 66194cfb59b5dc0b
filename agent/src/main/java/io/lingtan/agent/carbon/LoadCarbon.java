package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Listing.BASE;
import static io.lingtan.agent.carbon.sheet.Listing.BASE_ONLY;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.CarbonPool;
import io.lingtan.agent.carbon.sheet.CarbonPool.Battery;
import io.lingtan.agent.carbon.sheet.CarbonPool.Discharged;
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
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who is answerable for the CO2 of the electricity that was used: each metered load takes the same
 * mix of grid, PV and battery, in proportion to its energy. What the battery gives carries the mix
 * that it was charged with ({@link CarbonPool}).
 *
 * <p>The parts add up to the milligram: loads, the rest of the load, what is exported from the
 * battery, and what stays in it, are what the grid's energy brought in.
 */
final class LoadCarbon implements Chapter {

  /** Why nothing is known of electricity that a fuel was burnt for. */
  static final String UNSPLIT = "the fuel of combined heat and power is not split here";

  private static final String BEGINNING = "co2.load.";
  private static final String UNIT = "kg/(kW.h)";
  private static final String POOL = "storage.pool_ci";
  private static final String POOL_ENERGY = "storage.pool_energy";
  private static final String POOL_CARBON = "storage.pool_co2";
  private static final String TO_LOAD = "co2.battery.to_load";
  private static final String TO_GRID = "co2.battery.to_grid";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.CO2)
          .needs("grid load location")
          .lengths(ALL)
          .rolls(Rolling.SUMMED)
          .rule(
              "elec.load.{id} / elec.load.total × (flow.grid_to_load × grid.factor +"
                  + " co2.battery.to_load); the battery gives what it was charged with")
          .from("elec.load.{id} elec.load.total flow.grid_to_load grid.factor co2.battery.to_load")
          .add(BEGINNING + "{id}", KG, "用电分摊排放", "share of")
          .in(Section.STORAGE)
          .lengths(BASE)
          .rolls(Rolling.OWN)
          .needs("grid battery location")
          .rule("storage.pool_co2 / storage.pool_energy, at the end")
          .from(POOL_CARBON + " " + POOL_ENERGY)
          .because(BASE_ONLY)
          .add(POOL, UNIT, "储能电量碳强度", "carbon of what is stored")
          .rule("what is stored by the books: charged and discharged less losses, at the end")
          .from("elec.battery.charge elec.battery.discharge")
          .because(BASE_ONLY)
          .add(POOL_ENERGY, KWH, "账面储能电量", "stored, by the books")
          .rule("CO2 that it was charged with and has not given, at the end")
          .from("flow.grid_to_battery grid.factor co2.battery.to_load co2.battery.to_grid")
          .because(BASE_ONLY)
          .add(POOL_CARBON, KG, "账面储能排放", "CO2 stored with it")
          .in(Section.CO2)
          .lengths(ALL)
          .rolls(Rolling.SUMMED)
          .rule("CO2 of what the battery gave: its share of storage.pool_co2 and what was charged")
          .from("flow.battery_to_load elec.battery.discharge")
          .add(TO_LOAD, KG, "储能供负荷排放", "CO2 that the battery gave to loads")
          .from("flow.battery_to_grid elec.battery.discharge")
          .add(TO_GRID, KG, "储能上网排放", "CO2 that the battery gave to the grid")
          .list();

  private final Factors factors;
  private final @Nullable Battery battery;

  LoadCarbon(Factors factors, Collection<Meter> meters) {
    this.factors = factors;
    this.battery = battery(meters);
  }

  /** All batteries of the site as one; null if it has none. */
  private static @Nullable Battery battery(Collection<Meter> meters) {
    List<Meter> batteries = meters.stream().filter(m -> m.role() == Role.BATTERY).toList();
    if (batteries.isEmpty()) {
      return null;
    }
    double capacity = batteries.stream().mapToDouble(Meter::capacityKwh).sum();
    double roundTrip = batteries.stream().mapToDouble(Meter::roundTrip).average().orElse(1);
    BigDecimal each =
        Double.isNaN(roundTrip)
            ? BigDecimal.ONE
            : BigDecimal.valueOf(roundTrip).sqrt(MathContext.DECIMAL64);
    return new Battery(each, each, capacity > 0 ? Math.round(capacity * 1e6) : 0);
  }

  /** What is in the battery before anything was counted; null without a battery. */
  @Nullable CarbonPool unknown() {
    return battery == null ? null : CarbonPool.unknown(battery);
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    InForce factor = factors.electricity("location", sheet.startMillis());
    Metric load = sheet.get(EnergyBalance.LOAD);
    if (load == null) {
      return;
    }
    String why =
        factor == null
            ? factors.lacking("electricity", "location", sheet.startMillis())
            : sheet.has(Figure.CHP_GENERATION.metric()) ? UNSPLIT : load.why();
    if (factor == null || why != null) {
      leaveOut(sheet, factor, Objects.requireNonNull(why));
    } else {
      work(sheet, factor, load);
    }
  }

  private void leaveOut(Sheet sheet, @Nullable InForce factor, String why) {
    CarbonPool pool = sheet.pool();
    if (battery != null && pool != null) {
      sheet.pool(pool.doubted(battery));
      sheet.put(POOL, Metric.missing(UNIT, why));
      sheet.put(POOL_ENERGY, Metric.missing(KWH, why));
      sheet.put(POOL_CARBON, Metric.missing(KG, why));
      sheet.put(TO_LOAD, Metric.missing(KG, why));
      sheet.put(TO_GRID, Metric.missing(KG, why));
    }
    for (Count count : sheet.of(Figure.LOAD)) {
      String of = Figure.LOAD.metric() + "." + count.meter().id();
      sheet.put(BEGINNING + count.meter().id(), Sheet.unknown(factor, of, KG, why));
    }
  }

  private void work(Sheet sheet, InForce factor, Metric load) {
    long carbon = factor.kilograms(flow(sheet, "grid_to_load"), KWH);
    boolean believed = true;
    CarbonPool pool = sheet.pool();
    if (battery != null && pool != null) {
      long bought = factor.kilograms(flow(sheet, "grid_to_battery"), KWH);
      CarbonPool full = pool.charged(battery, sheet.total(Figure.BATTERY_CHARGE), bought);
      long given = sheet.total(Figure.BATTERY_DISCHARGE);
      Discharged discharged = full.discharged(battery, given);
      long toLoad = part(discharged, flow(sheet, "battery_to_load"), arrived(sheet, given));
      carbon += toLoad;
      // What the battery gave to itself stays in it, and the grid has the rest: so nothing is lost.
      long toItself =
          arrived(sheet, given) == 0
              ? discharged.carbonMilligrams()
              : part(discharged, flow(sheet, "battery_to_battery"), arrived(sheet, given));
      CarbonPool left = discharged.left().with(toItself);
      long toGrid = discharged.carbonMilligrams() - toLoad - toItself;
      sheet.pool(left);
      believed = given == 0 || full.isBelieved();
      boolean known = left.isBelieved();
      sheet.put(POOL, stored(factor, load, left.intensityMicros(), UNIT, known));
      Metric energy = new Combining(List.of(load)).figure(left.milliwattHours(), KWH);
      sheet.put(POOL_ENERGY, known ? energy : Combining.suspect(energy));
      sheet.put(POOL_CARBON, stored(factor, load, left.milligrams(), KG, known));
      sheet.put(TO_LOAD, stored(factor, load, toLoad, KG, believed));
      sheet.put(TO_GRID, stored(factor, load, toGrid, KG, believed));
    }
    share(sheet, factor, load, carbon, believed);
  }

  /** What the books of the battery say, which rests on the factors that it was charged with. */
  private static Metric stored(
      InForce factor, Metric load, long micros, String ucum, boolean believed) {
    Metric figure = new Combining(List.of(load)).figure(micros, ucum).restingOn(factor.standing());
    return believed ? figure : Combining.suspect(figure);
  }

  private static void share(
      Sheet sheet, InForce factor, Metric load, long carbon, boolean believed) {
    List<Count> loads = sheet.of(Figure.LOAD);
    long whole = value(load);
    for (Count count : loads) {
      String of = Figure.LOAD.metric() + "." + count.meter().id();
      Metric amount = count.amount();
      List<Metric> inputs = new ArrayList<>(List.of(amount, load));
      Combining both = new Combining(inputs);
      String why = both.why();
      if (why == null && !both.isOfTheSameTime(sheet.length())) {
        why = Combining.OTHER_TIME;
      } else if (why == null && whole <= 0) {
        why = "no load";
      }
      if (why != null) {
        sheet.put(BEGINNING + count.meter().id(), Sheet.unknown(factor, of, KG, why));
        continue;
      }
      Metric mix = both.figure(0, KG);
      Metric part = Sheet.by(factor, mix, of, Rounding.share(carbon, value(amount), whole), KG);
      sheet.put(BEGINNING + count.meter().id(), believed ? part : Combining.suspect(part));
    }
  }

  /** The carbon of a part of what the battery gave. */
  private static long part(Discharged discharged, long energy, long given) {
    return given == 0 ? 0 : Rounding.share(discharged.carbonMilligrams(), energy, given);
  }

  /** What of it got anywhere: the carbon of what a hybrid inverter loses rides on the rest. */
  private static long arrived(Sheet sheet, long given) {
    return sheet.has(Hybrid.OUTPUT)
        ? flow(sheet, "battery_to_load")
            + flow(sheet, "battery_to_grid")
            + flow(sheet, "battery_to_battery")
        : given;
  }

  private static long flow(Sheet sheet, String name) {
    Metric flow = sheet.get("flow." + name);
    return flow == null ? 0 : value(flow);
  }

  /** The mix of what is stored is told by base intervals alone. */
  @Override
  public void rollUp(Sheet sheet) {
    sheet.takeSums(BEGINNING);
    sheet.takeSums(TO_LOAD);
    sheet.takeSums(TO_GRID);
  }
}
