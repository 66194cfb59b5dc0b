package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import java.util.List;

/**
 * What the utility looks at beside energy: mean power of 15-minute blocks, and the power factor of
 * a period, from its energies and never from instantaneous values.
 */
final class Demand implements Chapter {

  private static final String BLOCK = "15m";
  private static final long BLOCKS_PER_HOUR = 4;

  @Override
  public void base(Sheet sheet) {
    Metric bought = sheet.get(EnergyBalance.IMPORT);
    if (bought != null && sheet.length().equals(BLOCK)) {
      Combining input = new Combining(List.of(bought));
      sheet.put(
          "demand.block",
          input.figure(
              bought.micros() == null ? 0 : Math.multiplyExact(BLOCKS_PER_HOUR, value(bought)),
              "kW"));
    }
    powerFactor(sheet);
  }

  @Override
  public void rollUp(Sheet sheet) {
    powerFactor(sheet);
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
