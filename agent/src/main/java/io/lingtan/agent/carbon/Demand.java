package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;

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
    greatest(sheet, BLOCK_DEMAND, "demand.month_max");
    greatest(sheet, SLIDING_DEMAND, "demand.month_max_sliding");
    powerFactor(sheet);
  }

  private static void greatest(Sheet sheet, String of, String name) {
    Metric greatest = sheet.sum(of);
    if (greatest != null) {
      sheet.put(name, greatest);
    }
  }

  /** Whether the greatest base interval's value is kept of an interval of this length. */
  static boolean isGreatest(String length, String metric) {
    return length.equals("1M") && (metric.equals(BLOCK_DEMAND) || metric.equals(SLIDING_DEMAND));
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
    sheet.put("pf", why != null ? Metric.missing("1", why) : factor(all, active, reactives));
  }

  private static Metric factor(Combining all, Metric active, Combining reactives) {
    double kilowattHours = value(active);
    double kilovarHours = value(reactives.sum("kV.A.h"));
    double apparent = Math.hypot(kilowattHours, kilovarHours);
    return apparent == 0
        ? Metric.missing("1", "no energy was bought")
        : all.figure(Math.round(1e6 * kilowattHours / apparent), "1");
  }
}
