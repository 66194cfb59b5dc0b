package io.lingtan.agent.bill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.agent.bill.BasicCharge.Discount;
import io.lingtan.agent.meter.DemandBlock;
import io.lingtan.agent.meter.DemandWindow;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.Reading;
import io.lingtan.agent.site.price.RetailCalendar;
import io.lingtan.agent.site.price.RetailCalendar.Days;
import io.lingtan.agent.site.price.RetailCalendar.Slot;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bills and their parts are worked out as the cases of bills say, whatever kind and number. */
final class BillCasesTest {

  private static final Discount DISCOUNT =
      new Discount(BillTerms.USUAL_DISCOUNT_FROM, BillTerms.USUAL_DISCOUNT);

  /** All, but those of the greatest demand, which is no bill's: the ledger tells it. */
  static List<Node> cases() {
    return TruthCases.ofBills().stream()
        .filter(node -> !node.at("kind").text().equals("max_demand"))
        .toList();
  }

  @Test
  void thereAreCases() {
    assertFalse(cases().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachCaseComesOut(Node given) {
    Expectation expectation = new Expectation(given.at("id").text(), given.at("expected"));
    expectation.check(produced(given.at("kind").text(), given.at("inputs")));
  }

  private static Map<String, @Nullable Object> produced(String kind, Node in) {
    return switch (kind) {
      case "tou_price" -> Map.of("price_yuan_per_kWh", prices(in));
      case "float_base_from_row" -> floatBase(in);
      case "classify" -> BillPeriods.classify(in);
      case "classify_users" -> BillPeriods.classifyUsers(in);
      case "day_split" -> BillPeriods.daySplit(in);
      case "hour_straddles" -> BillPeriods.hourStraddles(in);
      case "energy_lines" ->
          lines(charge(numbers(in.at("kWh")), numbers(in.at("price_yuan_per_kWh"))));
      case "component_lines" -> lines(charge(priceLines(in), numbers(in.at("kWh"))));
      case "capacity_charge" ->
          Map.of("charge_fen", BasicCharge.of(of(in, "kVA"), of(in, "price_yuan_per_kVA_month")));
      case "demand_points" -> demandPoints(in);
      case "contract_demand" -> Map.of("charge_fen", contractDemand(in));
      case "contract_floor" -> contractFloor(in);
      case "load_factor_260" -> loadFactor(in);
      case "cheaper_choice" -> cheaperChoice(in);
      case "pf_rate" -> Map.of("rate_pct", each(in.at("pf"), pf -> table(in).percent(pf)));
      case "pf_energy" -> powerFactor(in, reactive(in.at("reactive_kvarh")));
      case "pf_rounding" -> Map.of("months", powerFactors(in));
      case "pf_charge" -> powerFactorCharge(in);
      case "retail_periods" -> Map.of("price_yuan_per_kWh", retail(in));
      case "agency_factor_1_5" -> Map.of("flat_price_yuan_per_kWh", agency(in));
      case "pv_saving" -> pvSaving(in);
      case "pf_pv" -> powerFactorWithPv(in);
      case "block_demand" -> blockDemand(in);
      case "sliding_demand" -> slidingDemand(in);
      case "month_bill" -> monthBill(in);
      default -> throw new AssertionError("kind of case not known: " + kind);
    };
  }

  static BigDecimal of(Node in, String name) {
    return number(in.at(name));
  }

  /** Of a text, or of a number. */
  static BigDecimal number(Node node) {
    return node.value() instanceof BigDecimal decimal ? decimal : TruthCases.number(node);
  }

  static SequencedMap<String, BigDecimal> numbers(Node node) {
    SequencedMap<String, BigDecimal> numbers = new LinkedHashMap<>();
    node.names().forEach(name -> numbers.put(name, of(node, name)));
    return numbers;
  }

  private static <T> List<T> each(Node list, Function<BigDecimal, T> rule) {
    return list.list().stream().map(BillCasesTest::number).map(rule).toList();
  }

  private static String yesOrNo(boolean yes) {
    return yes ? "yes" : "no";
  }

  private static PriceLines priceLines(Node in) {
    return new PriceLines(
        numbers(in.at("floated_yuan_per_kWh")),
        numbers(in.at("not_floated_yuan_per_kWh")),
        numbers(in.at("factor")));
  }

  /** Fen of the energy of each period, by the period's whole price. */
  static SequencedMap<String, Long> charge(
      Map<String, BigDecimal> kwh, Map<String, BigDecimal> prices) {
    SequencedMap<String, Long> lines = new LinkedHashMap<>();
    kwh.forEach(
        (period, energy) -> lines.put(period, Fen.of(energy.multiply(Amounts.in(period, prices)))));
    return lines;
  }

  private static SequencedMap<String, Long> charge(
      PriceLines prices, SequencedMap<String, BigDecimal> kwh) {
    SequencedMap<String, Long> lines = new LinkedHashMap<>();
    for (PriceLines.Part part : prices.parts(kwh.keySet())) {
      BigDecimal energy =
          part.period() == null ? Amounts.sum(kwh.values()) : Amounts.in(part.period(), kwh);
      lines.put(part.name(), Fen.of(energy.multiply(part.price())));
    }
    return lines;
  }

  static long total(SequencedMap<String, Long> lines) {
    return lines.values().stream().mapToLong(Long::longValue).sum();
  }

  private static int digits(Node in) {
    return in.at("price_digits").decimal().intValueExact();
  }

  private static Map<String, BigDecimal> prices(Node in) {
    PriceLines lines = priceLines(in);
    Map<String, BigDecimal> prices = new LinkedHashMap<>();
    lines.factors().keySet().forEach(period -> prices.put(period, lines.price(period, digits(in))));
    return prices;
  }

  private static Map<String, @Nullable Object> floatBase(Node in) {
    FloatedPart base =
        FloatedPart.of(numbers(in.at("row_yuan_per_kWh")), numbers(in.at("factor")), digits(in));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    base.from().forEach((period, from) -> out.put("base_from_" + period, from));
    out.put("base_at_least", base.least());
    out.put("base_at_most", base.most());
    out.put("consistent", yesOrNo(base.isConsistent()));
    return out;
  }

  private static Map<String, @Nullable Object> lines(SequencedMap<String, Long> charge) {
    return Map.of("line_fen", charge, "total_fen", total(charge));
  }

  private static Map<String, @Nullable Object> demandPoints(Node in) {
    SequencedMap<String, Long> lines = new LinkedHashMap<>();
    for (Node kw : in.at("max_demand_kW").list()) {
      lines.put(kw.path(), BasicCharge.of(number(kw), of(in, "price_yuan_per_kW_month")));
    }
    return Map.of("line_fen", new ArrayList<>(lines.values()), "total_fen", total(lines));
  }

  private static Reading reading(Node in) {
    return in.has("reading") ? Reading.valueOf(in.at("reading").text()) : Reading.A;
  }

  private static List<Long> contractDemand(Node in) {
    return each(
        in.at("max_demand_kW"),
        kw ->
            BasicCharge.contract(
                of(in, "contract_kW"), kw, of(in, "price_yuan_per_kW_month"), reading(in)));
  }

  private static Map<String, @Nullable Object> contractFloor(Node in) {
    List<BigDecimal> billed =
        each(
            in.at("contract_kW"),
            contract ->
                BillTerms.billedKw(contract, of(in, "installed_kVA"), BillTerms.USUAL_FLOOR));
    return Map.of(
        "billed_kW",
        billed,
        "charge_fen",
        billed.stream()
            .map(
                kw ->
                    BasicCharge.contract(
                        kw,
                        of(in, "max_demand_kW"),
                        of(in, "price_yuan_per_kW_month"),
                        reading(in)))
            .toList());
  }

  private static Map<String, @Nullable Object> loadFactor(Node in) {
    BigDecimal kva = of(in, "contract_kVA");
    List<BigDecimal> prices =
        each(
            in.at("month_kWh"), kwh -> DISCOUNT.price(of(in, "price_yuan_per_kW_month"), kwh, kva));
    return Map.of(
        "kWh_per_kVA",
        each(in.at("month_kWh"), kwh -> kwh.divide(kva, 20, RoundingMode.HALF_UP)),
        "price_yuan_per_kW_month",
        prices,
        "charge_fen",
        prices.stream().map(price -> BasicCharge.of(of(in, "billed_demand_kW"), price)).toList());
  }

  private static Map<String, @Nullable Object> cheaperChoice(Node in) {
    BigDecimal kva = of(in, "kVA");
    BigDecimal capacityPrice = of(in, "capacity_price_yuan_per_kVA_month");
    BigDecimal price =
        DISCOUNT.price(of(in, "demand_price_yuan_per_kW_month"), of(in, "month_kWh"), kva);
    long capacity = BasicCharge.of(kva, capacityPrice);
    BigDecimal breakEven = BasicCharge.breakEvenKw(kva, capacityPrice, price);
    return Map.of(
        "capacity_fen",
        capacity,
        "break_even_kW",
        breakEven,
        "break_even_pct_of_kVA",
        breakEven.movePointRight(2).divide(kva, MathContext.DECIMAL64),
        "months",
        each(in.at("demand_kW"), kw -> cheaper(capacity, BasicCharge.of(kw, price))));
  }

  private static Map<String, Object> cheaper(long capacityFen, long demandFen) {
    List<String> least = BasicCharge.cheapest(Map.of("demand", demandFen, "capacity", capacityFen));
    return Map.of(
        "demand_fen", demandFen, "cheaper", least.size() > 1 ? "equal" : least.getFirst());
  }

  private static PowerFactorAdjustment table(Node in) {
    return PowerFactorAdjustment.of(of(in, "standard"));
  }

  private static BigDecimal reactive(Node directions) {
    return Amounts.sum(numbers(directions).values().stream().map(BigDecimal::abs).toList());
  }

  private static Map<String, @Nullable Object> powerFactor(Node in, BigDecimal kvarh) {
    return powerFactor(table(in), of(in, "active_import_kWh"), kvarh);
  }

  private static Map<String, @Nullable Object> powerFactor(
      PowerFactorAdjustment table, BigDecimal kwh, BigDecimal kvarh) {
    BigDecimal exact = PowerFactorAdjustment.factor(kwh, kvarh);
    BigDecimal billed = exact == null ? null : PowerFactorAdjustment.billed(exact);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("pf", exact);
    out.put("pf_billed", billed);
    out.put("rate_pct", billed == null ? null : table.percent(billed));
    return out;
  }

  private static List<Map<String, @Nullable Object>> powerFactors(Node in) {
    return in.at("months").list().stream()
        .map(
            month ->
                powerFactor(
                    table(in), of(month, "active_import_kWh"), of(month, "reactive_abs_kvarh")))
        .toList();
  }

  private static Map<String, @Nullable Object> powerFactorCharge(Node in) {
    long funds = of(in, "funds_fen").longValueExact();
    long green = in.has("green_value_fen") ? of(in, "green_value_fen").longValueExact() : 0;
    SequencedMap<String, Long> energy = new LinkedHashMap<>();
    energy.put("rest", of(in, "energy_charge_with_funds_fen").longValueExact() - funds - green);
    energy.put("funds", funds);
    energy.put("green", green);
    long base =
        MonthBill.of(
                BigDecimal.ONE,
                energy,
                Map.of("basic", of(in, "basic_charge_fen").longValueExact()),
                Set.of("funds", "green"),
                table(in),
                BigDecimal.ZERO)
            .baseFen();
    List<BigDecimal> rates = each(in.at("pf_billed"), table(in)::percent);
    return Map.of(
        "base_fen",
        base,
        "rate_pct",
        rates,
        "adjustment_fen",
        rates.stream().map(rate -> PowerFactorAdjustment.fen(base, rate)).toList());
  }

  private static List<BigDecimal> retail(Node in) {
    SequencedMap<String, BigDecimal> contract = new LinkedHashMap<>();
    List<Slot> slots = new ArrayList<>();
    for (Node part : in.at("contract_periods").list()) {
      String name = "part" + slots.size();
      contract.put(name, of(part, "purchase"));
      slots.add(new Slot(name, minute(part.at("from").text()), minute(part.at("to").text())));
    }
    RetailCalendar calendar =
        new RetailCalendar("", "", "", List.of(new Days(Set.of(), Set.of(), Set.of(), slots)));
    SequencedMap<String, BigDecimal> floated = new LinkedHashMap<>();
    floated.put("purchase", BigDecimal.ONE);
    PriceLines prices =
        new PriceLines(floated, numbers(in.at("not_floated_yuan_per_kWh")), contract);
    return in.at("local").list().stream()
        .map(local -> String.valueOf(calendar.part(LocalDateTime.parse(local.text()))))
        .map(part -> prices.price(part, digits(in)))
        .toList();
  }

  private static int minute(String text) {
    return text.equals("24:00") ? 1440 : LocalTime.parse(text).toSecondOfDay() / 60;
  }

  private static BigDecimal agency(Node in) {
    SequencedMap<String, BigDecimal> purchase = new LinkedHashMap<>();
    purchase.put("purchase", of(in, "purchase_yuan_per_kWh"));
    SequencedMap<String, BigDecimal> factors = new LinkedHashMap<>();
    factors.put("flat", BigDecimal.ONE);
    return new PriceLines(purchase, numbers(in.at("not_floated_yuan_per_kWh")), factors)
        .times("purchase", of(in, "factor_on_purchase"))
        .price("flat", digits(in));
  }

  private static Map<String, @Nullable Object> pvSaving(Node in) {
    SequencedMap<String, Long> saving =
        charge(numbers(in.at("self_used_kWh")), numbers(in.at("avoided_price_yuan_per_kWh")));
    long feedIn = Fen.of(of(in, "export_kWh").multiply(of(in, "export_price_yuan_per_kWh")));
    return Map.of(
        "saving_line_fen",
        saving,
        "saving_fen",
        total(saving),
        "feed_in_fen",
        feedIn,
        "benefit_fen",
        total(saving) + feedIn);
  }

  private static Map<String, @Nullable Object> powerFactorWithPv(Node in) {
    Map<String, @Nullable Object> factors = new LinkedHashMap<>();
    Map<String, @Nullable Object> rates = new LinkedHashMap<>();
    Map<String, @Nullable Object> fen = new LinkedHashMap<>();
    for (String when : in.at("active_import_kWh").names()) {
      Map<String, @Nullable Object> month =
          powerFactor(
              table(in),
              of(in.at("active_import_kWh"), when),
              of(in.at("reactive_abs_kvarh"), when));
      factors.put(when, month.get("pf_billed"));
      rates.put(when, month.get("rate_pct"));
      fen.put(
          when,
          month.get("rate_pct") instanceof BigDecimal rate
              ? PowerFactorAdjustment.fen(Fen.of(of(in.at("base_yuan"), when)), rate)
              : null);
    }
    return Map.of("pf_billed", factors, "rate_pct", rates, "adjustment_fen", fen);
  }

  private static Map<String, @Nullable Object> blockDemand(Node in) {
    DemandBlock block =
        new DemandBlock(
            of(in, "limit_kW"),
            of(in, "elapsed_s").intValueExact(),
            of(in, "energy_kWh"),
            of(in, "present_power_kW"));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("block_allowance_kWh", block.allowanceKwh());
    out.put("left_kWh", block.leftKwh());
    out.put("remaining_s", block.remainingSeconds());
    out.put("may_draw_kW", block.mayDrawKw());
    out.put("forecast_kW", block.forecastKw());
    out.put("warning", yesOrNo(block.forecastKw().compareTo(block.limitKw()) > 0));
    out.put("reached_already", yesOrNo(block.leftKwh().signum() <= 0));
    return out;
  }

  private static Map<String, @Nullable Object> slidingDemand(Node in) {
    List<BigDecimal> last = each(in.at("last_14_min_kWh"), kwh -> kwh);
    Map<String, BigDecimal> mayDraw = new LinkedHashMap<>();
    for (Node horizon : in.at("horizon_min").list()) {
      int minutes = number(horizon).intValueExact();
      mayDraw.put(
          String.valueOf(minutes), DemandWindow.mayDrawKw(of(in, "limit_kW"), last, minutes));
    }
    return Map.of("sum_14_min_kWh", Amounts.sum(last), "may_draw_kW", mayDraw);
  }

  private static Map<String, @Nullable Object> monthBill(Node in) {
    SequencedMap<String, BigDecimal> energies = numbers(in.at("kWh"));
    BigDecimal kwh = Amounts.sum(energies.values());
    BigDecimal kva = of(in, "contract_kVA");
    BigDecimal price = DISCOUNT.price(of(in, "demand_price_yuan_per_kW_month"), kwh, kva);
    BigDecimal greatest = of(in, "max_demand_kW");
    long demand =
        in.has("contract_kW")
            ? BasicCharge.contract(of(in, "contract_kW"), greatest, price, reading(in))
            : BasicCharge.of(greatest, price);
    MonthBill bill =
        MonthBill.of(
            kwh,
            charge(priceLines(in), energies),
            Map.of("demand", demand),
            Set.of("funds"),
            table(in),
            of(in, "reactive_abs_kvarh"));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("line_fen", bill.lines());
    out.put("kWh_per_kVA", kwh.divide(kva, 20, RoundingMode.HALF_UP));
    out.put("demand_price_yuan_per_kW_month", price);
    out.put("pf_billed", bill.factor());
    out.put("pf_rate_pct", bill.percent());
    out.put("pf_base_fen", bill.baseFen());
    out.put("pf_adjustment_fen", bill.adjustmentFen());
    out.put("total_fen", bill.totalFen());
    out.put("mean_price_yuan_per_kWh", bill.meanPrice());
    return out;
  }

  @Test
  void whatDiffersAndAMistakeThatACaseNamesAreNoticed() {
    Map<String, Object> expected =
        Map.of("total_fen", BigDecimal.TEN, "WRONG_rounded_once_fen", BigDecimal.valueOf(9));
    Expectation expectation = new Expectation("", new Node("", expected));
    expectation.check(Map.of("total_fen", 10L));
    assertEquals(1, expectation.differences(Map.of("total_fen", 11L)).size());
    assertEquals(2, expectation.differences(Map.of("total_fen", 9L)).size());
    assertEquals(1, expectation.differences(Map.of("total", 10L)).size());
  }
}
