package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.DemoMicrogrid;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A figure that can be checked: its name in interval records, and what it truly is.
 *
 * @param metric such as {@code elec.grid.import}
 * @param terms what it is the sum of
 * @param factor that the sum is multiplied by: 1 for energies and masses
 */
public record Figure(String metric, List<Term> terms, BigDecimal factor) {

  /** Jiangsu, data of 2023: 2025 No. 47 of 31 December 2025, kg/kWh. */
  private static final BigDecimal JIANGSU_2023 = new BigDecimal("0.5827");

  public Figure {
    terms = List.copyOf(terms);
  }

  /** One register that a figure rests on, and what it truly counts. */
  public sealed interface Term {

    /** +1 or −1. */
    int sign();

    /** One step of its register as it stands, in millionths of the figure's unit. */
    LongSupplier stepMicros();

    /** Energy through a wire. */
    record Energy(Wire wire, int sign, LongSupplier stepMicros) implements Term {}

    /** Hydrogen through a pipe. */
    record Mass(Pipe pipe, int sign, LongSupplier stepMicros) implements Term {}
  }

  /** The true figure between two boundaries, in millionths of its unit. */
  long truth(Boundaries truth, long start, long end) {
    long sum = 0;
    for (Term term : terms) {
      sum +=
          term.sign()
              * switch (term) {
                case Term.Energy energy ->
                    truth.milliwattHours(energy.wire(), end)
                        - truth.milliwattHours(energy.wire(), start);
                case Term.Mass mass ->
                    truth.milligrams(mass.pipe(), end) - truth.milligrams(mass.pipe(), start);
              };
    }
    return times(sum, RoundingMode.HALF_EVEN);
  }

  /** How far a good figure may be from it, in millionths of its unit. */
  long allowed(Boundaries truth, long start, long end) {
    long sum = 0;
    for (Term term : terms) {
      // And a millionth at each end, where a boundary value is rounded.
      sum +=
          term.stepMicros().getAsLong() + slack(term, truth, start) + slack(term, truth, end) + 2;
    }
    return times(sum, RoundingMode.UP);
  }

  private static long slack(Term term, Boundaries truth, long at) {
    return switch (term) {
      case Term.Energy energy -> truth.slack(energy.wire(), at);
      case Term.Mass mass -> truth.slack(mass.pipe(), at);
    };
  }

  private long times(long micros, RoundingMode rounding) {
    return factor.multiply(BigDecimal.valueOf(micros)).setScale(0, rounding).longValueExact();
  }

  /** What the demonstration site's agent reports and the world knows. */
  public static List<Figure> of(DemoMicrogrid site) {
    Term in = energy(site, Wire.GRID_IMPORT, 1, "gate", "energy_import");
    Term out = energy(site, Wire.GRID_EXPORT, 1, "gate", "energy_export");
    Term pv = energy(site, Wire.PV, 1, "pv1", "energy_generated");
    Term charge = energy(site, Wire.BATTERY_CHARGE, 1, "bat1", "energy_charged");
    Term discharge = energy(site, Wire.BATTERY_DISCHARGE, 1, "bat1", "energy_discharged");
    List<Figure> figures = new ArrayList<>();
    figures.add(plain("elec.grid.import", in));
    figures.add(plain("elec.grid.export", out));
    figures.add(plain("elec.pv.generation", pv));
    figures.add(plain("elec.battery.charge", charge));
    figures.add(plain("elec.battery.discharge", discharge));
    figures.add(
        plain(
            "elec.load.total",
            in,
            pv,
            discharge,
            energy(site, Wire.GRID_EXPORT, -1, "gate", "energy_export"),
            energy(site, Wire.BATTERY_CHARGE, -1, "bat1", "energy_charged")));
    figures.add(
        plain("elec.load.buildings", energy(site, Wire.BUILDINGS, 1, "house", "energy_import")));
    figures.add(
        plain("elec.load.ely", energy(site, Wire.ELECTROLYSER, 1, "ely1", "energy_import")));
    figures.add(
        plain("elec.load.compressor", energy(site, Wire.COMPRESSOR, 1, "comp", "energy_import")));
    figures.add(new Figure("co2.scope2.location", List.of(in), JIANGSU_2023));
    figures.add(plain("h2.produced", mass(site, Pipe.PRODUCED, "ely1")));
    figures.add(plain("h2.dispensed", mass(site, Pipe.DISPENSED, "disp1")));
    return figures;
  }

  private static Figure plain(String metric, Term... terms) {
    return new Figure(metric, List.of(terms), BigDecimal.ONE);
  }

  private static Term energy(DemoMicrogrid site, Wire wire, int sign, String meter, String point) {
    return new Term.Energy(wire, sign, step(site, meter, point));
  }

  private static Term mass(DemoMicrogrid site, Pipe pipe, String meter) {
    return new Term.Mass(pipe, 1, step(site, meter, "mass"));
  }

  private static LongSupplier step(DemoMicrogrid site, String id, String name) {
    Meter meter = site.meter(id);
    Point point = Point.of(name);
    return () -> meter.stepMicros(point, site.world(), site.world().stepStart());
  }
}
