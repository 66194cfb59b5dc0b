package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Drops;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.Freed;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps file and WAL within their limit. Before a transaction adds pages it frees as many: first
 * the oldest acknowledged history, then the oldest unacknowledged data, last intervals and events.
 * Freed pages are used again, so the file only grows up to its limit; a file that is larger than a
 * limit that was lowered is given back in small steps.
 */
public final class Space {
  public static final String REASON = "space";

  private static final int CHUNK = 32;
  private static final int SHRINK_PAGES = 256;
  private static final int MOST_WAL_PAGES = 1000;
  private static final int LEAST_WAL_PAGES = 32;

  /** Pages that a transaction touches beside its segments, with room to spare. */
  private static final int OTHER_PAGES = 32;

  private final int walPages;
  private final long limitPages;
  private final Segments segments;

  /** So many pages there are at least, by the last count and what was asked for since. */
  private long sure;

  /**
   * @param maxSize most bytes of file and WAL together
   */
  public Space(long maxSize, Segments segments) {
    this.walPages = walPages(maxSize);
    // The WAL is copied back at walPages, but may grow by one large transaction or wait for a
    // reader: twice the size is set aside for it.
    this.limitPages = limit(maxSize) / Database.PAGE;
    this.segments = segments;
  }

  /** Bytes that the file may have without its WAL. */
  public static long limit(long maxSize) {
    return maxSize - 2L * walPages(maxSize) * Database.FRAME;
  }

  private static int walPages(long maxSize) {
    return Math.clamp(maxSize / Database.FRAME / 8, LEAST_WAL_PAGES, MOST_WAL_PAGES);
  }

  public int walPages() {
    return walPages;
  }

  /** Pages that a blob of this length takes at most. */
  public static long pages(int length) {
    return length / (Database.PAGE - 4) + 2L;
  }

  /**
   * Frees what {@code needed} pages more need, in the transaction. What it had to drop is noted in
   * {@code freed} and written there; memory is told only when the transaction has ended well.
   */
  public void make(Database db, Epochs epochs, long needed, Freed freed) throws SQLException {
    long want = needed + OTHER_PAGES;
    if (sure >= want) {
      sure -= want;
      return;
    }
    sure = available(db);
    if (sure < want) {
      // A few more at once, so that not every commit pays for deleting.
      long enough = want + Math.clamp(limitPages / 32, 1, 128);
      while (sure < enough
          && (forgetHistory(db, epochs)
              || drop(db, epochs, Part.DATA, freed)
              || drop(db, epochs, Part.REPORTS, freed))) {
        sure = available(db);
      }
    }
    sure -= want;
    if (db.number("PRAGMA page_count", 0) > limitPages) {
      db.shrink(SHRINK_PAGES);
      recount();
    }
  }

  /** What was counted was another file's, or may have changed: counts again before the next one. */
  public void recount() {
    sure = 0;
  }

  private long available(Database db) throws SQLException {
    return limitPages - db.number("PRAGMA page_count", 0) + db.number("PRAGMA freelist_count", 0);
  }

  /** Deletes up to a chunk of the oldest segments that are wholly acknowledged. */
  private static boolean forgetHistory(Database db, Epochs epochs) throws SQLException {
    for (Epoch epoch : epochs.all()) {
      Epoch.Acked acked = epoch.acked();
      List<Range> spans = new ArrayList<>();
      spans.add(new Range(1, acked.acked()));
      spans.addAll(acked.ahead());
      for (Range span : spans) {
        if (forget(db, epoch, span)) {
          return true;
        }
      }
    }
    return false;
  }

  private record Row(Part part, long first, long last) {}

  private static boolean forget(Database db, Epoch epoch, Range span) throws SQLException {
    List<Row> rows = new ArrayList<>();
    for (Part part : Part.values()) {
      PreparedStatement select =
          db.statement(
              "SELECT id, count FROM "
                  + part.table()
                  + " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT "
                  + CHUNK);
      select.setLong(1, epoch.key(span.from()));
      select.setLong(2, epoch.key(span.to()));
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          long first = found.getLong(1) & Segment.MOST_SEQ;
          long last = first + found.getLong(2) - 1;
          if (last <= span.to()) {
            rows.add(new Row(part, first, last));
          }
        }
      }
    }
    rows.sort(Comparator.comparingLong(Row::first));
    for (Row row : rows.subList(0, Math.min(CHUNK, rows.size()))) {
      Segments.delete(db, row.part(), epoch.key(row.first()), epoch.key(row.first()));
    }
    return !rows.isEmpty();
  }

  /** Drops the oldest segment of a class, and declares what of it was not acknowledged. */
  private boolean drop(Database db, Epochs epochs, Part part, Freed freed) throws SQLException {
    List<Segment> oldest = Segments.between(db, part, 0, Long.MAX_VALUE, 1);
    if (oldest.isEmpty()) {
      return false;
    }
    drop(db, epochs, oldest.getFirst(), REASON, freed);
    return true;
  }

  /** Drops one segment. */
  void drop(Database db, Epochs epochs, Segment segment, String reason, Freed freed)
      throws SQLException {
    Epoch epoch = epochs.at(segment.epoch());
    if (epoch != null) {
      for (Drop drop : unsettled(segments, epoch, segment, reason)) {
        freed.declare(epoch, drop, touches(db, epoch, freed, drop));
      }
      freed.dropped(epoch, segment);
    }
    Segments.delete(db, segment.part(), segment.key(), segment.key());
  }

  /** What of a segment is neither acknowledged nor set aside, as one drop per kind. */
  public static List<Drop> unsettled(Segments codecs, Epoch epoch, Segment segment, String reason) {
    List<Drop> drops = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      long from = 0;
      long to = 0;
      long count = 0;
      List<Kind> kinds = kinds(codecs, segment);
      for (int i = 0; i < kinds.size(); i++) {
        long seq = segment.first() + i;
        if (kinds.get(i) == kind && !epoch.isSettled(seq)) {
          from = from == 0 ? seq : from;
          to = seq;
          count++;
        }
      }
      if (count > 0) {
        drops.add(new Drop(from, to, count, kind, reason));
      }
    }
    return drops;
  }

  private static List<Kind> kinds(Segments codecs, Segment segment) {
    if (segment.part() == Part.DATA) {
      return Collections.nCopies(segment.count(), Kind.DATA);
    }
    try {
      return codecs.decode("", segment).stream().map(JournalRecord::kind).toList();
    } catch (DamagedSegment e) {
      // Its row still says how many of each there were.
      List<Kind> kinds = new ArrayList<>();
      for (int i = 0; i < segment.count(); i++) {
        kinds.add(i < segment.intervals() ? Kind.INTERVAL : Kind.EVENT);
      }
      return kinds;
    }
  }

  /** Whether between this drop and the one before it nothing of its kind was ever numbered. */
  private static boolean touches(Database db, Epoch epoch, Freed freed, Drop drop)
      throws SQLException {
    long end = Drops.endOfLastAlike(freed.drops(epoch), drop);
    if (end == 0) {
      return false;
    }
    long gap = drop.from() - 1 - end;
    if (gap == 0) {
      return true;
    }
    Part other = drop.kind() == Kind.DATA ? Part.REPORTS : Part.DATA;
    return gap
        == db.number(
            "SELECT sum(count) FROM " + other.table() + " WHERE id BETWEEN ? AND ?",
            0,
            epoch.key(end + 1),
            epoch.key(drop.from() - 1));
  }
}
