package io.lingtan.agent.audit.archive;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An SQLite table {@code record} with the primary key (gateway, epoch, seq): what came first stays,
 * and what comes again with another content is counted. One transaction for each commit. One
 * thread.
 */
final class SqliteArchive implements Archive {

  private static final int FORMAT = 1;
  private static final String TABLE =
      "CREATE TABLE record (gateway TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
          + " stream TEXT NOT NULL, ts INTEGER, json TEXT NOT NULL,"
          + " PRIMARY KEY (gateway, epoch, seq)) WITHOUT ROWID";
  private static final String INDEX = "CREATE INDEX record_in_time ON record (gateway, stream, ts)";
  private static final String INSERT =
      "INSERT INTO record (gateway, epoch, seq, stream, ts, json) VALUES (?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT DO NOTHING";
  private static final String SELECT =
      "SELECT json FROM record WHERE gateway = ? AND epoch = ? AND seq = ?";

  private record Row(String gateway, Numbered record) {}

  private final Path file;
  private final List<Row> added = new ArrayList<>();
  private @Nullable Connection connection;
  private long contradictions;

  private SqliteArchive(Path file) {
    this.file = file;
  }

  static SqliteArchive open(Path file) throws IOException {
    SqliteArchive archive = new SqliteArchive(file.toAbsolutePath());
    try {
      archive.connected();
      return archive;
    } catch (SQLException e) {
      archive.close();
      throw new IOException(archive.cannot(e), e);
    }
  }

  private Connection connected() throws SQLException {
    Connection open = connection;
    if (open != null) {
      return open;
    }
    open = DriverManager.getConnection("jdbc:sqlite:" + file);
    connection = open;
    try (Statement statement = open.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      prepare(statement);
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("PRAGMA synchronous=FULL");
    }
    open.setAutoCommit(false);
    return open;
  }

  private static void prepare(Statement statement) throws SQLException {
    int format;
    try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
      format = rows.next() ? rows.getInt(1) : 0;
    }
    boolean isEmpty;
    try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM sqlite_master")) {
      isEmpty = rows.next() && rows.getInt(1) == 0;
    }
    if (format == 0 && isEmpty) {
      statement.execute("BEGIN IMMEDIATE");
      statement.execute(TABLE);
      statement.execute(INDEX);
      statement.execute("PRAGMA user_version=" + FORMAT);
      statement.execute("COMMIT");
    } else if (format != FORMAT) {
      throw new SQLException("it is a database of another program or version: name another file");
    }
  }

  @Override
  public void add(String gateway, Numbered record, boolean isNew) {
    added.add(new Row(gateway, record));
  }

  @Override
  public void commit() throws IOException {
    if (added.isEmpty()) {
      return;
    }
    try {
      Connection open = connected();
      long other = 0;
      try (PreparedStatement insert = open.prepareStatement(INSERT);
          PreparedStatement select = open.prepareStatement(SELECT)) {
        for (Row row : added) {
          other += isInserted(insert, row) || isThere(select, row) ? 0 : 1;
        }
      }
      open.commit();
      contradictions += other;
    } catch (SQLException e) {
      close(); // and with it what was half done; the next commit begins anew
      throw new IOException(cannot(e), e);
    }
    added.clear();
  }

  private static boolean isInserted(PreparedStatement insert, Row row) throws SQLException {
    Numbered record = row.record;
    insert.setString(1, row.gateway);
    insert.setString(2, record.epoch());
    insert.setLong(3, record.seq());
    insert.setString(4, record.stream());
    if (record.tsMillis() == Numbered.UNDATED) {
      insert.setNull(5, Types.INTEGER);
    } else {
      insert.setLong(5, record.tsMillis());
    }
    insert.setString(6, text(record));
    return insert.executeUpdate() > 0;
  }

  private static boolean isThere(PreparedStatement select, Row row) throws SQLException {
    select.setString(1, row.gateway);
    select.setString(2, row.record.epoch());
    select.setLong(3, row.record.seq());
    try (ResultSet rows = select.executeQuery()) {
      return rows.next() && rows.getString(1).equals(text(row.record));
    }
  }

  private static String text(Numbered record) {
    return new String(record.json(), StandardCharsets.UTF_8);
  }

  private String cannot(SQLException e) {
    return "cannot write the archive "
        + file
        + " ("
        + e.getMessage()
        + "): make room or give permission; until then the broker keeps what comes";
  }

  @Override
  public long contradictions() {
    return contradictions;
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // What was committed is on the disk.
      }
    }
  }
}
