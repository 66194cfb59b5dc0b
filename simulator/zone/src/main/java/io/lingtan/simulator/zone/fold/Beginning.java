package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Arrived;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where what the zone hears of a gateway begins. A member may be older than the zone: its numbers
 * up to what the earliest {@code store} calls delivered, and below the lowest that came, were
 * before the zone listened.
 */
final class Beginning {

  /** Of what a bridge had under way when the first {@code store} came, nothing comes later. */
  private static final long LONGEST_MILLIS = 60_000;

  /** What the earliest {@code store} calls delivered, by epoch, until it is decided. */
  private final SortedMap<String, Long> firstAcked = new TreeMap<>();

  /** When that was written, and when the first one came. */
  private long firstTs = Long.MAX_VALUE;

  private long firstArrived = Long.MAX_VALUE;
  private boolean isDecided;

  /** Takes in a {@code store} that was written at {@code ts}, 0 if that is not known. */
  void tell(Arrived.Store store, long ts, long arrivedMillis) {
    if (isDecided) {
      return;
    }
    firstArrived = Math.min(firstArrived, arrivedMillis);
    long written = ts == 0 ? Long.MAX_VALUE - 1 : ts;
    if (written > firstTs) {
      return;
    }
    if (written < firstTs) {
      firstAcked.clear();
      firstTs = written;
    }
    firstAcked.merge(store.epoch(), store.acked(), Math::min);
    List<Arrived.Previous> previous = store.previous();
    if (previous != null) {
      previous.forEach(earlier -> firstAcked.merge(earlier.epoch(), earlier.acked(), Math::min));
    }
  }

  /** Decides it once it is time. */
  void decide(long nowMillis, SortedMap<String, EpochFold> epochs) {
    if (isDecided || firstArrived > nowMillis - LONGEST_MILLIS) {
      return;
    }
    firstAcked.forEach(
        (id, acked) -> {
          EpochFold epoch = epochs.get(id);
          if (epoch != null && acked > 0) {
            epoch.beginAfter(acked);
          }
        });
    firstAcked.clear();
    isDecided = true;
  }

  /** The earliest number of an epoch that is judged, or will be by what is known now. */
  long of(String id, EpochFold epoch) {
    if (isDecided) {
      return 1;
    }
    if (firstArrived == Long.MAX_VALUE) {
      return Math.max(1, epoch.lowest());
    }
    long acked = firstAcked.getOrDefault(id, 0L);
    return epoch.lowest() == 0 ? acked + 1 : Math.min(acked + 1, epoch.lowest());
  }

  void save(StateBytes.Writer to) {
    to.number(isDecided ? 1 : 0).number(firstTs).number(firstArrived).number(firstAcked.size());
    firstAcked.forEach((id, acked) -> to.text(id).number(acked));
  }

  static Beginning from(StateBytes.Reader in) {
    Beginning beginning = new Beginning();
    beginning.isDecided = in.number() == 1;
    beginning.firstTs = in.number();
    beginning.firstArrived = in.number();
    for (int left = in.count(); left > 0; left--) {
      beginning.firstAcked.put(in.text(), in.number());
    }
    return beginning;
  }
}
