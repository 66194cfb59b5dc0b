package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.commit.Kept;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept for years beside the records. */
public final class KeptTest {

  /** What a file of version 4 does not have. */
  public static final List<String> TABLES = List.of("energy", "longer", "memo", "kept");

  private static final long QUARTER = 900_000;
  private static final long START = Bench.START - Bench.START % QUARTER;

  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void commit(Bench bench, Consumer<Batch> what) {
    Batch batch = bench.journal().begin();
    what.accept(batch);
    batch.commit(Bench.START, null);
  }

  private static List<String> energies(Bench bench) {
    return texts(bench.journal().energies(0, Long.MAX_VALUE, 1000));
  }

  private static List<String> texts(List<Kept.Row> rows) {
    return rows.stream()
        .map(
            row ->
                (row.startMillis() - START) / QUARTER
                    + " "
                    + new String(row.body(), StandardCharsets.UTF_8))
        .toList();
  }

  /** As before version 6. */
  public static void dropSums(Statement statement) throws SQLException {
    for (String table : List.of("epoch", "name", "boot")) {
      statement.execute("ALTER TABLE " + table + " DROP COLUMN sum");
    }
  }

  @Test
  void aRowThatIsWrittenAgainTakesThePlaceOfTheEarlierOneOverAKillAndAPowerCut() {
    try (Bench bench = new Bench(folder)) {
      commit(bench, batch -> batch.energies(START, bytes("first")));
      commit(bench, batch -> batch.energies(START + QUARTER, bytes("next")));
      commit(bench, batch -> batch.energies(START, bytes("second time")));
      bench.killed();
      assertEquals(List.of("0 second time", "1 next"), energies(bench));
      bench.powerCut();
      assertEquals(List.of("0 second time", "1 next"), energies(bench));
      assertEquals(2, bench.journal().kept().intervals());
      assertEquals(START, bench.journal().kept().firstMillis());
      assertEquals(11 + 4 + 2 * 16, bench.journal().kept().bytes());
      assertEquals(
          List.of("1 next"),
          texts(bench.journal().energies(START + QUARTER, Long.MAX_VALUE, 1000)));
    }
  }

  @Test
  void daysMonthsAndYearsOfOneStartAreKeptApart() {
    try (Bench bench = new Bench(folder)) {
      commit(
          bench,
          batch -> {
            batch.longer("1d", START, bytes("day"));
            batch.longer("1M", START, bytes("month"));
            batch.longer("1Y", START, bytes("year"));
            batch.longer("1d", START + 96 * QUARTER, bytes("other day"));
          });
      bench.restarted();
      assertEquals(
          List.of("0 day", "96 other day"),
          texts(bench.journal().longer("1d", 0, Long.MAX_VALUE, 9)));
      assertEquals(List.of("0 month"), texts(bench.journal().longer("1M", 0, Long.MAX_VALUE, 9)));
      assertEquals(
          List.of("0 year"), texts(bench.journal().longer("1Y", START, START + QUARTER, 9)));
      assertEquals(
          List.of(), texts(bench.journal().longer("1Y", START + 60_000, Long.MAX_VALUE, 9)));
      assertEquals(0, bench.journal().kept().intervals(), "only base intervals are counted");
    }
  }

  @Test
  void aMemoIsTheLastOneOfItsName() {
    try (Bench bench = new Bench(folder)) {
      assertNull(bench.journal().memo("factors"));
      commit(bench, batch -> batch.memo("factors", bytes("a")));
      commit(bench, batch -> batch.memo("factors", bytes("b")));
      bench.killed();
      assertArrayEquals(bytes("b"), bench.journal().memo("factors"));
    }
  }

  @Test
  void aCrashTakesBackWhatWasNotCommittedTogetherWithItsRecords() {
    try (Bench bench = new Bench(folder)) {
      Batch open = bench.journal().begin();
      open.interval(Bench.quarter("15m", START + QUARTER));
      open.energies(START, bytes("gone"));
      assertTrue(open.hasKept());
      bench.killed();
      assertEquals(List.of(), energies(bench));
      assertEquals(0, bench.journal().state().last());
    }
  }

  @Test
  void aFailedCommitKeepsRowsForTheNextAttempt() {
    try (Bench bench = new Bench(folder)) {
      Batch batch = bench.journal().begin();
      batch.energies(START, bytes("kept"));
      bench.journal().store().lose();
      batch.commit(Bench.START, null);
      assertEquals(List.of("0 kept"), energies(bench));
    }
  }

  @Test
  void rowsOutliveAnEpochAMachineAndAllTheRecordsOfTheirTime() {
    try (Bench bench = new Bench(folder, 2L << 20, 3)) {
      commit(
          bench,
          batch -> {
            batch.interval(Bench.quarter("15m", START + QUARTER));
            batch.energies(START, bytes("old"));
          });
      for (int i = 0; i < 600; i++) {
        bench.commitWide(20);
        long last = bench.journal().state().last();
        bench.acknowledge(Math.max(1, last - 20), last);
      }
      assertTrue(bench.journal().state().first() > 1, "records had to make room");
      bench.restarted(2L << 20, "machine-2");
      assertEquals(List.of("0 old"), energies(bench));
    }
  }

  @Test
  void theOldestGoFirstSomeWithEachCommitAndAreCounted() {
    try (Bench bench = new Bench(folder)) {
      int rows = 2 * Kept.MOST_FORGOTTEN + 10;
      commit(
          bench,
          batch -> {
            for (int i = 0; i < rows; i++) {
              batch.energies(START + i * QUARTER, bytes("x"));
            }
            batch.longer("1d", START, bytes("day"));
            batch.longer("1M", START, bytes("month"));
            batch.longer("1d", START + (rows - 1) * QUARTER, bytes("last day"));
          });
      long end = START + (rows - 5) * QUARTER;
      commit(bench, batch -> batch.forgetKept(end));
      assertEquals(rows - Kept.MOST_FORGOTTEN, bench.journal().kept().intervals());
      assertEquals(START + Kept.MOST_FORGOTTEN * QUARTER, bench.journal().kept().firstMillis());
      commit(bench, batch -> batch.forgetKept(end));
      commit(bench, batch -> batch.forgetKept(end));
      bench.killed();
      commit(bench, batch -> batch.forgetKept(end));
      Kept.Size size = bench.journal().kept();
      assertEquals(5, size.intervals());
      assertEquals(end, size.firstMillis());
      assertEquals(rows - 5, size.forgotten());
      assertEquals(5 * 17 + 8 + 16, size.bytes());
      assertEquals(
          List.of(rows - 1 + " last day"),
          texts(bench.journal().longer("1d", 0, Long.MAX_VALUE, 9)));
      assertEquals(List.of(), texts(bench.journal().longer("1M", 0, Long.MAX_VALUE, 9)));
    }
  }

  @Test
  void whatIsCountedIsWhatTheFileGrowsBy() {
    try (Bench bench = new Bench(folder)) {
      int rows = 4 * 30 * 96;
      long before = bench.journal().state().bytes();
      for (int day = 0; day < rows / 96; day++) {
        int first = day * 96;
        commit(
            bench,
            batch -> {
              for (int i = first; i < first + 96; i++) {
                byte[] body = new byte[47];
                bench.random.nextBytes(body);
                batch.energies(START + i * QUARTER, body);
              }
            });
      }
      bench.restarted();
      double each = (double) (bench.journal().state().bytes() - before) / rows;
      double counted = (double) bench.journal().kept().bytes() / rows;
      System.out.printf("a row of 47 bytes takes %.1f in the file, counted %.1f%n", each, counted);
      assertEquals(each, counted, 0.2 * each);
    }
  }

  @Test
  void aFileOfTheFourthVersionIsTakenUpWithAllThatIsInIt() throws SQLException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        var statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute("DROP TABLE " + table);
      }
      KeptTest.dropSums(statement);
      statement.execute("PRAGMA user_version=4");
    }
    try (Bench bench = new Bench(folder)) {
      assertEquals(2, bench.journal().state().last());
      assertEquals(Kept.Size.NONE, bench.journal().kept());
      commit(bench, batch -> batch.energies(START, bytes("new")));
      bench.killed();
      assertEquals(List.of("0 new"), energies(bench));
    }
  }
}
