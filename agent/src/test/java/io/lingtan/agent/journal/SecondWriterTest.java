package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.JournalRecord;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes on one file. */
final class SecondWriterTest {

  @TempDir Path folder;

  private Path lock() {
    return folder.resolve("journal.db.lock");
  }

  private Journal another(Bench bench) {
    return Journal.open(
        new JournalOptions(
            bench.file,
            Bench.LARGE,
            Bench.MACHINE,
            Connector.sqlite(),
            folder.resolve("volatile"),
            null),
        bench.time,
        bench.random);
  }

  private static void commit(Bench bench, Journal journal) {
    Batch batch = journal.begin();
    batch.data(bench.sample("other"), bench.now());
    batch.commit(bench.now(), null);
  }

  @Test
  void theLockOutlivesWhoeverOpensAndClosesItsFile() throws IOException {
    try (Bench bench = new Bench(folder)) {
      FileChannel.open(lock(), StandardOpenOption.WRITE).close();
      // Another owner's lock, as a second process would ask for it.
      try (FileChannel other = FileChannel.open(lock(), StandardOpenOption.WRITE)) {
        assertNull(other.tryLock());
      }
      assertThrows(JournalUnavailable.class, () -> another(bench));
    }
    try (FileChannel other = FileChannel.open(lock(), StandardOpenOption.WRITE)) {
      assertTrue(other.tryLock() != null, "let go of at the end");
    }
  }

  @Test
  void whoeverFindsAnothersCommitEndsBeforeANumberHasTwoContents() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      Files.delete(lock()); // the second takes a lock of its own
      try (Journal second = another(bench)) {
        commit(bench, second);
        SecondWriter found = assertThrows(SecondWriter.class, () -> bench.commit("b"));
        assertTrue(found.toString().contains("fuser -v " + bench.file), found::toString);
        assertEquals(1, bench.journal().state().last(), "nothing was numbered");
        assertThrows(SecondWriter.class, () -> bench.commit("c"), "and never is again");
        commit(bench, second);
        List<JournalRecord> all = List.of();
        try (Outbox outbox = second.outbox()) {
          all = outbox.read(second.state().epoch(), Bench.ALL, 1, 10);
        }
        assertEquals(List.of(1L, 2L, 3L), all.stream().map(JournalRecord::seq).toList());
      }
    }
  }

  @Test
  void aSecondThatBeganAnotherEpochIsFoundToo() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      Files.delete(lock());
      try (Journal second = another(bench)) {
        Bench.endEpoch(second, "machine");
        assertThrows(SecondWriter.class, () -> bench.commit("b"));
      }
    }
  }
}
