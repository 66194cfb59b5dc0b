package io.lingtan.agent.audit.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;

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
    super(INSERT, SELECT);
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
  void fill(PreparedStatement insert, Row row) throws SQLException {
    insert.setString(4, row.record().stream());
    time(insert, 5, row, Types.INTEGER);
    insert.setString(6, row.text());
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
