package io.lingtan.agent.journal;

import io.lingtan.agent.journal.StoreSnapshot.Drop;
import io.lingtan.agent.journal.StoreSnapshot.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One epoch: what is numbered, acknowledged and dropped in it. The ledger's thread writes, the
 * publisher's acknowledges; thread-safe.
 */
final class Epoch {
  /** Ranges ahead that are saved and told. */
  static final int MOST_AHEAD = 32;

  /** Ranges ahead that are remembered; beyond it the smallest is forgotten and sent again. */
  private static final int MOST_REMEMBERED = 4096;

  /**
   * @param millis UTC ms at which it began, null if its boot was not dated then
   * @param boot boot that {@code nanos} counts from
   */
  record Since(@Nullable Long millis, String boot, long nanos) {}

  /** What of it is acknowledged. */
  record Acked(long acked, List<Range> ahead) {}

  private final int number;
  private final String id;
  private final Since since;
  private @Nullable String ended;
  private long commits;
  private long last;
  private long acked;
  private boolean changed;
  private List<Drop> drops = List.of();
  private final Ranges ahead = new Ranges();

  Epoch(int number, String id, Since since) {
    this.number = number;
    this.id = id;
    this.since = since;
  }

  /** What the card says of it, right after construction. */
  synchronized Epoch restored(
      @Nullable String ended, long commits, long last, Acked acked, List<Drop> drops) {
    this.ended = ended;
    this.commits = commits;
    this.last = last;
    this.acked = acked.acked();
    for (Range range : acked.ahead()) {
      ahead.add(range.from(), range.to());
    }
    this.drops = drops;
    return this;
  }

  int number() {
    return number;
  }

  String id() {
    return id;
  }

  Since since() {
    return since;
  }

  /** Key of the segment that begins with {@code seq}. */
  long key(long seq) {
    return Segment.key(number, seq);
  }

  /** Returns whether that is news. */
  synchronized boolean acknowledge(long seq) {
    if (seq < 1 || seq > last || isSettled(seq)) {
      return false;
    }
    ahead.add(seq, seq);
    if (ahead.size() > MOST_REMEMBERED) {
      ahead.forgetSmallest();
    }
    settleUpTo(acked);
    changed = true;
    return true;
  }

  /** Every seq up to {@code seq} is acknowledged or dropped. */
  synchronized void settleUpTo(long seq) {
    changed |= seq > acked;
    acked = Math.max(acked, seq);
    acked = Math.max(acked, ahead.endOf(acked + 1));
    ahead.removeUpTo(acked);
  }

  synchronized boolean isSettled(long seq) {
    return seq <= acked || ahead.contains(seq);
  }

  /** The lowest seq ≥ {@code seq} that is not settled, as far as acknowledgements tell. */
  synchronized long nextUnsettled(long seq) {
    return ahead.endOf(Math.max(seq, acked + 1)) + 1;
  }

  /** How many of from..to are neither acknowledged nor set aside. */
  synchronized long unsettledIn(long from, long to) {
    long start = Math.max(from, acked + 1);
    return start > to ? 0 : to - start + 1 - ahead.countIn(start, to);
  }

  /** The range of acknowledgements above {@link #acked} that holds or follows {@code seq}. */
  synchronized Acked acked() {
    return new Acked(acked, ahead.largest(MOST_AHEAD));
  }

  synchronized long ackedUpTo() {
    return acked;
  }

  synchronized long last() {
    return last;
  }

  synchronized long commits() {
    return commits;
  }

  synchronized void committed(long commits, long last) {
    this.commits = commits;
    this.last = last;
  }

  synchronized @Nullable String ended() {
    return ended;
  }

  synchronized void end(String reason) {
    ended = reason;
  }

  synchronized List<Drop> drops() {
    return drops;
  }

  synchronized void drops(List<Drop> drops) {
    this.drops = drops;
  }

  synchronized boolean isFinished() {
    return acked >= last;
  }

  synchronized boolean hasNews() {
    return changed;
  }

  /** Begins to save; what is acknowledged from now on is news again. */
  synchronized Acked toSave() {
    changed = false;
    return acked();
  }

  /** What was to be saved was not. */
  synchronized void unsaved() {
    changed = true;
  }
}
