package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Randomness;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept is read again as it was, delivered or not, and what is gone is told exactly. */
final class RereadingTest {

  @TempDir Path folder;

  /** A whole range in pieces. */
  private static final class Whole {
    final List<JournalRecord> records = new ArrayList<>();
    final TreeSet<Long> gone = new TreeSet<>();
    long count;
    long held;

    static Whole of(Outbox outbox, String epoch, long from, long to, int most) {
      Whole whole = new Whole();
      long next = from;
      while (next <= to) {
        Reread kept = outbox.again(epoch, next, to, most);
        assertNotNull(kept);
        assertTrue(kept.next() > next, "no progress at " + next);
        assertTrue(kept.next() <= to + 1, "beyond the end: " + kept.next());
        assertTrue(most > 0 || kept.records().isEmpty(), "only looked");
        assertTrue(kept.records().size() <= Math.max(0, most), "too many at once");
        whole.records.addAll(kept.records());
        for (Range range : kept.gone()) {
          for (long seq = range.from(); seq <= range.to(); seq++) {
            assertTrue(whole.gone.add(seq), "told twice");
          }
        }
        whole.count += kept.count();
        whole.held += kept.held();
        next = kept.next();
      }
      return whole;
    }

    List<String> texts() {
      return records.stream().map(RecordJson::of).toList();
    }
  }

  private static List<String> texts(List<JournalRecord> records) {
    return records.stream().map(RecordJson::of).toList();
  }

  @Test
  void whatWasDeliveredIsReadAgainByteForByteInWhateverPieces() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 400; i++) {
        bench.commit("a", "b", "c", "d");
        if (i % 40 == 0) {
          bench.interval("15m");
          bench.event("meter.reset");
        }
      }
      List<String> first = texts(bench.waiting());
      String epoch = bench.journal().state().epoch();
      long last = bench.journal().state().last();
      bench.acknowledge(1, last);
      bench.commit("a");
      try (Outbox outbox = bench.journal().outbox()) {
        for (int most : new int[] {1, 7, 128, 10_000}) {
          Whole again = Whole.of(outbox, epoch, 1, last, most);
          assertEquals(first, again.texts());
          assertEquals(last, again.count);
          assertEquals(0, again.gone.size() + again.held);
        }
        assertEquals(last, Whole.of(outbox, epoch, 1, last, 0).count);
        assertEquals(first.subList(4, 9), Whole.of(outbox, epoch, 5, 9, 128).texts());
        assertEquals(1, Whole.of(outbox, epoch, last, last, 0).count);
        assertEquals(last + 1, outbox.last(epoch));
        assertEquals(last + 1, bench.journal().state().acked() + 1);
      }
    }
  }

  @Test
  void anEpochFromBeforeAPowerCutIsReadAgainToo() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 30; i++) {
        bench.commit("a", "b");
      }
      List<String> first = texts(bench.waiting());
      String epoch = bench.journal().state().epoch();
      bench.acknowledge(1, 60);
      bench.powerCut();
      bench.commit("a");
      try (Outbox outbox = bench.journal().outbox()) {
        assertEquals(60, outbox.last(epoch));
        assertEquals(first, Whole.of(outbox, epoch, 1, 60, 16).texts());
        assertEquals(-1, outbox.last("nobody"));
        assertNull(outbox.again("nobody", 1, 2, 10));
      }
    }
  }

  @Test
  void whatIsGoneIsToldExactlyWhereverTheLimitStruck() throws SQLException {
    for (long seed = 1; seed <= 2; seed++) {
      long s = seed;
      try (Bench bench = new Bench(folder.resolve("" + seed), 512 * 1024, seed)) {
        for (int i = 0; i < 400; i++) {
          bench.commitWide(1 + bench.random.nextInt(30));
          if (bench.random.nextInt(4) == 0) {
            bench.event("poll.skipped");
          }
          if (bench.random.nextInt(6) == 0) {
            long last = bench.journal().state().last();
            long from = 1 + bench.random.nextLong(last);
            bench.acknowledge(from, Math.min(last, from + 200));
          }
        }
        bench.restarted(); // what memory still has of it does not count
        String epoch = bench.journal().state().epoch();
        long last = bench.journal().state().last();
        Set<Long> missing = missing(bench, last);
        try (Outbox outbox = bench.journal().outbox()) {
          Whole looked = Whole.of(outbox, epoch, 1, last, 0);
          Whole read = Whole.of(outbox, epoch, 1, last, 100);
          assertTrue(missing.equals(looked.gone), () -> "seed " + s);
          assertTrue(missing.equals(read.gone), () -> "seed " + s);
          assertEquals(last - missing.size(), looked.count, () -> "seed " + s);
          assertEquals(last - missing.size(), read.records.size(), () -> "seed " + s);
          assertTrue(missing.size() > 500 && read.records.size() > 100, () -> "seed " + s);
        }
      }
    }
  }

  /** What the file itself does not have. */
  private static Set<Long> missing(Bench bench, long last) throws SQLException {
    TreeSet<Long> missing = new TreeSet<>();
    LongStream.rangeClosed(1, last).forEach(missing::add);
    try (var db = DriverManager.getConnection("jdbc:sqlite:" + bench.file);
        var select = db.createStatement();
        var rows =
            select.executeQuery(
                "SELECT id, count FROM data UNION ALL SELECT id, count FROM report")) {
      while (rows.next()) {
        long first = rows.getLong(1) & Segment.MOST_SEQ;
        missing.subSet(first, first + rows.getLong(2)).clear();
      }
    }
    return missing;
  }

  @Test
  void whatWaitsForItsDateIsNeitherThereNorGoneAndIsReadAsItWasSentLater() {
    try (Bench bench = new Bench(folder)) {
      Batch batch = bench.journal().begin();
      batch.data(bench.sample("a"), JournalRecord.UNDATED);
      batch.data(bench.sample("b"), JournalRecord.UNDATED);
      batch.commit(JournalRecord.UNDATED, null);
      bench.commit("a");
      for (boolean onDisk : new boolean[] {false, true}) {
        if (onDisk) {
          bench.killed();
        }
        String epoch = bench.journal().state().epoch();
        try (Outbox outbox = bench.journal().outbox()) {
          for (int most : new int[] {0, 10}) {
            Whole whole = Whole.of(outbox, epoch, 1, 3, most);
            assertEquals(2, whole.held);
            assertEquals(1, whole.count);
            assertEquals(0, whole.gone.size());
          }
        }
      }
      bench.journal().releaseBoot("boot-1");
      List<String> sent = texts(bench.waiting());
      bench.acknowledge(1, 3);
      bench.journal().dateBoot("boot-1", Bench.START);
      bench.killed();
      try (Outbox outbox = bench.journal().outbox()) {
        Whole whole = Whole.of(outbox, bench.journal().state().epoch(), 1, 3, 10);
        assertEquals(sent, whole.texts());
      }
    }
  }

  @Test
  void numbersThatAnotherCopyHasUsedAreNeverReadAgain() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 20; i++) {
        bench.commit("a");
        bench.event("meter.reset");
      }
      String epoch = bench.journal().state().epoch();
      bench.acknowledge(1, 20);
      try (Outbox outbox = bench.journal().outbox()) {
        for (JournalRecord record : outbox.read(epoch, Bench.ALL, 21, 100)) {
          outbox.setAside(record, "number_reused");
        }
        outbox.endEpoch("store_ahead", java.util.Map.of());
      }
      bench.commit("a");
      bench.killed();
      try (Outbox outbox = bench.journal().outbox()) {
        for (int most : new int[] {0, 10}) {
          Whole whole = Whole.of(outbox, epoch, 1, 40, most);
          assertEquals(20, whole.count);
          assertEquals(20, whole.gone.size());
          assertEquals(21, whole.gone.first());
        }
        assertEquals(20, Whole.of(outbox, epoch, 1, 40, 10).records.size());
      }
    }
  }

  @Test
  void aDamagedSegmentIsGoneAndNoOther() throws SQLException {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 10; i++) {
        bench.commit("a", "b");
      }
      bench.acknowledge(1, 20);
      bench.restarted();
      String epoch = bench.journal().state().epoch();
      try (var db = DriverManager.getConnection("jdbc:sqlite:" + bench.file);
          var update = db.createStatement()) {
        assertEquals(
            1, update.executeUpdate("UPDATE data SET body = x'00ff' WHERE id & 0xffff = 7"));
      }
      try (Outbox outbox = bench.journal().outbox()) {
        Whole whole = Whole.of(outbox, epoch, 1, 20, 100);
        assertEquals(new TreeSet<>(List.of(7L, 8L)), whole.gone);
        assertEquals(18, whole.records.size());
      }
    }
  }

  @Test
  void whatIsNumberedAndNotYetWrittenIsNotGone() {
    AtomicBoolean broken = new AtomicBoolean();
    Connector card =
        file -> {
          if (broken.get()) {
            throw new SQLException("disk is full", "", 13);
          }
          return Connector.sqlite().connect(file);
        };
    try (Bench bench = new Bench(folder.resolve("unused"))) {
      Journal journal =
          Journal.open(
              new JournalOptions(
                  folder.resolve("lent.db"),
                  Bench.LARGE,
                  Bench.MACHINE,
                  card,
                  folder.resolve("volatile"),
                  null),
              bench.time,
              Randomness.seeded(1));
      Outbox outbox = journal.outbox();
      for (int i = 0; i < 10; i++) {
        commit(bench, journal);
      }
      String epoch = journal.state().epoch();
      assertNotNull(outbox.read(epoch, Bench.ALL, 1, 1));
      Checkpoint nothing = journal.checkpoint();
      assertNull(nothing);
      assertNotNull(outbox.again(epoch, 1, 10, 1));
      // More than memory keeps, so that the oldest of them can be read from nowhere.
      outbox.again(epoch, 1, 1, 1);
      journal.store().tail.clear();
      assertNotNull(outbox.again(epoch, 1, 10, 1), "opens the file while it can be opened");
      journal.store().lose();
      broken.set(true);
      for (int i = 0; i < 1500; i++) {
        Batch batch = journal.begin();
        batch.data(bench.sample("a"), bench.now());
        assertThrows(JournalUnavailable.class, () -> batch.commit(bench.now(), null));
        assertTrue(batch.lend(bench.now()));
      }
      Whole whole = Whole.of(outbox, epoch, 1, 1510, 100);
      assertEquals(0, whole.gone.size());
      assertEquals(1510, whole.records.size() + whole.held);
      assertTrue(whole.held > 100 && whole.records.size() > 1000, () -> "" + whole.held);
      broken.set(false);
      commit(bench, journal);
      assertEquals(1510, Whole.of(outbox, epoch, 1, 1510, 100).records.size());
      outbox.close();
      journal.close();
    }
  }

  private static void commit(Bench bench, Journal journal) {
    Batch batch = journal.begin();
    batch.data(bench.sample("a"), bench.now());
    batch.commit(bench.now(), null);
  }
}
