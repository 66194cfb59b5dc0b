package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The named metrics of one interval and the factors that they name, in the order of the record.
 *
 * @param carried what a base interval hands on; null where nothing is stored, and of a longer
 *     interval
 * @param failures what could not be worked out because the rules themselves failed: the chapter and
 *     why; its figures are missing
 * @param asked carrier and basis of each factor that was looked up, found or not, such as {@code
 *     electricity location}
 */
public record Figures(
    SequencedMap<String, Metric> metrics,
    SequencedMap<String, FactorUsed> factors,
    @Nullable Carried carried,
    SequencedMap<String, String> failures,
    Set<String> asked) {

  public Figures {
    metrics = new LinkedHashMap<>(metrics);
    factors = new LinkedHashMap<>(factors);
    failures = new LinkedHashMap<>(failures);
    asked = Set.copyOf(asked);
  }
}
