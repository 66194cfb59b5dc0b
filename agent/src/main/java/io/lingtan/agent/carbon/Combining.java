package io.lingtan.agent.carbon;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a figure can be trusted that is worked out from others: as far as the worst of them. */
final class Combining {

  /** Why figures are not compared that {@link #isOfTheSameTime} tells apart. */
  static final String OTHER_TIME = "what it compares is known of different parts of the time";

  /** Single readings that are missing do not make it another part of the time. */
  private static final int SAME_PERCENT = 2;

  private final List<Metric> inputs;

  Combining(List<Metric> inputs) {
    this.inputs = inputs;
  }

  /** Why the figure is missing, null if no input is. */
  @Nullable String why() {
    for (Metric input : inputs) {
      if (input.micros() == null) {
        return input.why();
      }
    }
    return null;
  }

  /** A figure worked out from all inputs; missing if one of them is. */
  Metric figure(long micros, String ucum) {
    String why = why();
    return why != null
        ? Metric.missing(ucum, why)
        : new Metric(
            micros, ucum, quality(), coverage(), estimated(), null, null, null, null, standing());
  }

  /** Whether all inputs are known of the same parts of the time, as far as their coverage tells. */
  boolean isOfTheSameTime() {
    boolean partial = inputs.stream().anyMatch(input -> input.quality() == Quality.PARTIAL);
    int most = inputs.stream().mapToInt(Metric::coverage).max().orElse(0);
    return !partial || most - coverage() <= SAME_PERCENT;
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
  static long value(Metric metric) {
    Long micros = metric.micros();
    if (micros == null) {
      throw new IllegalStateException("a missing figure has no value: " + metric.why());
    }
    return micros;
  }

  /** The sum of the inputs; missing if one of them is. */
  Metric sum(String ucum) {
    return why() == null
        ? figure(inputs.stream().mapToLong(Combining::value).sum(), ucum)
        : figure(0, ucum);
  }

  /** The figure, marked as contradicted by a check. */
  static Metric suspect(Metric metric) {
    return metric.micros() == null ? metric : metric.of(metric.quality().worse(Quality.SUSPECT));
  }
}
