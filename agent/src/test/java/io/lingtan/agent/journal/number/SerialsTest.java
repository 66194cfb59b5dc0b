package io.lingtan.agent.journal.number;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.journal.Bench;
import io.lingtan.agent.journal.KeptTest;
import io.lingtan.agent.journal.commit.Batch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which meter was where, over the end of a process. */
final class SerialsTest {

  @TempDir Path folder;

  private static void commit(Bench bench, String device, String serial) {
    Batch batch = bench.journal().begin();
    batch.serial(device, serial);
    batch.commit(Bench.START, null);
  }

  @Test
  void theLastSerialNumberOfEachDeviceOutlivesAKillAndAPowerCut() throws SQLException {
    try (Bench bench = new Bench(folder)) {
      assertEquals(Map.of(), bench.journal().serials());
      commit(bench, "gate", "SN-1");
      commit(bench, "pv", "A 2");
      commit(bench, "gate", "SN-3");
      bench.killed();
      assertEquals(Map.of("gate", "SN-3", "pv", "A 2"), bench.journal().serials());
      bench.powerCut();
      assertEquals(Map.of("gate", "SN-3", "pv", "A 2"), bench.journal().serials());
    }
  }

  @Test
  void aBatchWithNothingElseIsStillWritten() throws SQLException {
    try (Bench bench = new Bench(folder)) {
      long last = bench.journal().state().last();
      commit(bench, "gate", "SN-1");
      assertEquals(last, bench.journal().state().last(), "it is no record");
      bench.powerCut();
      assertEquals(Map.of("gate", "SN-1"), bench.journal().serials());
    }
  }

  @Test
  void aFileOfTheThirdVersionIsTakenUp() throws SQLException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        var statement = connection.createStatement()) {
      statement.execute("DROP TABLE serial");
      for (String table : KeptTest.TABLES) {
        statement.execute("DROP TABLE " + table);
      }
      KeptTest.dropSums(statement);
      statement.execute("PRAGMA user_version=3");
    }
    try (Bench bench = new Bench(folder)) {
      assertEquals(2, bench.journal().state().last());
      commit(bench, "gate", "SN-1");
      bench.killed();
      assertEquals(Map.of("gate", "SN-1"), bench.journal().serials());
    }
  }
}
