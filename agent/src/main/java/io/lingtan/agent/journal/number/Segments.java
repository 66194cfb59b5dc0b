package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.DataCodec;
import io.lingtan.agent.journal.code.Names;
import io.lingtan.agent.journal.code.ReportCodec;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The segment tables: rows in and out, and rows to records. */
public final class Segments {
  private static final String COLUMNS = "id, count, intervals, boot, ms, body";

  /** So many rows are looked at that claim numbers of a damaged one. */
  private static final int MOST_OVERLAPPING = 64;

  /** Rows that are looked at for one that is wanted. */
  private static final int LOOKED_AT = 32;

  private final DataCodec data;
  private final ReportCodec reports;

  public Segments(Names names) {
    this.data = new DataCodec(names);
    this.reports = new ReportCodec(names);
  }

  public DataCodec dataCodec() {
    return data;
  }

  public ReportCodec reportCodec() {
    return reports;
  }

  public static void insert(Database db, Segment segment) throws SQLException {
    PreparedStatement insert =
        db.statement(
            "INSERT INTO "
                + segment.part().table()
                + " ("
                + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?)");
    insert.setLong(1, segment.key());
    insert.setInt(2, segment.count());
    insert.setInt(3, segment.intervals());
    insert.setInt(4, segment.boot());
    if (segment.millis() == JournalRecord.UNDATED) {
      insert.setNull(5, Types.INTEGER);
    } else {
      insert.setLong(5, segment.millis());
    }
    insert.setBytes(6, segment.body());
    insert.executeUpdate();
  }

  public static void delete(Database db, Part part, long fromKey, long toKey) throws SQLException {
    db.change("DELETE FROM " + part.table() + " WHERE id BETWEEN ? AND ?", fromKey, toKey);
  }

  /** A segment without its body: what can be read without touching overflow pages. */
  public record Row(Part part, long key, int count, int boot) {
    public long first() {
      return key & Segment.MOST_SEQ;
    }

    public long last() {
      return first() + count - 1;
    }
  }

  /** Rows whose key is in from..to, ascending, at most {@code most}. */
  public static List<Row> rows(Database db, Part part, long fromKey, long toKey, int most)
      throws SQLException {
    PreparedStatement select =
        db.statement(
            "SELECT id, count, boot FROM "
                + part.table()
                + " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?");
    select.setLong(1, fromKey);
    select.setLong(2, toKey);
    select.setInt(3, most);
    List<Row> found = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        found.add(new Row(part, rows.getLong(1), count(rows), rows.getInt(3)));
      }
    }
    return found;
  }

  /** Segments whose key is in from..to, ascending, at most {@code most}. */
  public static List<Segment> between(Database db, Part part, long fromKey, long toKey, int most)
      throws SQLException {
    PreparedStatement select =
        db.statement(
            "SELECT "
                + COLUMNS
                + " FROM "
                + part.table()
                + " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?");
    select.setLong(1, fromKey);
    select.setLong(2, toKey);
    select.setInt(3, most);
    List<Segment> segments = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        segments.add(row(part, rows));
      }
    }
    return segments;
  }

  /**
   * A stretch of a table.
   *
   * @param segments those in it that are wanted
   * @param upto key of the last row that was looked at, the one that it came after if there is none
   * @param rows how many were looked at
   * @param isLast whether there is nothing behind it
   */
  public record Stretch(List<Segment> segments, long upto, int rows, boolean isLast) {
    public Stretch {
      segments = List.copyOf(segments);
    }

    /** One of which all are wanted, and the last if there are fewer than were asked for. */
    public static Stretch of(List<Segment> all, long key, int most) {
      return new Stretch(
          all, all.isEmpty() ? key : all.getLast().key(), all.size(), all.size() < most);
    }
  }

  /**
   * Segments with interval records that were committed in from..to, ascending by key. Of others the
   * body is not read; but each row is looked at, as a clock that was set leaves no order of times.
   *
   * @param afterKey the key that they come after
   * @param most so many are found at most, and so many times {@value #LOOKED_AT} looked at
   */
  public static Stretch intervalsBetween(
      Database db, long afterKey, long fromMillis, long toMillis, int most) throws SQLException {
    PreparedStatement select =
        db.statement(
            "SELECT id, count, intervals, boot, ms,"
                + " CASE WHEN intervals > 0 AND ms >= ? AND ms < ? THEN body END"
                + " FROM report WHERE id > ? ORDER BY id LIMIT ?");
    int mostRows = most * LOOKED_AT;
    select.setLong(1, fromMillis);
    select.setLong(2, toMillis);
    select.setLong(3, afterKey);
    select.setInt(4, mostRows);
    List<Segment> segments = new ArrayList<>();
    long upto = afterKey;
    int looked = 0;
    try (ResultSet rows = select.executeQuery()) {
      while (segments.size() < most && rows.next()) {
        looked++;
        upto = rows.getLong(1);
        Segment row = row(Part.REPORTS, rows);
        if (row.body().length > 0) {
          segments.add(row);
        }
      }
    }
    return new Stretch(segments, upto, looked, looked < mostRows && segments.size() < most);
  }

  /**
   * Segments with events, descending by key.
   *
   * @param beforeKey the key that they come before
   */
  public static List<Segment> eventsBefore(Database db, long beforeKey, int most)
      throws SQLException {
    PreparedStatement select =
        db.statement(
            "SELECT "
                + COLUMNS
                + " FROM report WHERE id < ? AND intervals < count ORDER BY id DESC LIMIT ?");
    select.setLong(1, beforeKey);
    select.setInt(2, most);
    List<Segment> segments = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        segments.add(row(Part.REPORTS, rows));
      }
    }
    return segments;
  }

  /** Each has one at least: of a row that says otherwise that one is read, and found damaged. */
  private static int count(ResultSet rows) throws SQLException {
    return Math.max(1, rows.getInt(2));
  }

  private static Segment row(Part part, ResultSet rows) throws SQLException {
    long millis = rows.getLong(5);
    if (rows.wasNull()) {
      millis = JournalRecord.UNDATED;
    }
    byte @Nullable [] body = rows.getBytes(6);
    return new Segment(
        part,
        rows.getLong(1),
        count(rows),
        rows.getInt(3),
        rows.getInt(4),
        millis,
        body == null ? new byte[0] : body);
  }

  /**
   * The key at which reading from {@code seq} begins: of the segment that holds it, else {@code
   * seq}'s own.
   */
  public static long startKey(Database db, Part part, int epoch, long seq) throws SQLException {
    PreparedStatement select =
        db.statement(
            "SELECT id, count FROM "
                + part.table()
                + " WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 2");
    long key = Segment.key(epoch, seq);
    long start = key;
    select.setLong(1, Segment.key(epoch, 0));
    select.setLong(2, key);
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) { // one whose key is damaged may lie amid the numbers of the one before
        if (rows.getLong(1) + rows.getLong(2) > key) {
          start = rows.getLong(1);
        }
      }
    }
    return start;
  }

  /** The lowest seq ≥ {@code seq} of an epoch that is held, in any class; 0 if there is none. */
  public static long nextHeld(Database db, int epoch, long seq) throws SQLException {
    long lowest = Long.MAX_VALUE;
    for (Part part : Part.values()) {
      long key = startKey(db, part, epoch, seq);
      long found =
          db.number(
              "SELECT min(id) FROM " + part.table() + " WHERE id BETWEEN ? AND ?",
              Long.MAX_VALUE,
              key,
              Segment.key(epoch, Segment.MOST_SEQ));
      lowest = Math.min(lowest, found);
    }
    return lowest == Long.MAX_VALUE ? 0 : Math.max(seq, lowest & Segment.MOST_SEQ);
  }

  /**
   * What is left of a damaged segment when the numbers are taken off that whole ones have: its row
   * may lie by a wrong key, or claim too many.
   *
   * @return null if that is nothing
   */
  public @Nullable Segment own(Database db, Epoch epoch, Segment damaged) throws SQLException {
    long first = damaged.first();
    long last = Math.min(damaged.last(), epoch.last());
    for (Part part : Part.values()) {
      long start = startKey(db, part, damaged.epoch(), damaged.first());
      for (Segment other : between(db, part, start, epoch.key(last), MOST_OVERLAPPING)) {
        if (other.last() < first || !isWhole(epoch, other)) {
          continue;
        }
        if (other.first() <= first) {
          first = other.last() + 1;
        } else {
          last = Math.min(last, other.first() - 1);
        }
      }
    }
    int count = (int) (last - first + 1);
    return count < 1
        ? null
        : new Segment(
            damaged.part(),
            epoch.key(first),
            count,
            Math.min(damaged.intervals(), count),
            damaged.boot(),
            damaged.millis(),
            damaged.body());
  }

  private boolean isWhole(Epoch epoch, Segment segment) {
    try {
      decode(epoch.id(), segment);
      return true;
    } catch (DamagedSegment e) {
      return false;
    }
  }

  /**
   * The lowest number of an epoch that is to be delivered and that no row holds, and those right
   * after it: a row that is gone, or lies by a wrong key.
   *
   * @return null if the lowest that is to be delivered is held
   */
  static @Nullable public Range hole(Database db, Epoch epoch) throws SQLException {
    long from = epoch.nextUnsettled(1);
    long last = epoch.last();
    if (from > last) {
      return null;
    }
    long next = nextHeld(db, epoch.number(), from);
    long to = next == 0 ? last : Math.min(next - 1, last);
    if (to < from) {
      return null;
    }
    long end = from; // those after it that are settled were delivered
    for (long most = to; end < most; ) {
      long mid = end + (most - end + 1) / 2;
      if (epoch.unsettledIn(from, mid) == mid - from + 1) {
        end = mid;
      } else {
        most = mid - 1;
      }
    }
    return new Range(from, end);
  }

  /** UTC ms of the segment that holds {@code seq}, UNDATED if it is not held or undated. */
  public static long millisOf(Database db, int epoch, long seq) throws SQLException {
    for (Part part : Part.values()) {
      long key = startKey(db, part, epoch, seq);
      long millis =
          db.number("SELECT ms FROM " + part.table() + " WHERE id = ?", JournalRecord.UNDATED, key);
      if (millis != JournalRecord.UNDATED) {
        return millis;
      }
    }
    return JournalRecord.UNDATED;
  }

  /** The samples of a segment, of some devices only; quick where there is none of them. */
  public List<DataRecord> samples(String epoch, Segment segment, Set<String> devices)
      throws DamagedSegment {
    return data.decode(epoch, segment.first(), segment.count(), segment.body(), devices);
  }

  public List<? extends JournalRecord> decode(String epoch, Segment segment) throws DamagedSegment {
    return switch (segment.part()) {
      case DATA -> data.decode(epoch, segment.first(), segment.count(), segment.body());
      case REPORTS -> reports.decode(epoch, segment.first(), segment.count(), segment.body());
    };
  }
}
