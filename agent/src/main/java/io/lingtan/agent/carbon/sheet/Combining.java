package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.reading.Times;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far a figure can be trusted that is worked out from others: as far as the worst of them. */
public final class Combining {

  /** Why figures are not compared that {@link #isOfTheSameTime} tells apart. */
  public static final String OTHER_TIME =
      "what it compares is known of different parts of the time";

  /** Meters are not read in the same moment: a reset costs each some other seconds. */
  private static final long SAME_MILLIS = 120_000;

  /**
   * The same where months are compared: a thousandth of them, 40 minutes, and of a year 8 hours.
   */
  private static final Map<String, Long> SAME_LONGER =
      Map.of("1M", 40 * 60_000L, "1Y", 8 * 3_600_000L);

  private final List<Metric> inputs;

  public Combining(List<Metric> inputs) {
    this.inputs = inputs;
  }

  /** Why the figure is missing, null if no input is. */
  public @Nullable String why() {
    for (Metric input : inputs) {
      if (input.micros() == null) {
        return input.why();
      }
    }
    return null;
  }

  /** A figure worked out from all inputs; missing if one of them is. */
  public Metric figure(long micros, String ucum) {
    String why = why();
    return why != null
        ? Metric.missing(ucum, why)
        : new Metric(micros, ucum, quality(), coverage(), estimated())
            .restingOn(standing())
            .lacking(lacking());
  }

  /**
   * A difference or a quotient of the inputs: missing also where they account for different parts
   * of the time, because half a month's carbon on a whole month's hydrogen would look clean.
   *
   * @param length of the interval
   */
  public Metric compared(long micros, String ucum, String length) {
    return why() == null && !isOfTheSameTime(length)
        ? Metric.missing(ucum, OTHER_TIME)
        : figure(micros, ucum);
  }

  /**
   * Whether all inputs account for the same parts of an interval of this length, whatever samples
   * cover it. What is partial and cannot say of which times is comparable with nothing.
   */
  public boolean isOfTheSameTime(String length) {
    boolean unplaced =
        inputs.stream()
            .anyMatch(input -> input.quality() == Quality.PARTIAL && input.lacking().isNone());
    long most = SAME_LONGER.getOrDefault(length, SAME_MILLIS);
    Times first = inputs.isEmpty() ? Times.NONE : inputs.getFirst().lacking();
    // Each against the first, and the first against each: no two differ by more than twice that.
    return !unplaced
        && inputs.stream().allMatch(input -> input.lacking().differsFrom(first) <= most);
  }

  /** Whether a figure that is not missing may be compared with one of a whole interval. */
  public static boolean isWhole(Metric metric, String length) {
    return new Combining(List.of(metric.lacking(Times.NONE).of(Quality.MEASURED), metric))
        .isOfTheSameTime(length);
  }

  private Times lacking() {
    return inputs.stream().map(Metric::lacking).reduce(Times.NONE, Times::and);
  }

  private Standing standing() {
    return inputs.stream().map(Metric::standing).reduce(Standing.OFFICIAL, Standing::worse);
  }

  private Quality quality() {
    return inputs.stream().map(Metric::quality).reduce(Quality.MEASURED, Quality::worse);
  }

  private int coverage() {
    return inputs.stream().mapToInt(Metric::coverage).min().orElse(0);
  }

  /** Share of Σ|energy| that is estimated, rounded up. */
  private int estimated() {
    long whole = 0;
    long part = 0;
    for (Metric input : inputs) {
      long size = Math.abs(value(input));
      whole += size;
      part += size * input.estimated();
    }
    return whole == 0 ? 0 : (int) Math.ceilDiv(part, whole);
  }

  /** The value of a figure that is not missing. */
  public static long value(Metric metric) {
    Long micros = metric.micros();
    if (micros == null) {
      throw new IllegalStateException("a missing figure has no value: " + metric.why());
    }
    return micros;
  }

  /** The sum of the inputs; missing if one of them is. */
  public Metric sum(String ucum) {
    return why() == null
        ? figure(inputs.stream().mapToLong(Combining::value).sum(), ucum)
        : figure(0, ucum);
  }

  /** The figure, marked as contradicted by a check. */
  public static Metric suspect(Metric metric) {
    return metric.micros() == null ? metric : metric.of(metric.quality().worse(Quality.SUSPECT));
  }
}
