package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.DAYS;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import java.util.List;

/**
 * What share of the load own PV covers hour by hour ({@link
 * io.lingtan.agent.carbon.sheet.HourlyMatch}), of a day, and of longer ones as the sum of their
 * days: a year's volumes hide that the sun does not shine at night.
 */
final class CleanHours implements Chapter {

  static final String MATCHED = "clean.matched";
  static final String UNMATCHED = "clean.unmatched";

  private static final String SCORE = "clean.score";
  private static final String BATTERY = "clean.battery_share";
  private static final String[] TO_LOAD = {
    "flow.grid_to_load", "flow.pv_to_load", "flow.chp_to_load", "flow.battery_to_load"
  };
  private static final String[] TO_BATTERY = {
    "flow.pv_to_battery", "flow.grid_to_battery", "flow.chp_to_battery"
  };

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.ENERGY)
          .lengths(DAYS)
          .needs("grid pv hourly")
          .rolls(Rolling.OWN)
          .rule(
              "per hour the least of load and clean energy, what is over not carried; a battery"
                  + " moves clean energy with its losses, and of what it gives is clean what was of"
                  + " a day's charge; then added",
              "24/7 Carbon-Free Energy: Methodologies and Metrics, 2021")
          .add(MATCHED, KWH, "逐小时匹配的清洁电量", "clean energy matched hour by hour")
          .rule("clean energy of hours that needed less")
          .add(UNMATCHED, KWH, "未匹配的清洁电量", "clean energy not matched")
          .rolls(Rolling.ANEW)
          .rule("clean.matched / what flowed to loads")
          .from(MATCHED + " " + String.join(" ", TO_LOAD))
          .add(SCORE, "%", "逐小时匹配率", "hourly matching score")
          .needs("grid pv battery hourly")
          .rule("pv to battery / all that charged it")
          .from(String.join(" ", TO_BATTERY))
          .add(BATTERY, "%", "储能充电清洁占比", "clean share of the battery's charge")
          .list();

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    if (sheet.length().equals("1h")
        || !sheet.has(EnergyBalance.LOAD)
        || !sheet.has(Figure.PV_GENERATION.metric())) {
      return;
    }
    List<Metric> flows =
        sheet.names().stream()
            .filter(name -> name.startsWith("flow."))
            .flatMap(name -> sheet.present(name).stream())
            .toList();
    Combining all = new Combining(flows);
    Metric matched = sheet.sum(MATCHED);
    Metric unmatched = sheet.sum(UNMATCHED);
    String why =
        flows.isEmpty() || matched == null || unmatched == null
            ? "no hour is closed yet"
            : all.why();
    if (why != null || matched == null || unmatched == null) {
      for (String name : List.of(MATCHED, UNMATCHED)) {
        sheet.put(name, Metric.missing(KWH, String.valueOf(why)));
      }
      sheet.put(SCORE, Metric.missing("%", String.valueOf(why)));
    } else {
      sheet.put(MATCHED, of(all.figure(value(matched), KWH), matched));
      sheet.put(UNMATCHED, of(all.figure(value(unmatched), KWH), unmatched));
      long load = sum(sheet.present(TO_LOAD));
      sheet.put(SCORE, of(sheet.ratio(all, 100 * value(matched), load, "%", "no load"), matched));
    }
    battery(sheet);
  }

  /** As good as the flows, and known in part where hours were not told. */
  private static Metric of(Metric figure, Metric hours) {
    return figure.micros() == null || hours.quality() == Quality.MEASURED
        ? figure
        : figure.of(figure.quality().worse(hours.quality()));
  }

  private static void battery(Sheet sheet) {
    if (!sheet.has(Figure.BATTERY_CHARGE.metric())) {
      return;
    }
    List<Metric> charges = sheet.present(TO_BATTERY);
    Combining all = new Combining(charges);
    String why = charges.isEmpty() ? "no hour is closed yet" : all.why();
    sheet.put(
        BATTERY,
        why != null
            ? Metric.missing("%", why)
            : sheet.ratio(
                all,
                100 * value(sheet.known(TO_BATTERY[0], KWH)),
                sum(charges),
                "%",
                "nothing was charged"));
  }

  private static long sum(List<Metric> all) {
    return all.stream().mapToLong(Combining::value).sum();
  }
}
