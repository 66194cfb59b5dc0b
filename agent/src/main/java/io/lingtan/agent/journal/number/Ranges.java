package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * A set of numbers, kept as inclusive ranges that neither touch nor overlap, at most {@code most};
 * beyond that the one with the fewest numbers is forgotten. Not thread-safe.
 */
public final class Ranges {
  private final int most;
  private final TreeMap<Long, Long> toByFrom = new TreeMap<>();

  Ranges() {
    this(Integer.MAX_VALUE);
  }

  public Ranges(int most) {
    this.most = most;
  }

  public void add(long from, long to) {
    long first = from;
    long last = to;
    Map.Entry<Long, Long> before = toByFrom.floorEntry(from);
    if (before != null && before.getValue() >= from - 1) {
      first = before.getKey();
      last = Math.max(last, before.getValue());
    }
    Map.Entry<Long, Long> next;
    while ((next = toByFrom.higherEntry(first)) != null && next.getKey() <= last + 1) {
      last = Math.max(last, next.getValue());
      toByFrom.remove(next.getKey());
    }
    toByFrom.put(first, last);
    if (toByFrom.size() > most) {
      forgetSmallest();
    }
  }

  public boolean contains(long number) {
    return endOf(number) >= number;
  }

  /** The last number of the range that holds {@code number}, or {@code number - 1} if none does. */
  public long endOf(long number) {
    Map.Entry<Long, Long> range = toByFrom.floorEntry(number);
    return range == null || range.getValue() < number ? number - 1 : range.getValue();
  }

  /** The lowest number from {@code from} on that is in it; {@link Long#MAX_VALUE} if none is. */
  public long firstPresent(long from) {
    Long next = contains(from) ? (Long) from : toByFrom.higherKey(from);
    return next == null ? Long.MAX_VALUE : next;
  }

  /** Calls {@code action} for each number of from..to that is in it, ascending. */
  public void forEachIn(long from, long to, LongConsumer action) {
    for (long at = firstPresent(from); at <= to; at = firstPresent(at + 1)) {
      action.accept(at);
    }
  }

  /** Ends of the ranges by their beginnings, ascending. */
  public SortedMap<Long, Long> ranges() {
    return Collections.unmodifiableSortedMap(toByFrom);
  }

  /** How many of from..to are in the set. */
  public long countIn(long from, long to) {
    long count = 0;
    Long start = toByFrom.floorKey(from);
    for (var range : toByFrom.tailMap(start == null ? from : start, true).entrySet()) {
      if (range.getKey() > to) {
        break;
      }
      count += Math.max(0, Math.min(to, range.getValue()) - Math.max(from, range.getKey()) + 1);
    }
    return count;
  }

  void removeUpTo(long number) {
    Map.Entry<Long, Long> first;
    while ((first = toByFrom.firstEntry()) != null && first.getKey() <= number) {
      toByFrom.remove(first.getKey());
      if (first.getValue() > number) {
        toByFrom.put(number + 1, first.getValue());
      }
    }
  }

  public void remove(long from, long to) {
    if (from > to) {
      return;
    }
    Map.Entry<Long, Long> range;
    while ((range = toByFrom.floorEntry(to)) != null && range.getValue() >= from) {
      toByFrom.remove(range.getKey());
      if (range.getValue() > to) {
        toByFrom.put(to + 1, range.getValue());
      }
      if (range.getKey() < from) {
        toByFrom.put(range.getKey(), from - 1);
      }
    }
  }

  /** Removes what of from..to is in {@code other}. */
  void removeAll(Ranges other, long from, long to) {
    Long start = other.toByFrom.floorKey(from);
    for (var range : other.toByFrom.tailMap(start == null ? from : start, true).entrySet()) {
      if (range.getKey() > to) {
        return;
      }
      remove(Math.max(from, range.getKey()), Math.min(to, range.getValue()));
    }
  }

  void addAll(Ranges other) {
    other.toByFrom.forEach(this::add);
  }

  Ranges copy() {
    Ranges copy = new Ranges();
    copy.toByFrom.putAll(toByFrom);
    return copy;
  }

  /** Forgets the range with the fewest numbers, the lowest of them when there are several. */
  void forgetSmallest() {
    toByFrom.entrySet().stream()
        .min(Comparator.comparingLong(range -> range.getValue() - range.getKey()))
        .map(Map.Entry::getKey)
        .ifPresent(toByFrom::remove);
  }

  /** How many ranges there are. */
  int size() {
    return toByFrom.size();
  }

  /** The {@code most} largest ranges, ascending. */
  List<Range> largest(int most) {
    List<Range> all = new ArrayList<>(toByFrom.size());
    toByFrom.forEach((from, to) -> all.add(new Range(from, to)));
    if (all.size() <= most) {
      return all;
    }
    all.sort(Comparator.comparingLong((Range range) -> range.to() - range.from()).reversed());
    List<Range> kept = new ArrayList<>(all.subList(0, most));
    kept.sort(Comparator.comparingLong(Range::from));
    return kept;
  }
}
