package io.lingtan.agent.publish.lane;

import io.lingtan.agent.run.MonotonicInstant;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * How long it takes from a commit to the PUBACK of what was sent live of it: what somebody who
 * watches waits for, whatever travels beside it. Publisher's thread.
 */
public final class LiveLatency {

  /** Commits of which something may still be under way; of older ones nothing is counted. */
  private static final int MOST_COMMITS = 64;

  private record Committed(long last, MonotonicInstant at) {}

  private final ArrayDeque<Committed> commits = new ArrayDeque<>();
  private final long[] counts = new long[LatencySnapshot.BOUNDS_MILLIS.size() + 1];
  private String epoch = "";
  private long sumMillis;

  /**
   * Records up to this one have been committed.
   *
   * @param at when; of several commits at once the earliest
   */
  public void committed(String epoch, long last, MonotonicInstant at) {
    if (!epoch.equals(this.epoch)) {
      commits.clear();
      this.epoch = epoch;
    }
    Committed newest = commits.peekLast();
    if (newest != null && newest.last() >= last) {
      return;
    }
    if (commits.size() == MOST_COMMITS) {
      commits.removeFirst();
    }
    commits.addLast(new Committed(last, at));
  }

  /** The broker took a record that was sent live. */
  public void acked(String epoch, long seq, MonotonicInstant now) {
    if (!epoch.equals(this.epoch)) {
      return;
    }
    Committed found = null;
    long before = Long.MAX_VALUE;
    for (Committed each : commits) {
      if (each.last() >= seq) {
        found = before < seq ? each : null;
        break;
      }
      before = each.last();
    }
    if (found == null) {
      return; // too long ago, or of before the connection
    }
    long millis = now.millisSince(found.at());
    int bucket = 0;
    while (bucket < LatencySnapshot.BOUNDS_MILLIS.size()
        && millis > LatencySnapshot.BOUNDS_MILLIS.get(bucket)) {
      bucket++;
    }
    counts[bucket]++;
    sumMillis += millis;
  }

  public LatencySnapshot snapshot() {
    return new LatencySnapshot(Arrays.stream(counts).boxed().toList(), sumMillis);
  }
}
