package io.lingtan.agent.bill;

import io.lingtan.agent.bill.MonthStatement.Demand;
import io.lingtan.agent.bill.MonthStatement.Doubt;
import io.lingtan.agent.bill.MonthStatement.Line;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.Basic;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Works out a month's {@link MonthStatement}, line by line. */
public final class MonthAccount {

  private static final String IMPORT = "elec.grid.import";

  private static final String SPOT = "purchase_spot";

  private final BillTerms terms;
  private final MonthPrices prices;
  private final Map<String, Metric> figures;
  private final List<Line> lines = new ArrayList<>();
  private final List<Doubt> doubts;
  private final SequencedMap<String, Long> energy = new LinkedHashMap<>();
  private final SequencedMap<String, Long> basic = new LinkedHashMap<>();
  private final Set<String> outside = new HashSet<>();
  private final SequencedMap<String, Long> choices = new LinkedHashMap<>();
  private @Nullable Demand demand;
  private @Nullable BigDecimal breakEvenKw;

  private MonthAccount(
      BillTerms terms, MonthPrices prices, Map<String, Metric> figures, List<Doubt> doubts) {
    this.terms = terms;
    this.prices = prices;
    this.figures = figures;
    this.doubts = new ArrayList<>(doubts);
  }

  /**
   * A month with its days.
   *
   * @param split whether the site has a tariff; without one all energy is flat
   * @param figures of the month, by name
   * @param days figures of each day, by name
   * @param spot what each day's purchase on the spot market comes to; empty where it has none
   * @param doubts of the figures as a whole
   */
  public static MonthStatement of(
      YearMonth month,
      BillTerms terms,
      MonthPrices prices,
      boolean split,
      Map<String, Metric> figures,
      SortedMap<LocalDate, ? extends Map<String, Metric>> days,
      SortedMap<LocalDate, DayCharge> spot,
      List<Doubt> doubts) {
    List<DayCharge> charges = new ArrayList<>();
    days.forEach((day, of) -> charges.add(day(day, terms, prices, split, of, spot.get(day))));
    return new MonthAccount(terms, prices, figures, doubts)
        .statement(month, split, charges, month(month, spot));
  }

  /**
   * A day by its periods, or by the prices of its quarters of an hour.
   *
   * @param figures of the day
   * @param purchase what the spot market's purchase comes to, null where prices are by periods
   */
  private static DayCharge day(
      LocalDate day,
      BillTerms terms,
      MonthPrices prices,
      boolean split,
      Map<String, Metric> figures,
      @Nullable DayCharge purchase) {
    MonthAccount account = new MonthAccount(terms, prices, figures, List.of());
    account.energy(split, purchase);
    Long fen = 0L;
    String why = null;
    Quality quality = Quality.MEASURED;
    int estimated = 0;
    for (Line line : account.lines) {
      fen = fen == null || line.fen() == null ? null : Long.valueOf(fen + line.fen());
      why = why == null ? line.why() : why;
      quality = quality.worse(line.quality());
      estimated = Math.max(estimated, line.estimated());
    }
    for (Doubt doubt : account.doubts) {
      fen = doubt.total() ? fen : null;
      why = why == null ? doubt.why() : why;
      quality = quality.worse(doubt.quality());
    }
    Metric all = figures.get(IMPORT);
    BigDecimal kwh = all == null ? null : Amounts.value(all);
    return new DayCharge(day, kwh, kwh == null ? null : fen, quality, estimated, why);
  }

  /** All days' purchase on the spot market; not known while one of them is not. */
  private static DayCharge month(YearMonth month, SortedMap<LocalDate, DayCharge> spot) {
    long fen = 0;
    BigDecimal kwh = BigDecimal.ZERO;
    Quality quality = Quality.MEASURED;
    int estimated = 0;
    String why = null;
    for (int day = 1; day <= month.lengthOfMonth() && why == null; day++) {
      DayCharge of = spot.get(month.atDay(day));
      if (of == null || of.fen() == null || of.kwh() == null) {
        why = month.atDay(day) + ": " + (of == null ? "the day has no record" : of.why());
      } else {
        fen = Math.addExact(fen, of.fen());
        kwh = kwh.add(of.kwh());
        quality = quality.worse(of.quality());
        estimated = Math.max(estimated, of.estimated());
      }
    }
    return why == null
        ? new DayCharge(month.atDay(1), Amounts.tidy(kwh), fen, quality, estimated, null)
        : new DayCharge(month.atDay(1), null, null, Quality.MISSING, 0, why);
  }

  private Metric energy(boolean split, @Nullable DayCharge purchase) {
    Metric all = figure(IMPORT);
    boolean isSpot = prices.spot() != null;
    energy(all, isSpot || !split ? flat(all) : periods(all));
    if (isSpot) {
      spot(
          purchase == null
              ? new DayCharge(LocalDate.EPOCH, null, null, Quality.MISSING, 0, "no day is known")
              : purchase);
    }
    return all;
  }

  /** Cleared by the day: the price that is shown is a mean. */
  private void spot(DayCharge of) {
    BigDecimal mean =
        of.fen() == null || of.kwh() == null || of.kwh().signum() == 0
            ? null
            : Fen.yuan(of.fen()).divide(of.kwh(), 6, RoundingMode.HALF_UP);
    if (terms.outside().contains("purchase")) {
      outside.add(SPOT);
    }
    put(
        energy,
        new Line(
            SPOT, IMPORT, of.kwh(), "kWh", mean, of.fen(), of.quality(), of.estimated(), of.why()));
  }

  private MonthStatement statement(
      YearMonth month, boolean split, List<DayCharge> days, DayCharge purchase) {
    row();
    Metric all = energy(split, purchase);
    BigDecimal bought = Amounts.value(all);
    if (prices.spot() != null
        && bought != null
        && purchase.kwh() != null
        && bought.compareTo(purchase.kwh()) != 0) {
      doubts.add(
          new Doubt(
              "the days' import does not add up to the month's: it was told otherwise", true));
    }
    basic(all);
    MonthBill bill = total(all);
    Quality line = doubts.stream().map(Doubt::line).reduce(Quality.MEASURED, Quality::worse);
    lines.replaceAll(each -> each.atBest(line));
    Quality worst =
        Stream.concat(lines.stream().map(Line::quality), doubts.stream().map(Doubt::quality))
            .reduce(Quality.MEASURED, Quality::worse);
    return new MonthStatement(
        month,
        prices,
        List.copyOf(lines),
        bill,
        worst,
        demand,
        choices,
        breakEvenKw,
        doubts.stream().map(Doubt::why).toList(),
        days);
  }

  /** What was published must come out of the parts. */
  private void row() {
    PriceLines published = new PriceLines(prices.floated(), prices.fixed(), prices.factors());
    prices
        .row()
        .forEach(
            (period, printed) -> {
              BigDecimal own = published.price(period, printed.scale());
              if (own.compareTo(printed) != 0) {
                FloatedPart part = FloatedPart.of(prices.row(), prices.factors(), printed.scale());
                String why =
                    "%s: the parts give %s yuan/kWh for %s and the row says %s; %s"
                        .formatted(
                            prices.place(),
                            own,
                            period,
                            printed,
                            part.isConsistent()
                                ? "it fits a floated part from %s to %s"
                                    .formatted(shown(part.least()), shown(part.most()))
                                : "no floated part fits the whole row");
                doubts.add(new Doubt(why, true));
              }
            });
  }

  private static String shown(BigDecimal price) {
    return price.setScale(6, RoundingMode.HALF_UP).toPlainString();
  }

  private PriceLines priced() {
    return new PriceLines(prices.floated(), prices.fixed(), prices.factors())
        .times("purchase", terms.purchaseFactor());
  }

  private Metric figure(String name) {
    Metric metric = figures.get(name);
    return metric == null ? Metric.missing("", "there is no figure " + name) : metric;
  }

  private static SequencedMap<String, Metric> flat(Metric all) {
    SequencedMap<String, Metric> flat = new LinkedHashMap<>();
    flat.put("flat", all);
    return flat;
  }

  /** A period that a month does not name had no energy in it, if the others make up the whole. */
  private SequencedMap<String, Metric> periods(Metric all) {
    SequencedMap<String, Metric> periods = new LinkedHashMap<>();
    long left = all.micros() == null ? 0 : all.micros();
    for (String period : prices.factors().sequencedKeySet()) {
      Metric metric = figures.get(IMPORT + "." + period);
      if (metric != null) {
        periods.put(period, metric);
        left -= metric.micros() == null ? 0 : metric.micros();
      }
    }
    if (periods.isEmpty() && left != 0) {
      String why = "it is not known in which period of the tariff it was bought";
      periods.put(prices.factors().firstEntry().getKey(), Metric.missing("", why));
    }
    boolean known = periods.values().stream().allMatch(metric -> metric.micros() != null);
    if (all.micros() != null && known && left != 0) {
      String why = Amounts.of(left).toPlainString() + " kWh are in no period of the tariff";
      doubts.add(new Doubt(why, false));
    }
    return periods;
  }

  private void energy(Metric all, SequencedMap<String, Metric> periods) {
    for (PriceLines.Part part : priced().parts(periods.sequencedKeySet())) {
      Metric metric = part.period() == null ? all : periods.getOrDefault(part.period(), all);
      boolean isOfTariff = part.period() != null && prices.calendar() == null;
      String name = IMPORT + (isOfTariff ? "." + part.period() : "");
      BigDecimal kwh = Amounts.value(metric);
      Long fen = kwh == null ? null : BasicCharge.of(kwh, part.price());
      if (terms.outside().contains(part.of())) {
        outside.add(part.name());
      }
      put(energy, line(part.name(), name, kwh, "kWh", part.price(), fen, metric));
    }
  }

  private void basic(Metric all) {
    BigDecimal kwh = Amounts.value(all);
    BigDecimal kva = terms.user().kva();
    String name = terms.sliding() ? "demand.month_max_sliding" : "demand.month_max";
    Metric greatest = figure(name);
    BigDecimal kw = Amounts.value(greatest);
    BigDecimal price =
        prices.demand() == null || kwh == null
            ? null
            : new BasicCharge.Discount(terms.discountFrom(), terms.discount())
                .price(prices.demand(), kwh, terms.transformerKva());
    BigDecimal agreed =
        terms.contractKw() == null
            ? null
            : BillTerms.billedKw(terms.contractKw(), kva, terms.contractFloor());
    if (kw != null) {
      BigDecimal beyond = agreed == null ? null : Amounts.tidy(BasicCharge.beyond(agreed, kw));
      demand = new Demand(kw, agreed, beyond, greatest.quality());
    }
    if (prices.capacity() != null) {
      choices.put("capacity", BasicCharge.of(kva, prices.capacity()));
    }
    if (price != null && price.signum() > 0 && prices.capacity() != null) {
      breakEvenKw = BasicCharge.breakEvenKw(kva, prices.capacity(), price);
    }
    if (price != null && kw != null) {
      choices.put("demand", BasicCharge.of(kw, price));
      if (agreed != null) {
        choices.put("contract", BasicCharge.contract(agreed, kw, price, terms.over()));
      }
    }
    if (terms.basic() == Basic.NONE) {
      return;
    }
    String way = terms.basic().name().toLowerCase(Locale.ROOT);
    Long fen = choices.get(way);
    if (terms.basic() == Basic.CAPACITY) {
      Metric given = new Metric(0L, "kV.A", Quality.MEASURED, 100, 0);
      put(basic, line(way, "", kva, "kVA", prices.capacity(), fen, given));
    } else {
      Metric of = kw != null && kwh == null ? all : greatest;
      BigDecimal counted =
          terms.basic() == Basic.DEMAND
              ? kw
              : agreed == null || kw == null
                  ? null
                  : Amounts.tidy(BasicCharge.counted(agreed, kw, terms.over()));
      put(basic, line(way, name, counted, "kW", price, fen, of));
    }
  }

  private @Nullable MonthBill total(Metric all) {
    PowerFactorAdjustment table =
        terms.powerFactor() == null ? null : PowerFactorAdjustment.of(terms.powerFactor());
    List<Metric> reactive =
        List.of("reactive.import", "reactive.export").stream()
            .filter(figures::containsKey)
            .map(this::figure)
            .toList();
    Metric lacking =
        !figures.containsKey("reactive.import")
            ? figure("reactive.import")
            : reactive.stream().filter(each -> each.micros() == null).findFirst().orElse(null);
    if (table != null && reactive.size() == 1) {
      doubts.add(
          new Doubt(
              "the gate counts reactive energy of one direction alone: the power factor may be"
                  + " lower than this",
              true));
    }
    boolean whole = lines.stream().allMatch(line -> line.fen() != null);
    BigDecimal kwh = Amounts.value(all);
    BigDecimal kvarh =
        lacking != null
            ? null
            : reactive.stream()
                .map(metric -> Amounts.of(Math.abs(metric.micros() == null ? 0 : metric.micros())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    MonthBill bill =
        whole
                && kwh != null
                && (table == null || kvarh != null)
                && doubts.stream().allMatch(Doubt::total)
            ? MonthBill.of(kwh, energy, basic, outside, table, kvarh)
            : null;
    if (table != null) {
      Metric worst = lacking != null ? lacking : all;
      for (Metric each : reactive) {
        worst = each.quality().compareTo(worst.quality()) > 0 ? each : worst;
      }
      lines.add(
          new Line(
              MonthStatement.POWER_FACTOR,
              IMPORT + " reactive.import reactive.export",
              bill == null ? null : bill.factor(),
              "1",
              bill == null ? null : bill.percent(),
              bill == null ? null : bill.adjustmentFen(),
              worst.quality(),
              worst.estimated(),
              bill != null && bill.factor() != null
                  ? null
                  : lacking != null
                      ? lacking.why()
                      : kwh == null
                          ? all.why()
                          : !whole
                              ? "a line above is missing"
                              : bill == null ? "there is no total" : "no energy was bought"));
    }
    return bill;
  }

  private void put(Map<String, Long> to, Line line) {
    lines.add(line);
    if (line.fen() != null && to.putIfAbsent(line.name(), line.fen()) != null) {
      throw new IllegalArgumentException(line.name() + " is the name of two lines");
    }
  }

  private static Line line(
      String name,
      String figures,
      @Nullable BigDecimal amount,
      String unit,
      @Nullable BigDecimal price,
      @Nullable Long fen,
      Metric of) {
    return new Line(
        name, figures, amount, unit, price, fen, of.quality(), of.estimated(), of.why());
  }
}
