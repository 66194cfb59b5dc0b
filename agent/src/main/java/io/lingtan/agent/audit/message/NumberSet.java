package io.lingtan.agent.audit.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set of record numbers, kept as disjoint ranges that never touch. One thread. */
public final class NumberSet {

  private final TreeMap<Long, Long> toByFrom = new TreeMap<>();
  private long count;

  /** Adds from..to; returns how many of them are new. */
  public long add(long from, long to) {
    Range added = new Range(from, to);
    long start = added.from();
    long end = added.to();
    long before = count;
    Map.Entry<Long, Long> touching = toByFrom.floorEntry(end == Long.MAX_VALUE ? end : end + 1);
    while (touching != null && touching.getValue() >= from - 1) {
      toByFrom.remove(touching.getKey());
      count -= touching.getValue() - touching.getKey() + 1;
      start = Math.min(start, touching.getKey());
      end = Math.max(end, touching.getValue());
      touching = toByFrom.lowerEntry(touching.getKey());
    }
    toByFrom.put(start, end);
    count += end - start + 1;
    return count - before;
  }

  public boolean contains(long seq) {
    Map.Entry<Long, Long> range = toByFrom.floorEntry(seq);
    return range != null && range.getValue() >= seq;
  }

  /** How many numbers are in the set. */
  public long count() {
    return count;
  }

  /** How many ranges it takes to hold them. */
  public int size() {
    return toByFrom.size();
  }

  /** The highest number, 0 if there is none. */
  public long max() {
    return toByFrom.isEmpty() ? 0 : toByFrom.lastEntry().getValue();
  }

  /** The lowest number, 0 if there is none. */
  public long min() {
    return toByFrom.isEmpty() ? 0 : toByFrom.firstKey();
  }

  /** What of from..to is not in the set, ascending. */
  public List<Range> missing(long from, long to) {
    List<Range> missing = new ArrayList<>();
    long next = from;
    Map.Entry<Long, Long> range = toByFrom.floorEntry(from);
    if (range == null || range.getValue() < from) {
      range = toByFrom.higherEntry(from);
    }
    while (range != null && range.getKey() <= to) {
      if (range.getKey() > next) {
        missing.add(new Range(next, range.getKey() - 1));
      }
      next = range.getValue() + 1;
      range = toByFrom.higherEntry(range.getKey());
    }
    if (next <= to) {
      missing.add(new Range(next, to));
    }
    return missing;
  }

  /** What of from..to is in the set, ascending. */
  public List<Range> within(long from, long to) {
    List<Range> within = new ArrayList<>();
    Map.Entry<Long, Long> range = toByFrom.floorEntry(from);
    if (range == null || range.getValue() < from) {
      range = toByFrom.higherEntry(from);
    }
    while (range != null && range.getKey() <= to) {
      within.add(new Range(Math.max(from, range.getKey()), Math.min(to, range.getValue())));
      range = toByFrom.higherEntry(range.getKey());
    }
    return within;
  }

  /** The lowest gap between two ranges. */
  public Range lowestGap() {
    long end = toByFrom.firstEntry().getValue();
    return new Range(end + 1, toByFrom.higherKey(end) - 1);
  }

  public List<Range> all() {
    List<Range> all = new ArrayList<>(toByFrom.size());
    toByFrom.forEach((from, to) -> all.add(new Range(from, to)));
    return all;
  }

  /** As a flat list: from, to, from, to ... */
  public List<Object> save() {
    List<Object> flat = new ArrayList<>(2 * toByFrom.size());
    toByFrom.forEach(
        (from, to) -> {
          flat.add(from);
          flat.add(to);
        });
    return flat;
  }

  public static NumberSet from(List<Object> flat) throws Malformed {
    NumberSet ranges = new NumberSet();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      Range range = Tree.range(flat.get(i), flat.get(i + 1));
      ranges.add(range.from(), range.to());
    }
    return ranges;
  }
}
