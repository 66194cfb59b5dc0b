package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.StoreSnapshot.Drop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
