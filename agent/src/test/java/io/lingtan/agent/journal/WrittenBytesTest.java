package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many bytes SQLite writes for each value: 50 meters with 30 values, one commit a second. */
final class WrittenBytesTest {
  private static final int DEVICES = 50;
  private static final int COMMITS = 300;

  @TempDir Path folder;

  private static final List<String> POINTS =
      List.of(
          "power",
          "power_l1",
          "power_l2",
          "power_l3",
          "energy_import",
          "energy_export",
          "reactive_power",
          "reactive_power_l1",
          "reactive_power_l2",
          "reactive_power_l3",
          "reactive_energy_import",
          "reactive_energy_export",
          "apparent_power",
          "apparent_power_l1",
          "apparent_power_l2",
          "apparent_power_l3",
          "voltage_l1",
          "voltage_l2",
          "voltage_l3",
          "current",
          "current_l1",
          "current_l2",
          "current_l3",
          "frequency",
          "power_factor",
          "power_factor_l1",
          "power_factor_l2",
          "power_factor_l3",
          "temperature",
          "voltage");

  /** What a three-phase meter shows while its load wanders. */
  private static final class Meter {
    private double load;
    private double energy;

    Meter(Bench bench) {
      load = 1_000 + bench.random.nextDouble() * 40_000;
      energy = bench.random.nextDouble() * 200_000;
    }

    Values values(Bench bench) {
      load = Math.max(100, load + bench.random.nextGaussian() * load * 0.01);
      energy += load / 3.6e6;
      Values.Builder values = new Values.Builder();
      double factor = 0.9 + bench.random.nextGaussian() * 0.005;
      for (String name : POINTS) {
        Point point = Point.of(name);
        double share = name.contains("_l") ? 0.333 + bench.random.nextGaussian() * 0.003 : 1;
        switch (point.quantity()) {
          case POWER -> put(values, point, load * share, 0.1);
          case ENERGY_IMPORT -> put(values, point, energy, 0.01);
          case ENERGY_EXPORT -> put(values, point, 12.34, 0.01);
          case REACTIVE_POWER -> put(values, point, load * 0.4 * share, 0.1);
          case REACTIVE_ENERGY_IMPORT -> put(values, point, energy * 0.4, 0.01);
          case REACTIVE_ENERGY_EXPORT -> put(values, point, 1.23, 0.01);
          case APPARENT_POWER -> put(values, point, load / factor * share, 0.1);
          case VOLTAGE -> put(values, point, 230 + bench.random.nextGaussian(), 0.1);
          case CURRENT -> put(values, point, load / 690 / factor, 0.001);
          case FREQUENCY -> put(values, point, 50 + bench.random.nextGaussian() * 0.02, 0.01);
          case POWER_FACTOR -> put(values, point, factor, 0.001);
          case TEMPERATURE -> put(values, point, 25 + bench.random.nextGaussian(), 0.1);
          default -> throw new IllegalStateException(name);
        }
      }
      return values.build();
    }

    private static void put(Values.Builder to, Point point, double value, double step) {
      to.put(point, Math.round(value / step) * Math.round(step * 1e6));
    }
  }

  private double bytesPerValue(Bench bench, int samplesPerDevice, boolean acknowledge) {
    List<Meter> meters = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      meters.add(new Meter(bench));
    }
    long before = bench.journal().state().bytesWritten();
    for (int i = 0; i < COMMITS; i++) {
      Batch batch = bench.journal().begin();
      for (int k = 0; k < samplesPerDevice; k++) {
        bench.time.advanceMillis(1000);
        for (int device = 0; device < DEVICES; device++) {
          long nanos = bench.time.now().nanos() + bench.random.nextLong(900_000_000L);
          Values values = meters.get(device).values(bench);
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
    return (double) written / COMMITS / samplesPerDevice / DEVICES / POINTS.size();
  }

  @Test
  void aValueCostsFewBytesAtACommitEachSecond() {
    try (Bench bench = new Bench(folder)) {
      double bytes = bytesPerValue(bench, 1, true);
      System.out.printf("journal, 50 x 30 values, commit 1 s: %.2f bytes/value written%n", bytes);
      assertTrue(bytes <= 10, bytes + " bytes/value");
    }
  }

  @Test
  void aValueCostsFewerBytesWhenTheJournalIsFullAndRollsOver() {
    try (Bench bench = new Bench(folder, 1 << 20, 1)) {
      bytesPerValue(bench, 1, true);
      double bytes = bytesPerValue(bench, 1, true);
      System.out.printf(
          "journal, 50 x 30 values, commit 1 s, rolling over: %.2f bytes/value written%n", bytes);
      assertTrue(bytes <= 12, bytes + " bytes/value");
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
