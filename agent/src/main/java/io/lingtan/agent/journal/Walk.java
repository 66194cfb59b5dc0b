package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the samples between two times: all of them or, where that would take too long, the first of
 * every equal part of the time, and says what it left out. Each query is short; the whole ends
 * after so many segments or 4 s at the latest.
 */
final class Walk {

  /** A day of one commit in a second, and a half more. */
  static final int MOST_SEGMENTS = 130_000;

  private static final long MOST_NANOS = 4_000_000_000L;

  /** What the first parts may take more than their share: code that has not run yet is slow. */
  private static final long GRACE_NANOS = MOST_NANOS / 3;

  /** Segments that one query brings. */
  private static final int CHUNK = 32;

  private static final int MOST_MARKS = 65_536;

  /** Takes what is found, in the order of the journal. */
  interface Visitor {
    /** A sample with its time, of one of the devices wanted. */
    void sample(Epoch epoch, DataRecord sample);

    /** What lies between these times has not been looked at. */
    void skipped(long fromMillis, long toMillis);

    /** A segment was read, whatever is in it. */
    default void segment(Epoch epoch, Segment segment) {}
  }

  private final Store store;
  private final Time time;
  private final Set<String> devices;
  private final long fromMillis;
  private final long toMillis;
  private final int parts;
  private final long leastMillis;
  private final int most;
  private final List<long[]> marks = new ArrayList<>();
  private int mark;
  private int segments;
  private boolean complete = true;

  /**
   * @param devices whose samples are wanted
   * @param fromMillis UTC ms, inclusive
   * @param toMillis UTC ms, exclusive
   * @param parts in each of which something is looked at
   * @param leastMillis how much of a part is looked at in any case
   * @param most segments that are read at most
   */
  Walk(
      Store store,
      Time time,
      Set<String> devices,
      long fromMillis,
      long toMillis,
      int parts,
      long leastMillis,
      int most) {
    this.store = store;
    this.time = time;
    this.devices = devices;
    this.fromMillis = fromMillis;
    this.toMillis = toMillis;
    this.parts = parts;
    this.leastMillis = leastMillis;
    this.most = most;
  }

  /** Whether nothing was left out. */
  boolean isComplete() {
    return complete;
  }

  /** Segments read. */
  int segments() {
    return segments;
  }

  void run(Database db, Visitor visitor) throws SQLException {
    long key = readMarks(db);
    MonotonicInstant begun = time.now();
    MonotonicInstant end = begun.plusNanos(MOST_NANOS);
    long seenUntil = fromMillis;
    while (true) {
      List<Segment> chunk = Segments.between(db, Part.DATA, key, Long.MAX_VALUE, CHUNK);
      for (Segment segment : chunk) {
        key = segment.key() + 1;
        if (segment.millis() != JournalRecord.UNDATED) {
          if (segment.millis() >= toMillis) {
            return;
          }
          seenUntil = Math.max(seenUntil, segment.millis());
        }
        segments++;
        take(segment, visitor);
      }
      MonotonicInstant now = time.now();
      if (chunk.size() < CHUNK) {
        return;
      }
      if (segments >= most || now.isAfter(end)) {
        complete = false;
        visitor.skipped(seenUntil, toMillis);
        return;
      }
      int part = part(seenUntil);
      boolean enough = isBehind(part, now.nanosSince(begun));
      if (enough && seenUntil >= start(part) + leastMillis) {
        long[] next = markBefore(start(part + 1), key);
        if (next[0] > key) {
          complete = false;
          visitor.skipped(seenUntil, next[1]);
          key = next[0];
          seenUntil = next[1];
        }
      }
    }
  }

  /** Whether so much has been spent that the parts to come would get less than their share. */
  private boolean isBehind(int part, long nanos) {
    return segments >= (long) most * (part + 1) / parts
        || nanos - GRACE_NANOS >= (MOST_NANOS - GRACE_NANOS) * (part + 1) / parts;
  }

  private int part(long millis) {
    double share = (double) (millis - fromMillis) / (toMillis - fromMillis);
    return Math.clamp((long) (share * parts), 0, parts - 1);
  }

  private long start(int part) {
    return fromMillis + (long) ((double) (toMillis - fromMillis) * part / parts);
  }

  /** Notes where the segments of which time are. Returns the key at which to begin. */
  private long readMarks(Database db) throws SQLException {
    long key =
        db.number("SELECT id FROM mark WHERE ms <= ? ORDER BY id DESC LIMIT 1", 0, fromMillis);
    PreparedStatement select =
        db.statement("SELECT id, ms FROM mark WHERE id > ? AND ms < ? ORDER BY id LIMIT ?");
    select.setLong(1, key);
    select.setLong(2, toMillis);
    select.setInt(3, MOST_MARKS);
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        marks.add(new long[] {rows.getLong(1), rows.getLong(2)});
      }
    }
    return key;
  }

  /** The last mark that is not after a time, and after {@code key}; else {@code key} itself. */
  private long[] markBefore(long millis, long key) {
    long[] found = {key, millis};
    while (mark < marks.size() && marks.get(mark)[1] <= millis) {
      if (marks.get(mark)[0] > key) {
        found = marks.get(mark);
      }
      mark++;
    }
    return found;
  }

  private void take(Segment segment, Visitor visitor) {
    Epoch epoch = store.epochs.at(segment.epoch());
    if (epoch == null) {
      return;
    }
    visitor.segment(epoch, segment);
    try {
      for (DataRecord record : store.segments.samples(epoch.id(), segment, devices)) {
        DataRecord dated = store.boots.dated(record);
        if (dated.tsMillis() != JournalRecord.UNDATED
            && dated.tsMillis() >= fromMillis
            && dated.tsMillis() < toMillis) {
          visitor.sample(epoch, dated);
        }
      }
    } catch (DamagedSegment e) {
      // A hole in a chart; whoever delivers the segment declares it.
    }
  }
}
