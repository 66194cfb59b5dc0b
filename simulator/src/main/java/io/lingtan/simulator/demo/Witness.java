package io.lingtan.simulator.demo;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the meters served, and tells whether a delivered reading is one of theirs.
 *
 * <p>A value is true if the same meter showed it within {@value #NEAR_MILLIS} ms of the reading's
 * time stamp: less than a line's timeout, so that a late reply that was taken for the answer to a
 * later request does not pass. Remembers {@value #KEPT_MILLIS} ms; older readings cannot be judged.
 * One thread.
 */
final class Witness {

  static final long NEAR_MILLIS = 800;
  static final long KEPT_MILLIS = 3_600_000;

  private final Map<String, NavigableMap<Long, Map<Point, Served.Shown>>> log = new HashMap<>();
  private long values;
  private long newestMillis = Long.MIN_VALUE;

  /** What became of a reading. */
  enum Finding {
    /** Served, as delivered. */
    TRUE,
    /** Nothing of the kind was served at that time. */
    WRONG,
    /** Too long ago. */
    FORGOTTEN
  }

  void take(Served served) {
    values += served.values().size();
    newestMillis = Math.max(newestMillis, served.wallMillis());
    NavigableMap<Long, Map<Point, Served.Shown>> replies =
        log.computeIfAbsent(served.device(), device -> new TreeMap<>());
    replies.computeIfAbsent(served.wallMillis(), millis -> new HashMap<>()).putAll(served.values());
    replies.headMap(newestMillis - KEPT_MILLIS).clear();
  }

  /** Values served so far. */
  long values() {
    return values;
  }

  Finding judge(String device, Point point, BigDecimal value, long tsMillis) {
    if (tsMillis - NEAR_MILLIS < newestMillis - KEPT_MILLIS) {
      return Finding.FORGOTTEN;
    }
    return servedMillis(device, point, value, tsMillis) == null ? Finding.WRONG : Finding.TRUE;
  }

  /**
   * When the value was served.
   *
   * @return the instant nearest to {@code tsMillis}, UTC ms of wall time; null if it was not
   */
  @Nullable Long servedMillis(String device, Point point, BigDecimal value, long tsMillis) {
    NavigableMap<Long, Map<Point, Served.Shown>> replies = log.get(device);
    if (replies == null) {
      return null;
    }
    long micros = Micros.of(value);
    Long nearest = null;
    for (Map.Entry<Long, Map<Point, Served.Shown>> reply :
        replies.subMap(tsMillis - NEAR_MILLIS, true, tsMillis + NEAR_MILLIS, true).entrySet()) {
      Served.Shown shown = reply.getValue().get(point);
      if (shown != null
          && shown.means(micros)
          && (nearest == null
              || Math.abs(reply.getKey() - tsMillis) < Math.abs(nearest - tsMillis))) {
        nearest = reply.getKey();
      }
    }
    return nearest;
  }
}
