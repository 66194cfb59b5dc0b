package io.lingtan.agent.publish.lane;

import java.util.Collections;
import java.util.List;

/**
 * How many live records took how long from their commit to their PUBACK, since start.
 *
 * @param counts one for each of {@link #BOUNDS_MILLIS}: those that took no longer than it, and
 *     longer than the one before; the last is of those that took longer than all
 */
public record LatencySnapshot(List<Long> counts, long sumMillis) {

  /** Upper bounds, ms. */
  public static final List<Long> BOUNDS_MILLIS =
      List.of(10L, 25L, 50L, 100L, 250L, 500L, 1_000L, 2_500L, 5_000L, 10_000L);

  /** Nothing was sent yet. */
  public static final LatencySnapshot NONE =
      new LatencySnapshot(Collections.nCopies(BOUNDS_MILLIS.size() + 1, 0L), 0);

  public LatencySnapshot {
    counts = List.copyOf(counts);
  }

  public long count() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
