package io.lingtan.agent.acquire.line;

import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is last known of the points that are asked for together: each value with the instant at
 * which it was read, and why the latest poll has none. A value that was not read again stays, so
 * that a person can see it, but never without the reason or with a newer instant.
 */
public final class LastRead {

  private static final int STALE_PERIODS = 3;
  private static final long LEAST_FRESH_NANOS = 10_000_000_000L;

  private final long freshNanos;
  private List<ReadSnapshot> reads = List.of();
  private Map<Point, Reason> bad = Map.of();
  private @Nullable Reason failure;
  private String detail = "";

  /**
   * @param everyNanos poll period
   */
  public LastRead(long everyNanos) {
    this.freshNanos = Math.max(STALE_PERIODS * everyNanos, LEAST_FRESH_NANOS);
  }

  /** A poll of all of the points was answered: one that it does not name is no more. */
  public void answered(long atNanos, Values values, Map<Point, Reason> absent) {
    put(atNanos, atNanos + freshNanos, values, absent::containsKey);
    bad = Map.copyOf(absent);
  }

  /**
   * A message told of some of the points: the others are as they were.
   *
   * @param holdsUntilNanos how long its sender vouches for it
   */
  public void told(long atNanos, long holdsUntilNanos, Values values, Map<Point, Reason> absent) {
    put(
        atNanos,
        Math.max(atNanos + freshNanos, holdsUntilNanos),
        values,
        point -> !values.has(point));
    Map<Point, Reason> all = new HashMap<>(bad);
    all.keySet().removeIf(values::has);
    all.putAll(absent);
    bad = Map.copyOf(all);
  }

  private void put(long atNanos, long freshUntilNanos, Values values, Predicate<Point> older) {
    List<ReadSnapshot> all = new ArrayList<>(1);
    if (!values.isEmpty()) {
      all.add(new ReadSnapshot(atNanos, freshUntilNanos, values));
    }
    for (ReadSnapshot read : reads) {
      Values rest = read.values().of(older);
      if (!rest.isEmpty()) {
        all.add(new ReadSnapshot(read.atNanos(), read.freshUntilNanos(), rest));
      }
    }
    reads = List.copyOf(all);
    failure = null;
    detail = "";
  }

  /** A poll failed wholly. */
  public void failed(Reason reason, String what, Map<Point, Reason> absent) {
    failure = reason;
    detail = what;
    Map<Point, Reason> all = new HashMap<>(bad);
    for (ReadSnapshot read : reads) {
      Values values = read.values();
      for (int i = 0; i < values.size(); i++) {
        all.put(values.point(i), reason);
      }
      if (values.state() != null) {
        all.put(LineSnapshot.STATE, reason);
      }
    }
    all.putAll(absent);
    bad = Map.copyOf(all);
  }

  /** Another meter is in the place: what the one before it said is not its own. */
  public void forget() {
    reads = List.of();
    bad = Map.of();
  }

  public List<ReadSnapshot> reads() {
    return reads;
  }

  /** All of them, whatever their age. */
  public Values values() {
    Values.Builder all = new Values.Builder();
    reads.forEach(read -> all.putAll(read.values()));
    return all.build();
  }

  public Map<Point, Reason> bad() {
    return bad;
  }

  /** Why the latest poll failed wholly; null if it did not. */
  public @Nullable Reason failure() {
    return failure;
  }

  public String detail() {
    return detail;
  }
}
