package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.correction.Corrections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the meters say of an interval.
 *
 * @param length its name, such as {@code 15m}
 * @param startMillis UTC ms
 * @param counts between its two ends
 * @param levels at its two ends
 * @param sliding greatest sliding demand in a base interval; null without a gate, and of a longer
 *     one
 * @param feeds what people told; only of a longer interval
 */
public record Counted(
    String length,
    long startMillis,
    List<Count> counts,
    List<Level> levels,
    @Nullable Metric sliding,
    Feeds feeds) {
  public Counted {
    counts = List.copyOf(counts);
    levels = List.copyOf(levels);
  }

  /** Of meters alone. */
  public Counted(String length, long startMillis, List<Count> counts, List<Level> levels) {
    this(length, startMillis, counts, levels, null, Feeds.NONE);
  }

  /** The same of a base interval, with what counts by these in place of what meters counted. */
  public Counted correctedBy(Corrections corrections, long endMillis) {
    return corrections.isEmpty()
        ? this
        : with(
            counts.stream()
                .map(
                    count ->
                        count.of(
                            corrections.of(
                                count.meter().id(),
                                count.figure().metric(),
                                startMillis,
                                endMillis,
                                count.amount())))
                .toList());
  }

  /** The same with other counts. */
  public Counted with(List<Count> others) {
    return new Counted(length, startMillis, others, levels, sliding, feeds);
  }
}
