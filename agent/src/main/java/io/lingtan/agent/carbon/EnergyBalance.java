package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;
import static io.lingtan.agent.carbon.Sheet.KWH;

import io.lingtan.agent.carbon.Flows.Energies;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.Allocation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What came in, what went out, who fed whom, and what is left unexplained. */
final class EnergyBalance implements Chapter {

  static final String IMPORT = Figure.GRID_IMPORT.metric();
  static final String EXPORT = Figure.GRID_EXPORT.metric();
  static final String LOAD = "elec.load.total";

  /** The electricity that crosses the busbar. */
  private static final List<Figure> BUSBAR =
      List.of(
          Figure.GRID_IMPORT,
          Figure.GRID_EXPORT,
          Figure.PV_GENERATION,
          Figure.CHP_GENERATION,
          Figure.BATTERY_CHARGE,
          Figure.BATTERY_DISCHARGE);

  private static final List<Figure> SOURCES =
      List.of(Figure.PV_GENERATION, Figure.CHP_GENERATION, Figure.BATTERY_DISCHARGE);

  private final Allocation allocation;

  EnergyBalance(Allocation allocation) {
    this.allocation = allocation;
  }

  @Override
  public void base(Sheet sheet) {
    totals(sheet);
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
    Combining balance = balance(sheet);
    if (balance != null) {
      load(sheet, balance);
    }
    sheet.takeSums("flow.");
    if (balance != null) {
      residual(sheet);
      indicators(sheet);
    }
  }

  private static void totals(Sheet sheet) {
    for (Figure figure : Figure.values()) {
      List<Count> all = sheet.of(figure);
      if (figure != Figure.LOAD && !all.isEmpty()) {
        Metric sum = sheet.together(all).sum(figure.ucum());
        sheet.put(figure.metric(), told(figure, sum));
      }
      if (figure == Figure.LOAD || all.size() > 1) {
        all.forEach(
            count ->
                sheet.put(
                    figure.metric() + "." + count.meter().id(), told(figure, count.amount())));
      }
    }
    otherDirection(sheet, Figure.BATTERY_CHARGE, Figure.BATTERY_DISCHARGE, true);
    boolean sources = SOURCES.stream().anyMatch(source -> sheet.has(source.metric()));
    otherDirection(sheet, Figure.GRID_IMPORT, Figure.GRID_EXPORT, sources);
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

  /** Heat meters count kilowatt-hours; heat is told in gigajoules: 1 kWh = 0.0036 GJ, exactly. */
  private static Metric told(Figure figure, Metric counted) {
    if (figure != Figure.HEAT) {
      return counted;
    }
    Combining input = new Combining(List.of(counted));
    return input.figure(
        counted.micros() == null ? 0 : Rounding.share(value(counted), 36, 10_000), "GJ");
  }

  /** What feeds and drains the busbar; null without a meter at the gate. */
  private static @Nullable Combining balance(Sheet sheet) {
    return sheet.has(IMPORT)
        ? new Combining(sheet.present(BUSBAR.stream().map(Figure::metric).toArray(String[]::new)))
        : null;
  }

  private static Energies energies(Sheet sheet) {
    return new Energies(
        sheet.total(Figure.GRID_IMPORT),
        sheet.total(Figure.GRID_EXPORT),
        sheet.total(Figure.PV_GENERATION),
        sheet.total(Figure.CHP_GENERATION),
        sheet.total(Figure.BATTERY_CHARGE),
        sheet.total(Figure.BATTERY_DISCHARGE));
  }

  private static void load(Sheet sheet, Combining balance) {
    long load = balance.why() == null ? energies(sheet).load() : 0;
    Metric total = balance.figure(load, KWH);
    sheet.put(LOAD, load < 0 ? Combining.suspect(total) : total);
  }

  private void flows(Sheet sheet, Combining balance) {
    boolean known = balance.why() == null;
    Energies energies = known ? energies(sheet) : new Energies(0, 0, 0, 0, 0, 0);
    Flows flows = Flows.of(allocation, energies);
    boolean contradictory = energies.load() < 0;
    named(sheet, flows)
        .forEach(
            (name, energy) -> {
              Metric flow = balance.figure(energy, KWH);
              sheet.put("flow." + name, contradictory ? Combining.suspect(flow) : flow);
            });
  }

  private static SequencedMap<String, Long> named(Sheet sheet, Flows flows) {
    boolean battery =
        sheet.has(Figure.BATTERY_CHARGE.metric()) || sheet.has(Figure.BATTERY_DISCHARGE.metric());
    SequencedMap<String, Long> named = new LinkedHashMap<>();
    named.put("grid_to_load", flows.gridToLoad());
    if (battery) {
      named.put("grid_to_battery", flows.gridToBattery());
    }
    if (sheet.has(Figure.PV_GENERATION.metric())) {
      named.put("pv_to_load", flows.pvToLoad());
      if (battery) {
        named.put("pv_to_battery", flows.pvToBattery());
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
    // These two are not energy that was used; they are told so that nothing is lost.
    if (flows.gridToGrid() > 0) {
      named.put("grid_to_grid", flows.gridToGrid());
    }
    if (flows.batteryToBattery() > 0) {
      named.put("battery_to_battery", flows.batteryToBattery());
    }
    return named;
  }

  private static void residual(Sheet sheet) {
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
      sheet.put("balance.residual", Metric.missing(KWH, why));
      sheet.put("balance.residual_pct", Metric.missing("%", why));
      return;
    }
    long metered = loads.stream().mapToLong(Combining::value).sum();
    long residual = value(total) - metered;
    sheet.put("balance.residual", all.figure(residual, KWH));
    long in =
        sheet.total(Figure.GRID_IMPORT)
            + sheet.total(Figure.PV_GENERATION)
            + sheet.total(Figure.CHP_GENERATION)
            + sheet.total(Figure.BATTERY_DISCHARGE);
    sheet.put(
        "balance.residual_pct", Sheet.ratio(all, 100 * residual, in, "%", "no energy came in"));
  }

  private static void indicators(Sheet sheet) {
    Metric generated = sheet.get(Figure.PV_GENERATION.metric());
    if (generated != null) {
      List<Metric> own = new ArrayList<>(List.of(sheet.known("flow.pv_to_load", KWH)));
      own.addAll(sheet.present("flow.pv_to_battery"));
      sheet.put("kpi.self_consumption", share(own, generated, false, "no generation"));
    }
    Metric load = sheet.get(LOAD);
    if (load != null) {
      List<Metric> bought = List.of(sheet.known("flow.grid_to_load", KWH));
      sheet.put("kpi.self_sufficiency", share(bought, load, true, "no load"));
    }
  }

  private static Metric share(
      List<Metric> parts, Metric whole, boolean ofTheRest, String whenZero) {
    List<Metric> inputs = new ArrayList<>(parts);
    inputs.add(whole);
    Combining all = new Combining(inputs);
    String why = all.why();
    if (why != null) {
      return Metric.missing("1", why);
    }
    long part = parts.stream().mapToLong(Combining::value).sum();
    return Sheet.ratio(all, ofTheRest ? value(whole) - part : part, value(whole), "1", whenZero);
  }
}
