package io.lingtan.simulator.zone.fold;

import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The {@code after} of one stream's records: each names the record before it. What is remembered
 * are loose ends, so that this grows with the records that are missing and not with those that
 * came.
 *
 * <p>Limit: {@value #MOST_ENDS} of each kind; beyond it the oldest is forgotten, and a record that
 * is missing there is found by its number alone.
 */
final class StreamLinks {

  private static final int MOST_ENDS = 1_024;

  /** Records that no later one has named yet. */
  private final SortedSet<Long> unnamed = new TreeSet<>();

  /** Records that were named and have not come; 0 stands for the beginning of the epoch. */
  private final SortedSet<Long> wanted = new TreeSet<>();

  /** Up to here ends were forgotten: nothing is known of which records came. */
  private long forgotten;

  void add(long seq, long after) {
    if (!wanted.remove(seq)) {
      bounded(unnamed, seq);
    }
    if (!unnamed.remove(after)) {
      bounded(wanted, after);
    }
  }

  private void bounded(SortedSet<Long> set, long seq) {
    set.add(seq);
    if (set.size() > MOST_ENDS) {
      forgotten = Math.max(forgotten, set.removeFirst());
    }
  }

  /**
   * Whether a record of this stream with that number came: from one that was named and has not come
   * to the next that nobody names, all are here. True where too much was forgotten to tell.
   */
  boolean has(long seq) {
    if (seq <= forgotten) {
      return true;
    }
    SortedSet<Long> ends = unnamed.tailSet(seq);
    return !ends.isEmpty() && wanted.subSet(seq, ends.first()).isEmpty();
  }

  /** Whether a record that came names that one as the one before it, and it has not come. */
  boolean wants(long seq) {
    return seq > forgotten && wanted.contains(seq);
  }

  /** Records of this stream that a later one names, and that have not come; ascending. */
  SortedSet<Long> missing() {
    return wanted.tailSet(1L);
  }

  /** How many ends are remembered. */
  int size() {
    return unnamed.size() + wanted.size();
  }

  void save(StateBytes.Writer to) {
    save(unnamed, to);
    save(wanted, to);
    to.number(forgotten);
  }

  private static void save(SortedSet<Long> set, StateBytes.Writer to) {
    to.number(set.size());
    set.forEach(to::number);
  }

  static StreamLinks from(StateBytes.Reader in) {
    StreamLinks links = new StreamLinks();
    for (int left = in.count(); left > 0; left--) {
      links.unnamed.add(in.number());
    }
    for (int left = in.count(); left > 0; left--) {
      links.wanted.add(in.number());
    }
    links.forgotten = in.number();
    return links;
  }
}
