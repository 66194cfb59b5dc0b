package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.simulator.prove.Card.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What SQLite itself makes of a card after a power cut. */
final class CardTest {
  private static final String FILE = "journal.db";

  /** Opened as the journal opens its file. */
  private static Connection open(Card card, int walPages) throws SQLException {
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + card.folder().resolve(FILE));
    run(connection, "PRAGMA page_size=1024");
    run(connection, "PRAGMA journal_mode=WAL");
    run(connection, "PRAGMA synchronous=FULL");
    run(connection, "PRAGMA wal_autocheckpoint=" + walPages);
    run(connection, "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, body BLOB)");
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void commit(Connection connection, int rows) throws SQLException {
    run(connection, "BEGIN IMMEDIATE");
    for (int i = 0; i < rows; i++) {
      run(connection, "INSERT INTO t (body) VALUES (randomblob(700))");
    }
    run(connection, "COMMIT");
  }

  private static long count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
        assertEquals("ok", rows.getString(1));
      }
      try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
        return rows.getLong(1);
      }
    }
  }

  /** Rows after a cut in the commit that would have made 20 of 10. */
  private static long afterACut(long seed, boolean torn, int walPages) throws SQLException {
    RandomGenerator random = Randomness.seeded(seed);
    try (Card card = Card.inMemory()) {
      Connection running = open(card, walPages);
      commit(running, 10);
      Image synced = card.image();
      commit(running, 10);
      Image written = card.image();
      running.close(); // what closing writes is not on the card: an image is put on it
      card.cut(FILE, synced, written, torn, random);
      try (Connection after = open(card, walPages)) {
        return count(after);
      }
    }
  }

  @Test
  void aCutLeavesACommitWholeOrNotAtAll() throws SQLException {
    int whole = 0;
    int lost = 0;
    for (long seed = 1; seed <= 60; seed++) {
      // With 12 pages the second commit also copies the WAL into the file.
      long rows = afterACut(seed, seed % 3 == 0, seed % 2 == 0 ? 12 : 1000);
      assertTrue(rows == 10 || rows == 20, "seed " + seed + " left " + rows + " rows");
      whole += rows == 20 ? 1 : 0;
      lost += rows == 10 ? 1 : 0;
    }
    assertTrue(whole > 3 && lost > 20, whole + " whole and " + lost + " lost");
  }

  @Test
  void anImageHoldsWhatWasCommittedAndNothingLater() throws SQLException {
    try (Card card = Card.inMemory()) {
      Connection running = open(card, 1000);
      commit(running, 3);
      Image older = card.image();
      commit(running, 4);
      running.close();
      card.put(older);
      try (Connection after = open(card, 1000)) {
        assertEquals(3, count(after));
      }
    }
  }

  @Test
  void nothingIsLeftOfACard() throws Exception {
    Path folder;
    try (Card card = Card.inMemory()) {
      folder = card.folder();
      card.image();
      assertTrue(Files.isDirectory(folder));
    }
    assertFalse(Files.exists(folder.getParent()));
  }
}
