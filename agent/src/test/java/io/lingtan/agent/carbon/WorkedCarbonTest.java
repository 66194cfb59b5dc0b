package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.FactorUnit;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.carbon.sheet.Level.Kind;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Chp;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.MeterParts;
import io.lingtan.testing.Parts;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fuels, hydrogen, buses, certificates and intensity against the worked examples. */
final class WorkedCarbonTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long JUNE = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();
  private static final Calendar CALENDAR = new Calendar(ZONE);

  private final List<Count> counts = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();
  private final LinkedHashMap<String, Metric> sums = new LinkedHashMap<>();
  private final Map<String, Meter> meters = new LinkedHashMap<>();
  private Feeds feeds = Feeds.NONE;

  private static Metric metric(long micros, String ucum) {
    return new Metric(micros, ucum, Quality.MEASURED, 100, 0, null, null, null);
  }

  private static Meter meter(String id, Role role, double capacityKwh) {
    return Parts.meter(id, id, role, 0, false, null, capacityKwh, Double.NaN, Double.NaN, 0);
  }

  private void count(String id, Role role, Figure figure, long micros) {
    counts.add(new Count(meter(id, role, Double.NaN), figure, metric(micros, figure.ucum())));
  }

  private Sheet sheet(String length) {
    counts.forEach(count -> meters.putIfAbsent(count.meter().id(), count.meter()));
    Counted counted = new Counted(length, JUNE, counts, levels, null, feeds);
    return new Sheet(counted, meters, sums, Map.of(), null);
  }

  private static long micros(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name);
    return Combining.value(metric);
  }

  private static void assertClose(Node expected, double tolerance, BigDecimal actual) {
    assertEquals(
        expected.number(),
        actual.doubleValue(),
        tolerance * Math.abs(expected.number()),
        expected.path());
  }

  private static Feeds told(String csv) {
    Feeds told =
        FeedReader.read(
            csv,
            (line, column, message) -> {
              throw new AssertionError(line + ":" + column + ": " + message);
            });
    assertNotNull(told);
    return told;
  }

  private static FactorTable shipped(String name) {
    FactorTable table = Catalogue.factors(null).load(name).value();
    assertNotNull(table, name);
    return table;
  }

  private static BigDecimal value(String table, String id) {
    return shipped(table).factors().stream()
        .filter(factor -> factor.id().equals(id))
        .map(factor -> new BigDecimal(factor.value()))
        .findFirst()
        .orElseThrow();
  }

  // E11

  @Test
  void petrolIsCoalByItsPrintedCoefficient() {
    Node example = WorkedExamples.cases("E11").get(3);
    Factor petrol =
        shipped("cn-tce").factors().stream()
            .filter(factor -> factor.carrier().equals("petrol"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        example.at("inputs").at("k_kgce_per_kg").decimal(), new BigDecimal(petrol.value()));
    BigDecimal coal =
        FactorUnit.of(petrol)
            .kilogramsPer("kg", new BigDecimal(petrol.value()))
            .multiply(example.at("inputs").at("petrol_kg").decimal());
    assertClose(example.at("expected").at("kgce"), 1e-9, coal);
  }

  @Test
  void theSitesIntensityNamesItsDenominator() {
    Node example = WorkedExamples.cases("E11").get(4);
    Node in = example.at("inputs");
    count("grid", Role.GRID, Figure.GRID_IMPORT, in.at("electricity_kWh").micros());
    count("gas", Role.GAS, Figure.GAS, in.at("natural_gas_m3").micros());
    BigDecimal heat = in.at("heat_GJ").decimal().movePointRight(6);
    long kilowattHours =
        Rounding.whole(heat.divide(new BigDecimal("0.0036"), 6, java.math.RoundingMode.HALF_EVEN));
    count("heat", Role.HEAT, Figure.HEAT, kilowattHours);
    String output = in.at("output_CNY").decimal().toPlainString();
    String header = "month,output_cny,denominator,price_basis\n";
    feeds = told(header + "2026-06," + output + ",industrial_value_added,2020\n");
    Sheet month = coal("1M");
    Node expected = example.at("expected");
    assertEquals(expected.at("tce").number(), micros(month, "tce.total") / 1e6, 1e-6);
    assertEquals(
        expected.at("tce_per_10k_CNY").number(), micros(month, "tce.intensity") / 1e6, 1e-6);
    Metric intensity = month.get("tce.intensity");
    assertNotNull(intensity);
    assertEquals(
        "industrial_value_added, prices of 2020, electricity equivalent", intensity.text());
    feeds = feeds.and(told(header + "2026-06," + output + ",gdp,current\n"));
    Sheet both = coal("1M");
    assertNull(both.get("tce.intensity"), "two denominators are never one figure");
    assertNotNull(both.get("tce.intensity.gdp"));
    Metric year = coal("1Y").get("tce.intensity.gdp");
    assertNotNull(year);
    assertEquals("the output of 1 of 12 months was told", year.why());
  }

  private Sheet coal(String length) {
    Sheet sheet = sheet(length);
    Factors factors = new Factors(List.of(shipped("cn-tce")), "CN-JS", ZONE);
    for (Chapter chapter :
        List.of(
            new EnergyBalance(Allocation.PRIORITY, 0),
            new StandardCoal(factors),
            new Intensity(CALENDAR))) {
      chapter.rollUp(sheet);
    }
    return sheet;
  }

  /** The printed coefficients are heats over 7000 kcal, rounded to their four places. */
  @Test
  void theShippedCoefficientsAreThoseOfTheirHeats() {
    Node example = WorkedExamples.cases("E11").get(5);
    Map<String, String> ids =
        Map.of(
            "electricity", "cn-tce/electricity",
            "diesel", "cn-tce/diesel",
            "petrol", "cn-tce/petrol",
            "oilfield gas", "cn-tce/natural_gas",
            "hydrogen", "cn-tce/hydrogen");
    Node expected = example.at("expected");
    assertEquals(ids.keySet(), java.util.Set.copyOf(expected.names()));
    BigDecimal coal = example.at("inputs").at("standard_coal_kcal_per_kg").decimal();
    ids.forEach(
        (carrier, id) -> {
          Node kcal = example.at("inputs").at("kcal_per_kg_or_kWh");
          String name = kcal.has(carrier) ? carrier : carrier + " per m3";
          double exact = kcal.at(name).number() / coal.doubleValue();
          assertEquals(expected.at(carrier).number(), exact, 1e-6, carrier);
          assertEquals(exact, value("cn-tce", id).doubleValue(), 1e-4, carrier);
        });
  }

  // E12

  /** The value that a factor file with these parameters has for the agent. */
  private BigDecimal read(String parameters, String carrier, String unit) throws IOException {
    Files.writeString(
        folder.resolve("e12.yaml"),
        """
        name: e12
        version: "1"
        defaults: {region: CN, basis: combustion, gas: CO2, status: official, publication: p}
        publications: {p: {document: D}}
        factors:
          - {id: f, carrier: %s, unit: %s, data_year: 2023, %s}
        """
            .formatted(carrier, unit, parameters));
    var loaded = Catalogue.factors(folder).load("e12");
    FactorTable table = loaded.value();
    assertNotNull(table, () -> loaded.problems().toString());
    return new BigDecimal(table.factors().getFirst().value());
  }

  @TempDir Path folder;

  @Test
  void fuelsAreWhatTheirParametersMake() throws IOException {
    List<Node> cases = WorkedExamples.cases("E12");
    double tolerance = WorkedExamples.example("E12").at("tolerance_rel").number();
    for (Node example : cases.subList(0, 5)) {
      Node in = example.at("inputs");
      Node expected = example.at("expected");
      boolean gas = in.has("FC_1e4_Nm3");
      BigDecimal heat = in.at(gas ? "NCV_GJ_per_1e4_Nm3" : "NCV_GJ_per_t").decimal();
      // One tonne, or 10,000 normal cubic metres, are given; a factor is of a kilogram or one m³.
      BigDecimal ofOne = heat.movePointLeft(gas ? 4 : 3);
      BigDecimal kilograms =
          read(
              "ncv: \"%s\", %s"
                  .formatted(
                      ofOne.toPlainString(),
                      in.has("EF_kg_per_GJ")
                          ? "co2_per_gj: \"" + in.at("EF_kg_per_GJ").decimal() + "\""
                          : "carbon: \"%s\", oxidation: \"%s\""
                              .formatted(in.at("CC_tC_per_GJ").decimal(), in.at("OF").decimal())),
              gas ? "natural_gas" : "fuel",
              gas ? "kg/m3" : "kg/kg");
      if (expected.has("t_CO2")) {
        BigDecimal tonnes = gas ? kilograms.movePointRight(1) : kilograms;
        assertClose(expected.at("t_CO2"), tolerance, tonnes);
      }
      if (expected.has("kg_per_m3")) {
        assertClose(expected.at("kg_per_m3"), tolerance, kilograms);
      }
    }
    assertEquals(
        cases.get(0).at("expected").at("kg_per_m3").number(),
        value("cn-fuels", "cn-fuel/natural_gas").doubleValue(),
        5e-6);
    assertEquals(
        cases.get(2).at("expected").at("t_CO2").number(),
        value("cn-fuels", "cn-fuel/diesel").doubleValue(),
        5e-6);
  }

  @Test
  void aLitreOfDieselHasItsDensity() throws IOException {
    Node example = WorkedExamples.cases("E12").get(5);
    Node in = example.at("inputs");
    BigDecimal perKilogram = in.at("NCV_GJ_per_t").decimal().movePointLeft(3);
    BigDecimal litre =
        read(
            "ncv: \"%s\", co2_per_gj: \"%s\", density: \"%s\""
                .formatted(
                    perKilogram.toPlainString(),
                    in.at("EF_kg_per_GJ").decimal(),
                    in.at("density_kg_per_L").decimal()),
            "diesel",
            "kg/L");
    assertClose(example.at("expected").at("kg_per_L"), 1e-6, litre);
    BigDecimal tonnes = litre.multiply(in.at("litres").decimal()).movePointLeft(3);
    assertClose(example.at("expected").at("t_CO2"), 1e-6, tonnes);
  }

  @Test
  void theDefaultsOfPublicInstitutionsAreShipped() {
    Node example = WorkedExamples.cases("E12").get(6);
    Node in = example.at("inputs");
    List<String> carriers = List.of("natural_gas", "diesel", "petrol");
    List<String> amounts = List.of("natural_gas_m3", "diesel_L", "petrol_L");
    for (int i = 0; i < carriers.size(); i++) {
      BigDecimal factor = value("cn-fuels", "cn-public/" + carriers.get(i));
      assertEquals(in.at("k").at(carriers.get(i)).decimal(), factor);
      assertClose(
          example.at("expected").at("kg").list().get(i),
          1e-9,
          factor.multiply(in.at(amounts.get(i)).decimal()));
    }
  }

  // E13

  @Test
  void anElectrolyserByTheCubicMetre() {
    Node example = WorkedExamples.cases("E13").get(3);
    Node in = example.at("inputs");
    Node expected = example.at("expected");
    BigDecimal volume = in.at("Nm3_per_h").decimal();
    assertEquals(in.at("rho_Nm3").decimal(), HydrogenGas.NORMAL_DENSITY);
    BigDecimal kilograms = HydrogenGas.perCubicMetre(volume);
    assertClose(expected.at("kg_per_h"), 1e-5, kilograms);
    assertClose(expected.at("water_kg_per_h"), 1e-5, HydrogenGas.water(kilograms));
    // What an hour at that power gives has the efficiency that it was sold with.
    BigDecimal heat = in.at("kWh_LHV_per_Nm3").decimal().multiply(volume);
    assertClose(
        expected.at("kW"),
        1e-5,
        heat.divide(in.at("eta").decimal(), java.math.MathContext.DECIMAL64));
    count("ely", Role.ELECTROLYSER, Figure.LOAD, expected.at("kW").roundedMicros());
    count(
        "ely", Role.ELECTROLYSER, Figure.H2_PRODUCED, Rounding.whole(kilograms.movePointRight(6)));
    Sheet day = sheet("1d");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    new Hydrogen(new Factors(List.of(), "CN-JS", ZONE)).rollUp(day);
    assertEquals(in.at("eta").number(), micros(day, "h2.eta_lhv") / 1e6, 0.002);
    assertEquals(expected.at("water_kg_per_h").number(), micros(day, "h2.water_split") / 1e6, 1e-5);
  }

  @Test
  void perCubicMetreAndPerKilogramAreTheSameConsumption() {
    Node example = WorkedExamples.cases("E13").get(4);
    BigDecimal perCubicMetre = example.at("inputs").at("kWh_per_Nm3").decimal();
    assertEquals(example.at("inputs").at("rho_Nm3").decimal(), HydrogenGas.NORMAL_DENSITY);
    // A million normal cubic metres, so that six decimals say it.
    count("ely", Role.ELECTROLYSER, Figure.LOAD, perCubicMetre.movePointRight(12).longValueExact());
    count(
        "ely",
        Role.ELECTROLYSER,
        Figure.H2_PRODUCED,
        HydrogenGas.NORMAL_DENSITY.movePointRight(12).longValueExact());
    Sheet hour = sheet("1h");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(hour);
    new Hydrogen(new Factors(List.of(), "CN-JS", ZONE)).rollUp(hour);
    assertClose(
        example.at("expected").at("kWh_per_kg"),
        1e-5,
        BigDecimal.valueOf(micros(hour, "h2.sec"), 6));
    assertEquals(perCubicMetre.doubleValue(), micros(hour, "h2.sec_nm3") / 1e6, 1e-6);
  }

  // E14

  @Test
  void busesAvoidWhatE14SaysAndThatMayBeNegative() {
    List<Node> cases = WorkedExamples.cases("E14");
    int days = 0;
    int breakEvens = 0;
    for (Node example : cases) {
      Node in = example.at("inputs");
      Node expected = example.at("expected");
      BigDecimal litres = in.at("diesel_L_per_100km").decimal();
      BigDecimal perLitre = in.at("EF_diesel_kg_per_L").decimal();
      assertEquals(perLitre, value("cn-fuels", "cn-public/diesel"));
      if (expected.has("CI_breakeven_kg_per_kg")) {
        counts.clear();
        feeds = told("date,bus,km,kg\n2026-05-31,b1,100," + in.at("H2_kg_per_100km").decimal());
        Sheet day = sheet("1d");
        new HydrogenBuses(
                new Factors(List.of(shipped("cn-fuels")), "CN-JS", ZONE), CALENDAR, litres)
            .rollUp(day);
        assertClose(
            expected.at("CI_breakeven_kg_per_kg"),
            1e-5,
            BigDecimal.valueOf(micros(day, "bus.break_even_ci"), 6));
        breakEvens++;
        continue;
      }
      Sheet day = busDay(in, litres);
      assertEquals(
          expected.at("avoided_kg_per_km").number(),
          micros(day, "bus.avoided_per_km") / 1e6,
          1e-5,
          example.path());
      assertClose(
          expected.at("avoided_kg_per_day"),
          1e-5,
          BigDecimal.valueOf(micros(day, "bus.avoided"), 6));
      assertEquals(in.at("H2_kg_per_100km").micros(), micros(day, "bus.kg_per_100km"));
      assertClose(
          expected.at("diesel_kg_per_km"),
          1e-5,
          HydrogenBuses.avoidedPerKilometre(litres, perLitre, BigDecimal.ZERO, BigDecimal.ZERO));
      assertEquals(
          -expected.at("h2_kg_per_km").number(),
          HydrogenBuses.avoidedPerKilometre(
                  BigDecimal.ZERO,
                  perLitre,
                  in.at("H2_kg_per_100km").decimal(),
                  in.at("CI_H2").decimal())
              .doubleValue(),
          1e-5);
      days++;
    }
    assertEquals(4, days);
    assertEquals(2, breakEvens);
  }

  private Sheet busDay(Node in, BigDecimal litres) {
    counts.clear();
    int buses = in.at("buses").decimal().intValueExact();
    BigDecimal km = in.at("km_per_bus_day").decimal();
    BigDecimal kg = in.at("H2_kg_per_100km").decimal().multiply(km).movePointLeft(2);
    StringBuilder csv = new StringBuilder("date,bus,km\n");
    for (int bus = 1; bus <= buses; bus++) {
      csv.append("2026-06-01,b").append(bus).append(',').append(km).append('\n');
    }
    feeds = told(csv.toString());
    count(
        "nozzle",
        Role.H2_DISPENSER,
        Figure.H2_DISPENSED,
        Rounding.whole(kg.multiply(BigDecimal.valueOf(buses)).movePointRight(6)));
    Sheet day = sheet("1d");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    day.put("h2.ci", metric(in.at("CI_H2").roundedMicros(), "kg/kg"));
    Factors factors = new Factors(List.of(shipped("cn-fuels")), "CN-JS", ZONE);
    new HydrogenBuses(factors, CALENDAR, litres).rollUp(day);
    return day;
  }

  @Test
  void eachBusHasItsOwnKilometresAndItsOwnHydrogenWhereSomebodyTellsIt() {
    feeds = told("date,bus,km,kg\n2026-06-01,b1,250,10\n2026-06-01,b2,200,9\n2026-06-02,b1,1,\n");
    Sheet day = sheet("1d");
    new HydrogenBuses(new Factors(List.of(), "CN-JS", ZONE), CALENDAR, null).rollUp(day);
    assertEquals(450_000_000, micros(day, "bus.km"));
    assertEquals(4_000_000, micros(day, "bus.kg_per_100km.b1"));
    assertEquals(4_500_000, micros(day, "bus.kg_per_100km.b2"));
    assertEquals(4_222_222, micros(day, "bus.kg_per_100km"));
    Metric km = day.get("bus.km.b1");
    assertNotNull(km);
    assertEquals(Quality.SUBSTITUTED, km.quality(), "people typed it in");
    assertNull(day.get("bus.avoided"), "nobody said what a diesel bus burns");
  }

  @Test
  void aBusOfWhichNobodyToldIsMissingAndNotAtZeroKilometres() {
    feeds = told("date,bus,km,kg\n2026-05-31,b1,250,10\n2026-05-31,b2,200,9\n2026-06-01,b1,250,10");
    Sheet day = sheet("1d");
    new HydrogenBuses(new Factors(List.of(), "CN-JS", ZONE), CALENDAR, null).rollUp(day);
    assertEquals(
        Metric.missing("km", "no kilometres were told of 2026-06-01"), day.get("bus.km.b2"));
    Metric all = day.get("bus.km");
    assertNotNull(all);
    assertEquals(Quality.PARTIAL, all.quality());
    assertEquals(50, all.coverage());
    feeds = told("date,bus,km,kg\n2026-04-01,b2,200,9\n2026-06-01,b1,250,10");
    Sheet later = sheet("1d");
    new HydrogenBuses(new Factors(List.of(), "CN-JS", ZONE), CALENDAR, null).rollUp(later);
    assertNull(later.get("bus.km.b2"), "it left the fleet");
    assertEquals(250_000_000, micros(later, "bus.km"));
  }

  @Test
  void theDaysHydrogenIsSoMuchBetterThanDieselOrWorse() {
    feeds = told("date,bus,km,kg\n2026-05-31,b1,100,4");
    for (long emitted : List.of(0L, 5_000_000_000L)) {
      counts.clear();
      count("ely", Role.ELECTROLYSER, Figure.H2_PRODUCED, 100_000_000);
      Sheet day = sheet("1d");
      new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
      day.put("h2.co2", metric(emitted, "kg"));
      new HydrogenBuses(
              new Factors(List.of(shipped("cn-fuels")), "CN-JS", ZONE),
              CALENDAR,
              new BigDecimal("35"))
          .rollUp(day);
      // 35 L × 2.718 kg/L for 100 km on 4 kg.
      assertEquals(23_782_500, micros(day, "bus.break_even_ci"));
      assertEquals(2_378_250_000L - emitted, micros(day, "h2.against_diesel"));
    }
  }

  @Test
  void threeDaysOfKilometresAreNoMonthAndAreNeverSetAgainstItsHydrogen() {
    feeds =
        told("date,bus,km,kg\n2026-06-01,b1,250,10\n2026-06-02,b1,250,10\n2026-06-03,b1,250,\n");
    count("nozzle", Role.H2_DISPENSER, Figure.H2_DISPENSED, 300_000_000);
    Sheet month = sheet("1M");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(month);
    new HydrogenBuses(new Factors(List.of(), "CN-JS", ZONE), CALENDAR, null).rollUp(month);
    Metric km = month.get("bus.km");
    assertNotNull(km);
    assertEquals(Quality.PARTIAL, km.quality());
    assertEquals(10, km.coverage(), "three days of thirty");
    Metric all = month.get("bus.kg_per_100km");
    assertNotNull(all);
    assertEquals("what it compares is known of different parts of the time", all.why());
    assertEquals(4_000_000, micros(month, "bus.kg_per_100km.b1"), "two days that told both");
  }

  @Test
  void aPartialAmountIsNeverDividedByAWholeOne() {
    Metric half = half(Quality.PARTIAL, 0, 1_800_000);
    assertComparable(false, half, metric(1_000_000, "kg"));
    assertComparable(true, half, half);
    Metric ratio = sheet("1h").ratio(new Combining(List.of(half, half)), 1, 1, "kg/kg", "none");
    assertEquals(Quality.PARTIAL, ratio.quality());
  }

  @Test
  void whatAnAmountAccountsForCountsAndNotHowOftenItWasRead() {
    // A silent hour: what registers counted over it is whole, though no sample covers it.
    Metric whole = new Metric(5_000_000L, "kg", Quality.MEASURED, 50, 0, null, null, null);
    assertComparable(false, half(Quality.PARTIAL, 0, 1_800_000), whole);
    assertComparable(true, metric(1_000_000, "kg"), whole);
  }

  @Test
  void whatIsSuspectIsNoMoreComparableThanItWas() {
    assertComparable(false, half(Quality.SUSPECT, 0, 1_800_000), metric(1_000_000, "kg"));
  }

  @Test
  void twoHalvesOfDifferentTimesAreNotCompared() {
    Metric second = half(Quality.PARTIAL, 1_800_000, 3_600_000);
    assertComparable(false, half(Quality.PARTIAL, 0, 1_800_000), second);
    assertComparable(true, second, half(Quality.PARTIAL, 1_802_000, 3_600_000));
    Metric unplaced = new Metric(5_000_000L, "kg", Quality.PARTIAL, 50, 0, null, null, null);
    assertComparable(false, unplaced, unplaced);
  }

  private static Metric half(Quality quality, long from, long until) {
    return new Metric(5_000_000L, "kg", quality, 50, 0, null, null, null)
        .lacking(Times.of(from, until));
  }

  private void assertComparable(boolean comparable, Metric above, Metric below) {
    Combining both = new Combining(List.of(above, below));
    Metric ratio = sheet("1h").ratio(both, 5_000_000, 5_000_000, "kg/kg", "none");
    assertEquals(comparable ? null : Combining.OTHER_TIME, ratio.why());
    assertEquals(comparable ? (Long) 1_000_000L : null, ratio.micros());
  }

  @Test
  void aDayOfWhichNobodyToldKilometresIsMissingAndNotZero() {
    feeds = told("date,bus,km\n2026-05-31,b1,250\n");
    Sheet day = sheet("1d");
    new HydrogenBuses(new Factors(List.of(), "CN-JS", ZONE), CALENDAR, BigDecimal.TEN).rollUp(day);
    assertEquals(Metric.missing("km", "no kilometres were told of 2026-06-01"), day.get("bus.km"));
  }

  // E15

  @Test
  void theRoundTripIsCorrectedByTheStateOfCharge() {
    Node example = WorkedExamples.cases("E15").get(2);
    Node in = example.at("inputs");
    Meter battery = meter("bat", Role.BATTERY, in.at("capacity_kWh").number());
    counts.add(
        new Count(
            battery, Figure.BATTERY_CHARGE, metric(in.at("E_charge_ac_kWh").micros(), "kW.h")));
    counts.add(
        new Count(
            battery,
            Figure.BATTERY_DISCHARGE,
            metric(in.at("E_discharge_ac_kWh").micros(), "kW.h")));
    levels.add(
        new Level(
            battery,
            Kind.SOC,
            metric(in.at("SoC_start_pct").micros(), "%"),
            metric(in.at("SoC_end_pct").micros(), "%")));
    Sheet day = sheet("1d");
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    new Storage().rollUp(day);
    Node expected = example.at("expected");
    assertEquals(expected.at("raw_pct").micros(), micros(day, "storage.rte_raw"));
    assertEquals(expected.at("corrected_pct").micros(), micros(day, "storage.rte_corrected"));
    assertEquals(
        in.at("E_charge_ac_kWh").micros()
            - in.at("E_discharge_ac_kWh").micros()
            - expected.at("dS_kWh").micros(),
        micros(day, "storage.loss"));
  }

  // E09

  @Test
  void certificatesAreIssuedForWholeMegawattHoursAndTheRestIsCarried() {
    Node example = WorkedExamples.cases("E09").get(3);
    List<Node> months = example.at("inputs").at("monthly_kWh").list();
    for (int i = 0; i < months.size(); i++) {
      counts.clear();
      count("pv", Role.PV, Figure.PV_GENERATION, months.get(i).micros());
      Sheet month = sheet("1M");
      new EnergyBalance(Allocation.PRIORITY, 0).rollUp(month);
      new Issuance().rollUp(month);
      Node expected = example.at("expected");
      assertEquals(
          expected.at("GEC_per_month").list().get(i).micros(), micros(month, "cert.issued_est"));
      assertEquals(expected.at("carry_kWh").list().get(i).micros(), micros(month, Issuance.CARRY));
      assertEquals(months.get(i).micros(), micros(month, "cert.generated_kwh"));
      sums.put(Issuance.CARRY, metric(micros(month, Issuance.CARRY), "kW.h"));
    }
    assertTrue(months.size() > 2);
  }

  // S07

  @Test
  void theFuelOfCombinedHeatAndPowerIsSharedByEfficiency() {
    Node example = WorkedExamples.example("S07");
    Node in = example.at("inputs");
    Node expected = example.at("expected");
    ChpSplit split = new ChpSplit(in.at("eH").decimal(), in.at("eP").decimal());
    BigDecimal power = in.at("P_MWh").decimal().multiply(new BigDecimal("3.6"));
    BigDecimal share = split.heatShare(in.at("H_GJ").decimal(), power);
    assertClose(expected.at("share_heat"), 1e-5, share);
    BigDecimal all = in.at("E_T_t").decimal();
    assertClose(expected.at("E_heat_t"), 1e-5, all.multiply(share));
    assertClose(expected.at("E_power_t"), 1e-5, all.subtract(all.multiply(share)));
  }

  @Test
  void theFiguresOfS07ComeFromTheMetersThatTheSiteFileNames() {
    Node example = WorkedExamples.example("S07");
    Node in = example.at("inputs");
    Chp chp = new Chp("gas", "heat", in.at("eH").decimal(), in.at("eP").decimal());
    var parts = new MeterParts();
    parts.ratedKw = 0;
    parts.chp = chp;
    Meter engine = parts.meter("engine", "e", Role.CHP);
    long power = in.at("P_MWh").decimal().movePointRight(9).longValueExact();
    counts.add(new Count(engine, Figure.CHP_GENERATION, metric(power, "kW.h")));
    long volume = in.at("gas_1e4_Nm3").decimal().movePointRight(10).longValueExact();
    count("gas", Role.GAS, Figure.GAS, volume);
    long heat =
        Rounding.whole(
            in.at("H_GJ")
                .decimal()
                .movePointRight(6)
                .divide(new BigDecimal("0.0036"), 6, java.math.RoundingMode.HALF_EVEN));
    count("heat", Role.HEAT, Figure.HEAT, heat);
    Sheet sheet = sheet("15m");
    Factors factors = new Factors(List.of(shipped("cn-fuels")), "CN-JS", ZONE);
    new CombinedHeatAndPower(factors).base(sheet);
    Node expected = example.at("expected");
    assertClose(
        expected.at("share_heat"), 1e-5, BigDecimal.valueOf(micros(sheet, "chp.heat_share"), 6));
    assertClose(
        expected.at("E_heat_t"), 1e-5, BigDecimal.valueOf(micros(sheet, "co2.chp.heat"), 9));
    assertClose(
        expected.at("E_power_t"), 1e-5, BigDecimal.valueOf(micros(sheet, "co2.chp.power"), 9));
  }
}
