package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.activity.Activity.Kind;
import io.lingtan.testing.Parts;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A site's carbon and standard coal, in all cases of the kinds: heat, totals of both scopes, and
 * standard coal on both bases. What the cases have beside it, such as diesel, no meter counts: it
 * is told by people, is in a month's record, and a base interval's must not claim it.
 */
final class CarbonAccountCasesTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long JUNE = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();
  private static final BigDecimal GIGAJOULE_KWH =
      BigDecimal.ONE.divide(new BigDecimal("0.0036"), MathContext.DECIMAL128);

  /** The sources of the cases' totals that the agent has a figure of. */
  private static final Map<String, String> METERED =
      Map.of(
          "gas", "co2.scope1.natural_gas",
          "electricity", "co2.scope2.location",
          "heat", "co2.scope2.heat");

  private final List<Count> counts = new ArrayList<>();
  private final Map<String, Meter> meters = new LinkedHashMap<>();
  private final LinkedHashMap<String, Metric> sums = new LinkedHashMap<>();
  private final List<Factor> factors = new ArrayList<>();
  private final List<Activity> told = new ArrayList<>();

  private static List<Node> some(String kind) {
    List<Node> cases = TruthCases.of(kind);
    assertFalse(cases.isEmpty(), kind);
    return cases;
  }

  static List<Node> totals() {
    return some("scope_total");
  }

  static List<Node> heats() {
    return some("heat");
  }

  static List<Node> coals() {
    return some("tce");
  }

  private static BigDecimal number(Node in, String name) {
    return TruthCases.number(in.at(name));
  }

  private void count(Role role, Figure figure, BigDecimal amount) {
    Meter meter =
        meters.computeIfAbsent(
            role.word(),
            id -> Parts.meter(id, id, role, 0, false, null, Double.NaN, Double.NaN, Double.NaN, 0));
    long micros = amount.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
    counts.add(
        new Count(
            meter,
            figure,
            new Metric(micros, figure.ucum(), Quality.MEASURED, 100, 0, null, null, null)));
  }

  private void factor(String carrier, String basis, String value, String unit) {
    factors.add(
        new Factor(
            carrier + "/" + basis,
            carrier,
            "CN",
            basis,
            "CO2",
            value,
            unit,
            2025,
            LocalDate.of(2025, 1, 1),
            null,
            "d",
            "",
            "official",
            null));
  }

  private Sheet sheet(String length) {
    Feeds feeds = length.equals("1M") ? Feeds.NONE.with(told) : Feeds.NONE;
    return new Sheet(
        new Counted(length, JUNE, counts, List.of(), null, feeds), meters, sums, Map.of(), null);
  }

  private void tell(Kind kind, String what, BigDecimal amount) {
    long micros = amount.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
    LocalDate day = LocalDate.of(2026, 6, 1 + told.size());
    told.add(new Activity(day, kind, what, micros, "it", "the case", "D-" + told.size()));
  }

  private Factors factors() {
    return new Factors(List.of(new FactorTable("t", "1", factors, null)), "CN", ZONE);
  }

  private Sheet base() {
    Sheet sheet = sheet("15m");
    for (Chapter chapter :
        List.of(new EnergyBalance(Allocation.PRIORITY, 0), new Emissions(factors()))) {
      chapter.base(sheet);
    }
    return sheet;
  }

  private Sheet month() {
    Sheet base = base();
    base.names().forEach(name -> sums.put(name, known(base, name)));
    Sheet sheet = sheet("1M");
    for (Chapter chapter :
        List.of(
            new EnergyBalance(Allocation.PRIORITY, 0),
            new Activities(factors(), new Calendar(ZONE)),
            new Emissions(factors()),
            new StandardCoal(factors()))) {
      chapter.rollUp(sheet);
    }
    return sheet;
  }

  private static Metric known(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name);
    return metric;
  }

  private static BigDecimal value(Sheet sheet, String name) {
    return BigDecimal.valueOf(Combining.value(known(sheet, name)), 6);
  }

  private static void like(Node expected, BigDecimal value) {
    assertEquals(expected.text(), TruthCases.like(expected, value), expected.path());
  }

  private static void unlike(Node wrong, BigDecimal value) {
    assertNotEquals(wrong.text(), TruthCases.like(wrong, value), wrong.path());
  }

  @ParameterizedTest
  @MethodSource("totals")
  void aTotalIsRoundedOnceAndNamesWhatItIsOf(Node each) {
    Node in = each.at("inputs");
    factor("natural_gas", "combustion", "1", "kg/m3");
    factor("electricity", "location", "1", "kg/(kW.h)");
    factor("heat", "purchased_heat", "1", "t/GJ");
    Map<String, BigDecimal> beside = new LinkedHashMap<>();
    Set<String> metered = new LinkedHashSet<>();
    Set<String> all = new LinkedHashSet<>();
    for (String scope : List.of("scope1_tCO2e", "scope2_tCO2")) {
      BigDecimal other = BigDecimal.ZERO;
      for (String source : in.at(scope).names()) {
        BigDecimal tonnes = number(in.at(scope), source);
        switch (source) {
          case "gas" -> count(Role.GAS, Figure.GAS, tonnes.movePointRight(3));
          case "electricity" -> count(Role.GRID, Figure.GRID_IMPORT, tonnes.movePointRight(3));
          case "heat" -> count(Role.HEAT, Figure.HEAT, tonnes.multiply(GIGAJOULE_KWH));
          default -> {
            other = other.add(tonnes);
            if (scope.startsWith("scope1")) {
              factor(source, "combustion", "1", "kg/kg");
              tell(Kind.FUEL, source, tonnes.movePointRight(3));
              all.add("co2.scope1." + source);
            } else {
              tell(Kind.HEAT, "steam", tonnes);
              all.add("co2.scope2.steam");
            }
          }
        }
        if (METERED.containsKey(source)) {
          metered.add(METERED.get(source));
        }
      }
      beside.put(scope, other);
    }
    all.addAll(metered);
    for (Sheet sheet : List.of(base(), month())) {
      boolean whole = sheet.length().equals("1M");
      String text = String.valueOf(known(sheet, "co2.total").text());
      assertEquals(whole ? all : metered, Set.of(text.split(" ")), sheet.length());
      Node expected = each.at("expected");
      BigDecimal total = value(sheet, "co2.total").movePointLeft(3);
      for (BigDecimal other : beside.values()) {
        total = whole ? total : total.add(other);
      }
      like(expected.at("total_tCO2e"), total);
      unlike(expected.at("WRONG_sum_of_rounded_t"), total);
      for (Map.Entry<String, BigDecimal> scope : beside.entrySet()) {
        String beginning = "co2." + scope.getKey().substring(0, "scope1".length()) + ".";
        BigDecimal sum =
            sheet.names().stream()
                .filter(name -> name.startsWith(beginning))
                .map(name -> value(sheet, name).movePointLeft(3))
                .reduce(whole ? BigDecimal.ZERO : scope.getValue(), BigDecimal::add);
        like(expected.at(scope.getKey()), sum);
      }
    }
  }

  /** Of steam and hot water a meter counts the heat: how it does so is not the agent's. */
  @ParameterizedTest
  @MethodSource("heats")
  void boughtHeatHasItsCarbonAndItsCoal(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    BigDecimal heat = number(expected, "steam_GJ").add(number(expected, "hot_water_GJ"));
    factor("heat", "purchased_heat", in.at("tCO2_per_GJ").text(), "t/GJ");
    factor("heat", "equivalent", in.at("kgce_per_MJ").text(), "kg{ce}/MJ");
    count(Role.HEAT, Figure.HEAT, heat.multiply(GIGAJOULE_KWH));
    Sheet month = month();
    assertEquals(
        0, heat.compareTo(value(month, "heat.energy")), known(month, "heat.energy").toString());
    like(expected.at("tCO2"), value(month, "co2.scope2.heat").movePointLeft(3));
    like(expected.at("tCO2"), value(month, "co2.total").movePointLeft(3));
    assertEquals("co2.scope2.heat", known(month, "co2.total").text());
    like(expected.at("tce"), value(month, "tce.total"));
  }

  @ParameterizedTest
  @MethodSource("coals")
  void oneMonthOnBothBases(Node each) {
    Node in = each.at("inputs");
    Node electricity = in.at("electricity_kWh");
    Node coefficients = in.at("kgce_per_kWh");
    factor("electricity", "equivalent", coefficients.at("equivalent").text(), "kg{ce}/(kW.h)");
    factor("electricity", "equal_value", coefficients.at("equal_value").text(), "kg{ce}/(kW.h)");
    count(Role.GRID, Figure.GRID_IMPORT, number(electricity, "import"));
    count(Role.GRID, Figure.GRID_EXPORT, number(electricity, "export"));
    count(Role.PV, Figure.PV_GENERATION, number(electricity, "pv_generation"));
    BigDecimal others = BigDecimal.ZERO;
    for (Node other : in.at("other").list()) {
      BigDecimal amount = number(other, "amount");
      String coefficient = other.at("kgce_per_unit").text();
      BigDecimal tonnes = amount.multiply(new BigDecimal(coefficient)).movePointLeft(3);
      others = others.add(tonnes);
      switch (other.at("name").text()) {
        case "gas_Nm3" -> {
          factor("natural_gas", "equivalent", coefficient, "kg{ce}/m3");
          count(Role.GAS, Figure.GAS, amount);
        }
        case "heat_MJ" -> {
          factor("heat", "equivalent", coefficient, "kg{ce}/MJ");
          count(Role.HEAT, Figure.HEAT, amount.movePointLeft(3).multiply(GIGAJOULE_KWH));
        }
        default -> {
          String fuel = other.at("name").text();
          factor(fuel, "combustion", "1", "kg/kg");
          factor(fuel, "equivalent", coefficient, "kg{ce}/kg");
          tell(Kind.FUEL, fuel, amount);
        }
      }
    }
    Sheet month = month();
    Node expected = each.at("expected");
    BigDecimal equivalent = value(month, "tce.total");
    like(expected.at("tce_equivalent"), equivalent);
    unlike(expected.at("WRONG_pv_added_to_import_without_export_tce"), equivalent);
    like(
        expected.at("of_which_own_pv_tce_equivalent"),
        value(month, "tce.by_carrier.electricity")
            .add(value(month, "tce.by_carrier.pv"))
            .subtract(
                number(electricity, "import")
                    .multiply(number(coefficients, "equivalent"))
                    .movePointLeft(3)));
    // The agent's equal value is that of the grid's electricity alone.
    BigDecimal own =
        number(electricity, "pv_generation")
            .multiply(number(coefficients, "equal_value"))
            .movePointLeft(3);
    BigDecimal equal = value(month, "tce.equal_value").add(own).add(others);
    like(expected.at("tce_equal_value"), equal);
    BigDecimal tenThousands = number(in, "denominator_yuan").movePointLeft(4);
    like(
        expected.at("intensity_equivalent_tce_per_10000_yuan"),
        equivalent.divide(tenThousands, MathContext.DECIMAL128));
    like(
        expected.at("intensity_equal_value_tce_per_10000_yuan"),
        equal.divide(tenThousands, MathContext.DECIMAL128));
  }
}
