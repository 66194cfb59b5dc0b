package io.lingtan.agent.journal;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest records of the current epoch, as they were committed, so that what is sent live is
 * never read back from the card. Holds a bounded number of records and of values, and lets go of
 * what was delivered before it grows old enough for the collector to keep. Thread-safe.
 */
final class Tail {
  private static final int MOST_RECORDS = 1024;
  private static final int MOST_WEIGHT = 32 * 1024;

  private final ArrayDeque<JournalRecord> records = new ArrayDeque<>();
  private String epoch = "";
  private long weight;

  /** Consecutive records, right after those added before unless the epoch is another one. */
  synchronized void add(List<JournalRecord> more) {
    for (JournalRecord record : more) {
      JournalRecord last = records.peekLast();
      if (last != null && (!record.epoch().equals(epoch) || record.seq() != last.seq() + 1)) {
        clear();
      }
      epoch = record.epoch();
      records.addLast(record);
      weight += weight(record);
      while (records.size() > MOST_RECORDS || weight > MOST_WEIGHT) {
        weight -= weight(records.removeFirst());
      }
    }
  }

  /** Lets go of what is up to {@code seq}: it is on the card. */
  synchronized void forget(String epoch, long seq) {
    while (epoch.equals(this.epoch) && !records.isEmpty() && records.peekFirst().seq() <= seq) {
      weight -= weight(records.removeFirst());
    }
  }

  synchronized void clear() {
    records.clear();
    weight = 0;
  }

  /** Everything from {@code seq} on; null if that begins before what is held here. */
  synchronized @Nullable List<JournalRecord> from(String epoch, long seq) {
    JournalRecord first = records.peekFirst();
    if (first == null || !epoch.equals(this.epoch) || seq < first.seq()) {
      return null;
    }
    long skip = seq - first.seq();
    if (skip >= records.size()) {
      return List.of();
    }
    List<JournalRecord> found = new ArrayList<>((int) (records.size() - skip));
    // From the new end, because what is asked for is mostly the last second's.
    var newestFirst = records.descendingIterator();
    for (long left = records.size() - skip; left > 0; left--) {
      found.add(newestFirst.next());
    }
    return found.reversed();
  }

  /** The lowest seq of this epoch that is held here, {@link Long#MAX_VALUE} if there is none. */
  synchronized long first(String epoch) {
    JournalRecord first = records.peekFirst();
    return first == null || !epoch.equals(this.epoch) ? Long.MAX_VALUE : first.seq();
  }

  /** About how many values a record holds in memory. */
  private static int weight(JournalRecord record) {
    return switch (record) {
      case DataRecord data -> 4 + data.sample().values().size() + 6 * data.sample().stats().size();
      case IntervalRecord interval -> 4 + interval.json().length() / 8;
      case EventRecord event -> 16 + 8 * event.event().detail().size();
    };
  }
}
