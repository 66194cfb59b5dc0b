package io.lingtan.agent.audit.archive;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;

/**
 * An SQLite table {@code record} with the primary key (gateway, epoch, seq): what came first stays,
 * and what comes again with another content is counted. One transaction for each commit. One
 * thread.
 */
final class SqliteArchive extends SqlArchive {

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

  private final Path file;

  private SqliteArchive(Path file) {
    this.file = file;
  }

  static SqliteArchive open(Path file) throws IOException {
    SqliteArchive archive = new SqliteArchive(file.toAbsolutePath());
    archive.open();
    return archive;
  }

  @Override
  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  @Override
  void prepare(Connection fresh) throws SQLException {
    try (Statement statement = fresh.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      tables(statement);
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("PRAGMA synchronous=FULL");
    }
    fresh.setAutoCommit(false);
  }

  private static void tables(Statement statement) throws SQLException {
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
  int insert(Connection open, List<Row> rows) throws SQLException {
    try (PreparedStatement insert = open.prepareStatement(INSERT);
        PreparedStatement select = open.prepareStatement(SELECT)) {
      for (Row row : rows) {
        key(insert, row);
        insert.setString(4, row.record().stream());
        if (row.record().tsMillis() == Numbered.UNDATED) {
          insert.setNull(5, Types.INTEGER);
        } else {
          insert.setLong(5, row.record().tsMillis());
        }
        insert.setString(6, row.text());
        insert.addBatch();
      }
      int[] inserted = insert.executeBatch();
      int other = 0;
      for (int i = 0; i < inserted.length; i++) {
        other += inserted[i] != 0 || isThere(select, rows.get(i)) ? 0 : 1;
      }
      return other;
    }
  }

  private static void key(PreparedStatement statement, Row row) throws SQLException {
    statement.setString(1, row.gateway());
    statement.setString(2, row.record().epoch());
    statement.setLong(3, row.record().seq());
  }

  private static boolean isThere(PreparedStatement select, Row row) throws SQLException {
    key(select, row);
    try (ResultSet rows = select.executeQuery()) {
      return rows.next() && rows.getString(1).equals(row.text());
    }
  }

  @Override
  String cannot(SQLException e) {
    return "cannot write the archive "
        + file
        + " ("
        + e.getMessage()
        + "): make room or give permission; until then the broker keeps what comes";
  }
}
