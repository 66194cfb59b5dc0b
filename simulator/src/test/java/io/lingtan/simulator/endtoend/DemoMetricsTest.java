package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.simulator.endtoend.WorldReadings.Counted;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Three lists of figures: those that a site of this kind must be able to report, those that the
 * agent lists with what each needs, and those that come out: in the unit that is listed, good, and
 * as large as they truly are.
 */
class DemoMetricsTest {

  /** From before a month and a year end in Shanghai, until after that. */
  private static final long FROM = Instant.parse("2026-11-30T15:00:00Z").toEpochMilli();

  private static final long UNTIL = Instant.parse("2026-12-31T16:30:00Z").toEpochMilli();
  private static final long QUARTER = 900_000;
  private static final double FACTOR = 0.5827;
  private static final double COAL = 0.1229;
  private static final double CAPACITY = 500;

  /** The demonstration site as it is shipped, and with everything that a site file can add. */
  private static final Played PLAIN = new Played();

  private static final Played FULL = new Played();

  /** What came out of a site. */
  private static final class Played {
    /** The newest revision of each interval, by its length and start. */
    final Map<String, Interval> told = new LinkedHashMap<>();

    final Map<String, Set<String>> names = new TreeMap<>();

    /** What the site has, in the words of the list. */
    final Set<String> has = new TreeSet<>();

    /** The world at the ends of quarters. */
    final Map<Long, Truth> truth = new HashMap<>();
  }

  /**
   * The world at an instant.
   *
   * @param wires mWh by {@link Wire#index}
   * @param produced mg
   * @param dispensed mg
   * @param socPercent of the battery
   */
  private record Truth(long[] wires, long produced, long dispensed, double socPercent) {

    static Truth of(WorldReadings readings) {
      long[] wires = new long[Wire.values().length];
      for (Wire wire : Wire.values()) {
        wires[wire.index()] = readings.milliwattHours(wire);
      }
      long at = readings.world().stepStart();
      return new Truth(
          wires,
          readings.world().massMilligrams(Pipe.PRODUCED, at),
          readings.world().massMilligrams(Pipe.DISPENSED, at),
          readings.world().socBasisPoints() / 100.0);
    }
  }

  @BeforeAll
  static void play() throws IOException {
    play(SimulatedYearIT.demo(), PLAIN);
    play(
        SimulatedYearIT.demo(
            "allocation: priority",
            "allocation: priority\n  tariff: jiangsu-2025\n  tariff_extras: true",
            "{factors: [cn-electricity], method: [location]}",
            "{factors: [cn-electricity, cn-fuels, cn-tce], method: [location, market],"
                + " hourly: true, direct_supply: {}, fleet: {diesel_l_per_100km: 35}}"),
        FULL);
  }

  private static void play(Site site, Played played) {
    Fold fold = new Fold(site);
    boolean fed = site.carbon().dieselLitresPer100Km() != null;
    if (fed) {
      fold.tell(Feeding.of("date,bus,km,kg\n2026-12-05,b1,250,10\n"));
      fold.tell(
          Feeding.of(
              "month,output_cny,denominator,price_basis\n2026-12,1000000,revenue,current\n"));
      fold.tell(
          Feeding.of(
              """
              month,certificates,vintage,reference
              2026-11,5,2026-10,G-1
              2026-12,20,2026-11,G-2
              """));
      played.has.addAll(Set.of("buses", "output", "fleet"));
    }
    WorldReadings readings = new WorldReadings(7, FROM - 3_600_000, 60_000);
    Fold.Output output =
        new Fold.Output() {
          @Override
          public void interval(Interval interval) {
            played.told.put(interval.length() + " " + interval.startMillis(), interval);
            played
                .names
                .computeIfAbsent(interval.length(), length -> new TreeSet<>())
                .addAll(interval.metrics().keySet());
          }

          @Override
          public void event(Event event, long atNanos, long tsMillis) {}
        };
    for (long at = FROM; at <= UNTIL; at += 300_000) {
      readings.read(at, (sample, millis) -> fold.observe(sample, millis, output));
      if (at % QUARTER == 0) {
        played.truth.put(at, Truth.of(readings));
      }
    }
    assertEquals(Set.of("15m", "1h", "1d", "1M", "1Y"), played.names.keySet());
    inputs(site, played.has);
  }

  /** What the site has, in the words of {@code config/README.md}. */
  private static void inputs(Site site, Set<String> has) {
    for (Meter meter : site.metering().meters()) {
      has.add(meter.role().word());
      if (Set.of(Role.LOAD, Role.ELECTROLYSER, Role.COMPRESSOR, Role.CHARGER)
          .contains(meter.role())) {
        has.add("load");
      }
    }
    has.addAll(Set.of("export", "reactive", "soc", "soh", "hydrogen", "capacity", "quarters"));
    for (FactorTable table : site.carbon().tables()) {
      table.factors().forEach(factor -> has.add(factor.basis()));
    }
    if (site.carbon().isWorkedOut("market")) {
      has.add("market");
    }
    if (site.carbon().green().hourly()) {
      has.add("hourly");
    }
    if (site.carbon().green().direct() != null) {
      has.add("direct_supply");
    }
    if (site.metering().tariff() != null) {
      has.add("tariff");
    }
  }

  /** The specification's own list. */
  private static List<String> wanted() throws IOException {
    try (InputStream in = DemoMetricsTest.class.getResourceAsStream("metrics.txt")) {
      assertNotNull(in);
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }

  private static Indicator listed(String metric) {
    Indicator found = SiteFigures.LISTED.find(metric);
    assertNotNull(found, metric + " is not listed");
    return found;
  }

  @Test
  void everyFigureThatIsWantedIsListed() throws IOException {
    List<String> listed = SiteFigures.LISTED.all().stream().map(Indicator::name).toList();
    List<String> missing = new ArrayList<>(wanted());
    missing.removeAll(listed);
    assertEquals(List.of(), missing);
    assertTrue(wanted().size() > 60);
  }

  @Test
  void everyFigureWhoseInputsTheSiteHasComesOut() {
    assertComesOut(PLAIN);
    assertComesOut(FULL);
  }

  private static void assertComesOut(Played played) {
    Map<String, List<String>> missing = new LinkedHashMap<>();
    int looked = 0;
    for (String length : played.names.keySet()) {
      Set<String> there = new TreeSet<>();
      played.names.get(length).forEach(name -> there.add(listed(name).name()));
      for (Indicator indicator : SiteFigures.LISTED.all()) {
        if (!indicator.isIn(length) || !played.has.containsAll(indicator.needs())) {
          continue;
        }
        looked++;
        if (!there.contains(indicator.name())) {
          missing.computeIfAbsent(indicator.name(), name -> new ArrayList<>()).add(length);
        }
      }
    }
    assertEquals(Map.of(), missing, () -> "with " + played.has);
    assertTrue(looked > 150, "looked for " + looked);
  }

  @Test
  void nothingComesOutThatIsNotListedWithWhatItNeedsInThatLength() {
    for (Played played : List.of(PLAIN, FULL)) {
      played.names.forEach(
          (length, names) ->
              names.forEach(
                  name -> {
                    Indicator indicator = listed(name);
                    assertTrue(indicator.isIn(length), name + " in " + length);
                    assertTrue(
                        played.has.containsAll(indicator.needs()),
                        () -> name + " needs " + indicator.needs() + " of " + played.has);
                  }));
    }
  }

  @Test
  void whatIsKnownOfASiteBeforehandIsWhatComesOut() throws IOException {
    Set<String> told = new TreeSet<>();
    PLAIN.names.values().forEach(told::addAll);
    told.removeIf(name -> listed(name).presence() == Presence.NOT_ZERO);
    Set<String> known = new TreeSet<>(new Fold(SimulatedYearIT.demo()).indicators().keySet());
    Set<String> only = new TreeSet<>(known);
    only.removeAll(told);
    told.removeAll(known);
    assertEquals(Set.of(), told);
    assertEquals(Set.of(), only);
  }

  @Test
  void eachFigureIsInTheUnitThatIsListed() {
    int looked = 0;
    for (Played played : List.of(PLAIN, FULL)) {
      for (Interval interval : played.told.values()) {
        for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
          assertEquals(listed(entry.getKey()).ucum(), entry.getValue().ucum(), entry.getKey());
          looked++;
        }
      }
    }
    assertTrue(looked > 100_000, looked + " figures");
  }

  private static List<Interval> whole(Played played) {
    return played.told.values().stream()
        .filter(interval -> interval.startMillis() >= FROM + 3_600_000)
        .filter(interval -> interval.endMillis() <= UNTIL)
        .toList();
  }

  /** What may be less than measured at this site, and why. */
  private static final Map<String, Set<Quality>> POOR =
      Map.ofEntries(
          // Nothing is generated at night, and buses tell of one day.
          Map.entry("kpi.self_consumption", EnumSet.of(Quality.MISSING)),
          Map.entry("bus.km", EnumSet.of(Quality.MISSING, Quality.PARTIAL, Quality.SUBSTITUTED)),
          Map.entry(
              "bus.km.{id}", EnumSet.of(Quality.MISSING, Quality.PARTIAL, Quality.SUBSTITUTED)),
          Map.entry(
              "bus.kg_per_100km",
              EnumSet.of(Quality.MISSING, Quality.PARTIAL, Quality.SUBSTITUTED)),
          Map.entry(
              "bus.kg_per_100km.{id}",
              EnumSet.of(Quality.MISSING, Quality.PARTIAL, Quality.SUBSTITUTED)),
          Map.entry(
              "bus.avoided",
              EnumSet.of(Quality.MISSING, Quality.PARTIAL, Quality.SUSPECT, Quality.SUBSTITUTED)),
          Map.entry(
              "bus.avoided_per_km",
              EnumSet.of(Quality.MISSING, Quality.PARTIAL, Quality.SUSPECT, Quality.SUBSTITUTED)),
          Map.entry("bus.break_even_ci", EnumSet.of(Quality.MISSING, Quality.SUBSTITUTED)),
          Map.entry(
              "h2.against_diesel",
              EnumSet.of(Quality.MISSING, Quality.SUSPECT, Quality.SUBSTITUTED)),
          // What was in the battery is not known until all of it has been replaced.
          Map.entry("co2.load.{id}", EnumSet.of(Quality.SUSPECT)),
          Map.entry("co2.battery.to_load", EnumSet.of(Quality.SUSPECT)),
          Map.entry("co2.battery.to_grid", EnumSet.of(Quality.SUSPECT)),
          Map.entry("storage.pool_energy", EnumSet.of(Quality.SUSPECT)),
          Map.entry("storage.pool_co2", EnumSet.of(Quality.SUSPECT)),
          Map.entry("h2.co2", EnumSet.of(Quality.SUSPECT)),
          Map.entry("h2.ci", EnumSet.of(Quality.SUSPECT)),
          Map.entry("h2.stock_co2", EnumSet.of(Quality.DERIVED, Quality.SUSPECT)),
          Map.entry("h2.dispensed_co2", EnumSet.of(Quality.DERIVED, Quality.SUSPECT)),
          Map.entry(
              "h2.dispensed_ci", EnumSet.of(Quality.DERIVED, Quality.SUSPECT, Quality.MISSING)),
          Map.entry("h2.ci_boundary", EnumSet.of(Quality.SUSPECT)),
          Map.entry("h2.class_lower_bound", EnumSet.of(Quality.SUSPECT)),
          Map.entry("h2.clean_budget", EnumSet.of(Quality.MISSING)),
          Map.entry("h2.low_carbon_budget", EnumSet.of(Quality.MISSING)),
          Map.entry("storage.pool_ci", EnumSet.of(Quality.SUSPECT)),
          // From pressure and temperature; from counts of records; from what people told.
          Map.entry("h2.storage_mass", EnumSet.of(Quality.DERIVED)),
          Map.entry("h2.balance_residual", EnumSet.of(Quality.DERIVED)),
          Map.entry("quality.completeness", EnumSet.of(Quality.DERIVED)),
          Map.entry("quality.estimated_share", EnumSet.of(Quality.DERIVED)),
          Map.entry("quality.late", EnumSet.of(Quality.DERIVED)),
          Map.entry("tce.intensity", EnumSet.of(Quality.SUBSTITUTED)),
          Map.entry("tce.intensity.{denominator}", EnumSet.of(Quality.SUBSTITUTED)));

  @Test
  void withoutAFaultEachFigureIsMeasuredOrForAReasonLess() {
    int looked = 0;
    for (Interval interval : whole(FULL)) {
      for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
        Quality quality = entry.getValue().quality();
        Set<Quality> poor = POOR.getOrDefault(listed(entry.getKey()).name(), Set.of());
        assertTrue(
            quality == Quality.MEASURED || poor.contains(quality),
            () -> interval.length() + " " + entry);
        looked++;
      }
    }
    assertTrue(looked > 100_000, looked + " figures");
  }

  /** What the world says of an interval. */
  private record Happened(Truth start, Truth end) {

    double kilowattHours(Wire wire) {
      return (end.wires[wire.index()] - start.wires[wire.index()]) / 1e6;
    }

    double kilowattHours(Wire... wires) {
      double sum = 0;
      for (Wire wire : wires) {
        sum += kilowattHours(wire);
      }
      return sum;
    }

    double produced() {
      return (end.produced - start.produced) / 1e6;
    }

    double dispensed() {
      return (end.dispensed - start.dispensed) / 1e6;
    }
  }

  /**
   * A figure as it truly is.
   *
   * @param tolerance what steps of registers explain, in its unit
   */
  private record Expected(String metric, double value, double tolerance) {}

  /** One step of each register that goes in, in kWh. */
  private static double steps(String... devices) {
    double sum = 0;
    for (String device : devices) {
      sum += WorldReadings.step(device) / 1e6;
    }
    return sum;
  }

  private static List<Expected> expected(Happened happened) {
    List<Expected> all = new ArrayList<>();
    for (Counted counted : WorldReadings.COUNTED) {
      all.add(
          new Expected(
              counted.metric(), happened.kilowattHours(counted.wire()), steps(counted.device())));
    }
    double bought = happened.kilowattHours(Wire.GRID_IMPORT);
    double sold = happened.kilowattHours(Wire.GRID_EXPORT);
    double generated = happened.kilowattHours(Wire.PV);
    double used =
        happened.kilowattHours(Wire.BUILDINGS, Wire.ELECTROLYSER, Wire.COMPRESSOR, Wire.CHARGERS);
    double busbar = steps("gate", "gate", "pv1", "bat1", "bat1");
    double gate = steps("gate");
    double gram = WorldReadings.GRAM / 1e6;
    all.add(new Expected("elec.load.total", used, busbar));
    all.add(
        new Expected(
            "balance.residual",
            happened.kilowattHours(Wire.CHARGERS),
            busbar + steps("house", "comp", "ely1")));
    all.add(new Expected("h2.produced", happened.produced(), gram));
    all.add(new Expected("h2.dispensed", happened.dispensed(), gram));
    all.add(new Expected("h2.water_split", happened.produced() * 9, 9 * gram));
    all.add(new Expected("grid.factor", FACTOR, 0));
    // Rounding to the milligram, each base interval.
    double rounding = 0.0000005 * 96 * 366;
    all.add(new Expected("co2.scope2.location", bought * FACTOR, gate * FACTOR + rounding));
    all.add(new Expected("co2.total", bought * FACTOR, gate * FACTOR + rounding));
    all.add(
        new Expected("co2.purchased_net", (bought - sold) * FACTOR, 2 * gate * FACTOR + rounding));
    all.add(
        new Expected(
            "tce.by_carrier.electricity",
            (bought - sold) * COAL / 1000,
            2 * gate * COAL / 1000 + 1e-6));
    all.add(
        new Expected(
            "tce.by_carrier.pv", generated * COAL / 1000, steps("pv1") * COAL / 1000 + 1e-6));
    all.add(
        new Expected(
            "tce.total",
            (bought - sold + generated) * COAL / 1000,
            (2 * gate + steps("pv1")) * COAL / 1000 + 2e-6));
    all.add(new Expected("storage.soc", happened.end().socPercent(), 0.011));
    all.add(
        new Expected(
            "storage.efc",
            happened.kilowattHours(Wire.BATTERY_DISCHARGE) / CAPACITY,
            steps("bat1") / CAPACITY + 1e-6));
    all.add(new Expected("demand.block", 4 * bought, 4 * gate));
    if (happened.produced() > 1) {
      double energy = happened.kilowattHours(Wire.ELECTROLYSER);
      double share = steps("ely1") / energy + gram / happened.produced() + 1e-6;
      double each = energy / happened.produced();
      all.add(new Expected("h2.sec", each, each * share));
      all.add(new Expected("h2.eta_lhv", 33.33 / each, 33.33 / each * share + 0.001));
    }
    double charged = happened.kilowattHours(Wire.BATTERY_CHARGE);
    double given = happened.kilowattHours(Wire.BATTERY_DISCHARGE);
    if (charged > 10) {
      double raw = 100 * given / charged;
      all.add(new Expected("storage.rte_raw", raw, raw * 0.05 / charged + 0.2));
    }
    return all;
  }

  /** Who fed whom by priority, and what follows, of a quarter of an hour of the true world. */
  private static List<Expected> flows(Happened happened) {
    double load =
        happened.kilowattHours(Wire.BUILDINGS, Wire.ELECTROLYSER, Wire.COMPRESSOR, Wire.CHARGERS);
    double grid = happened.kilowattHours(Wire.GRID_IMPORT);
    double sold = happened.kilowattHours(Wire.GRID_EXPORT);
    double pv = happened.kilowattHours(Wire.PV);
    double charge = happened.kilowattHours(Wire.BATTERY_CHARGE);
    double given = happened.kilowattHours(Wire.BATTERY_DISCHARGE);
    double gridToBattery = Math.max(0, Math.min(charge, grid - load));
    double pvToBattery = Math.min(pv, charge - gridToBattery);
    double pvToGrid = Math.min(pv - pvToBattery, sold);
    double batteryToGrid = Math.min(given, sold - pvToGrid);
    gridToBattery += Math.min(grid - gridToBattery, charge - gridToBattery - pvToBattery);
    double pvToLoad = Math.min(load, pv - pvToBattery - pvToGrid);
    double batteryToLoad = Math.min(load - pvToLoad, given - batteryToGrid);
    double gridToLoad = load - pvToLoad - batteryToLoad;
    // A step of each register, and each can stand on both sides of a flow.
    double steps = 2 * steps("gate", "gate", "pv1", "bat1", "bat1");
    double electrolyser = happened.kilowattHours(Wire.ELECTROLYSER);
    List<Expected> flows = new ArrayList<>();
    flows.add(new Expected("flow.grid_to_load", gridToLoad, steps));
    flows.add(new Expected("flow.grid_to_battery", gridToBattery, steps));
    flows.add(new Expected("flow.pv_to_load", pvToLoad, steps));
    flows.add(new Expected("flow.pv_to_battery", pvToBattery, steps));
    flows.add(new Expected("flow.pv_to_grid", pvToGrid, steps));
    flows.add(new Expected("flow.battery_to_load", batteryToLoad, steps));
    flows.add(new Expected("flow.battery_to_grid", batteryToGrid, steps));
    flows.add(new Expected("co2.avoided.pv_self", pvToLoad * FACTOR, steps * FACTOR));
    flows.add(new Expected("co2.avoided.pv_export", pvToGrid * FACTOR, steps * FACTOR));
    flows.add(new Expected("h2.from_grid", gridToLoad * electrolyser / load, steps));
    flows.add(new Expected("h2.from_pv", pvToLoad * electrolyser / load, steps));
    flows.add(new Expected("h2.from_battery", batteryToLoad * electrolyser / load, steps));
    return flows;
  }

  @Test
  void figuresAreAsLargeAsTheyTrulyAre() {
    Map<String, Integer> compared = new TreeMap<>();
    for (Played played : List.of(PLAIN, FULL)) {
      for (Interval interval : whole(played)) {
        Truth start = played.truth.get(interval.startMillis());
        Truth end = played.truth.get(interval.endMillis());
        assertNotNull(start);
        assertNotNull(end);
        List<Expected> truth = new ArrayList<>(expected(new Happened(start, end)));
        if (interval.length().equals("15m")) {
          truth.addAll(flows(new Happened(start, end)));
        }
        for (Expected expected : truth) {
          Metric metric = interval.metrics().get(expected.metric);
          Long micros = metric == null ? null : metric.micros();
          if (micros != null) {
            assertEquals(
                expected.value,
                micros / 1e6,
                expected.tolerance + 2e-6,
                () -> interval.length() + " " + interval.startMillis() + " " + expected.metric);
            compared.merge(expected.metric, 1, Integer::sum);
          }
        }
      }
    }
    assertTrue(compared.size() > 37, compared::toString);
    assertTrue(compared.values().stream().allMatch(times -> times >= 30), compared::toString);
  }

  @Test
  void onceTheBatterysMixIsKnownADayHasItsBudgets() {
    List<Interval> days =
        whole(FULL).stream().filter(interval -> interval.length().equals("1d")).toList();
    for (Interval day : days.subList(8, days.size())) {
      for (String name : List.of("h2.clean_budget", "h2.low_carbon_budget")) {
        Metric budget = day.metrics().get(name);
        assertNotNull(budget);
        assertEquals(Quality.MEASURED, budget.quality(), () -> day.startMillis() + " " + budget);
      }
    }
    assertTrue(days.size() >= 30);
  }

  @Test
  void aYearsMarketBasisIsTheSumOfItsMonths() {
    Map<String, Long> months = new TreeMap<>();
    Interval year = null;
    for (Interval interval : FULL.told.values()) {
      if (interval.length().equals("1M")) {
        for (String name : List.of("co2.scope2.market", "cert.applied", "cert.unused")) {
          months.merge(name, micros(interval, name), Long::sum);
        }
      }
      year = interval.length().equals("1Y") ? interval : year;
    }
    assertNotNull(year);
    for (Map.Entry<String, Long> sum : months.entrySet()) {
      assertEquals(sum.getValue(), micros(year, sum.getKey()), sum.getKey());
    }
    assertEquals(25_000_000, micros(year, "cert.applied"));
    // November's certificates were of an hour in which next to nothing was bought.
    assertTrue(micros(year, "cert.unused") > 4_900_000_000L, year.metrics()::toString);
  }

  private static long micros(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    assertNotNull(metric, name);
    Long micros = metric.micros();
    assertNotNull(micros, () -> name + " " + metric);
    return micros;
  }

  @Test
  void aMonthsGreatestDemandIsThatOfItsQuarters() {
    Interval month =
        whole(FULL).stream()
            .filter(interval -> interval.length().equals("1M"))
            .reduce((a, b) -> b)
            .orElseThrow();
    double greatest = 0;
    for (long at = month.startMillis(); at < month.endMillis(); at += QUARTER) {
      Truth start = FULL.truth.get(at);
      Truth end = FULL.truth.get(at + QUARTER);
      assertNotNull(start);
      assertNotNull(end);
      greatest = Math.max(greatest, 4 * new Happened(start, end).kilowattHours(Wire.GRID_IMPORT));
    }
    Metric told = month.metrics().get("demand.month_max");
    assertNotNull(told);
    Long micros = told.micros();
    assertNotNull(micros);
    assertEquals(greatest, micros / 1e6, 4 * steps("gate"));
  }
}
