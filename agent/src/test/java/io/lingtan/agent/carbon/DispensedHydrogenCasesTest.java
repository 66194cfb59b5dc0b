package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.Hydrogen.HydrogenClass;
import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.HydrogenStock;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.testing.Parts;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hydrogen at the nozzle: from the tanks as one mix, and compressed. */
final class DispensedHydrogenCasesTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final LocalDate DAY = LocalDate.of(2026, 6, 18);
  private static final long START = DAY.atStartOfDay(ZONE).toInstant().toEpochMilli();
  private static final long KILOGRAM = 1_000_000;
  private static final BigDecimal LITRES = new BigDecimal("35");
  private static final BigDecimal DIESEL = new BigDecimal("2.65");
  private static final BigDecimal KILOMETRES = new BigDecimal("1000");

  private final Map<String, Meter> meters = new LinkedHashMap<>();

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("h2_dispensed");
    assertFalse(cases.isEmpty());
    return cases;
  }

  private Meter meter(Role role) {
    return meters.computeIfAbsent(
        role.word(), id -> Parts.meter(id, id, role, 0, false, null, Double.NaN, Double.NaN, 1, 0));
  }

  private static Metric metric(long micros, String ucum) {
    return new Metric(micros, ucum, Quality.MEASURED, 100, 0, null, null, null);
  }

  private static Metric metric(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name);
    return metric;
  }

  private static BigDecimal value(Sheet sheet, String name) {
    return BigDecimal.valueOf(Combining.value(metric(sheet, name)), 6);
  }

  private Count count(Role role, Figure figure, long micros) {
    return new Count(meter(role), figure, metric(micros, figure.ucum()));
  }

  /** Energy of each source, and the carbon of it. */
  private static long[] supply(Node in, String name) {
    BigDecimal energy = BigDecimal.ZERO;
    BigDecimal carbon = BigDecimal.ZERO;
    for (String source : in.at(name).names()) {
      BigDecimal part = TruthCases.number(in.at(name).at(source));
      energy = energy.add(part);
      carbon =
          carbon.add(part.multiply(TruthCases.number(in.at("factor_kgCO2e_per_kWh").at(source))));
    }
    return new long[] {
      energy.movePointRight(6).longValueExact(), carbon.movePointRight(6).longValueExact()
    };
  }

  private Sheet base(
      List<Count> counts,
      Map<String, Long> carbon,
      List<Level> levels,
      @Nullable HydrogenStock of) {
    counts.forEach(count -> meter(count.meter().role()));
    Sheet sheet =
        new Sheet(
            new Counted("15m", START, counts, levels),
            meters,
            new LinkedHashMap<>(),
            Map.of(),
            new Carried(null, of));
    new EnergyBalance(Allocation.PRIORITY, 0).base(sheet);
    carbon.forEach((id, mg) -> sheet.put("co2.load." + id, metric(mg, "kg")));
    new Hydrogen(new Factors(List.of(), "CN", ZONE)).base(sheet);
    new DispensedHydrogen().base(sheet);
    return sheet;
  }

  private Level tank(long start, @Nullable Long end) {
    return new Level(
        meter(Role.H2_STORAGE),
        Level.Kind.H2_MASS,
        metric(start, "kg"),
        end == null ? Metric.missing("kg", "timeout") : metric(end, "kg"));
  }

  /** A base interval in which so much was made, with its carbon, and given. */
  private Sheet interval(
      @Nullable HydrogenStock before, long made, long carbon, long given, List<Level> levels) {
    return base(
        List.of(
            count(Role.ELECTROLYSER, Figure.LOAD, 53 * made),
            count(Role.ELECTROLYSER, Figure.H2_PRODUCED, made),
            count(Role.H2_DISPENSER, Figure.H2_DISPENSED, given)),
        Map.of(Role.ELECTROLYSER.word(), carbon),
        levels,
        before);
  }

  private static HydrogenStock stock(Sheet sheet) {
    HydrogenStock stock = sheet.stock();
    assertNotNull(stock);
    return stock;
  }

  private static void like(Node expected, BigDecimal value) {
    assertEquals(expected.text(), TruthCases.like(expected, value), expected.path());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itHasTheCarbonOfTheStockAndOfTheCompressor(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    long[] made = supply(in, "electrolyser_kWh");
    long[] compressed = supply(in, "compressor_kWh");
    long produced = TruthCases.micros(in, "produced_kg");
    long given = TruthCases.micros(in, "dispensed_kg");
    long began = TruthCases.micros(in.at("stock_start"), "kg");
    long left = began + produced - given - TruthCases.micros(in, "vented_kg");
    List<Count> counts =
        List.of(
            count(Role.ELECTROLYSER, Figure.LOAD, made[0]),
            count(Role.ELECTROLYSER, Figure.H2_PRODUCED, produced),
            count(Role.COMPRESSOR, Figure.LOAD, compressed[0]),
            count(Role.H2_DISPENSER, Figure.H2_DISPENSED, given));
    Sheet base =
        base(
            counts,
            Map.of(Role.ELECTROLYSER.word(), made[1], Role.COMPRESSOR.word(), compressed[1]),
            List.of(tank(began, left)),
            new HydrogenStock(began, TruthCases.micros(in.at("stock_start"), "kgCO2e"), 0));
    like(expected.at("production_kgCO2e_per_kg"), value(base, "h2.ci"));
    like(expected.at("dispensed_kgCO2e_per_kg"), value(base, "h2.dispensed_ci"));
    like(expected.at("stock_end_kgCO2e"), value(base, "h2.stock_co2"));
    like(expected.at("stock_end_kg"), BigDecimal.valueOf(stock(base).held(), 6));
    assertEquals(Quality.MEASURED, metric(base, "h2.dispensed_co2").quality());
    assertEquals(
        expected.at("class_of_dispensed").text(),
        HydrogenClass.of(value(base, "h2.dispensed_ci"), false).word().replace('-', '_'));

    Sheet day = day(base, counts);
    like(expected.at("dispensed_kgCO2e_per_kg"), value(day, "h2.dispensed_ci"));
    BigDecimal avoided = value(day, "bus.avoided");
    BigDecimal hydrogen =
        LITRES.multiply(DIESEL).multiply(KILOMETRES).movePointLeft(2).subtract(avoided);
    BigDecimal intensity =
        hydrogen.divide(BigDecimal.valueOf(given, 6), java.math.MathContext.DECIMAL64);
    like(expected.at("dispensed_kgCO2e_per_kg"), intensity);
    for (String name : expected.names()) {
      if (name.startsWith("WRONG_")) {
        assertNotEquals(
            expected.at(name).text(), TruthCases.like(expected.at(name), intensity), name);
      }
    }
  }

  /** A day of one bus that took all of it. */
  private Sheet day(Sheet base, List<Count> counts) {
    LinkedHashMap<String, Metric> sums = new LinkedHashMap<>();
    base.names().forEach(name -> sums.put(name, metric(base, name)));
    long given = Combining.value(metric(base, "h2.dispensed"));
    Feeds feeds =
        Feeds.of(
            List.of(new BusDay(DAY, "b1", KILOMETRES.movePointRight(6).longValueExact(), given)),
            List.of(),
            Certificates.NONE);
    Sheet day =
        new Sheet(
            new Counted("1d", START, counts, List.of(), null, feeds), meters, sums, Map.of(), null);
    Factor diesel =
        new Factor(
            "diesel",
            "diesel",
            "CN",
            "public_institution",
            "CO2",
            DIESEL.toPlainString(),
            "kg/L",
            2025,
            LocalDate.of(2025, 1, 1),
            null,
            "d",
            "",
            "official",
            null);
    Factors factors =
        new Factors(List.of(new FactorTable("t", "1", List.of(diesel), null)), "CN", ZONE);
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(day);
    day.takeSums("co2.load.");
    new Hydrogen(factors).rollUp(day);
    new DispensedHydrogen().rollUp(day);
    new HydrogenBuses(factors, new Calendar(ZONE), LITRES).rollUp(day);
    return day;
  }

  /** What nobody made while this program looked has a carbon that nobody knows. */
  @Test
  void whatWasInTheTanksBeforeIsSuspectUntilMostOfItIsGone() {
    HydrogenStock stock = HydrogenStock.UNKNOWN;
    long given = 0;
    for (int i = 0; i < 20; i++) {
      Sheet sheet =
          interval(
              stock,
              10 * KILOGRAM,
              50 * KILOGRAM,
              10 * KILOGRAM,
              List.of(tank(50 * KILOGRAM, 50 * KILOGRAM)));
      Quality quality = metric(sheet, "h2.dispensed_co2").quality();
      assertEquals(given < 150 * KILOGRAM ? Quality.SUSPECT : Quality.MEASURED, quality, "" + i);
      given += 10 * KILOGRAM;
      stock = stock(sheet);
    }
    // By then it is what is made, to a twentieth.
    assertTrue(stock.carbon() > 50 * 5 * KILOGRAM * 19 / 20, stock.toString());
  }

  @Test
  void whatIsVentedTakesNoCarbonAway() {
    HydrogenStock stock = new HydrogenStock(100 * KILOGRAM, 500 * KILOGRAM, 0);
    Sheet vented = interval(stock, 0, 0, 0, List.of(tank(100 * KILOGRAM, 50 * KILOGRAM)));
    assertEquals("no hydrogen was dispensed", metric(vented, "h2.dispensed_ci").why());
    Sheet given =
        interval(stock(vented), 0, 0, 10 * KILOGRAM, List.of(tank(50 * KILOGRAM, 40 * KILOGRAM)));
    assertEquals(10, value(given, "h2.dispensed_ci").intValueExact());
  }

  @Test
  void withoutAMeasuredTankItIsDerivedFromTheBooksAndSuspectWhereTheyAreWrong() {
    Sheet made = interval(HydrogenStock.UNKNOWN, 20 * KILOGRAM, 100 * KILOGRAM, 0, List.of());
    Sheet given = interval(stock(made), 0, 0, 10 * KILOGRAM, List.of());
    assertEquals(5, value(given, "h2.dispensed_ci").intValueExact());
    assertEquals(Quality.DERIVED, metric(given, "h2.dispensed_ci").quality());
    Sheet more = interval(stock(given), 0, 0, 15 * KILOGRAM, List.of());
    assertEquals(Quality.SUSPECT, metric(more, "h2.dispensed_ci").quality());
    Sheet nothing = interval(HydrogenStock.UNKNOWN, 0, 0, KILOGRAM, List.of());
    assertEquals(Quality.SUSPECT, metric(nothing, "h2.dispensed_ci").quality());
  }

  @Test
  void whatWasNotCountedMakesTheStockDoubtful() {
    HydrogenStock stock = new HydrogenStock(50 * KILOGRAM, 250 * KILOGRAM, 0);
    Sheet lost =
        base(
            List.of(
                count(Role.ELECTROLYSER, Figure.LOAD, 0),
                new Count(
                    meter(Role.ELECTROLYSER), Figure.H2_PRODUCED, Metric.missing("kg", "timeout")),
                count(Role.H2_DISPENSER, Figure.H2_DISPENSED, KILOGRAM)),
            Map.of(Role.ELECTROLYSER.word(), 0L),
            List.of(tank(50 * KILOGRAM, 70 * KILOGRAM)),
            stock);
    assertEquals("timeout", metric(lost, "h2.dispensed_co2").why());
    Sheet next =
        interval(stock(lost), 0, 0, 10 * KILOGRAM, List.of(tank(70 * KILOGRAM, 60 * KILOGRAM)));
    assertEquals(Quality.SUSPECT, metric(next, "h2.dispensed_ci").quality());
  }

  /** The site's own 10 kg have 30 kg/kg; a trailer brings 90 kg of which the tanks know nothing. */
  @Test
  void whatATrailerDeliversMakesTheMixSuspect() {
    HydrogenStock none = new HydrogenStock(0, 0, 0);
    Sheet made = interval(none, 10 * KILOGRAM, 300 * KILOGRAM, 0, List.of(tank(0, 10 * KILOGRAM)));
    Sheet delivered = interval(stock(made), 0, 0, 0, List.of(tank(10 * KILOGRAM, 100 * KILOGRAM)));
    Sheet given =
        interval(
            stock(delivered), 0, 0, 50 * KILOGRAM, List.of(tank(100 * KILOGRAM, 50 * KILOGRAM)));
    assertEquals(3, value(given, "h2.dispensed_ci").intValueExact());
    assertEquals(Quality.SUSPECT, metric(given, "h2.dispensed_ci").quality());
    assertEquals(Quality.SUSPECT, metric(given, "h2.stock_co2").quality());
    assertEquals((3 * 90 - 50) * KILOGRAM, stock(given).doubt());
    Sheet day =
        day(
            given,
            List.of(
                count(Role.ELECTROLYSER, Figure.LOAD, 0),
                count(Role.ELECTROLYSER, Figure.H2_PRODUCED, 0),
                count(Role.H2_DISPENSER, Figure.H2_DISPENSED, 50 * KILOGRAM)));
    assertEquals(Quality.SUSPECT, metric(day, "bus.avoided").quality());
  }

  /** A kilogram each minute is within what a tank's mass is good to; ninety of them are not. */
  @Test
  void aSlowDeliveryIsFoundAndATanksUnrestIsNone() {
    HydrogenStock calm = new HydrogenStock(100 * KILOGRAM, 500 * KILOGRAM, 0);
    HydrogenStock filled = calm;
    for (int i = 0; i < 90; i++) {
      long now = (100 + i) * KILOGRAM;
      filled = stock(interval(filled, 0, 0, 0, List.of(tank(now, now + KILOGRAM))));
      long before = (100 + i % 2) * KILOGRAM;
      calm = stock(interval(calm, 0, 0, 0, List.of(tank(before, 201 * KILOGRAM - before))));
    }
    assertFalse(filled.isBelieved(), filled.toString());
    assertTrue(calm.isBelieved(), calm.toString());
  }
}
