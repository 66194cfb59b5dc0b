package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.PulseTotal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Totals of pulse inputs beside the records. */
final class TotalsTest {

  @TempDir Path folder;

  private static PulseTotal water(long pulses) {
    return new PulseTotal("water", pulses, Bench.START + pulses);
  }

  private static void commit(Bench bench, PulseTotal... totals) {
    Batch batch = bench.journal().begin();
    for (PulseTotal total : totals) {
      batch.total(total);
    }
    batch.commit(Bench.START, null);
  }

  @Test
  void theLastOneOfEachInputIsKeptWithItsTime() {
    try (Bench bench = new Bench(folder)) {
      PulseTotal gas = new PulseTotal("gas", 5, JournalRecord.UNDATED);
      commit(bench, water(1), gas, water(2));
      commit(bench, water(3));
      assertEquals(0, bench.journal().state().last(), "a total is no record");
      bench.restarted();
      assertEquals(Map.of("water", water(3), "gas", gas), bench.journal().totals());
    }
  }

  @Test
  void aCrashTakesBackWhatWasNotCommitted() {
    try (Bench bench = new Bench(folder)) {
      commit(bench, water(10));
      Batch open = bench.journal().begin();
      open.total(water(11));
      bench.killed();
      assertEquals(Map.of("water", water(10)), bench.journal().totals());
    }
  }

  @Test
  void aFailedCommitKeepsThemForTheNextAttempt() {
    try (Bench bench = new Bench(folder)) {
      Batch batch = bench.journal().begin();
      batch.total(water(4));
      bench.journal().store().lose();
      batch.commit(Bench.START, null);
      assertEquals(Map.of("water", water(4)), bench.journal().totals());
    }
  }

  @Test
  void aNewEpochOrMachineGoesOnFromThem() {
    try (Bench bench = new Bench(folder)) {
      commit(bench, water(10));
      bench.restarted(Bench.LARGE, "machine-2");
      assertEquals(Map.of("water", water(10)), bench.journal().totals());
      bench.powerCut();
      assertEquals(Map.of("water", water(10)), bench.journal().totals());
    }
  }

  @Test
  void aFileOfTheFirstVersionIsTakenUpWithAllThatIsInIt() throws SQLException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        var statement = connection.createStatement()) {
      // What that version wrote: the same without these tables.
      statement.execute("DROP TABLE total");
      statement.execute("DROP TABLE signed");
      statement.execute("DROP TABLE serial");
      for (String table : KeptTest.TABLES) {
        statement.execute("DROP TABLE " + table);
      }
      KeptTest.dropSums(statement);
      statement.execute("PRAGMA user_version=1");
    }
    try (Bench bench = new Bench(folder)) {
      assertEquals(2, bench.journal().state().last());
      assertEquals(Map.of(), bench.journal().totals());
      commit(bench, water(1));
      bench.killed();
      assertEquals(Map.of("water", water(1)), bench.journal().totals());
    }
  }
}
