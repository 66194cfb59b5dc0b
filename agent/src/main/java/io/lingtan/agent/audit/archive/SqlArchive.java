package io.lingtan.agent.audit.archive;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table {@code record} with one row for each key: what came first stays, and what comes again
 * with another content is counted. One transaction for each commit; while the database is away
 * everything is held, and goes with the first commit after. One thread.
 */
abstract sealed class SqlArchive implements Archive permits SqliteArchive, PostgresArchive {

  private static final int ROWS_AT_ONCE = 500;

  /** A record that waits for its row. */
  record Row(String gateway, Numbered record) {

    String text() {
      return new String(record.json(), StandardCharsets.UTF_8);
    }
  }

  private final List<Row> added = new ArrayList<>();
  private @Nullable Connection connection;
  private long contradictions;

  abstract Connection connect() throws SQLException;

  /** Makes the table where there is none, and leaves the connection without auto-commit. */
  abstract void prepare(Connection fresh) throws SQLException;

  /** Inserts those that are not there; returns how many are there with another content. */
  abstract int insert(Connection open, List<Row> rows) throws SQLException;

  /** Says for a person what to do. */
  abstract String cannot(SQLException e);

  final void open() throws IOException {
    try {
      connected();
    } catch (SQLException e) {
      close();
      throw new IOException(cannot(e), e);
    }
  }

  private Connection connected() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = connect();
      connection = open;
      prepare(open);
    }
    return open;
  }

  @Override
  public final void add(String gateway, Numbered record, boolean isNew) {
    added.add(new Row(gateway, record));
  }

  @Override
  public final void commit() throws IOException {
    if (added.isEmpty()) {
      return;
    }
    try {
      Connection open = connected();
      long other = 0;
      for (int from = 0; from < added.size(); from += ROWS_AT_ONCE) {
        other += insert(open, added.subList(from, Math.min(from + ROWS_AT_ONCE, added.size())));
      }
      open.commit();
      contradictions += other;
    } catch (SQLException e) {
      close(); // and with it what was half done; the next commit begins anew
      throw new IOException(cannot(e), e);
    }
    added.clear();
  }

  @Override
  public final long contradictions() {
    return contradictions;
  }

  @Override
  public final void close() {
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
