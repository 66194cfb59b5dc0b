package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.testing.ThreePhaseMeter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many bytes the kernel writes for each value, in blocks of 4 KiB: 50 meters with 30 values,
 * one commit a second.
 */
final class WrittenBytesTest {
  private static final int DEVICES = 50;
  private static final int COMMITS = 300;

  @TempDir Path folder;

  private double bytesPerValue(Bench bench, int samplesPerDevice, boolean acknowledge) {
    List<ThreePhaseMeter> meters = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      meters.add(new ThreePhaseMeter(bench.random));
    }
    long before = bench.journal().state().bytesWritten();
    for (int i = 0; i < COMMITS; i++) {
      Batch batch = bench.journal().begin();
      for (int k = 0; k < samplesPerDevice; k++) {
        bench.time.advanceMillis(1000);
        for (int device = 0; device < DEVICES; device++) {
          long nanos = bench.time.now().nanos() + bench.random.nextLong(900_000_000L);
          Values values = meters.get(device).values();
          batch.data(
              Sample.of("meter-" + device, bench.time.boot(), nanos, values),
              bench.time.wall().offsetMillis() + nanos / 1_000_000);
        }
      }
      batch.commit(bench.now(), null);
      if (acknowledge) {
        long last = bench.journal().state().last();
        bench.acknowledge(last - (long) samplesPerDevice * DEVICES + 1, last);
      }
    }
    long written = bench.journal().state().bytesWritten() - before;
    return (double) written / COMMITS / samplesPerDevice / DEVICES / ThreePhaseMeter.VALUES;
  }

  @Test
  void aValueCostsFewBytesAtACommitEachSecond() {
    try (Bench bench = new Bench(folder)) {
      double bytes = bytesPerValue(bench, 1, true);
      System.out.printf("journal, 50 x 30 values, commit 1 s: %.2f bytes/value written%n", bytes);
      assertTrue(bytes <= 12, bytes + " bytes/value");
    }
  }

  @Test
  void aValueCostsFewerBytesWhenTheJournalIsFullAndRollsOver() {
    try (Bench bench = new Bench(folder, 1 << 20, 1)) {
      bytesPerValue(bench, 1, true);
      double bytes = bytesPerValue(bench, 1, true);
      System.out.printf(
          "journal, 50 x 30 values, commit 1 s, rolling over: %.2f bytes/value written%n", bytes);
      assertTrue(bytes <= 16, bytes + " bytes/value");
    }
  }

  @Test
  void aValueCostsStillFewerBytesAtACommitEachTenSeconds() {
    try (Bench bench = new Bench(folder)) {
      double bytes = bytesPerValue(bench, 10, true);
      System.out.printf("journal, 50 x 30 values, commit 10 s: %.2f bytes/value written%n", bytes);
      assertTrue(bytes <= 8, bytes + " bytes/value");
    }
  }
}
