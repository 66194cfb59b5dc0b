package io.lingtan.agent.publish.lane;

import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A set of seqs as merged inclusive ranges, at most {@code most}; beyond that the one with the
 * fewest seqs is forgotten, because every seq forgotten is a record that may be sent again.
 */
public final class SeqRanges {

  private final int most;
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  public SeqRanges(int most) {
    this.most = most;
  }

  public void add(long seq) {
    add(seq, seq);
  }

  public void add(long from, long to) {
    var before = ends.floorEntry(from);
    if (before != null && before.getValue() >= from - 1) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    // Everything that begins inside or right behind the new range becomes part of it.
    for (var next = ends.higherEntry(from); next != null && next.getKey() - 1 <= to; ) {
      to = Math.max(to, next.getValue());
      ends.remove(next.getKey());
      next = ends.higherEntry(from);
    }
    ends.put(from, to);
    if (ends.size() > most) {
      forgetSmallest();
    }
  }

  /** The lowest of them when there are several. */
  private void forgetSmallest() {
    ends.entrySet().stream()
        .min(Comparator.comparingLong(range -> range.getValue() - range.getKey()))
        .map(Map.Entry::getKey)
        .ifPresent(ends::remove);
  }

  public boolean contains(long seq) {
    var range = ends.floorEntry(seq);
    return range != null && range.getValue() >= seq;
  }

  public void removeAll(long from, long to) {
    var before = ends.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      ends.remove(before.getKey());
      if (before.getKey() < from) {
        ends.put(before.getKey(), from - 1);
      }
      if (before.getValue() > to) {
        ends.put(to + 1, before.getValue());
      }
    }
    for (var next = ends.higherEntry(from); next != null && next.getKey() <= to; ) {
      ends.remove(next.getKey());
      if (next.getValue() > to) {
        ends.put(to + 1, next.getValue());
      }
      next = ends.higherEntry(from);
    }
  }

  /** Calls {@code action} for each seq of from..to that is in it, ascending. */
  void forEachIn(long from, long to, java.util.function.LongConsumer action) {
    var before = ends.floorEntry(from);
    var first = before != null && before.getValue() >= from ? before : ends.higherEntry(from);
    for (var range = first; range != null && range.getKey() <= to; ) {
      long end = Math.min(to, range.getValue());
      for (long seq = Math.max(from, range.getKey()); seq <= end; seq++) {
        action.accept(seq);
      }
      range = ends.higherEntry(range.getKey());
    }
  }

  public boolean isEmpty() {
    return ends.isEmpty();
  }

  /** Ends of the ranges by their beginnings, ascending. */
  public SortedMap<Long, Long> ranges() {
    return Collections.unmodifiableSortedMap(ends);
  }

  /** The lowest seq from {@code from} on that is not in it. */
  public long firstMissing(long from) {
    var range = ends.floorEntry(from);
    return range != null && range.getValue() >= from ? range.getValue() + 1 : from;
  }

  /** The lowest seq from {@code from} on that is in it; {@link Long#MAX_VALUE} if none is. */
  public long firstPresent(long from) {
    if (contains(from)) {
      return from;
    }
    Long next = ends.higherKey(from);
    return next == null ? Long.MAX_VALUE : next;
  }

  /** How many there are. */
  public long count() {
    return ends.entrySet().stream().mapToLong(range -> range.getValue() - range.getKey() + 1).sum();
  }
}
