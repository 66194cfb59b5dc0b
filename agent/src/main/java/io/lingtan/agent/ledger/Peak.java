package io.lingtan.agent.ledger;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The greatest of a metric over base intervals, and the first that had it. Those that can still be
 * revised are kept one by one, of the others only the greatest.
 */
final class Peak {

  private @Nullable Top settled;
  private final TreeMap<Long, Long> open = new TreeMap<>();

  /** A value in millionths, and the start of the base interval that had it. */
  record Top(long at, long value) {}

  /** A base interval's value, in place of an earlier one. */
  void put(long start, long value) {
    open.put(start, value);
  }

  /** The base interval's value is not known. */
  void remove(long start) {
    open.remove(start);
  }

  /** What lies before {@code horizon} does not change any more. */
  void settle(long horizon) {
    Map<Long, Long> old = open.headMap(horizon);
    old.forEach((start, value) -> settled = greater(settled, start, value));
    old.clear();
  }

  /** The greatest; null if no value is known. */
  @Nullable Top top() {
    Top top = settled;
    for (Map.Entry<Long, Long> each : open.entrySet()) {
      top = greater(top, each.getKey(), each.getValue());
    }
    return top;
  }

  private static Top greater(@Nullable Top top, long start, long value) {
    return top == null || value > top.value ? new Top(start, value) : top;
  }

  void write(CheckpointWriter to) {
    Top top = settled;
    to.flag(top != null);
    if (top != null) {
      to.number(top.at).number(top.value);
    }
    to.number(open.size());
    open.forEach((start, value) -> to.number(start).number(value));
  }

  static Peak read(CheckpointReader from) {
    Peak peak = new Peak();
    if (from.flag()) {
      peak.settled = new Top(from.number(), from.number());
    }
    for (int left = from.count(); left > 0; left--) {
      peak.open.put(from.number(), from.number());
    }
    return peak;
  }
}
