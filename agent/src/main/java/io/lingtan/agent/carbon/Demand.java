package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Listing.BASE;
import static io.lingtan.agent.carbon.sheet.Listing.BASE_ONLY;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import java.util.List;

/**
 * What the utility looks at beside energy: mean power of 15 minutes, of fixed blocks and of a
 * window that slides by the minute, the greatest of both in a month with its time, and the power
 * factor of a period, from its energies and never from instantaneous values.
 */
final class Demand implements Chapter {

  private static final String BLOCK = "15m";
  private static final String BLOCK_DEMAND = "demand.block";
  private static final String SLIDING_DEMAND = "demand.sliding";
  private static final long BLOCKS_PER_HOUR = 4;
  private static final String MONTH_MAX = "demand.month_max";
  private static final String MONTH_MAX_SLIDING = "demand.month_max_sliding";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.DEMAND)
          .from(EnergyBalance.IMPORT)
          .lengths(BASE)
          .rolls(Rolling.GREATEST)
          .needs("grid quarters")
          .rule("mean power of the quarter of an hour")
          .because(BASE_ONLY + "; a month has demand.month_max")
          .add(BLOCK_DEMAND, "kW", "15 分钟区块需量", "demand, block of 15 minutes")
          .needs("grid")
          .rule("greatest mean of 15 minutes, sliding by one, in each base interval")
          .because(BASE_ONLY + "; a month has demand.month_max_sliding")
          .add(SLIDING_DEMAND, "kW", "滑差需量", "demand, sliding window of 15 minutes")
          .lengths("1M")
          .rolls(Rolling.OWN)
          .from("")
          .needs("grid quarters")
          .rule("the greatest of the month, with its time")
          .add(MONTH_MAX, "kW", "月最大需量（区块）", "greatest demand, block")
          .needs("grid")
          .add(MONTH_MAX_SLIDING, "kW", "月最大需量（滑差）", "greatest demand, sliding")
          .lengths(ALL)
          .rolls(Rolling.ANEW)
          .needs("grid reactive")
          .rule("active / √(active² + reactive²), from energies")
          .from(EnergyBalance.IMPORT + " reactive.import reactive.export")
          .add("pf", "1", "功率因数", "power factor")
          .list();

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    Metric bought = sheet.get(EnergyBalance.IMPORT);
    if (bought != null && sheet.length().equals(BLOCK)) {
      Combining input = new Combining(List.of(bought));
      sheet.put(
          BLOCK_DEMAND,
          input.figure(
              bought.micros() == null ? 0 : Math.multiplyExact(BLOCKS_PER_HOUR, value(bought)),
              "kW"));
    }
    Metric sliding = sheet.sliding();
    if (sliding != null) {
      sheet.put(SLIDING_DEMAND, sliding);
    }
    powerFactor(sheet);
  }

  @Override
  public void rollUp(Sheet sheet) {
    greatest(sheet, BLOCK_DEMAND, MONTH_MAX);
    greatest(sheet, SLIDING_DEMAND, MONTH_MAX_SLIDING);
    powerFactor(sheet);
  }

  private static void greatest(Sheet sheet, String of, String name) {
    Metric greatest = sheet.sum(of);
    if (greatest != null) {
      sheet.put(name, greatest);
    }
  }

  private static void powerFactor(Sheet sheet) {
    List<Metric> reactive =
        sheet.present(Figure.REACTIVE_IMPORT.metric(), Figure.REACTIVE_EXPORT.metric());
    Metric active = sheet.get(EnergyBalance.IMPORT);
    if (active == null || reactive.isEmpty()) {
      return;
    }
    Combining reactives = new Combining(reactive);
    Combining all = new Combining(List.of(active, reactives.sum("kV.A.h")));
    String why = all.why();
    sheet.put("pf", why != null ? Metric.missing("1", why) : factor(sheet, all, active, reactives));
  }

  private static Metric factor(Sheet sheet, Combining all, Metric active, Combining reactives) {
    double kilowattHours = value(active);
    double kilovarHours = value(reactives.sum("kV.A.h"));
    double apparent = Math.hypot(kilowattHours, kilovarHours);
    return apparent == 0
        ? Metric.missing("1", "no energy was bought")
        : all.compared(Math.round(1e6 * kilowattHours / apparent), "1", sheet.length());
  }
}
