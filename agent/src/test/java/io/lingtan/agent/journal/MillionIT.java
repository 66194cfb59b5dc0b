package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.reading.JournalRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A long time without a broker. */
final class MillionIT {
  private static final long LIMIT = 2 << 20;
  private static final int SAMPLES = 1_000_000;
  private static final int BATCH = 500;

  @TempDir Path folder;

  @Test
  void aMillionSmallSamplesStayWithinTheLimitAndAreAllAccountedFor() throws IOException {
    try (Bench bench = new Bench(folder, LIMIT, 1)) {
      long largest = 0;
      for (int i = 0; i < SAMPLES / BATCH; i++) {
        Batch batch = bench.journal().begin();
        for (int k = 0; k < BATCH; k++) {
          bench.time.advanceMillis(20);
          batch.data(bench.sample("dev-" + k % 10), bench.now());
        }
        batch.commit(bench.now(), null);
        long bytes = 0;
        for (String suffix : List.of("", "-wal")) {
          bytes += Files.size(folder.resolve("journal.db" + suffix));
        }
        largest = Math.max(largest, bytes);
      }
      assertTrue(largest <= LIMIT, largest + " bytes");
      StoreSnapshot state = bench.journal().state();
      long dropped = state.dropped().stream().mapToLong(Drop::count).sum();
      assertTrue(dropped > 0);
      assertEquals(SAMPLES, dropped + bench.waiting().size());
    }
  }

  @Test
  @Tag("campaign")
  void tenMillionRecordsAreHeldOpenAtOnceAndAreEachReadOnce() throws IOException {
    long most = 10_000_000;
    long began = System.nanoTime();
    try (Bench bench = new Bench(folder, 2L << 30, 1)) {
      for (long i = 0; i < most / 5_000; i++) {
        Batch batch = bench.journal().begin();
        for (int k = 0; k < 5_000; k++) {
          bench.time.advanceMillis(2);
          batch.data(bench.sample("dev-" + k % 50), bench.now());
        }
        batch.commit(bench.now(), null);
      }
      long written = System.nanoTime();
      long bytes = Files.size(folder.resolve("journal.db"));
      bench.restarted(2L << 30, Bench.MACHINE);
      long opened = System.nanoTime();
      StoreSnapshot state = bench.journal().state();
      String epoch = state.epoch();
      assertEquals(List.of(), state.dropped());
      assertEquals(most, state.waiting());
      long next = 1;
      try (Outbox outbox = bench.journal().outbox()) {
        while (next <= most) {
          for (JournalRecord record : outbox.read(epoch, Bench.ALL, next, 1_000)) {
            assertEquals(next++, record.seq());
            outbox.acknowledged(epoch, record.seq());
          }
        }
      }
      long read = System.nanoTime();
      assertEquals(0, bench.journal().state().waiting());
      System.out.printf(
          "10 million records: %.1f bytes each, written in %.1f s, opened in %.2f s, read in %.1f"
              + " s%n",
          (double) bytes / most,
          (written - began) / 1e9,
          (opened - written) / 1e9,
          (read - opened) / 1e9);
      assertTrue(
          (opened - written) * 20 < written - began, "to open is a small part of having written");
    }
  }
}
