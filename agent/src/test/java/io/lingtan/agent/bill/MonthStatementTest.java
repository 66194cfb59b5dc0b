package io.lingtan.agent.bill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.bill.MonthStatement.Line;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.Basic;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import io.lingtan.agent.site.BillTerms.Reading;
import io.lingtan.agent.site.TariffUser;
import io.lingtan.agent.site.TariffUser.Trade;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A month's bill follows from its figures, and says how far. */
final class MonthStatementTest {

  private static final YearMonth JULY = YearMonth.of(2026, 7);

  static List<Node> cases() {
    return TruthCases.ofBills().stream()
        .filter(each -> each.at("kind").text().equals("month_bill"))
        .toList();
  }

  private static BigDecimal of(Node in, String name) {
    return BillCasesTest.number(in.at(name));
  }

  private static Metric metric(BigDecimal value, Quality quality, int estimated) {
    long micros = value.movePointRight(6).longValueExact();
    return new Metric(micros, "", quality, 100, estimated, null, null, null);
  }

  private static Metric measured(BigDecimal value) {
    return metric(value, Quality.MEASURED, 0);
  }

  private static SequencedMap<String, Metric> figures(Node in) {
    SequencedMap<String, Metric> figures = new LinkedHashMap<>();
    SequencedMap<String, BigDecimal> kwh = BillCasesTest.numbers(in.at("kWh"));
    kwh.forEach((period, value) -> figures.put("elec.grid.import." + period, measured(value)));
    figures.put("elec.grid.import", measured(Amounts.sum(kwh.values())));
    figures.put("reactive.import", measured(of(in, "reactive_abs_kvarh")));
    figures.put("reactive.export", measured(BigDecimal.ZERO));
    figures.put("demand.month_max", measured(of(in, "max_demand_kW")));
    return figures;
  }

  private static BillTerms terms(Node in) {
    return terms(in, of(in, "contract_kVA"), BigDecimal.ONE);
  }

  private static BillTerms terms(Node in, BigDecimal kva, BigDecimal purchaseFactor) {
    return new BillTerms(
        new TariffUser(Trade.INDUSTRY, kva, false),
        in.has("contract_kW") ? Basic.CONTRACT : Basic.DEMAND,
        in.has("contract_kW") ? of(in, "contract_kW") : null,
        BigDecimal.ZERO,
        in.has("reading") ? Reading.valueOf(in.at("reading").text()) : Reading.A,
        false,
        of(in, "contract_kVA"),
        BillTerms.USUAL_DISCOUNT_FROM,
        BillTerms.USUAL_DISCOUNT,
        of(in, "standard"),
        Set.of("funds"),
        purchaseFactor,
        null,
        List.of());
  }

  private static MonthPrices prices(Node in, SequencedMap<String, BigDecimal> row) {
    return new MonthPrices(
        JULY,
        JULY,
        "a table",
        "prices.yaml:3",
        BillCasesTest.numbers(in.at("floated_yuan_per_kWh")),
        BillCasesTest.numbers(in.at("not_floated_yuan_per_kWh")),
        BillCasesTest.numbers(in.at("factor")),
        row,
        new BigDecimal("32"),
        of(in, "demand_price_yuan_per_kW_month"),
        null,
        null);
  }

  private static MonthStatement statement(Node in, Map<String, Metric> figures) {
    return of(JULY, terms(in), prices(in, new LinkedHashMap<>()), true, figures, List.of());
  }

  private static Line line(MonthStatement of, String name) {
    return of.lines().stream().filter(line -> line.name().equals(name)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aMonthsFiguresGiveTheBillOfItsCase(Node given) {
    Node expected = given.at("expected");
    MonthStatement made = statement(given.at("inputs"), figures(given.at("inputs")));
    MonthBill bill = made.bill();
    assertNotNull(bill);
    assertEquals(of(expected, "total_fen").longValueExact(), bill.totalFen());
    assertEquals(of(expected, "pf_adjustment_fen").longValueExact(), bill.adjustmentFen());
    Node lines = expected.at("line_fen");
    for (String name : lines.names()) {
      String own = name.equals("demand") ? terms(given.at("inputs")).basic().name() : name;
      assertEquals(
          of(lines, name).longValueExact(),
          line(made, own.equals(name) ? name : own.toLowerCase(java.util.Locale.ROOT)).fen(),
          name);
    }
    for (Line line : made.lines()) {
      if (line.amount() != null && line.price() != null && line.unit().equals("kW")) {
        assertEquals(line.fen(), BasicCharge.of(line.amount(), line.price()), line.name());
      }
    }
    assertEquals(Quality.MEASURED, made.quality());
    assertEquals(List.of(), made.wanting());
    assertEquals(
        Fen.of(of(given.at("inputs"), "contract_kVA").multiply(new BigDecimal("32"))),
        made.choices().get("capacity"));
  }

  private static Node july() {
    Map<String, String> fixed = Map.of("transmission", "0.1298", "funds", "0.1145");
    return new Node(
        "",
        Map.ofEntries(
            Map.entry("kWh", Map.of("peak", "80000", "flat", "128000", "valley", "130000")),
            Map.entry("floated_yuan_per_kWh", Map.of("purchase", "0.3957")),
            Map.entry("not_floated_yuan_per_kWh", fixed),
            Map.entry("factor", Map.of("peak", "1.8", "flat", "1", "valley", "0.35")),
            Map.entry("contract_kVA", "1250"),
            Map.entry("contract_kW", "1000"),
            Map.entry("max_demand_kW", "1085.5"),
            Map.entry("demand_price_yuan_per_kW_month", "51.2"),
            Map.entry("reactive_abs_kvarh", "165000"),
            Map.entry("standard", "0.90")));
  }

  /** 338,000 kWh are 270.4 for each kVA of the transformers, and 193.1 with the motors. */
  @Test
  void theDiscountIsByTheTransformersAndNotByTheMotors() {
    BillTerms terms = terms(july(), new BigDecimal("1750"), BigDecimal.ONE);
    MonthPrices prices = prices(july(), new LinkedHashMap<>());
    MonthStatement made = of(JULY, terms, prices, true, figures(july()), List.of());
    assertEquals(0, new BigDecimal("46.08").compareTo(line(made, "contract").price()));
    assertEquals(5_600_000L, made.choices().get("capacity"), "32 yuan for each kVA installed");
  }

  @Test
  void thePublishedRowIsComparedWithWhatWasPublished() {
    BillTerms terms = terms(july(), of(july(), "contract_kVA"), new BigDecimal("1.5"));
    SequencedMap<String, BigDecimal> row = new LinkedHashMap<>();
    row.put("flat", new BigDecimal("0.6400"));
    MonthStatement made = of(JULY, terms, prices(july(), row), true, figures(july()), List.of());
    assertEquals(List.of(), made.wanting());
    assertEquals(Quality.MEASURED, made.quality());
  }

  private static String firstPeriod() {
    return july().at("kWh").names().getFirst();
  }

  @Test
  void whatIsMissingHasNoAmountAndLeavesNoTotal() {
    for (String name :
        List.of(
            "elec.grid.import." + firstPeriod(),
            "elec.grid.import",
            "demand.month_max",
            "reactive.import")) {
      SequencedMap<String, Metric> figures = figures(july());
      figures.put(name, Metric.missing("", "grid: offline"));
      MonthStatement made = statement(july(), figures);
      assertNull(made.bill(), name);
      assertEquals(Quality.MISSING, made.quality(), name);
      assertTrue(
          made.lines().stream()
              .anyMatch(line -> line.fen() == null && "grid: offline".equals(line.why())),
          name);
    }
  }

  @Test
  void aFigureThatIsNotThereIsNotZero() {
    for (String name : List.of("elec.grid.import", "demand.month_max", "reactive.import")) {
      SequencedMap<String, Metric> figures = figures(july());
      figures.remove(name);
      MonthStatement made = statement(july(), figures);
      assertNull(made.bill(), name);
      assertTrue(
          made.lines().stream().anyMatch(line -> ("there is no figure " + name).equals(line.why())),
          name);
    }
  }

  @Test
  void aPowerFactorOfOneDirectionAloneIsDoubted() {
    SequencedMap<String, Metric> figures = figures(july());
    figures.remove("reactive.export");
    MonthStatement made = statement(july(), figures);
    assertNotNull(made.bill());
    assertEquals(Quality.PARTIAL, made.quality());
    assertTrue(made.wanting().getFirst().contains("of one direction alone"), made.toString());
  }

  @Test
  void aFloatedPartIsOutsideInEachPeriod() {
    Node in = july();
    MonthPrices fixed = prices(in, new LinkedHashMap<>());
    SequencedMap<String, BigDecimal> floated = new LinkedHashMap<>(fixed.floated());
    floated.put("funds", new BigDecimal("0.0294"));
    SequencedMap<String, BigDecimal> rest = new LinkedHashMap<>(fixed.fixed());
    rest.remove("funds");
    MonthPrices prices =
        new MonthPrices(
            JULY,
            JULY,
            fixed.source(),
            fixed.place(),
            floated,
            rest,
            fixed.factors(),
            fixed.row(),
            fixed.capacity(),
            fixed.demand(),
            null,
            null);
    MonthStatement made = of(JULY, terms(in), prices, true, figures(in), List.of());
    MonthBill bill = made.bill();
    assertNotNull(bill);
    long funds = 0;
    long all = 0;
    for (Map.Entry<String, Long> line : bill.lines().entrySet()) {
      all += line.getValue();
      funds += line.getKey().startsWith("funds_") ? line.getValue() : 0;
    }
    assertTrue(funds > 0);
    assertEquals(all - funds, bill.baseFen());
  }

  @Test
  void aNameIsThatOfOneLine() {
    SequencedMap<String, Long> energy = new LinkedHashMap<>(Map.of("capacity", 1L));
    assertThrows(
        IllegalArgumentException.class,
        () -> MonthBill.of(BigDecimal.ONE, energy, Map.of("capacity", 2L), Set.of(), null, null));
  }

  @Test
  void aLineOfEstimatedEnergySaysSo() {
    SequencedMap<String, Metric> figures = figures(july());
    String name = "elec.grid.import." + firstPeriod();
    figures.put(name, metric(of(july().at("kWh"), firstPeriod()), Quality.EST_LINEAR, 12));
    MonthStatement made = statement(july(), figures);
    Line line = line(made, "purchase_" + firstPeriod());
    assertEquals(Quality.EST_LINEAR, line.quality());
    assertEquals(12, line.estimated());
    assertEquals(Quality.EST_LINEAR, made.quality());
    assertNotNull(made.bill());
  }

  @Test
  void energyInNoPeriodIsTold() {
    SequencedMap<String, Metric> figures = figures(july());
    figures.remove("elec.grid.import." + firstPeriod());
    MonthStatement made = statement(july(), figures);
    assertEquals(
        List.of(
            of(july().at("kWh"), firstPeriod()).toPlainString()
                + " kWh are in no period of the tariff"),
        made.wanting());
    assertEquals(Quality.PARTIAL, made.quality());
    assertNull(made.bill(), "what these kWh cost is not known");
    for (String period : july().at("kWh").names()) {
      figures.remove("elec.grid.import." + period);
    }
    assertNull(statement(july(), figures).bill(), "nothing of the purchase is known");
  }

  /** What a part of a day costs is not what the day costs. */
  @Test
  void aDayWithEnergyInNoPeriodHasNoCharge() {
    SequencedMap<String, Metric> figures = figures(july());
    SequencedMap<String, Metric> less = figures(july());
    less.remove("elec.grid.import." + firstPeriod());
    TreeMap<LocalDate, Map<String, Metric>> days = new TreeMap<>();
    days.put(JULY.atDay(1), figures);
    days.put(JULY.atDay(2), less);
    MonthStatement made =
        MonthAccount.of(
            JULY,
            terms(july()),
            prices(july(), new LinkedHashMap<>()),
            true,
            figures,
            days,
            new TreeMap<>(),
            List.of());
    assertNotNull(made.days().getFirst().fen());
    DayCharge day = made.days().getLast();
    assertNull(day.fen(), day::toString);
    assertEquals(
        of(july().at("kWh"), firstPeriod()).toPlainString() + " kWh are in no period of the tariff",
        day.why());
    assertEquals(Quality.PARTIAL, day.quality());
    assertNotNull(made.bill(), "the month's own figures are whole");
  }

  @Test
  void aRowThatDoesNotComeOutOfThePartsIsTold() {
    SequencedMap<String, BigDecimal> row = new LinkedHashMap<>();
    row.put("flat", new BigDecimal("0.6400"));
    row.put("peak", new BigDecimal("1.1520"));
    row.put("valley", new BigDecimal("0.3828"));
    Node in = july();
    MonthStatement made = of(JULY, terms(in), prices(in, row), true, figures(in), List.of());
    assertEquals(1, made.wanting().size());
    assertTrue(
        made.wanting().getFirst().contains("prices.yaml:3")
            && made.wanting().getFirst().contains("no floated part fits"),
        made.wanting()::getFirst);
  }

  private static MonthStatement of(
      YearMonth month,
      BillTerms terms,
      MonthPrices prices,
      boolean split,
      Map<String, Metric> figures,
      List<MonthStatement.Doubt> doubts) {
    return MonthAccount.of(
        month, terms, prices, split, figures, new TreeMap<>(), new TreeMap<>(), doubts);
  }
}
