package io.lingtan.agent.publish.command;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.Reread;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request for records once more, and how far it has come: counted, answered, sent.
 *
 * <p>Its place is the first number that no PUBACK has covered, so that whatever goes wrong it goes
 * on from there and never ahead of it.
 */
final class Replay {

  static final Duration PATIENCE = Duration.ofMinutes(2);
  static final int MOST_LOSSES = 3;

  private static final int AHEAD = 256;
  private static final int PIECES_AT_ONCE = 4;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);

  /**
   * What is wanted, and where it goes.
   *
   * @param to last seq, at most the epoch's last
   * @param name the requester's word for it, in each batch
   * @param answerTo topic of the answer
   * @param batchTo topic of the batches; the same if the requester named one
   * @param correlation the requester's correlation data
   */
  record Wanted(
      String epoch,
      long from,
      long to,
      String name,
      String answerTo,
      String batchTo,
      byte @Nullable [] correlation) {

    /** Whether only the requester gets the batches. */
    boolean isPrivate() {
      return batchTo.equals(answerTo);
    }
  }

  /** What is to be done next. */
  enum Stage {
    COUNTING,
    ANSWERING,
    SENDING
  }

  private final Wanted wanted;
  private final Predicate<JournalRecord> forbidden;
  private Stage stage = Stage.COUNTING;

  // Counted.
  private long countNext;
  private long queued;
  private long held;
  private final Numbers gone = new Numbers();

  // Taken out and perhaps under way: of no weight until it has arrived.
  private final ArrayDeque<JournalRecord> ahead = new ArrayDeque<>();
  private final ArrayDeque<Range> goneAhead = new ArrayDeque<>();
  private final ArrayDeque<Range> tooLargeAhead = new ArrayDeque<>();
  private long readNext;

  // Arrived.
  private long next;
  private long sent;
  private final Numbers goneSince = new Numbers();
  private final Numbers tooLarge = new Numbers();

  // Troubles.
  private MonotonicInstant notBefore = new MonotonicInstant(0);
  private @Nullable MonotonicInstant failingSince;
  private long pauseNanos = FIRST_PAUSE.toNanos();
  private int losses;

  /**
   * @param forbidden records that must not leave whoever asks
   */
  Replay(Wanted wanted, Predicate<JournalRecord> forbidden) {
    this.wanted = wanted;
    this.forbidden = forbidden;
    this.countNext = wanted.from();
    this.next = wanted.from();
    this.readNext = wanted.from();
  }

  Wanted wanted() {
    return wanted;
  }

  Stage stage() {
    return stage;
  }

  long queued() {
    return queued;
  }

  long held() {
    return held;
  }

  Numbers gone() {
    return gone;
  }

  /** What of it is gone as far as it has come; more where space was needed meanwhile. */
  Numbers goneSince() {
    return goneSince;
  }

  Numbers tooLarge() {
    return tooLarge;
  }

  /** Whether the requester has to be told of numbers that the answer did not speak of. */
  boolean hasMoreToTell() {
    long goneNow =
        goneSince.count() + goneAhead.stream().mapToLong(r -> r.to() - r.from() + 1).sum();
    return goneNow > gone.count() || tooLarge.count() > 0 || !tooLargeAhead.isEmpty();
  }

  /** Records that the broker has taken. */
  long sent() {
    return sent;
  }

  /** Counts on; false if the journal cannot be read at present. */
  boolean count(Records outbox) {
    Reread kept = outbox.again(wanted.epoch(), countNext, wanted.to(), 0);
    if (kept == null || kept.next() <= countNext) {
      return false;
    }
    queued += kept.count();
    held += kept.held();
    kept.gone().forEach(range -> gone.add(range.from(), range.to()));
    countNext = kept.next();
    if (countNext > wanted.to()) {
      stage = Stage.ANSWERING;
    }
    return true;
  }

  void answered() {
    stage = Stage.SENDING;
  }

  /** Reads ahead as far as one batch may need; false if the journal cannot be read at present. */
  boolean load(Records outbox) {
    for (int i = 0; i < PIECES_AT_ONCE && ahead.size() < AHEAD && readNext <= wanted.to(); i++) {
      Reread kept = outbox.again(wanted.epoch(), readNext, wanted.to(), AHEAD - ahead.size());
      if (kept == null || kept.next() <= readNext) {
        return false;
      }
      long from = readNext;
      for (JournalRecord record : kept.records()) {
        goneBetween(kept, from, record.seq());
        from = record.seq();
        if (forbidden.test(record)) {
          goneAhead.add(new Range(record.seq(), record.seq()));
        } else {
          ahead.add(record);
        }
      }
      goneBetween(kept, from, kept.next());
      readNext = kept.next();
    }
    return true;
  }

  private void goneBetween(Reread kept, long from, long before) {
    for (Range range : kept.gone()) {
      if (range.from() >= from && range.to() < before) {
        goneAhead.add(range);
      }
    }
  }

  /** The next record that was read, null if none is ready. */
  @Nullable JournalRecord peek() {
    return ahead.peek();
  }

  void pass() {
    ahead.remove();
  }

  /** The broker takes no packet with the record at the front. */
  void passTooLarge() {
    long seq = ahead.remove().seq();
    tooLargeAhead.add(new Range(seq, seq));
  }

  /** Whether everything has been read and taken out. */
  boolean isExhausted() {
    return ahead.isEmpty() && readNext > wanted.to();
  }

  /** Where it would go on from if everything taken out so far had arrived. */
  long place() {
    JournalRecord front = ahead.peek();
    return front == null ? readNext : front.seq();
  }

  /** Nothing is under way: what lies before {@link #place} is done. */
  void settle() {
    settle(place());
  }

  private void settle(long place) {
    next = place;
    move(goneAhead, goneSince);
    move(tooLargeAhead, tooLarge);
  }

  /** The broker has taken what was taken out up to {@link #place} as it was then. */
  void arrived(long place, int records) {
    settle(place);
    sent += records;
    failingSince = null;
    losses = 0;
    pauseNanos = FIRST_PAUSE.toNanos();
  }

  private void move(ArrayDeque<Range> from, Numbers to) {
    while (!from.isEmpty() && from.getFirst().to() < next) {
      Range range = from.removeFirst();
      to.add(range.from(), range.to());
    }
  }

  /** Goes back to the first number that has not arrived. */
  void rewind() {
    ahead.clear();
    goneAhead.clear();
    tooLargeAhead.clear();
    readNext = next;
  }

  boolean isDue(MonotonicInstant now) {
    return !now.isBefore(notBefore);
  }

  MonotonicInstant notBefore() {
    return notBefore;
  }

  /** Waits before it tries again; false if it has been in vain for too long. */
  boolean failed(MonotonicInstant now) {
    MonotonicInstant since = failingSince;
    if (since == null) {
      failingSince = now;
    } else if (now.nanosSince(since) >= PATIENCE.toNanos()) {
      return false;
    }
    notBefore = now.plusNanos(pauseNanos);
    pauseNanos = Math.min(pauseNanos * 2, LONGEST_PAUSE.toNanos());
    return true;
  }

  /** A connection ended while a message of it was under way; false if that is no accident. */
  boolean lost() {
    rewind();
    return ++losses < MOST_LOSSES;
  }
}
