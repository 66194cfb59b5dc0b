package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.device.Measuring;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A figure of an interval that can be checked.
 *
 * @param metric such as {@code elec.grid.import}
 * @param terms what it is the sum of
 * @param factor that the sum is multiplied by, kg/kWh; 1 for energies and masses
 */
record Figure(String metric, List<Term> terms, BigDecimal factor) {

  /** Jiangsu, data of 2023: Announcement 2025 No. 47 of 31 December 2025, kg/kWh. */
  private static final Map<String, BigDecimal> LOCATION = Map.of("CN-JS", new BigDecimal("0.5827"));

  Figure {
    terms = List.copyOf(terms);
  }

  /**
   * A counter that it rests on.
   *
   * @param counter its place in the list of counters
   * @param sign +1 or −1
   */
  record Term(int counter, int sign) {}

  boolean isCarbon() {
    return factor.compareTo(BigDecimal.ONE) != 0;
  }

  /** Whether the record names the energy and the factor that it is the product of. */
  boolean isProduct() {
    return metric.equals("co2.scope2.location");
  }

  /** Works out which figures a site has and what truly counts them. */
  static final class Book {
    private final List<Counter> counters;
    private final Map<String, List<Term>> sums = new HashMap<>();
    private final Map<String, Measuring> meters;
    private final List<Figure> figures = new ArrayList<>();

    /**
     * @param meters the simulated ones, by device id
     */
    Book(Site site, Map<String, Measuring> meters) {
      this(site, meters, List.of());
    }

    /**
     * Of a site file that names some of the same meters.
     *
     * @param known counters whose places are kept
     */
    Book(Site site, Map<String, Measuring> meters, List<Counter> known) {
      this.meters = meters;
      this.counters = new ArrayList<>(known);
      for (Site.Meter declared : site.metering().meters()) {
        Measuring meter = meters.get(declared.device());
        if (meter != null && isPlain(declared)) {
          add(declared, meter);
        }
      }
      plain("elec.grid.import");
      plain("elec.grid.export");
      plain("elec.pv.generation");
      plain("elec.battery.charge");
      plain("elec.battery.discharge");
      plain("h2.produced");
      plain("h2.dispensed");
      sums.keySet().stream()
          .filter(metric -> metric.startsWith("elec.load."))
          .sorted()
          .forEach(this::plain);
      total();
      if (site.metering().meters().stream().allMatch(meter -> isWhole(site, meter))) {
        residual();
      }
      BigDecimal factor = LOCATION.get(site.place().region());
      List<Term> imported = sums.get("elec.grid.import");
      if (factor != null && imported != null) {
        figures.add(new Figure("co2.scope2.location", imported, factor));
        List<Term> net = new ArrayList<>();
        signed("elec.grid.import", 1, net);
        signed("elec.grid.export", -1, net);
        if (net.size() > imported.size()) {
          figures.add(new Figure("co2.purchased_net", net, factor));
        }
      }
    }

    private void add(Site.Meter declared, Measuring meter) {
      Role role = declared.role();
      switch (role) {
        case GRID -> {
          term("elec.grid.import", meter, "energy_import");
          term("elec.grid.export", meter, "energy_export");
        }
        case PV ->
            term(
                "elec.pv.generation",
                meter,
                has(meter, "energy_generated") ? "energy_generated" : "energy_export");
        case BATTERY -> {
          boolean source = has(meter, "energy_charged");
          term("elec.battery.charge", meter, source ? "energy_charged" : "energy_import");
          term("elec.battery.discharge", meter, source ? "energy_discharged" : "energy_export");
        }
        default -> {
          if (role.isLoad()) {
            term("elec.load." + declared.id(), meter, "energy_import");
          }
        }
      }
      if (role == Role.ELECTROLYSER) {
        term("h2.produced", meter, "mass");
      } else if (role == Role.H2_DISPENSER) {
        term("h2.dispensed", meter, "mass");
      }
    }

    private static boolean has(Measuring meter, String point) {
      return meter.points().contains(Point.of(point));
    }

    private void term(String metric, Measuring meter, String point) {
      if (has(meter, point)) {
        Counter counter = new Counter(meter, Point.of(point));
        if (!counters.contains(counter)) {
          counters.add(counter);
        }
        sums.computeIfAbsent(metric, name -> new ArrayList<>())
            .add(new Term(counters.indexOf(counter), 1));
      }
    }

    private void plain(String metric) {
      List<Term> terms = sums.get(metric);
      if (terms != null) {
        figures.add(new Figure(metric, terms, BigDecimal.ONE));
      }
    }

    /** Import + pv + discharge − export − charge. */
    private void total() {
      List<Term> terms = new ArrayList<>();
      signed("elec.grid.import", 1, terms);
      signed("elec.pv.generation", 1, terms);
      signed("elec.battery.discharge", 1, terms);
      signed("elec.grid.export", -1, terms);
      signed("elec.battery.charge", -1, terms);
      if (sums.containsKey("elec.grid.import")) {
        figures.add(new Figure("elec.load.total", terms, BigDecimal.ONE));
      }
    }

    /** Whether a meter counts for all that is behind it, and is wired as it should be. */
    private static boolean isPlain(Site.Meter meter) {
      return !meter.reverse() && meter.parent() == null;
    }

    /** Whether what a meter counts of a load, if it can, is among the counters. */
    private boolean isWhole(Site site, Site.Meter declared) {
      boolean dispenser = declared.role() == Role.H2_DISPENSER;
      return isPlain(declared)
          && (!dispenser
              || sums.containsKey("elec.load." + declared.id())
              || site.devices().stream()
                  .filter(device -> device.id().equals(declared.device()))
                  .flatMap(device -> device.profile().allPoints().stream())
                  .noneMatch(point -> Point.of("energy_import").equals(point.point())));
    }

    /** What no meter of a load explains. */
    private void residual() {
      List<Term> terms = new ArrayList<>();
      figures.stream()
          .filter(figure -> figure.metric().equals("elec.load.total"))
          .forEach(figure -> terms.addAll(figure.terms()));
      int whole = terms.size();
      sums.keySet().stream()
          .filter(metric -> metric.startsWith("elec.load."))
          .sorted()
          .forEach(metric -> signed(metric, -1, terms));
      if (whole > 0 && terms.size() > whole) {
        figures.add(new Figure("balance.residual", terms, BigDecimal.ONE));
      }
    }

    private void signed(String metric, int sign, List<Term> into) {
      sums.getOrDefault(metric, List.of())
          .forEach(term -> into.add(new Term(term.counter(), sign)));
    }

    List<Counter> counters() {
      return counters;
    }

    List<Figure> figures() {
      return figures;
    }

    /** The figure of this name; null if the site has none such. */
    @Nullable Figure figure(String metric) {
      return figures.stream()
          .filter(figure -> figure.metric().equals(metric))
          .findFirst()
          .orElse(null);
    }

    Map<String, Measuring> meters() {
      return meters;
    }
  }
}
