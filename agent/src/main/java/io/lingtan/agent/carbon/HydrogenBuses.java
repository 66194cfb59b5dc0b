package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.DAYS;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.Figure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hydrogen buses against diesel ones, by the day, the month and the year: kilometres come from
 * people, hydrogen from the dispenser (or bus by bus from the same people), its carbon from what
 * was dispensed, or where no dispenser is metered from the site's own production. What is avoided
 * may be negative, and then is: a bus on hydrogen made of grid electricity emits more than a diesel
 * bus.
 *
 * <p>Both sides are what leaves the tank and what made the hydrogen: diesel counts from tank to
 * wheel, hydrogen as {@code h2.dispensed_ci} or {@code h2.ci} does, and the same words stand in
 * {@code config/README.md}.
 */
final class HydrogenBuses implements Chapter {

  private static final String KM = "km";
  private static final String PER_100_KM = "kg/(100.km)";
  private static final String PER_KM = "kg/km";
  private static final String PER_KG = "kg/kg";
  private static final String BREAK_EVEN = "bus.break_even_ci";
  private static final String AGAINST = "h2.against_diesel";
  private static final String BY_DAY = "of a day's hydrogen";

  /** A bus of which people told within so many days is one of the fleet. */
  static final int FLEET_DAYS = 31;

  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.BUS)
          .lengths(DAYS)
          .needs("buses")
          .rolls(Rolling.LINEAR)
          .rule("from `carbon.feeds` or `cmd/feed`")
          .add("bus.km", KM, "行驶里程", "distance")
          .add("bus.km.{id}", KM, "行驶里程", "distance of")
          .rolls(Rolling.ANEW)
          .rule("kilograms that people told, else what the dispensers gave / distance")
          .from("bus.km h2.dispensed")
          .add("bus.kg_per_100km", PER_100_KM, "百公里氢耗", "hydrogen for 100 km")
          .add("bus.kg_per_100km.{id}", PER_100_KM, "百公里氢耗", "hydrogen for 100 km of")
          .needs("buses fleet electrolyser hydrogen location public_institution")
          .from("bus.km bus.kg_per_100km h2.dispensed_ci h2.ci")
          .rule(
              "diesel's less the hydrogen's for a kilometre, as dispensed, or as made where no"
                  + " dispenser is metered; negative where it is")
          .add(
              "bus.avoided_per_km",
              PER_KM,
              "每公里减排量（对比柴油）",
              "avoided for a kilometre, against diesel")
          .rule("the same × distance")
          .add("bus.avoided", KG, "减排量（对比柴油）", "avoided, against diesel")
          .lengths("1d")
          .needs("buses fleet public_institution")
          .from("")
          .rule(
              "diesel's CO2 for 100 km / hydrogen for 100 km, as people told of the last 31 days:"
                  + " cleaner hydrogen is better than diesel")
          .because(BY_DAY)
          .add(BREAK_EVEN, PER_KG, "与柴油持平的氢气碳强度", "carbon intensity that equals diesel")
          .needs("buses fleet electrolyser hydrogen location public_institution")
          .from(BREAK_EVEN + " h2.produced h2.co2")
          .rule("bus.break_even_ci × h2.produced − h2.co2: better, or worse where negative")
          .because(BY_DAY)
          .add(AGAINST, KG, "当日制氢对比柴油", "today's hydrogen against diesel")
          .list();

  private final Factors factors;
  private final Calendar calendar;
  private final @Nullable BigDecimal dieselLitresPer100Km;

  /**
   * @param dieselLitresPer100Km of the bus that is compared with; null if not given, and then
   *     nothing is
   */
  HydrogenBuses(Factors factors, Calendar calendar, @Nullable BigDecimal dieselLitresPer100Km) {
    this.factors = factors;
    this.calendar = calendar;
    this.dieselLitresPer100Km = dieselLitresPer100Km;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    if (!calendar.isDays(sheet.length()) || !sheet.feeds().hasBuses()) {
      return;
    }
    Calendar.Days days = calendar.days(sheet.length(), sheet.startMillis());
    List<BusDay> recent = sheet.feeds().buses(days.first().minusDays(FLEET_DAYS), days.end());
    if (sheet.length().equals("1d") && dieselLitresPer100Km != null) {
      againstDiesel(sheet, recent, dieselLitresPer100Km);
    }
    List<BusDay> told = sheet.feeds().buses(days.first(), days.end());
    String why = "no kilometres were told of " + days;
    if (told.isEmpty()) {
      untold(sheet, why);
      return;
    }
    Set<String> fleet = new TreeSet<>(recent.stream().map(BusDay::bus).toList());
    for (String bus : fleet) {
      if (told.stream().noneMatch(row -> row.bus().equals(bus))) {
        sheet.put("bus.km." + bus, Metric.missing(KM, why));
      }
    }
    long length = days.count();
    int share = percent(told.size(), fleet.size() * length);
    Metric kilometres = typed(told.stream().mapToLong(BusDay::kilometresMicros).sum(), share, KM);
    sheet.put("bus.km", kilometres);
    Metric kilograms = kilograms(sheet, told, share);
    sheet.put("bus.kg_per_100km", per100(sheet, kilograms, kilometres, hasKilograms(told)));
    each(sheet, told, length);
    if (dieselLitresPer100Km != null) {
      avoided(sheet, kilometres, dieselLitresPer100Km);
    }
  }

  private void untold(Sheet sheet, String why) {
    sheet.put("bus.km", Metric.missing(KM, why));
    sheet.put("bus.kg_per_100km", Metric.missing(PER_100_KM, why));
    if (dieselLitresPer100Km != null) {
      sheet.put("bus.avoided_per_km", Metric.missing(PER_KM, why));
      sheet.put("bus.avoided", Metric.missing(KG, why));
    }
  }

  /**
   * A sum of what people told.
   *
   * @param share percent of the days that they told of
   */
  private static Metric typed(long micros, int share, String ucum) {
    Quality quality = share < 100 ? Quality.PARTIAL : Quality.SUBSTITUTED;
    return new Metric(micros, ucum, quality, share, 0);
  }

  private static int percent(long told, long all) {
    return (int) Math.min(100, 100 * told / all);
  }

  /** What all buses took: of each as it was told, else of all what the dispensers gave. */
  private static Metric kilograms(Sheet sheet, List<BusDay> told, int share) {
    return hasKilograms(told)
        ? typed(told.stream().mapToLong(HydrogenBuses::taken).sum(), share, KG)
        : sheet.known(Figure.H2_DISPENSED.metric(), KG);
  }

  private static boolean hasKilograms(List<BusDay> told) {
    return told.stream().allMatch(row -> row.kilogramsMicros() != null);
  }

  private static long taken(BusDay row) {
    Long kilograms = row.kilogramsMicros();
    return kilograms == null ? 0 : kilograms;
  }

  /**
   * @param ofTheSameRows whether people told both of the same buses and days
   */
  private static Metric per100(
      Sheet sheet, Metric kilograms, Metric kilometres, boolean ofTheSameRows) {
    Combining both = new Combining(List.of(kilograms, kilometres));
    String why = both.why();
    if (why != null) {
      return Metric.missing(PER_100_KM, why);
    }
    long above = 100 * value(kilograms);
    return ofTheSameRows && value(kilometres) != 0
        ? both.figure(Rounding.millionths(above, value(kilometres)), PER_100_KM)
        : sheet.ratio(both, above, value(kilometres), PER_100_KM, "no kilometre was driven");
  }

  /** Each bus; its consumption by the days on which it told both. */
  private static void each(Sheet sheet, List<BusDay> told, long length) {
    SequencedMap<String, List<BusDay>> byBus = new LinkedHashMap<>();
    told.forEach(row -> byBus.computeIfAbsent(row.bus(), id -> new ArrayList<>()).add(row));
    byBus.forEach(
        (bus, rows) -> {
          long kilometres = rows.stream().mapToLong(BusDay::kilometresMicros).sum();
          sheet.put("bus.km." + bus, typed(kilometres, percent(rows.size(), length), KM));
          List<BusDay> both = rows.stream().filter(row -> row.kilogramsMicros() != null).toList();
          if (!both.isEmpty()) {
            int share = percent(both.size(), length);
            sheet.put("bus.kg_per_100km." + bus, consumption(sheet, both, share));
          }
        });
  }

  private static Metric consumption(Sheet sheet, List<BusDay> rows, int share) {
    long kilometres = rows.stream().mapToLong(BusDay::kilometresMicros).sum();
    long kilograms = rows.stream().mapToLong(HydrogenBuses::taken).sum();
    return per100(sheet, typed(kilograms, share, KG), typed(kilometres, share, KM), true);
  }

  private void avoided(Sheet sheet, Metric kilometres, BigDecimal litres) {
    Metric consumption = sheet.known("bus.kg_per_100km", PER_100_KM);
    Metric intensity =
        sheet.known(sheet.has(DispensedHydrogen.CI) ? DispensedHydrogen.CI : "h2.ci", PER_KG);
    InForce diesel = factors.find("diesel", "public_institution", sheet.startMillis());
    Combining all = new Combining(List.of(kilometres, consumption, intensity));
    String why =
        diesel == null
            ? factors.lacking("diesel", "public_institution", sheet.startMillis())
            : all.why();
    if (diesel == null || why != null) {
      sheet.put("bus.avoided_per_km", Sheet.unknown(diesel, "bus.km", PER_KM, why));
      sheet.put("bus.avoided", Sheet.unknown(diesel, "bus.km", KG, why));
      return;
    }
    sheet.use(diesel);
    BigDecimal perKilometre =
        avoidedPerKilometre(
            litres,
            diesel.kilogramsPer("L"),
            BigDecimal.valueOf(value(consumption), 6),
            BigDecimal.valueOf(value(intensity), 6));
    sheet.put(
        "bus.avoided_per_km",
        by(diesel, litres, all.figure(Rounding.whole(perKilometre.movePointRight(6)), PER_KM)));
    BigDecimal whole = perKilometre.multiply(BigDecimal.valueOf(value(kilometres)));
    sheet.put("bus.avoided", by(diesel, litres, all.figure(Rounding.whole(whole), KG)));
  }

  /** What the day's hydrogen makes better than diesel, or worse, by what buses lately took. */
  private void againstDiesel(Sheet sheet, List<BusDay> recent, BigDecimal litres) {
    InForce diesel = factors.find("diesel", "public_institution", sheet.startMillis());
    List<BusDay> both = recent.stream().filter(row -> row.kilogramsMicros() != null).toList();
    long kilograms = both.stream().mapToLong(HydrogenBuses::taken).sum();
    long kilometres = both.stream().mapToLong(BusDay::kilometresMicros).sum();
    String why =
        diesel == null
            ? factors.lacking("diesel", "public_institution", sheet.startMillis())
            : kilograms == 0 || kilometres == 0
                ? "of no bus were kilometres and kilograms told in the last " + FLEET_DAYS + " days"
                : null;
    if (diesel == null || why != null) {
      sheet.put(BREAK_EVEN, Metric.missing(PER_KG, String.valueOf(why)));
      sheet.put(AGAINST, Metric.missing(KG, String.valueOf(why)));
      return;
    }
    sheet.use(diesel);
    long exact =
        litres
            .multiply(diesel.kilogramsPer("L"))
            .multiply(BigDecimal.valueOf(kilometres))
            .movePointLeft(2)
            .movePointRight(6)
            .divide(BigDecimal.valueOf(kilograms), 0, RoundingMode.HALF_EVEN)
            .longValueExact();
    Metric breakEven = new Metric(exact, PER_KG, Quality.SUBSTITUTED, 100, 0);
    sheet.put(BREAK_EVEN, by(diesel, litres, breakEven));
    Metric produced = sheet.get(Figure.H2_PRODUCED.metric());
    Metric emitted = sheet.get("h2.co2");
    if (produced == null || emitted == null) {
      return;
    }
    Combining all = new Combining(List.of(produced, emitted));
    if (all.why() != null) {
      sheet.put(AGAINST, all.figure(0, KG));
      return;
    }
    BigDecimal replaced =
        BigDecimal.valueOf(exact, 6).multiply(BigDecimal.valueOf(value(produced)));
    Metric better = all.compared(Rounding.whole(replaced) - value(emitted), KG, sheet.length());
    sheet.put(
        AGAINST,
        better.micros() == null
            ? better
            : by(diesel, litres, better.of(better.quality().worse(Quality.SUBSTITUTED))));
  }

  /** Says what it is compared with, so that others can work it out again. */
  private static Metric by(InForce factor, BigDecimal litres, Metric metric) {
    return Sheet.by(
            factor,
            metric,
            metric.ucum().equals(PER_KG) ? "bus.kg_per_100km" : "bus.km",
            value(metric),
            metric.ucum())
        .saying("diesel at " + litres.toPlainString() + " L/100 km");
  }

  /**
   * What a kilometre on hydrogen emits less than one on diesel, kg; negative where it emits more.
   *
   * @param litres of diesel for 100 km
   * @param perLitre kg CO2 of a litre
   * @param kilograms of hydrogen for 100 km
   * @param perKilogram kg CO2 of a kilogram of it
   */
  static BigDecimal avoidedPerKilometre(
      BigDecimal litres, BigDecimal perLitre, BigDecimal kilograms, BigDecimal perKilogram) {
    return litres
        .multiply(perLitre)
        .subtract(kilograms.multiply(perKilogram))
        .divide(HUNDRED, MathContext.DECIMAL64);
  }
}
