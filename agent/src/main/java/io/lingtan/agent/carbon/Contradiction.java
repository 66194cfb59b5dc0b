package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import java.util.Collection;
import java.util.List;

/**
 * Counts that cannot all be true: more was exported than there was, loads took more than there was,
 * a battery gave more than it took, an inverter gave more than went in. What rests on them is
 * suspect, and nothing is cut off to make them fit.
 *
 * <p>Between honest meters sums differ by 1 % of the energy, by the time that lies between their
 * readings, and by one step of each register.
 */
final class Contradiction {

  private static final long PERCENT = 100;
  private static final long HOUR_MILLIS = 3_600_000L;

  private Contradiction() {}

  /** Of what was exported, what nothing at the site can have given; all in millionths. */
  static long unexplainedExport(long pv, long discharge, long chp, long export) {
    return Math.max(0, export - pv - discharge - chp);
  }

  /** Whether a hybrid inverter gave more than one step of each register that moved can explain. */
  static boolean isGain(Hybrid hybrid, long step) {
    return isGain(hybrid.loss(), step * hybrid.moved());
  }

  static boolean isGain(long loss, long tolerance) {
    return loss < -tolerance;
  }

  /** Whether a battery gave, and kept, more than it took. */
  static boolean isRoundTrip(long charge, long discharge, long gained, long tolerance) {
    return charge > 0 && discharge + gained > charge + tolerance;
  }

  /**
   * How far honest counts of an interval may be apart, in millionths of a kWh.
   *
   * @param energy that passed, ≥ 0
   * @param figures whose registers' steps count
   * @param recordMillis time between two readings of a meter
   */
  static long tolerance(Sheet sheet, long energy, Collection<Figure> figures, long recordMillis) {
    long length =
        sheet.length().endsWith("m")
            ? 60_000 * Long.parseLong(sheet.length().substring(0, sheet.length().length() - 1))
            : HOUR_MILLIS;
    long steps =
        sheet.counts().stream()
            .filter(count -> figures.contains(count.figure()))
            .mapToLong(Count::step)
            .sum();
    return energy / PERCENT
        + Rounding.share(energy, Math.min(recordMillis, length), length)
        + steps;
  }

  /** Whether all are good enough to be held against each other. */
  static boolean isJudged(List<Metric> inputs) {
    return inputs.stream()
        .allMatch(
            input ->
                input.micros() != null
                    && input.quality().compareTo(Quality.DERIVED) <= 0
                    && input.isWhole());
  }
}
