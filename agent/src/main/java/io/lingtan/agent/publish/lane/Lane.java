package io.lingtan.agent.publish.lane;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over what the outbox still has to deliver, earlier epochs first. What was passed is not
 * seen again until somebody goes back; acknowledged records are never seen again.
 */
final class Lane {

  private static final int CHUNK = 128;
  private static final int CHUNKS_AT_ONCE = 4;

  /** Whether a record is under way or taken already. */
  interface Underway {
    boolean test(String epoch, long seq);
  }

  private final Records outbox;
  private final Set<Kind> kinds;
  private final Underway underway;
  private final ArrayDeque<JournalRecord> ahead = new ArrayDeque<>();
  private List<String> epochs = List.of("");
  private String epoch = "";
  private long next = 1;
  private long limit = Long.MAX_VALUE;
  private boolean unfinished;
  private @Nullable String skippedEpoch;
  private long skippedSeq;

  Lane(Records outbox, Set<Kind> kinds, Underway underway) {
    this.outbox = outbox;
    this.kinds = kinds;
    this.underway = underway;
  }

  /** From the beginning, over these epochs, oldest first; the last is the current one. */
  void restart(List<String> epochs) {
    this.epochs = List.copyOf(epochs);
    skippedEpoch = null;
    moveTo(epochs.getFirst(), 1);
  }

  /** The epochs there are now; the place is kept. */
  void epochs(List<String> now) {
    if (now.equals(epochs)) {
      return;
    }
    if (!now.contains(epoch)) {
      // Delivered to its end: what follows it in the old order, or everything.
      moveTo(now.getFirst(), 1);
    } else if (!ahead.isEmpty()) {
      // What was loaded but not passed is read again.
      moveTo(epoch, ahead.getFirst().seq());
    }
    epochs = List.copyOf(now);
    limit = Long.MAX_VALUE;
  }

  /** The earliest epoch that may have something to deliver. */
  String firstEpoch() {
    return epochs.getFirst();
  }

  /** Records of the current epoch from {@code seq} on belong to somebody else. */
  void limit(long seq) {
    limit = seq;
  }

  /** Everything before {@code seq} of the current epoch has been seen. */
  boolean isAt(long seq) {
    return epoch.equals(epochs.getLast()) && next >= seq && ahead.isEmpty();
  }

  /** Passes everything before {@code seq} of the current epoch. */
  void jumpTo(long seq) {
    next = Math.max(next, seq);
  }

  /** The next record, null if there is none at present. */
  @Nullable JournalRecord peek() {
    unfinished = false;
    for (int i = 0; ahead.isEmpty() && i < CHUNKS_AT_ONCE; i++) {
      if (!load()) {
        return ahead.peek();
      }
    }
    unfinished = ahead.isEmpty();
    return ahead.peek();
  }

  /** The last {@link #peek} stopped looking because that was enough for one step. */
  boolean isUnfinished() {
    return unfinished;
  }

  private boolean load() {
    boolean current = epoch.equals(epochs.getLast());
    if (current && next >= limit) {
      return false;
    }
    List<JournalRecord> records = outbox.read(epoch, kinds, next, CHUNK);
    boolean limited = false;
    for (JournalRecord record : records) {
      if (current && record.seq() >= limit) {
        limited = true;
        break;
      }
      next = record.seq() + 1;
      if (!underway.test(epoch, record.seq())) {
        ahead.add(record);
      }
    }
    if (current) {
      if (limit != Long.MAX_VALUE && (limited || records.size() < CHUNK)) {
        next = limit;
      }
      return !limited && !records.isEmpty();
    }
    if (records.isEmpty()) {
      epoch = epochs.get(epochs.indexOf(epoch) + 1);
      next = 1;
    }
    return true;
  }

  /** The record at the front has been sent or set aside. */
  void pass() {
    ahead.remove();
  }

  /**
   * The record at the front cannot be sent now: it is passed, and {@link #retry} comes back to it.
   */
  void skip() {
    JournalRecord record = ahead.remove();
    back(record.epoch(), record.seq(), false);
  }

  /** A record that was passed was refused; {@link #retry} comes back to it. */
  void refused(String epoch, long seq) {
    back(epoch, seq, false);
  }

  /** Goes back to the earliest record that was skipped or refused. Returns whether there is one. */
  boolean retry() {
    if (skippedEpoch == null) {
      return false;
    }
    back(skippedEpoch, skippedSeq, true);
    skippedEpoch = null;
    return true;
  }

  /** Goes back at least to this record. */
  void backTo(String epoch, long seq) {
    back(epoch, seq, true);
  }

  private void back(String toEpoch, long toSeq, boolean now) {
    int place = epochs.indexOf(toEpoch);
    if (place < 0) {
      return; // an epoch that has been delivered to its end
    }
    if (now) {
      int here = epochs.indexOf(epoch);
      long front = ahead.isEmpty() ? next : ahead.getFirst().seq();
      String frontEpoch = ahead.isEmpty() ? epoch : ahead.getFirst().epoch();
      int frontPlace = Math.min(here, epochs.indexOf(frontEpoch));
      if (place < frontPlace || (place == frontPlace && toSeq < front)) {
        moveTo(toEpoch, toSeq);
      }
      return;
    }
    int before = skippedEpoch == null ? -1 : epochs.indexOf(skippedEpoch);
    if (before < 0 || place < before || (place == before && toSeq < skippedSeq)) {
      skippedEpoch = toEpoch;
      skippedSeq = toSeq;
    }
  }

  private void moveTo(String toEpoch, long toSeq) {
    ahead.clear();
    epoch = toEpoch;
    next = toSeq;
  }
}
