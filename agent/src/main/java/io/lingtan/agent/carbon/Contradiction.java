package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Counts that cannot all be true: more was exported than there was, loads took more than there was,
 * a battery gave more than it took, an inverter gave more than went in. What rests on them is
 * suspect, and nothing is cut off to make them fit.
 *
 * <p>Between honest meters sums differ by 1 % of what each of them counted, by the time that lies
 * between their readings, and by one step of each register; between registers that one device
 * counts and gives in one poll, by their steps alone.
 */
final class Contradiction {

  private static final long PERCENT = 100;
  private static final long MINUTE_MILLIS = 60_000;
  private static final long HOUR_MILLIS = 60 * MINUTE_MILLIS;
  private static final long DAY_MILLIS = 24 * HOUR_MILLIS;

  private Contradiction() {}

  /** Of what was exported, what nothing at the site can have given; all in millionths. */
  static long unexplainedExport(long pv, long discharge, long chp, long export) {
    return Math.max(0, export - pv - discharge - chp);
  }

  /** Whether more was exported than everything at the site can have given. */
  static boolean isWithoutSource(long unexplained, long tolerance) {
    return unexplained > tolerance;
  }

  /**
   * Whether there was less than the metered loads took, or less than nothing.
   *
   * @param load what came in and did not go out again
   * @param metered what metered loads took of it, ≥ 0
   */
  static boolean isShort(long load, long metered, long tolerance) {
    return load - metered < -tolerance;
  }

  /** Whether an inverter gave more than went in. */
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
   * @param energy that all of them counted, ≥ 0
   * @param figures whose registers' steps count
   * @param recordMillis time between two readings of a meter
   */
  static long tolerance(Sheet sheet, long energy, Collection<Figure> figures, long recordMillis) {
    long length = lengthMillis(sheet.length());
    long steps =
        sheet.counts().stream()
            .filter(count -> figures.contains(count.figure()))
            .mapToLong(Count::step)
            .sum();
    return energy / PERCENT
        + Rounding.share(energy, Math.min(recordMillis, length), length)
        + steps;
  }

  /** Of an interval, at least. */
  private static long lengthMillis(String length) {
    return switch (length) {
      case "1h" -> HOUR_MILLIS;
      case "1d" -> 23 * HOUR_MILLIS;
      case "1M" -> 28 * DAY_MILLIS - HOUR_MILLIS;
      case "1Y" -> 365 * DAY_MILLIS;
      default -> MINUTE_MILLIS * Long.parseLong(length.substring(0, length.length() - 1));
    };
  }

  /**
   * How far the counts of hybrid inverters may be apart, in millionths of a kWh: one step of each
   * register that moved, where each inverter counts both its sides itself and gives them in one
   * poll.
   *
   * @return -1 where other devices count a side, power is integrated, or nothing is counted
   */
  static long steps(List<Count> behind) {
    Set<String> inverters =
        behind.stream()
            .filter(count -> count.figure() == Figure.HYBRID_OUTPUT)
            .map(count -> count.meter().device())
            .collect(Collectors.toSet());
    boolean own =
        !inverters.isEmpty()
            && behind.stream()
                .allMatch(
                    count ->
                        count.step() > 0
                            && count.amount().quality() == Quality.MEASURED
                            && inverters.contains(count.meter().device()));
    return own ? behind.stream().filter(Contradiction::isMoved).mapToLong(Count::step).sum() : -1;
  }

  private static boolean isMoved(Count count) {
    Long micros = count.amount().micros();
    return micros != null && micros > 0;
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
