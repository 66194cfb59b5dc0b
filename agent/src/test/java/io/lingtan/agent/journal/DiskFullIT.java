package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.testing.Launched;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file system that is full or read-only, for a while. Mounts one, which takes root. */
@Tag("campaign")
final class DiskFullIT {
  @TempDir Path folder;
  private Path small = Path.of("");

  private static void run(String... command) throws IOException, InterruptedException {
    Launched launched = Launched.run(Map.of(), command);
    assertEquals(0, launched.exit(), launched.err());
  }

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    // SQLite's library is loaded from where the first journal lies, and would keep the file system
    // busy.
    new Bench(Files.createDirectory(folder.resolve("first"))).close();
    small = Files.createDirectory(folder.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", small.toString());
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    run("umount", small.toString());
  }

  private static Batch batch(Bench bench) {
    Batch batch = bench.journal().begin();
    for (int i = 0; i < 200; i++) {
      bench.time.advanceMillis(20);
      batch.data(bench.sample("dev-" + i % 10), bench.now());
    }
    return batch;
  }

  private static void assertAllThereOnce(Bench bench, long numbered) {
    List<JournalRecord> waiting = bench.waiting();
    assertEquals(numbered, bench.journal().state().last());
    assertEquals(numbered, waiting.size());
    for (int i = 0; i < waiting.size(); i++) {
      assertEquals(i + 1, waiting.get(i).seq());
    }
  }

  @Test
  void aBatchWaitsOutAFullDiskAndIsCommittedOnce() throws IOException {
    try (Bench bench = new Bench(small)) {
      batch(bench).commit(bench.now(), null);
      Path filler = small.resolve("filler");
      try (OutputStream out = Files.newOutputStream(filler)) {
        byte[] block = new byte[4096];
        while (true) {
          out.write(block);
        }
      } catch (IOException e) {
        // Full now.
      }
      long numbered = 200;
      Batch waiting = batch(bench);
      for (int attempt = 0; attempt < 50; attempt++) {
        try {
          waiting.commit(bench.now(), null);
          numbered += 200;
          waiting = batch(bench);
        } catch (JournalUnavailable e) {
          assertTrue(String.valueOf(e.getMessage()).contains("disk is full"), e.getMessage());
          assertEquals(e.said(), bench.journal().state().failure());
          assertEquals(200, waiting.size());
        }
      }
      assertTrue(bench.journal().state().failure() != null, "the disk never was full");
      Files.delete(filler);
      waiting.commit(bench.now(), null);
      numbered += 200;
      assertNull(bench.journal().state().failure());
      assertAllThereOnce(bench, numbered);
      bench.killed();
      assertAllThereOnce(bench, numbered);
    }
  }

  @Test
  void aReadOnlyFileSystemIsSaidAndRecoveredFrom() throws IOException, InterruptedException {
    try (Bench bench = new Bench(small)) {
      batch(bench).commit(bench.now(), null);
      bench.journal().crash();
      run("mount", "-o", "remount,ro", small.toString());
      Batch waiting = batch(bench);
      var refused = assertThrows(JournalUnavailable.class, () -> waiting.commit(bench.now(), null));
      assertTrue(String.valueOf(refused.getMessage()).contains("writ"), refused.getMessage());
      run("mount", "-o", "remount,rw", small.toString());
      waiting.commit(bench.now(), null);
      assertAllThereOnce(bench, 400);
    }
  }

  @Test
  void whereMemoryIsFullAcknowledgementsWaitForTheNextCommitOrForRoom() throws IOException {
    Path place = Files.createDirectory(folder.resolve("place"));
    try (Bench bench = new Bench(place, small)) {
      bench.commitWide(2000);
      try (Outbox outbox = bench.journal().outbox()) {
        String epoch = bench.journal().state().epoch();
        outbox.acknowledged(epoch, 1);
        outbox.keepAcknowledged();
        Path filler = small.resolve("filler");
        try (OutputStream out = Files.newOutputStream(filler)) {
          byte[] block = new byte[4096];
          while (true) {
            out.write(block);
          }
        } catch (IOException e) {
          // Full now.
        }
        // One after the other, so that the file outgrows the page that it has.
        for (long seq = 3; seq <= 1999; seq += 2) {
          outbox.acknowledged(epoch, seq);
          outbox.keepAcknowledged();
        }
        assertTrue(bench.journal().receipts().failed() > 0, "it never was full");
        bench.killed();
        List<Long> waiting = bench.waiting().stream().map(JournalRecord::seq).toList();
        assertTrue(waiting.size() > 1000, "what could not be written is sent again");
        assertFalse(waiting.contains(1L) || waiting.contains(3L), "what was written is not");
        Files.delete(filler);
      }
      try (Outbox outbox = bench.journal().outbox()) {
        outbox.acknowledged(bench.journal().state().epoch(), 2);
        outbox.keepAcknowledged();
      }
      bench.killed();
      assertEquals(0, bench.journal().receipts().failed());
      assertEquals(4, bench.waiting().getFirst().seq(), "there is room again");
    }
  }
}
