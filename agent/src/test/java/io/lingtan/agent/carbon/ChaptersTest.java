package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.Hydrogen.HydrogenClass;
import io.lingtan.agent.carbon.sheet.CarbonPool;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each chapter of the figures against the worked examples. */
final class ChaptersTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long MONTH = Instant.parse("2023-05-31T16:00:00Z").toEpochMilli();
  private static final YearMonth JUNE = YearMonth.of(2023, 6);

  private final List<Count> counts = new ArrayList<>();
  private final List<Factor> factors = new ArrayList<>();
  private final LinkedHashMap<String, Metric> sums = new LinkedHashMap<>();

  private static Metric metric(long micros, String ucum) {
    return new Metric(micros, ucum, Quality.MEASURED, 100, 0, null, null, null);
  }

  private static Meter meter(String id, Role role, double gasCelsius) {
    return Parts.meter(
        id, id + "-dev", role, 0, false, null, Double.NaN, Double.NaN, Double.NaN, gasCelsius);
  }

  private void count(String id, Role role, Figure figure, long micros) {
    counts.add(new Count(meter(id, role, 0), figure, metric(micros, figure.ucum())));
  }

  private void factor(String carrier, String basis, String value, String ucum) {
    factors.add(
        new Factor(
            "f/" + carrier + "/" + basis,
            carrier,
            "CN",
            basis,
            "CO2",
            value,
            ucum,
            2023,
            LocalDate.of(2023, 1, 1),
            null,
            "a document",
            "",
            "official",
            null));
  }

  private Factors table() {
    return new Factors(List.of(new FactorTable("test", "1", factors, null)), "CN", ZONE);
  }

  private Sheet sheet(String length) {
    Map<String, Meter> meters = new LinkedHashMap<>();
    counts.forEach(count -> meters.put(count.meter().id(), count.meter()));
    return new Sheet(new Counted(length, MONTH, counts, List.of()), meters, sums, Map.of(), null);
  }

  private static long micros(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name);
    return Combining.value(metric);
  }

  // E09

  private Sheet market(Node in, long certificates) {
    counts.clear();
    factors.clear();
    count("grid", Role.GRID, Figure.GRID_IMPORT, in.at("kWh").micros());
    factor("electricity", "location", in.at("EF_loc").decimal().toString(), "kg/(kW.h)");
    factor("electricity", "residual", in.at("EF_residual").decimal().toString(), "kg/(kW.h)");
    List<Applied> applied =
        certificates == 0
            ? List.of()
            : List.of(new Applied(JUNE, certificates, JUNE.minusMonths(1), "GEC-1"));
    Sheet sheet = sheet("1M");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(sheet);
    new Market(table(), new Certificates(applied), null, ZONE).rollUp(sheet);
    return sheet;
  }

  @Test
  void theMarketBasisOfE09() {
    for (Node example : WorkedExamples.cases("E09").subList(0, 3)) {
      Node in = example.at("inputs");
      Node expected = example.at("expected");
      long certificates =
          in.has("GEC_count")
              ? in.at("GEC_count").decimal().longValueExact()
              : in.at("cert_kWh").decimal().movePointLeft(3).longValueExact();
      Sheet sheet = market(in, certificates);
      assertEquals(expected.at("market_kg").micros(), micros(sheet, "co2.scope2.market"));
      assertEquals(
          (double) expected.at("coverage_pct").roundedMicros(),
          (double) micros(sheet, "cert.coverage"),
          1.0);
      if (expected.has("unused_cert_kWh")) {
        assertEquals(expected.at("unused_cert_kWh").micros(), micros(sheet, "cert.unused"));
      }
    }
  }

  @Test
  void carbonOfAPartOfADayIsPartialThoughItsEnergyIsWhole() {
    count("grid", Role.GRID, Figure.GRID_IMPORT, 1_000_000_000L);
    factor("electricity", "location", "0.5", "kg/(kW.h)");
    String location = "co2.scope2.location";
    // Of base intervals that do not say of which times they know.
    sums.put(
        location,
        new Metric(100_000_000L, "kg", Quality.PARTIAL, 90, 0, EnergyBalance.IMPORT, null, null));
    Sheet day = sheet("1d");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    new Emissions(table()).rollUp(day);
    Metric carbon = day.get(location);
    assertNotNull(carbon);
    assertEquals(Quality.PARTIAL, carbon.quality());
  }

  @Test
  void theMarketBasisCanBeHigherThanTheLocationBasis() {
    Sheet sheet = market(WorkedExamples.cases("E09").get(1).at("inputs"), 0);
    Metric market = sheet.get("co2.scope2.market");
    assertNotNull(market);
    assertTrue(
        Combining.value(market)
            > WorkedExamples.cases("E09").get(1).at("expected").at("location_kg").micros());
  }

  /** 100 MWh in each month; 300 certificates each for January and February, none for the others. */
  private Sheet marketYear(int monthsTold, @Nullable Metric march) {
    counts.clear();
    factors.clear();
    sums.clear();
    count("grid", Role.GRID, Figure.GRID_IMPORT, monthsTold * 100_000_000_000L);
    factor("electricity", "residual", "0.6096", "kg/(kW.h)");
    YearMonth january = YearMonth.of(2023, 1);
    for (int i = 12 - monthsTold; i < 12; i++) {
      sums.put(
          SiteFigures.monthly(january.plusMonths(i)),
          i == 2 && march != null ? march : metric(100_000_000_000L, "kW.h"));
    }
    List<Applied> applied =
        List.of(
            new Applied(january, 300, january.minusMonths(1), "GEC-1"),
            new Applied(january.plusMonths(1), 300, january, "GEC-2"));
    long start = january.atDay(1).atStartOfDay(ZONE).toInstant().toEpochMilli();
    Sheet sheet =
        new Sheet(new Counted("1Y", start, counts, List.of()), Map.of(), sums, Map.of(), null);
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(sheet);
    new Market(table(), new Certificates(applied), null, ZONE).rollUp(sheet);
    return sheet;
  }

  /** In one pool 600 certificates would cover half of the year: 600 MWh × 0.6096 = 365.76 t. */
  @Test
  void aYearsCertificatesCoverNothingInMonthsThatHaveNone() {
    Sheet year = marketYear(12, null);
    assertEquals(609_600_000_000L, micros(year, "co2.scope2.market"), "1000 MWh × 0.6096");
    assertEquals(600_000_000L, micros(year, "cert.applied"));
    assertEquals(16_666_667L, micros(year, "cert.coverage"), "200 of 1200 MWh");
    assertEquals(400_000_000_000L, micros(year, "cert.unused"), "200 MWh in each of the two");
    Metric market = year.get("co2.scope2.market");
    assertNotNull(market);
    assertEquals(Quality.MEASURED, market.quality());
    assertEquals("f/electricity/residual", market.factor());
  }

  @Test
  void aYearOfWhichAMonthIsNotKnownIsNotKnownAndOneNotToldMakesItPartial() {
    Metric unknown =
        marketYear(12, Metric.missing("kW.h", "gate: timeout")).get("co2.scope2.market");
    assertNotNull(unknown);
    assertEquals("gate: timeout", unknown.why());
    // Counted from March on: the 600 certificates are of months before.
    Sheet late = marketYear(10, null);
    Metric market = late.get("co2.scope2.market");
    assertNotNull(market);
    assertEquals(Quality.PARTIAL, market.quality());
    assertEquals(609_600_000_000L, Combining.value(market));
    assertEquals(600_000_000_000L, micros(late, "cert.unused"));
  }

  // E11

  private static final Map<String, String> COEFFICIENTS =
      Map.of(
          "k_kgce_per_kWh", "electricity",
          "k_kgce_per_MJ", "heat",
          "k_kgce_per_m3", "natural_gas");

  private Sheet coal() {
    Sheet sheet = sheet("1d");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(sheet);
    new StandardCoal(table()).rollUp(sheet);
    return sheet;
  }

  private void printedCoefficients() {
    factor("electricity", "equivalent", "0.1229", "kg{ce}/(kW.h)");
    factor("heat", "equivalent", "0.03412", "kg{ce}/MJ");
    factor("natural_gas", "equivalent", "1.3300", "kg{ce}/m3");
  }

  private void energy(Node in) {
    for (String name : in.names()) {
      switch (name) {
        case "electricity_kWh" ->
            count("grid", Role.GRID, Figure.GRID_IMPORT, in.at(name).micros());
        case "natural_gas_m3" -> count("gas", Role.GAS, Figure.GAS, in.at(name).micros());
        case "heat_GJ" ->
            count(
                "heat",
                Role.HEAT,
                Figure.HEAT,
                Rounding.whole(
                    new BigDecimal(in.at(name).micros())
                        .divide(new BigDecimal("0.0036"), 6, java.math.RoundingMode.HALF_EVEN)));
        default -> {}
      }
    }
  }

  @Test
  void standardCoalIsThatOfE11() {
    printedCoefficients();
    for (Node example : WorkedExamples.cases("E11")) {
      Node in = example.at("inputs");
      Node expected = example.at("expected");
      boolean printed = COEFFICIENTS.keySet().stream().anyMatch(in::has);
      if (!printed && !in.has("output_CNY")) {
        continue;
      }
      counts.clear();
      energy(in);
      Node wanted = expected.has("tce") ? expected.at("tce") : expected.at("kgce");
      int shift = expected.has("tce") ? 0 : -3;
      if (!in.has("petrol_kg")) {
        assertEquals(
            wanted.decimal().movePointRight(shift).doubleValue(),
            micros(coal(), "tce.total") / 1e6,
            1e-6,
            example.path());
      }
    }
  }

  @Test
  void theEqualValueIsAFigureOfItsOwn() {
    Node example =
        WorkedExamples.cases("E11").stream()
            .filter(c -> c.at("inputs").has("k_equal_value_kgce_per_kWh"))
            .findFirst()
            .orElseThrow();
    printedCoefficients();
    energy(example.at("inputs"));
    assertNull(coal().get("tce.equal_value"), "never a silent default");
    factor(
        "electricity",
        "equal_value",
        example.at("inputs").at("k_equal_value_kgce_per_kWh").decimal().toString(),
        "kg{ce}/(kW.h)");
    Sheet sheet = coal();
    assertEquals(example.at("expected").at("tce").micros(), micros(sheet, "tce.equal_value"));
    assertTrue(micros(sheet, "tce.total") < micros(sheet, "tce.equal_value"));
  }

  // E12

  @Test
  void gasIsBurntByItsVolumeAtZeroDegrees() {
    for (Node example : WorkedExamples.cases("E12").subList(0, 2)) {
      String perCubicMetre = example.at("expected").at("kg_per_m3").decimal().toString();
      factors.clear();
      factor("natural_gas", "combustion", perCubicMetre, "kg/m3");
      for (double reference : new double[] {0, 20}) {
        counts.clear();
        counts.add(
            new Count(
                meter("boiler", Role.GAS, reference), Figure.GAS, metric(1_000_000_000L, "m3")));
        Sheet sheet = sheet("15m");
        new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
        new Emissions(table()).base(sheet);
        double expected =
            1000 * example.at("expected").at("kg_per_m3").number() * 273.15 / (273.15 + reference);
        assertEquals(expected, micros(sheet, "co2.scope1.natural_gas") / 1e6, 1e-5);
        assertEquals(
            micros(sheet, "co2.scope1.natural_gas"), micros(sheet, "co2.total"), "all there is");
      }
    }
  }

  // E13

  private Sheet hydrogen(Node in) {
    return hydrogen(
        in.at("EF_grid").decimal(),
        in.at("H2_kg").micros(),
        in.at("grid_kWh").micros(),
        in.at("pv_kWh").micros(),
        in.at("AC_kWh").micros());
  }

  private Sheet hydrogen(BigDecimal factor, long kilograms, long solar) {
    return hydrogen(factor, kilograms, 0, solar, solar);
  }

  private Sheet hydrogen(BigDecimal factor, long kilograms, long grid, long solar, long all) {
    counts.clear();
    sums.clear();
    count("grid", Role.GRID, Figure.GRID_IMPORT, grid);
    count("grid", Role.GRID, Figure.GRID_EXPORT, 0);
    count("pv", Role.PV, Figure.PV_GENERATION, solar);
    count("ely", Role.ELECTROLYSER, Figure.LOAD, all);
    count("ely", Role.ELECTROLYSER, Figure.H2_PRODUCED, kilograms);
    factors.clear();
    factor("electricity", "location", factor.toString(), "kg/(kW.h)");
    Factors table = table();
    Sheet base = sheet("15m");
    List<Chapter> chapters =
        List.of(
            new EnergyBalance(Allocation.PRIORITY, 0),
            new LoadCarbon(table, List.of()),
            new Emissions(table),
            new Hydrogen(table));
    chapters.forEach(chapter -> chapter.base(base));
    base.figures(Set.of())
        .metrics()
        .forEach(
            (name, metric) -> {
              if (SiteFigures.isSummed(name)) {
                sums.put(name, metric);
              }
            });
    Sheet day = sheet("1d");
    chapters.forEach(chapter -> chapter.rollUp(day));
    return day;
  }

  @Test
  void hydrogenOfE13HasItsEnergyItsCarbonAndItsClass() {
    Node example = WorkedExamples.cases("E13").getFirst();
    Node expected = example.at("expected");
    Sheet day = hydrogen(example.at("inputs"));
    assertEquals(expected.at("sec_kWh_per_kg").micros(), micros(day, "h2.sec"));
    assertEquals(expected.at("eta_LHV_pct").number() / 100, micros(day, "h2.eta_lhv") / 1e6, 1e-5);
    assertEquals(expected.at("CI_kg_per_kg").micros(), micros(day, "h2.ci"));
    Metric named = day.get("h2.class_lower_bound");
    assertNotNull(named);
    assertEquals(expected.at("class").text(), named.text());
    assertNull(day.get("h2.class"), "without footprint factors there is only a lower bound");
  }

  @Test
  void allGridIsInNoClass() {
    Node example = WorkedExamples.cases("E13").get(1);
    Sheet day = hydrogen(withSameRest(example.at("inputs")));
    assertEquals(example.at("expected").at("CI_kg_per_kg").micros(), micros(day, "h2.ci"));
    Metric named = day.get("h2.class_lower_bound");
    assertNotNull(named);
    assertEquals("none", named.text());
  }

  private static Node withSameRest(Node in) {
    return in;
  }

  @Test
  void theCleanBudgetIsTheShareOfE13() {
    Node example = WorkedExamples.cases("E13").get(2);
    Node in = example.at("inputs");
    // A kilogram of the sun alone leaves the whole budget of its class to the grid.
    BigDecimal consumption = in.at("sec_kWh_per_kg").decimal();
    Sheet day =
        hydrogen(
            in.at("EF_grid").decimal(), 1_000_000, consumption.movePointRight(6).longValueExact());
    assertEquals(
        example.at("expected").at("grid_share_pct").number(),
        100 * (micros(day, "h2.clean_budget") / 1e6) / consumption.doubleValue(),
        1e-4);
  }

  @Test
  void classesHaveTheirLimits() {
    assertEquals(HydrogenClass.CLEAN, HydrogenClass.of(new BigDecimal("4.9"), false));
    assertEquals(HydrogenClass.RENEWABLE, HydrogenClass.of(new BigDecimal("4.9"), true));
    assertEquals(HydrogenClass.LOW_CARBON, HydrogenClass.of(new BigDecimal("4.900001"), true));
    assertEquals(HydrogenClass.NONE, HydrogenClass.of(new BigDecimal("14.510001"), false));
  }

  // S01, S02, S03

  @Test
  void demandOfABlockIsItsMeanPower() {
    Node example = WorkedExamples.cases("S01").getFirst();
    List<Node> energies = example.at("inputs").at("kWh_per_15min").list();
    List<Node> expected = example.at("expected").at("demand_kW").list();
    long greatest = 0;
    int index = -1;
    for (int i = 0; i < energies.size(); i++) {
      counts.clear();
      count("grid", Role.GRID, Figure.GRID_IMPORT, energies.get(i).micros());
      Sheet sheet = sheet("15m");
      new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
      new Demand().base(sheet);
      long demand = micros(sheet, "demand.block");
      assertEquals(expected.get(i).micros(), demand);
      index = demand > greatest ? i : index;
      greatest = Math.max(greatest, demand);
    }
    assertEquals(example.at("expected").at("max_kW").micros(), greatest);
    assertEquals(example.at("expected").at("index").decimal().intValueExact(), index);
  }

  @Test
  void timesOfDayAreInThePeriodsOfS02() {
    Tariff tariff = Catalogue.tariffs(null).load("jiangsu-2025").value();
    assertNotNull(tariff);
    for (Node example : WorkedExamples.cases("S02")) {
      LocalDateTime local = LocalDateTime.parse(example.at("local").text());
      Node expected = example.at("expected");
      assertEquals(expected.at("base").text(), word(tariff.period(local, false)), example.path());
      if (expected.has("with_sharp")) {
        assertEquals(
            expected.at("with_sharp").text(), word(tariff.period(local, true)), example.path());
      }
    }
  }

  private static @Nullable String word(@Nullable Period period) {
    return period == null ? null : period.name().toLowerCase(Locale.ROOT);
  }

  @Test
  void everyQuarterOfADayIsInOnePeriodAndOnlyInsideTheValidity() {
    Tariff tariff = Catalogue.tariffs(null).load("jiangsu-2025").value();
    assertNotNull(tariff);
    Map<Period, Integer> minutes = new TreeMap<>();
    LocalDateTime day = LocalDate.of(2025, 7, 15).atStartOfDay();
    for (int minute = 0; minute < 1440; minute++) {
      Period period = tariff.period(day.plusMinutes(minute), true);
      assertNotNull(period);
      minutes.merge(period, 1, Integer::sum);
    }
    assertEquals(
        Map.of(Period.SHARP, 180, Period.PEAK, 300, Period.FLAT, 480, Period.VALLEY, 480), minutes);
    assertNull(tariff.period(LocalDateTime.parse("2025-05-31T23:59:00"), true));
  }

  @Test
  void outsideTheTariffNothingIsKnownToBeZero() {
    Tariff tariff = Catalogue.tariffs(null).load("jiangsu-2025").value();
    assertNotNull(tariff);
    assertPeriods(tariff, "2025-05-31T12:00", "tariff jiangsu-2025 does not hold on 2025-05-31");
    assertPeriods(tariff, "2027-03-01T12:00", "tariff jiangsu-2025 lists no holidays of 2027");
    // At night no holiday changes anything.
    assertPeriods(tariff, "2027-03-01T03:00", null);
    assertPeriods(tariff, "2026-03-01T12:00", null);
  }

  private void assertPeriods(Tariff tariff, String local, @Nullable String why) {
    counts.clear();
    count("grid", Role.GRID, Figure.GRID_IMPORT, 1_000_000);
    long start = LocalDateTime.parse(local).atZone(ZONE).toInstant().toEpochMilli();
    Sheet sheet =
        new Sheet(new Counted("15m", start, counts, List.of()), Map.of(), sums, Map.of(), null);
    new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
    new TariffSplit(tariff, true, ZONE).base(sheet);
    List<String> periods =
        sheet.names().stream().filter(name -> name.startsWith("elec.grid.import.")).toList();
    if (why == null) {
      assertEquals(List.of("elec.grid.import.valley"), periods);
    } else {
      assertEquals(5, periods.size());
      for (String period : periods) {
        assertEquals(Metric.missing("kW.h", why), sheet.get(period));
      }
    }
  }

  @Test
  void importIsSplitByTariffAndAddsUp() {
    Tariff tariff = Catalogue.tariffs(null).load("jiangsu-2025").value();
    TariffSplit split = new TariffSplit(tariff, false, ZONE);
    count("grid", Role.GRID, Figure.GRID_IMPORT, 5);
    Sheet sheet =
        new Sheet(
            new Counted(
                "15m", Instant.parse("2025-07-15T06:00:00Z").toEpochMilli(), counts, List.of()),
            Map.of(),
            sums,
            Map.of(),
            null);
    new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
    split.base(sheet);
    assertEquals(5, micros(sheet, "elec.grid.import.peak"));
    assertFalse(sheet.has("elec.grid.import.flat"));
  }

  @Test
  void thePowerFactorComesFromEnergies() {
    for (Node example : WorkedExamples.cases("S03")) {
      counts.clear();
      count("grid", Role.GRID, Figure.GRID_IMPORT, example.at("inputs").at("kWh").micros());
      count(
          "grid",
          Role.GRID,
          Figure.REACTIVE_IMPORT,
          example.at("inputs").at("kvarh").roundedMicros());
      Sheet sheet = sheet("1M");
      new EnergyBalance(Allocation.PRIORITY, 0).rollUp(sheet);
      new Demand().rollUp(sheet);
      assertEquals(example.at("expected").at("PF").micros(), micros(sheet, "pf"));
    }
  }

  // Conservation

  @Test
  void theCarbonOfTheLoadsAndTheBatteryIsTheGrids() {
    factor("electricity", "location", "0.5827", "kg/(kW.h)");
    Meter battery =
        Parts.meter("bat", "d", Role.BATTERY, 0, false, null, 100, 0.81, Double.NaN, Double.NaN);
    Factors table = table();
    LoadCarbon loads = new LoadCarbon(table, List.of(battery));
    count("grid", Role.GRID, Figure.GRID_IMPORT, 10_000_000);
    count("grid", Role.GRID, Figure.GRID_EXPORT, 0);
    count("pv", Role.PV, Figure.PV_GENERATION, 4_000_000);
    counts.add(new Count(battery, Figure.BATTERY_CHARGE, metric(6_000_000, "kW.h")));
    counts.add(new Count(battery, Figure.BATTERY_DISCHARGE, metric(0, "kW.h")));
    count("a", Role.LOAD, Figure.LOAD, 3_000_000);
    count("b", Role.LOAD, Figure.LOAD, 5_000_000);
    Sheet sheet =
        new Sheet(
            new Counted("15m", MONTH, counts, List.of()),
            Map.of("bat", battery),
            sums,
            Map.of(),
            new Carried(new CarbonPool(0, 0, 0), null));
    new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
    loads.base(sheet);
    new Emissions(table).base(sheet);
    CarbonPool pool = sheet.pool();
    assertNotNull(pool);
    assertEquals(
        micros(sheet, "co2.scope2.location"),
        micros(sheet, "co2.load.a") + micros(sheet, "co2.load.b") + pool.milligrams());
  }

  @Test
  void carbonIsConservedByBothRulesWhenTheBatteryFeedsItself() {
    factor("electricity", "location", "0.5827", "kg/(kW.h)");
    Meter battery =
        Parts.meter("bat", "d", Role.BATTERY, 0, false, null, 100, 0.9, Double.NaN, Double.NaN);
    Factors table = table();
    LoadCarbon loads = new LoadCarbon(table, List.of(battery));
    for (Allocation rule : Allocation.values()) {
      counts.clear();
      count("grid", Role.GRID, Figure.GRID_IMPORT, 10_000_000);
      count("grid", Role.GRID, Figure.GRID_EXPORT, 0);
      counts.add(new Count(battery, Figure.BATTERY_CHARGE, metric(6_000_000, "kW.h")));
      counts.add(new Count(battery, Figure.BATTERY_DISCHARGE, metric(5_000_000, "kW.h")));
      count("all", Role.LOAD, Figure.LOAD, 9_000_000);
      CarbonPool before = new CarbonPool(40_000_000, 20_000_000, 0);
      Sheet sheet =
          new Sheet(
              new Counted("15m", MONTH, counts, List.of()),
              Map.of("bat", battery),
              sums,
              Map.of(),
              new Carried(before, null));
      new EnergyBalance(rule, 0).base(sheet);
      loads.base(sheet);
      new Emissions(table).base(sheet);
      CarbonPool after = sheet.pool();
      assertNotNull(after);
      long in = micros(sheet, "co2.scope2.location") + before.milligrams();
      long out = micros(sheet, "co2.load.all") + after.milligrams();
      assertTrue(Math.abs(in - out) <= 2, rule + ": " + in + " mg in, " + out + " mg out");
    }
  }

  @Test
  void aGasMeterBehindAnotherIsNotBurntTwiceAndMayBeSilent() {
    factor("natural_gas", "combustion", "2", "kg/m3");
    Meter main = meter("main", Role.GAS, 0);
    Meter boiler =
        Parts.meter(
            "boiler", "b", Role.GAS, 0, false, "main", Double.NaN, Double.NaN, Double.NaN, 0);
    counts.add(new Count(main, Figure.GAS, metric(10_000_000, "m3")));
    counts.add(new Count(boiler, Figure.GAS, Metric.missing("m3", "b: timeout")));
    Sheet sheet = sheet("15m");
    new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
    new Emissions(table()).base(sheet);
    assertEquals(20_000_000, micros(sheet, "co2.scope1.natural_gas"));
  }

  @Test
  void hydrogenFromCombinedHeatAndPowerIsInNoClass() {
    Sheet day = hydrogen(WorkedExamples.cases("E13").getFirst().at("inputs"));
    assertNotNull(day.get("h2.class_lower_bound"));
    count("chp", Role.CHP, Figure.CHP_GENERATION, 1_000_000);
    factor("electricity", "footprint", "0.6205", "kg/(kW.h)");
    factor("electricity_pv", "footprint", "0.0545", "kg/(kW.h)");
    sums.put("h2.from_chp", metric(1_000_000, "kW.h"));
    sums.put("co2.load.ely", Metric.missing("kg", LoadCarbon.UNSPLIT));
    Sheet sheet = hydrogenDay();
    for (String name : List.of("h2.class", "h2.ci_footprint", "h2.clean_budget")) {
      Metric metric = sheet.get(name);
      assertNotNull(metric, name);
      assertEquals(LoadCarbon.UNSPLIT, metric.why(), name);
    }
  }

  @Test
  void hydrogenOfADayOnHalfADaysElectricityIsInNoClass() {
    hydrogen(WorkedExamples.cases("E13").getFirst().at("inputs"));
    factor("electricity", "footprint", "0.6205", "kg/(kW.h)");
    factor("electricity_pv", "footprint", "0.0545", "kg/(kW.h)");
    sums.put(
        "h2.from_grid", new Metric(1_000_000L, "kW.h", Quality.PARTIAL, 50, 0, null, null, null));
    Sheet day = sheet("1d");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    new Hydrogen(table()).rollUp(day);
    for (String name : List.of("h2.class", "h2.ci_footprint")) {
      Metric metric = day.get(name);
      assertNotNull(metric, name);
      assertEquals("what it compares is known of different parts of the time", metric.why(), name);
    }
  }

  private Sheet hydrogenDay() {
    Sheet day = sheet("1d");
    Factors table = table();
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    new LoadCarbon(table, List.of()).rollUp(day);
    new Hydrogen(table).rollUp(day);
    return day;
  }

  /**
   * 10 kg may have emitted 49 kg and be clean. 40 kWh of the grid at 0.5 and 30 kWh of the battery,
   * whose mix is 0.2, have emitted 26: so 23 are left, which is 46 kWh of the grid.
   */
  @Test
  void whatTheBatteryGaveIsTakenOffTheCleanBudgetByItsMix() {
    factor("electricity", "location", "0.5", "kg/(kW.h)");
    count("grid", Role.GRID, Figure.GRID_IMPORT, 40_000_000);
    count("grid", Role.GRID, Figure.GRID_EXPORT, 0);
    count("bat", Role.BATTERY, Figure.BATTERY_CHARGE, 0);
    count("bat", Role.BATTERY, Figure.BATTERY_DISCHARGE, 30_000_000);
    count("ely", Role.ELECTROLYSER, Figure.LOAD, 70_000_000);
    count("ely", Role.ELECTROLYSER, Figure.H2_PRODUCED, 10_000_000);
    sums.put("h2.from_grid", metric(40_000_000, "kW.h"));
    sums.put("h2.from_battery", metric(30_000_000, "kW.h"));
    sums.put("co2.load.ely", metric(26_000_000, "kg"));
    Sheet day = hydrogenDay();
    assertEquals(26_000_000, micros(day, "h2.co2"));
    assertEquals(46_000_000, micros(day, "h2.clean_budget"));
    assertEquals((145_100_000 - 26_000_000) * 2, micros(day, "h2.low_carbon_budget"));
    sums.put(
        "co2.load.ely", new Metric(26_000_000L, "kg", Quality.SUSPECT, 100, 0, null, null, null));
    assertLeaves("it is not known yet what the battery was charged with", hydrogenDay());
    sums.put("h2.from_battery", metric(0, "kW.h"));
    assertEquals(46_000_000, micros(hydrogenDay(), "h2.clean_budget"), "it gave nothing");
    sums.put(
        "co2.load.ely", new Metric(13_000_000L, "kg", Quality.PARTIAL, 50, 0, null, null, null));
    assertLeaves("what it compares is known of different parts of the time", hydrogenDay());
  }

  private static void assertLeaves(String why, Sheet day) {
    Metric budget = day.get("h2.clean_budget");
    assertNotNull(budget);
    assertEquals(why, budget.why());
  }

  @Test
  void gridHydrogenThatIsNotCleanAnyMoreHasOverspent() {
    Sheet day = hydrogen(WorkedExamples.cases("E13").get(1).at("inputs"));
    assertTrue(micros(day, "h2.clean_budget") < 0);
  }

  @Test
  void theNonFossilShareIsOfWhatWasUsedHere() {
    printedCoefficients();
    count("grid", Role.GRID, Figure.GRID_IMPORT, 20_000_000);
    count("grid", Role.GRID, Figure.GRID_EXPORT, 80_000_000);
    count("pv", Role.PV, Figure.PV_GENERATION, 100_000_000);
    sums.put("flow.pv_to_load", metric(20_000_000, "kW.h"));
    assertEquals(50, micros(coal(), "tce.nonfossil_share") / 1e6, 0.01);
  }
}
