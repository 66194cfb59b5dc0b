package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.file.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept for years beside the records, which make room for one another: the energies of each
 * base interval, what days, months and years were made of, and a few memos that say how to read
 * them. What a row means is the ledger's business.
 *
 * <p>Crash contract: rows and memos are written in the transaction of the interval records that
 * they belong to, so the card has both or neither. A row that is written again, because something
 * came late, takes the place of the earlier one. Rows are deleted oldest first and only when the
 * ledger says up to when, at most {@link #MOST_FORGOTTEN} of a table in one transaction; how many
 * there are, how large they are and how many went is counted in the same transaction. Ledger
 * thread.
 */
public final class Kept {

  /** Bytes of a row beside its body: its key, and its share of what a page holds beside rows. */
  private static final int ROW = 16;

  public static final int MOST_FORGOTTEN = 512;

  /** Of a table, in one batch that is read back. */
  private static final int MOST_ROWS = 1 << 20;

  private static final long MINUTE_MILLIS = 60_000L;

  /** Hours are there only where they were told again. */
  private static final List<String> LENGTHS = List.of("1d", "1M", "1Y", "1h");

  /** Starts of intervals lie in less than so many minutes since 1970, until the year 4147. */
  private static final int MINUTE_BITS = 30;

  private Kept() {}

  /**
   * A row.
   *
   * @param startMillis start of its interval, UTC ms
   * @param body opaque to the journal
   */
  public record Row(long startMillis, byte[] body) {}

  /**
   * The amount of what is kept.
   *
   * @param intervals base intervals whose energies are kept
   * @param firstMillis start of the oldest of them, UTC ms; 0 if there is none
   * @param bytes on disk, of all rows, estimated from their sizes
   * @param forgotten base intervals whose energies were deleted in the file's life
   */
  public record Size(long intervals, long firstMillis, long bytes, long forgotten) {
    public static final Size NONE = new Size(0, 0, 0, 0);
  }

  /** The rows that one batch keeps. */
  static final class Page {
    private final Map<Long, byte[]> energies = new TreeMap<>();
    private final Map<Long, byte[]> longer = new TreeMap<>();
    private final Map<String, byte[]> memos = new HashMap<>();
    private long forgottenBefore = Long.MIN_VALUE;

    void energies(long startMillis, byte[] body) {
      energies.put(minute(startMillis), body);
    }

    void longer(String length, long startMillis, byte[] body) {
      longer.put(id(length, startMillis), body);
    }

    void memo(String name, byte[] body) {
      memos.put(name, body);
    }

    void forget(long beforeMillis) {
      forgottenBefore = Math.max(forgottenBefore, beforeMillis);
    }

    /** Takes what an earlier batch kept and this one does not. */
    void addFirst(Page earlier) {
      earlier.energies.forEach(energies::putIfAbsent);
      earlier.longer.forEach(longer::putIfAbsent);
      earlier.memos.forEach(memos::putIfAbsent);
      forget(earlier.forgottenBefore);
    }

    void put(ByteSink to) {
      for (Map<Long, byte[]> rows : List.of(energies, longer)) {
        to.putVarint(rows.size());
        rows.forEach(
            (key, body) -> {
              to.putVarint(key);
              to.putBytes(body);
            });
      }
      to.putVarint(memos.size());
      memos.forEach(
          (name, body) -> {
            to.putText(name);
            to.putBytes(body);
          });
      to.putSigned(forgottenBefore);
    }

    static Page take(ByteSource from) throws DamagedSegment {
      Page page = new Page();
      for (Map<Long, byte[]> rows : List.of(page.energies, page.longer)) {
        for (int left = from.takeCount(MOST_ROWS); left > 0; left--) {
          rows.put(from.takeVarint(), from.takeBytes());
        }
      }
      for (int left = from.takeCount(MOST_ROWS); left > 0; left--) {
        page.memos.put(from.takeText(), from.takeBytes());
      }
      page.forgottenBefore = from.takeSigned();
      return page;
    }

    /** How many rows it writes. */
    int rows() {
      return energies.size() + longer.size();
    }

    boolean isEmpty() {
      return rows() == 0 && memos.isEmpty() && forgottenBefore == Long.MIN_VALUE;
    }

    /** Most database pages that writing it adds. */
    long pages() {
      long bytes = 0;
      for (byte[] body : energies.values()) {
        bytes += body.length + ROW;
      }
      long pages = bytes / (Database.PAGE / 2);
      for (byte[] body : longer.values()) {
        pages += Space.pages(body.length);
      }
      for (byte[] body : memos.values()) {
        pages += Space.pages(body.length);
      }
      return pages;
    }
  }

  public static void create(Database db) throws SQLException {
    db.run("CREATE TABLE energy (minute INTEGER PRIMARY KEY, body BLOB NOT NULL)");
    db.run("CREATE TABLE longer (id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
    db.run("CREATE TABLE memo (name TEXT PRIMARY KEY, body BLOB NOT NULL)");
    db.run(
        "CREATE TABLE kept (one INTEGER PRIMARY KEY CHECK (one = 1), intervals INTEGER NOT NULL,"
            + " bytes INTEGER NOT NULL, forgotten INTEGER NOT NULL)");
    db.run("INSERT INTO kept (one, intervals, bytes, forgotten) VALUES (1, 0, 0, 0)");
  }

  /** Writes what a batch keeps, in the transaction. */
  public static void save(Database db, Page page) throws SQLException {
    if (page.isEmpty()) {
      return;
    }
    Change change = new Change();
    for (Map.Entry<Long, byte[]> row : page.energies.entrySet()) {
      change.intervals += change.put(db, "energy", "minute", row) ? 1 : 0;
    }
    for (Map.Entry<Long, byte[]> row : page.longer.entrySet()) {
      change.put(db, "longer", "id", row);
    }
    for (Map.Entry<String, byte[]> memo : page.memos.entrySet()) {
      PreparedStatement insert =
          db.statement("INSERT OR REPLACE INTO memo (name, body) VALUES (?, ?)");
      insert.setString(1, memo.getKey());
      insert.setBytes(2, memo.getValue());
      insert.executeUpdate();
    }
    if (page.forgottenBefore != Long.MIN_VALUE) {
      long minute = minute(page.forgottenBefore);
      long gone = change.delete(db, "energy", "minute", 0, minute);
      change.intervals -= gone;
      change.forgotten += gone;
      for (int i = 0; i < LENGTHS.size(); i++) {
        long first = (long) i << MINUTE_BITS;
        change.delete(db, "longer", "id", first, first | minute);
      }
    }
    db.change(
        "UPDATE kept SET intervals = intervals + ?, bytes = bytes + ?, forgotten = forgotten + ?",
        change.intervals,
        change.bytes,
        change.forgotten);
  }

  /** What one transaction does to the counts. */
  private static final class Change {
    private long intervals;
    private long bytes;
    private long forgotten;

    /** Returns whether it is a new row. */
    boolean put(Database db, String table, String key, Map.Entry<Long, byte[]> row)
        throws SQLException {
      long before =
          db.number(
              "SELECT length(body) FROM %s WHERE %s = ?".formatted(table, key), -1, row.getKey());
      PreparedStatement insert =
          db.statement("INSERT OR REPLACE INTO %s (%s, body) VALUES (?, ?)".formatted(table, key));
      insert.setLong(1, row.getKey());
      insert.setBytes(2, row.getValue());
      insert.executeUpdate();
      bytes += row.getValue().length + (before < 0 ? ROW : -before);
      return before < 0;
    }

    /** Deletes the oldest keys from {@code first} to before {@code end}; returns how many went. */
    long delete(Database db, String table, String key, long first, long end) throws SQLException {
      String oldest =
          " FROM %1$s WHERE %2$s IN (SELECT %2$s FROM %1$s WHERE %2$s >= ? AND %2$s < ? ORDER BY %2$s LIMIT %3$d)"
              .formatted(table, key, MOST_FORGOTTEN);
      long count = db.number("SELECT count(*)" + oldest, 0, first, end);
      if (count > 0) {
        bytes -= db.number("SELECT sum(length(body))" + oldest, 0, first, end) + ROW * count;
        db.change("DELETE" + oldest, first, end);
      }
      return count;
    }
  }

  public static Size size(Database db) throws SQLException {
    try (ResultSet rows =
        db.statement("SELECT intervals, bytes, forgotten FROM kept").executeQuery()) {
      return rows.next()
          ? new Size(
              rows.getLong(1),
              MINUTE_MILLIS * db.number("SELECT min(minute) FROM energy", 0),
              rows.getLong(2),
              rows.getLong(3))
          : Size.NONE;
    }
  }

  /** Base intervals that start in {@code fromMillis..toMillis}, the end not included, ascending. */
  public static List<Row> energies(Database db, long fromMillis, long toMillis, int most)
      throws SQLException {
    return rows(db, "energy", "minute", minute(fromMillis), minute(toMillis), most);
  }

  /** The same of days, months or years. */
  public static List<Row> longer(
      Database db, String length, long fromMillis, long toMillis, int most) throws SQLException {
    return rows(db, "longer", "id", id(length, fromMillis), id(length, toMillis), most);
  }

  private static List<Row> rows(
      Database db, String table, String key, long first, long end, int most) throws SQLException {
    PreparedStatement select =
        db.statement(
            "SELECT %2$s, body FROM %1$s WHERE %2$s >= ? AND %2$s < ? ORDER BY %2$s LIMIT ?"
                .formatted(table, key));
    select.setLong(1, first);
    select.setLong(2, end);
    select.setInt(3, most);
    List<Row> rows = new ArrayList<>();
    try (ResultSet found = select.executeQuery()) {
      while (found.next()) {
        long minute = found.getLong(1) & ((1L << MINUTE_BITS) - 1);
        rows.add(new Row(MINUTE_MILLIS * minute, found.getBytes(2)));
      }
    }
    return rows;
  }

  /** The memo of that name, null if there is none. */
  public static byte @Nullable [] memo(Database db, String name) throws SQLException {
    PreparedStatement select = db.statement("SELECT body FROM memo WHERE name = ?");
    select.setString(1, name);
    try (ResultSet rows = select.executeQuery()) {
      return rows.next() ? rows.getBytes(1) : null;
    }
  }

  private static long minute(long millis) {
    return Math.clamp(Math.floorDiv(millis, MINUTE_MILLIS), 0, (1L << MINUTE_BITS) - 1);
  }

  private static long id(String length, long startMillis) {
    int kind = LENGTHS.indexOf(length);
    if (kind < 0) {
      throw new IllegalArgumentException("no such intervals are kept: " + length);
    }
    return (long) kind << MINUTE_BITS | minute(startMillis);
  }
}
