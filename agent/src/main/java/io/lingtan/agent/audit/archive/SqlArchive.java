package io.lingtan.agent.audit.archive;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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

  private final String insert;
  private final String select;
  private final List<Row> added = new ArrayList<>();
  private @Nullable Connection connection;
  private long contradictions;

  /**
   * @param insert a row that is not there yet, with the parameters that {@link #fill} gives
   * @param select the text of a gateway, epoch and seq
   */
  SqlArchive(String insert, String select) {
    this.insert = insert;
    this.select = select;
  }

  abstract Connection connect() throws SQLException;

  /** Makes the table where there is none, and leaves the connection without auto-commit. */
  abstract void prepare(Connection fresh) throws SQLException;

  /** Gives an insertion its parameters from the fourth on. */
  abstract void fill(PreparedStatement insert, Row row) throws SQLException;

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
      try (PreparedStatement inserting = open.prepareStatement(insert);
          PreparedStatement selecting = open.prepareStatement(select)) {
        for (int from = 0; from < added.size(); from += ROWS_AT_ONCE) {
          List<Row> rows = added.subList(from, Math.min(from + ROWS_AT_ONCE, added.size()));
          other += insert(rows, inserting, selecting);
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

  /** Returns how many were there with another content. */
  private int insert(List<Row> rows, PreparedStatement inserting, PreparedStatement selecting)
      throws SQLException {
    for (Row row : rows) {
      key(inserting, row);
      fill(inserting, row);
      inserting.addBatch();
    }
    int[] inserted = inserting.executeBatch();
    int other = 0;
    for (int i = 0; i < inserted.length; i++) {
      other += inserted[i] != 0 || isThere(selecting, rows.get(i)) ? 0 : 1;
    }
    return other;
  }

  private static void key(PreparedStatement statement, Row row) throws SQLException {
    statement.setString(1, row.gateway);
    statement.setString(2, row.record.epoch());
    statement.setLong(3, row.record.seq());
  }

  private static boolean isThere(PreparedStatement selecting, Row row) throws SQLException {
    key(selecting, row);
    try (ResultSet rows = selecting.executeQuery()) {
      return rows.next() && rows.getString(1).equals(row.text());
    }
  }

  /** The time of a record, in UTC ms; NULL where it has none. */
  static void time(PreparedStatement insert, int at, Row row, int type) throws SQLException {
    if (row.record.tsMillis() == Numbered.UNDATED) {
      insert.setNull(at, type);
    } else {
      insert.setLong(at, row.record.tsMillis());
    }
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
