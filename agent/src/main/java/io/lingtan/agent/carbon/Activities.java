package io.lingtan.agent.carbon;

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
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.activity.Activity.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * CO2 of what no meter sees and people tell: fuel, refrigerant, steam and hot water that were
 * bought. By the day, the month and the year: a delivery note has a day, and spreading it over
 * hours would invent figures. An amount is told of the days that have one; the others have no such
 * figure, because nobody said that nothing was used.
 *
 * <p>Each interval's figure is worked out from its own rows, with the factor in force on each one's
 * day, and rounded once, half-even to the milligram.
 */
final class Activities implements Chapter {

  static final String BURNT = "combustion";
  static final String HEAT = "heat";
  static final String BOUGHT = "purchased_heat";
  static final String FUEL = "fuel.mass.";
  static final String REFRIGERANTS = "co2.scope1.refrigerants";
  private static final String LOSS = "refrigerant.loss.";
  private static final String WARMS = "refrigerant.co2e.";
  private static final String SCOPE1 = "co2.scope1.";
  private static final String SCOPE2 = "co2.scope2.";
  private static final String STEAM = "heat.steam";
  private static final String HOT_WATER = "heat.hot_water";
  private static final String GIGAJOULE = "GJ";

  /** Rows that a record names; of more it tells how many. */
  private static final int MOST_NAMED = 40;

  static final List<Indicator> LISTED =
      new Listing()
          .lengths(DAYS)
          .rolls(Rolling.LINEAR)
          .in(Section.ENERGY)
          .needs("activities")
          .rule("from `carbon.feeds` or `cmd/feed`; litres by the density of the delivery")
          .presence(Presence.UNOBSERVED)
          .add(FUEL + "{fuel}", KG, "燃料用量", "fuel used:")
          .rule(
              "from the same: tonnes × (enthalpy − 83.74 kJ/kg or what returns); the heat that was"
                  + " billed where that is told",
              "GB/T 32150")
          .presence(Presence.UNOBSERVED)
          .add(STEAM, GIGAJOULE, "外购蒸汽热量", "steam bought")
          .rule("from the same: tonnes × (°C − 20) × 4.1868 kJ/(kg·K)", "GB/T 32150")
          .presence(Presence.UNOBSERVED)
          .add(HOT_WATER, GIGAJOULE, "外购热水热量", "hot water bought")
          .in(Section.SCOPE1)
          .rule("from the same: charged − recovered")
          .presence(Presence.UNOBSERVED)
          .add(LOSS + "{gas}", KG, "逸散量", "lost:")
          .needs("activities gwp100")
          .rule("lost × its potential of 100 years, of the set that the factor's id names")
          .from(LOSS + "{gas}")
          .presence(Presence.UNOBSERVED)
          .add(WARMS + "{gas}", KG, "逸散排放", "CO2e lost:")
          .rule(
              "the sum of all gases, of one set of potentials, which its text names", "GB/T 32150")
          .from(WARMS + "{gas}")
          .presence(Presence.UNOBSERVED)
          .add(REFRIGERANTS, KG, "制冷剂与六氟化硫逸散", "refrigerants and SF6")
          .needs("activities combustion")
          .rule("mass × factor", "GB/T 32150")
          .from(FUEL + "{fuel}")
          .presence(Presence.UNOBSERVED)
          .add(SCOPE1 + "{fuel}", KG, "燃料燃烧", "burnt:")
          .in(Section.SCOPE2)
          .needs("activities purchased_heat")
          .rule("heat × factor", "GB/T 32150")
          .from(STEAM)
          .presence(Presence.UNOBSERVED)
          .add(SCOPE2 + "steam", KG, "外购蒸汽", "steam")
          .from(HOT_WATER)
          .presence(Presence.UNOBSERVED)
          .add(SCOPE2 + "hot_water", KG, "外购热水", "hot water")
          .list();

  private final Factors factors;
  private final Calendar calendar;

  Activities(Factors factors, Calendar calendar) {
    this.factors = factors;
    this.calendar = calendar;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    if (!calendar.isDays(sheet.length())) {
      return;
    }
    Map<Kind, Map<String, List<Activity>>> told =
        calendar.told(sheet).stream()
            .collect(
                Collectors.groupingBy(
                    Activity::kind,
                    TreeMap::new,
                    Collectors.groupingBy(Activity::what, TreeMap::new, Collectors.toList())));
    told.getOrDefault(Kind.FUEL, Map.of())
        .forEach(
            (fuel, rows) -> {
              sheet.put(FUEL + fuel, amount(rows));
              sheet.put(SCOPE1 + fuel, emitted(sheet, rows, fuel, BURNT, FUEL + fuel));
            });
    refrigerants(sheet, told.getOrDefault(Kind.REFRIGERANT, Map.of()));
    told.getOrDefault(Kind.HEAT, Map.of())
        .forEach(
            (heat, rows) -> {
              sheet.put("heat." + heat, amount(rows));
              sheet.put(SCOPE2 + heat, emitted(sheet, rows, HEAT, BOUGHT, "heat." + heat));
            });
  }

  private void refrigerants(Sheet sheet, Map<String, List<Activity>> told) {
    List<Metric> all = new ArrayList<>();
    SequencedSet<String> used = new LinkedHashSet<>();
    told.forEach(
        (gas, rows) -> {
          sheet.put(LOSS + gas, amount(rows));
          Metric warms = emitted(sheet, rows, gas, FactorTable.GWP100, LOSS + gas);
          sheet.put(WARMS + gas, warms);
          all.add(warms);
          used.addAll(warms.allFactors());
        });
    if (!all.isEmpty()) {
      Metric sum = new Combining(all).sum(KG).by(used);
      String set = factors.potentials();
      sheet.put(REFRIGERANTS, set == null ? sum : sum.saying("GWP100 " + set));
    }
  }

  /** What the rows tell together, and which they are. */
  static Metric amount(List<Activity> rows) {
    long sum = 0;
    for (Activity row : rows) {
      sum = Math.addExact(sum, row.micros());
    }
    String words =
        rows.size() > MOST_NAMED
            ? rows.size() + " documents"
            : rows.stream().map(Activity::words).collect(Collectors.joining("; "));
    return new Metric(sum, rows.getFirst().kind().ucum(), Quality.SUBSTITUTED, 100, 0)
        .saying(words);
  }

  private Metric emitted(
      Sheet sheet, List<Activity> rows, String carrier, String basis, String of) {
    BigDecimal exact = BigDecimal.ZERO;
    SequencedSet<String> used = new LinkedHashSet<>();
    Standing standing = Standing.OFFICIAL;
    for (Activity row : rows) {
      long millis = calendar.startMillis(row.day());
      InForce factor = factors.find(carrier, basis, millis);
      if (factor == null) {
        return Sheet.unknown(null, of, KG, factors.lacking(carrier, basis, millis));
      }
      sheet.use(factor);
      used.add(factor.factor().id());
      standing = standing.worse(factor.standing());
      exact =
          exact.add(
              factor.kilogramsPer(row.kind().ucum()).multiply(BigDecimal.valueOf(row.micros())));
    }
    return new Metric(Rounding.whole(exact), KG, Quality.SUBSTITUTED, 100, 0, of, null, null)
        .by(used)
        .restingOn(standing);
  }

  /** What the sheet has of scope 1 and 2 that no meter sees. */
  static List<String> emissions(Sheet sheet) {
    return sheet.names().stream().filter(name -> isOne(sheet, name)).toList();
  }

  private static boolean isOne(Sheet sheet, String name) {
    String of = sheet.known(name, KG).of();
    return name.equals(REFRIGERANTS)
        || (name.startsWith("co2.scope")
            && of != null
            && (of.startsWith(FUEL) || of.equals(STEAM) || of.equals(HOT_WATER)));
  }

  /** What the sheet has of energy that no meter sees: its name, by its carrier. */
  static Map<String, String> energies(Sheet sheet) {
    Map<String, String> energies = new TreeMap<>();
    for (String name : sheet.names()) {
      if (name.startsWith(FUEL)) {
        energies.put(name.substring(FUEL.length()), name);
      } else if (name.equals(STEAM) || name.equals(HOT_WATER)) {
        energies.put(name.substring("heat.".length()), name);
      }
    }
    return energies;
  }
}
