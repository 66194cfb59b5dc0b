package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of one stream in one epoch, linked by {@code after}, whatever the order in which they
 * arrive: a few segments whose links are complete, and nothing of what is inside them.
 *
 * <p>Bound: {@value #MOST_SEGMENTS} segments; beyond that the two lowest are taken for one and the
 * broken link between them is counted in {@link #settled}. One thread.
 */
final class AfterLinks {

  private static final int MOST_SEGMENTS = 1024;

  private final TreeMap<Long, Segment> byFirst = new TreeMap<>();
  private final Map<Long, Segment> byLast = new HashMap<>();
  private final Map<Long, Segment> byAfter = new HashMap<>();
  private long settled;
  private long forks;

  /** Consecutive records of the stream. */
  private static final class Segment {
    End first;
    long after;
    End last;

    Segment(End first, long after, End last) {
      this.first = first;
      this.after = after;
      this.last = last;
    }
  }

  /**
   * A record at the end of a segment.
   *
   * @param tsMillis UTC ms or UNDATED
   * @param failed whether it is a wholly failed poll
   */
  record End(long seq, long tsMillis, boolean failed) {}

  /** Told of each two neighbours of the stream, once both are there. */
  interface Neighbours {
    void meet(End earlier, End later);
  }

  /** Adds a record that was not there before. */
  void add(Numbered record, Neighbours neighbours) {
    long seq = record.seq();
    long after = record.after();
    End end = new End(seq, record.tsMillis(), record.failed());
    if (isInside(seq) || isInside(after) || byAfter.containsKey(after)) {
      // Two records name the same one before them, or one skips some of its own stream; where a
      // broken link was taken for whole, a latecomer may look like that without being it.
      forks += settled == 0 ? 1 : 0;
      return;
    }
    Segment before = after == 0 ? null : byLast.remove(after);
    Segment behind = byAfter.remove(seq);
    if (before == null) {
      before = new Segment(end, after, end);
      byFirst.put(seq, before);
      byAfter.put(after, before);
    } else {
      neighbours.meet(before.last, end);
      before.last = end;
    }
    if (behind != null) {
      neighbours.meet(end, behind.first);
      byFirst.remove(behind.first.seq());
      before.last = behind.last;
    }
    byLast.put(before.last.seq(), before);
    if (byFirst.size() > MOST_SEGMENTS) {
      settleLowest();
    }
  }

  /** About how many bytes of memory it takes. */
  long weight() {
    return 500 + 400L * byFirst.size();
  }

  /** Takes the lower half of the segments for one. */
  void lighten() {
    for (int i = byFirst.size() / 2; i > 0; i--) {
      settleLowest();
    }
  }

  /** Whether it holds so little that it can be begun again without a loss. */
  boolean isSmall() {
    return byFirst.size() <= 1 && settled == 0 && forks == 0;
  }

  /** Whether the number lies within a segment, where every record of the stream is known. */
  private boolean isInside(long seq) {
    Map.Entry<Long, Segment> below = byFirst.floorEntry(seq);
    return below != null && seq < below.getValue().last.seq();
  }

  private void settleLowest() {
    Segment low = byFirst.firstEntry().getValue();
    Segment next = byFirst.higherEntry(low.first.seq()).getValue();
    byFirst.remove(next.first.seq());
    byAfter.remove(next.after);
    byLast.remove(low.last.seq());
    low.last = next.last;
    byLast.put(low.last.seq(), low);
    settled++;
  }

  /**
   * The {@code after} of each segment that does not begin the epoch, ascending.
   *
   * @param all false to leave out the lowest segment, whose beginning may be that of listening
   */
  List<Long> open(boolean all) {
    List<Long> open = new ArrayList<>();
    for (Segment segment : byFirst.values()) {
      if (segment.after != 0 && (all || segment != byFirst.firstEntry().getValue())) {
        open.add(segment.after);
      }
    }
    return open;
  }

  /** The first record of the epoch's stream, if it came. */
  @Nullable End beginning() {
    Segment first = byAfter.get(0L);
    return first == null ? null : first.first;
  }

  /** The latest record, if there is any. */
  @Nullable End latest() {
    return byFirst.isEmpty() ? null : byFirst.lastEntry().getValue().last;
  }

  /** Records whose {@code after} contradicts another record's. */
  long forks() {
    return forks;
  }

  Map<String, @Nullable Object> save() {
    List<Object> segments = new ArrayList<>();
    for (Segment s : byFirst.values()) {
      segments.add(
          List.of(
              s.first.seq,
              s.first.tsMillis,
              s.first.failed,
              s.after,
              s.last.seq,
              s.last.tsMillis,
              s.last.failed));
    }
    return Map.of("segments", segments, "settled", settled, "forks", forks);
  }

  static AfterLinks from(Tree tree) throws Malformed {
    AfterLinks linked = new AfterLinks();
    for (Object element : tree.list("segments")) {
      if (!(element instanceof List<?> s
          && s.size() == 7
          && s.get(0) instanceof Long firstSeq
          && s.get(1) instanceof Long firstTs
          && s.get(2) instanceof Boolean firstFailed
          && s.get(3) instanceof Long after
          && s.get(4) instanceof Long lastSeq
          && s.get(5) instanceof Long lastTs
          && s.get(6) instanceof Boolean lastFailed)) {
        throw new Malformed("not a segment of linked records");
      }
      Segment segment =
          new Segment(
              new End(firstSeq, firstTs, firstFailed), after, new End(lastSeq, lastTs, lastFailed));
      linked.byFirst.put(firstSeq, segment);
      linked.byLast.put(lastSeq, segment);
      linked.byAfter.put(after, segment);
    }
    linked.settled = tree.count("settled");
    linked.forks = tree.count("forks");
    return linked;
  }
}
