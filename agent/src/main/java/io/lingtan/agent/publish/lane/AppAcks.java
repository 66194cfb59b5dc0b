package io.lingtan.agent.publish.lane;

import io.lingtan.agent.journal.number.Ranges;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * With {@code mqtt.require_app_ack} a record is acknowledged when the broker has taken it
 * <em>and</em> the application has named it in {@code cmd/ack}, in either order. Both sets are kept
 * as ranges, at most 1,024 per epoch; what is forgotten beyond that is sent again.
 */
public final class AppAcks {

  private static final int MOST_RANGES = 1024;

  /** The receiver of acknowledgements. */
  public interface Acknowledged {
    void accept(String epoch, long seq);
  }

  private final Acknowledged to;

  /** In the order in which their epochs are delivered. */
  private final Map<String, Ranges> taken = new LinkedHashMap<>();

  private final Map<String, Ranges> covered = new LinkedHashMap<>();

  public AppAcks(Acknowledged to) {
    this.to = to;
  }

  /** The broker has it. */
  void taken(String epoch, long seq) {
    Ranges asked = covered.get(epoch);
    if (asked != null && asked.contains(seq)) {
      to.accept(epoch, seq);
    } else {
      taken.computeIfAbsent(epoch, e -> new Ranges(MOST_RANGES)).add(seq, seq);
    }
  }

  boolean isTaken(String epoch, long seq) {
    Ranges ranges = taken.get(epoch);
    return ranges != null && ranges.contains(seq);
  }

  /** The application has from..to of the epoch. Returns how many became acknowledged by it. */
  public int covered(String epoch, long from, long upto) {
    covered.computeIfAbsent(epoch, e -> new Ranges(MOST_RANGES)).add(from, upto);
    Ranges ranges = taken.get(epoch);
    if (ranges == null) {
      return 0;
    }
    int[] count = {0};
    ranges.forEachIn(
        from,
        upto,
        seq -> {
          to.accept(epoch, seq);
          count[0]++;
        });
    ranges.remove(from, upto);
    return count[0];
  }

  /** A record that the broker has and the application has not named. */
  record Waiting(String epoch, long seq) {}

  /** The first of them, null if there is none. */
  @Nullable Waiting first() {
    for (Map.Entry<String, Ranges> each : taken.entrySet()) {
      long seq = each.getValue().firstPresent(1);
      if (seq != Long.MAX_VALUE) {
        return new Waiting(each.getKey(), seq);
      }
    }
    return null;
  }

  /** What the broker took may have been lost with it: all of it is sent again. */
  void forgetTaken() {
    taken.clear();
  }

  /** Epochs that no longer exist need no memory. */
  void keepOnly(java.util.Collection<String> epochs) {
    taken.keySet().retainAll(epochs);
    covered.keySet().retainAll(epochs);
  }
}
