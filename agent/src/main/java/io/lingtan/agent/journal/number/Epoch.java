package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One epoch: what is numbered, acknowledged and dropped in it. The ledger's thread writes, the
 * publisher's acknowledges; thread-safe.
 */
public final class Epoch {
  /** Ranges ahead that are saved and told. */
  static final int MOST_AHEAD = 32;

  /** Ranges ahead that are remembered; beyond it the smallest is forgotten and sent again. */
  static final int MOST_REMEMBERED = 4096;

  /**
   * @param millis UTC ms at which it began, null if its boot was not dated then
   * @param boot boot that {@code nanos} counts from
   */
  public record Since(@Nullable Long millis, String boot, long nanos) {}

  /** What of it is acknowledged. */
  public record Acked(long acked, List<Range> ahead) {}

  private final int number;
  private final String id;
  private final Since since;
  private @Nullable String ended;
  private long commits;
  private long last;
  private long lent;
  private long acked;
  private boolean changed;
  private List<Drop> drops = List.of();

  // No number is in two of these, nor in one of them and at or below acked.
  private final Ranges ahead = new Ranges();
  private final Ranges gone = new Ranges();
  private final Ranges aside = new Ranges();

  public Epoch(int number, String id, Since since) {
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
    for (Drop drop : drops) {
      // Of a drop with others between, the file no longer says which they are.
      if (drop.count() == drop.to() - drop.from() + 1) {
        dropped(drop.from(), drop.to());
      }
    }
    return this;
  }

  public int number() {
    return number;
  }

  public String id() {
    return id;
  }

  public Since since() {
    return since;
  }

  /** Key of the segment that begins with {@code seq}. */
  public long key(long seq) {
    return Segment.key(number, seq);
  }

  /** Returns whether that is news. */
  public synchronized boolean acknowledge(long seq) {
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

  /**
   * These were acknowledged to a process that is gone.
   *
   * @return whether all of them are numbers of this epoch; of others nothing is believed
   */
  public synchronized boolean acknowledged(Range range) {
    if (range.from() <= last) {
      add(ahead, range.from(), Math.min(range.to(), last));
      settleUpTo(acked);
    }
    return range.to() <= last;
  }

  /**
   * These can never be delivered. They are not read again, but they only count as acknowledged when
   * their drop is on the card, see {@link #declared}.
   */
  public synchronized void setAside(Range range) {
    add(aside, range.from(), range.to());
  }

  /** The drop of what was set aside is on the card, and told. */
  public synchronized void declared(Range range) {
    aside.remove(range.from(), range.to());
    add(ahead, range.from(), range.to());
    settleUpTo(acked);
  }

  /** What of these was not acknowledged is no longer held; their drop is on the card, and told. */
  synchronized void dropped(long from, long to) {
    add(gone, from, to);
    settleUpTo(acked);
  }

  private void add(Ranges to, long first, long end) {
    Ranges news = new Ranges();
    news.add(first, end);
    news.removeUpTo(acked);
    for (Ranges known : List.of(ahead, gone, aside)) {
      news.removeAll(known, first, end);
    }
    changed |= news.size() > 0;
    to.addAll(news);
    if (to.size() > MOST_REMEMBERED) {
      to.forgetSmallest();
    }
  }

  /** Every seq up to {@code seq} is acknowledged or dropped. */
  public synchronized void settleUpTo(long seq) {
    changed |= seq > acked;
    acked = endOf(Math.max(acked, seq), ahead, gone);
    ahead.removeUpTo(acked);
    gone.removeUpTo(acked);
    aside.removeUpTo(acked);
  }

  /** The last of the numbers right after {@code seq} that are in one of the sets. */
  private static long endOf(long seq, Ranges... sets) {
    long end = seq;
    long before;
    do {
      before = end;
      for (Ranges set : sets) {
        end = set.endOf(end + 1);
      }
    } while (end > before);
    return end;
  }

  public synchronized boolean isSettled(long seq) {
    return seq <= acked || ahead.contains(seq) || gone.contains(seq) || aside.contains(seq);
  }

  /** The lowest seq ≥ {@code seq} that is not settled, as far as acknowledgements tell. */
  public synchronized long nextUnsettled(long seq) {
    return endOf(Math.max(seq - 1, acked), ahead, gone, aside) + 1;
  }

  /** How many of from..to are neither acknowledged, dropped nor set aside. */
  public synchronized long unsettledIn(long from, long to) {
    long start = Math.max(from, acked + 1);
    return start > to ? 0 : notDelivered(start, to) - aside.countIn(start, to);
  }

  /**
   * How many are neither acknowledged nor declared dropped. After a restart it may count some that
   * were dropped among others that are still held.
   */
  public synchronized long waiting() {
    return acked >= last ? 0 : notDelivered(acked + 1, last);
  }

  private long notDelivered(long from, long to) {
    return to - from + 1 - ahead.countIn(from, to) - gone.countIn(from, to);
  }

  /** The range of acknowledgements above {@link #acked} that holds or follows {@code seq}. */
  public synchronized Acked acked() {
    return new Acked(acked, ahead.largest(MOST_AHEAD));
  }

  /** What of it is acknowledged, with all ranges ahead that are remembered. */
  public synchronized Acked everythingAcked() {
    return new Acked(acked, ahead.largest(MOST_REMEMBERED));
  }

  /** Whether the card holds as many ranges ahead as memory remembers. */
  public synchronized boolean isSavedWhole() {
    return ahead.size() <= MOST_AHEAD;
  }

  public synchronized long ackedUpTo() {
    return acked;
  }

  public synchronized long last() {
    return last;
  }

  /** A process that is gone gave out numbers up to this one, which the card does not hold yet. */
  public synchronized void lentUpTo(long seq) {
    lent = Math.max(lent, seq);
  }

  /** The highest number that somebody may have seen. */
  public synchronized long lastGiven() {
    return Math.max(last, lent);
  }

  public synchronized long commits() {
    return commits;
  }

  synchronized boolean isAt(int number, long commits, long last) {
    return this.number == number && this.commits == commits && this.last == last;
  }

  public synchronized void committed(long commits, long last) {
    this.commits = commits;
    this.last = last;
  }

  synchronized @Nullable public String ended() {
    return ended;
  }

  public synchronized void end(String reason) {
    ended = reason;
  }

  public synchronized List<Drop> drops() {
    return drops;
  }

  public synchronized void drops(List<Drop> drops) {
    this.drops = drops;
  }

  public synchronized boolean isFinished() {
    return acked >= last;
  }

  public synchronized boolean hasNews() {
    return changed;
  }

  /**
   * Begins to save; what is acknowledged from now on is news again.
   *
   * @param declaring what was set aside and is declared by the same transaction
   */
  synchronized Acked toSave(List<Range> declaring) {
    changed = false;
    Ranges saved = ahead.copy();
    declaring.forEach(range -> saved.add(range.from(), range.to()));
    long upTo = endOf(acked, saved, gone);
    saved.removeUpTo(upTo);
    return new Acked(upTo, saved.largest(MOST_AHEAD));
  }

  /** What was to be saved was not. */
  public synchronized void unsaved() {
    changed = true;
  }
}
