package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hybrid inverters of a site in one interval, taken together: panels and battery behind them on
 * the DC side, and what passed between there and the busbar. In millionths of a kWh.
 *
 * <p>Panels charge the battery first, without passing an inverter; the rest of what was charged
 * came from the busbar. What the inverters gave is the panels' and the battery's in the ratio of
 * what was left of both, and each bears its own share of what got lost.
 *
 * @param pv made by panels, ≥ 0
 * @param charge into the battery, ≥ 0
 * @param discharge out of the battery, ≥ 0
 * @param output to the busbar, ≥ 0
 * @param input from the busbar, ≥ 0
 */
record Hybrid(long pv, long charge, long discharge, long output, long input) {

  static final String OUTPUT = Figure.HYBRID_OUTPUT.metric();
  static final String INPUT = Figure.HYBRID_INPUT.metric();
  static final String PV = "elec.hybrid.pv";
  static final String CHARGE = "elec.hybrid.charge";
  static final String DISCHARGE = "elec.hybrid.discharge";
  static final String LOSS = "elec.hybrid.loss";
  static final String EFFICIENCY = "elec.hybrid.efficiency";

  /** What is lost on the way; below 0 only where counts contradict each other. */
  long loss() {
    return pv + discharge + input - charge - output;
  }

  /** On the DC side. */
  long pvToBattery() {
    return Math.min(pv, charge);
  }

  /** Of the output, what panels made. */
  long pvOutput() {
    long left = pv - pvToBattery();
    return left + discharge == 0 ? 0 : Rounding.share(output, left, left + discharge);
  }

  /** Of the output, what the battery gave. */
  long batteryOutput() {
    return output - pvOutput();
  }

  /** The panels' share of what is lost. */
  long pvLoss() {
    return pv - pvToBattery() - pvOutput();
  }

  /** The battery's share of what is lost between it and the busbar. */
  long batteryLoss() {
    return discharge - batteryOutput();
  }

  /** The least that came from the busbar, where nothing counts it: as if nothing had got lost. */
  static long leastInput(long pv, long charge, long discharge, long output) {
    return Math.max(0, charge + output - pv - discharge);
  }

  /** What is on the sheet; null if the site has no hybrid inverter, or not all of it is known. */
  static @Nullable Hybrid of(Sheet sheet) {
    List<Metric> known = sheet.present(PV, CHARGE, DISCHARGE, OUTPUT, INPUT);
    return !sheet.has(OUTPUT) || new Combining(known).why() != null
        ? null
        : new Hybrid(
            sheet.value(PV),
            sheet.value(CHARGE),
            sheet.value(DISCHARGE),
            sheet.value(OUTPUT),
            sheet.value(INPUT));
  }
}
