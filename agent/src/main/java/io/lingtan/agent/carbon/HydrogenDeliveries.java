package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.DAYS;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.carbon.sheet.Level.Kind;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.activity.Activity;
import java.util.ArrayList;
import java.util.List;

/**
 * Hydrogen that comes in trailers, and what a station vents and boils off, as people tell it by the
 * day; and what of all its hydrogen is not found again. The carbon of a delivery is what its
 * document states: it left the ground elsewhere, and is in no total of the site.
 */
final class HydrogenDeliveries implements Chapter {

  private static final String DELIVERED = "h2.delivered";
  private static final String VENTED = "h2.vented";
  private static final String BOILED = "h2.boil_off";
  private static final String CARBON = "h2.delivered_co2";
  private static final String INTENSITY = "h2.ci_delivered";
  private static final String SUPPLY = "h2.supply_ci";
  private static final String PER_KG = "kg/kg";
  private static final String RESIDUAL = "h2.station_residual";
  private static final List<String> MASSES = List.of(DELIVERED, VENTED, BOILED);

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.H2)
          .lengths(DAYS)
          .needs("activities")
          .rolls(Rolling.LINEAR)
          .rule("from `carbon.feeds` or `cmd/feed`, by who says so and which document")
          .presence(Presence.UNOBSERVED)
          .add(DELIVERED, KG, "运入氢气", "hydrogen delivered")
          .presence(Presence.UNOBSERVED)
          .add(VENTED, KG, "放空氢气", "hydrogen vented")
          .presence(Presence.UNOBSERVED)
          .add(BOILED, KG, "蒸发损失氢气", "hydrogen boiled off")
          .rule("mass × the carbon intensity that the delivery's document states; in no total")
          .presence(Presence.UNOBSERVED)
          .add(CARBON, KG, "运入氢气排放（供方声明）", "CO2e of what was delivered, as stated")
          .rolls(Rolling.ANEW)
          .rule("h2.delivered_co2 / h2.delivered")
          .from(CARBON + " " + DELIVERED)
          .presence(Presence.UNOBSERVED)
          .add(INTENSITY, PER_KG, "运入氢气碳强度", "carbon intensity of what was delivered")
          .needs("activities electrolyser hydrogen location")
          .rule("(h2.co2 + h2.delivered_co2) / (h2.produced + h2.delivered)")
          .from("h2.co2 h2.delivered_co2 h2.produced h2.delivered")
          .presence(Presence.UNOBSERVED)
          .add(SUPPLY, PER_KG, "自产与运入氢气碳强度", "carbon intensity of what was made and delivered")
          .rolls(Rolling.LINEAR)
          .needs("activities h2_dispenser h2_storage")
          .rule("delivered + made − given − vented − boiled off − gained by the tanks")
          .from("h2.delivered h2.produced h2.dispensed h2.vented h2.boil_off h2.storage_mass")
          .presence(Presence.UNOBSERVED)
          .add(RESIDUAL, KG, "加氢站氢平衡差", "the station's hydrogen not found again")
          .list();

  private final Calendar calendar;

  HydrogenDeliveries(Calendar calendar) {
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
    List<Activity> told = calendar.told(sheet);
    for (String name : MASSES) {
      List<Activity> rows = rows(told, Activity.Kind.HYDROGEN, name);
      if (!rows.isEmpty()) {
        sheet.put(name, Activities.amount(rows));
      }
    }
    List<Activity> masses = rows(told, Activity.Kind.HYDROGEN, DELIVERED);
    List<Activity> carbon =
        rows(told, Activity.Kind.HYDROGEN_CO2, CARBON).stream()
            .filter(row -> masses.stream().anyMatch(mass -> isOf(mass, row)))
            .toList();
    if (!carbon.isEmpty()) {
      sheet.put(CARBON, Activities.amount(carbon));
      Combining both = new Combining(List.of(sheet.known(CARBON, KG), sheet.known(DELIVERED, KG)));
      sheet.put(
          INTENSITY,
          sheet.ratio(
              both,
              value(sheet.known(CARBON, KG)),
              value(sheet.known(DELIVERED, KG)),
              PER_KG,
              "nothing was delivered"));
      supply(sheet);
    }
    balance(sheet);
  }

  /** Of both together, where the site makes hydrogen as well. */
  private static void supply(Sheet sheet) {
    Metric emitted = sheet.get("h2.co2");
    Metric made = sheet.get(Figure.H2_PRODUCED.metric());
    if (emitted == null || made == null) {
      return;
    }
    Metric stated = sheet.known(CARBON, KG);
    Metric delivered = sheet.known(DELIVERED, KG);
    Combining all = new Combining(List.of(emitted, made, stated, delivered));
    String why = all.why();
    sheet.put(
        SUPPLY,
        why != null
            ? Metric.missing(PER_KG, why)
            : sheet.ratio(
                all,
                value(emitted) + value(stated),
                value(made) + value(delivered),
                PER_KG,
                "there was no hydrogen"));
  }

  private static List<Activity> rows(List<Activity> told, Activity.Kind kind, String name) {
    return told.stream()
        .filter(row -> row.kind() == kind && name.equals("h2." + row.what()))
        .toList();
  }

  private static boolean isOf(Activity mass, Activity carbon) {
    return mass.day().equals(carbon.day()) && mass.document().equals(carbon.document());
  }

  /** Of a station of which nobody told anything {@code h2.balance_residual} says it all. */
  private static void balance(Sheet sheet) {
    Metric given = sheet.get(Figure.H2_DISPENSED.metric());
    List<Level> tanks = sheet.levels(Kind.H2_MASS);
    if (given == null || tanks.isEmpty() || MASSES.stream().noneMatch(sheet::has)) {
      return;
    }
    List<Metric> into = sheet.present(DELIVERED, Figure.H2_PRODUCED.metric());
    List<Metric> out = new ArrayList<>(sheet.present(VENTED, BOILED));
    out.add(given);
    List<Metric> inputs = new ArrayList<>(into);
    inputs.addAll(out);
    tanks.forEach(tank -> inputs.addAll(List.of(tank.start(), tank.end())));
    Combining all = new Combining(inputs);
    if (all.why() != null) {
      sheet.put(RESIDUAL, all.figure(0, KG));
      return;
    }
    long gained = tanks.stream().mapToLong(tank -> value(tank.end()) - value(tank.start())).sum();
    sheet.put(RESIDUAL, all.figure(sum(into) - sum(out) - gained, KG));
  }

  private static long sum(List<Metric> metrics) {
    return metrics.stream().mapToLong(Combining::value).sum();
  }
}
