package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** SIGTERM while the card takes seconds for what others do in milliseconds. */
@RequiresTool({"gcc", "python3"})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
final class StopIT {

  private static final Path LAUNCHER = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();

  /** What each write through to the card takes, ms. */
  private static final int SLOW = 1_500;

  /** The unit's {@code TimeoutStopSec}. */
  private static final int PATIENCE_SECONDS = 45;

  @TempDir Path folder;

  private Child meter(int port) throws IOException {
    Path script = folder.resolve("pymodbus_meter.py");
    try (InputStream in = StopIT.class.getResourceAsStream("acquire/pymodbus_meter.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    return Child.start(
        folder.resolve("served.log"),
        Map.of(),
        List.of("/usr/bin/python3", script.toString(), "tcp", String.valueOf(port), "1"));
  }

  private Child agent(int port, Path mark) throws IOException, InterruptedException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: slow
            site: {region: CN}
            lines:
              - id: hall
                modbus-tcp: {host: 127.0.0.1, port: %d}
                devices: [{id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}]
            status: {enabled: false}
            clock: {trust: [system]}
            """
                .formatted(port));
    return Child.start(
        folder.resolve("agent.log"),
        Map.of(
            "LD_PRELOAD", slowSync().toString(),
            "SLOW_MILLIS", String.valueOf(SLOW),
            "SLOW_MARK", mark.toString()),
        List.of(LAUNCHER.toString(), "run", "--config", site.toString()));
  }

  private Path slowSync() throws IOException, InterruptedException {
    Path source = folder.resolve("slow_sync.c");
    try (InputStream in = StopIT.class.getResourceAsStream("slow_sync.c")) {
      Files.write(source, Objects.requireNonNull(in).readAllBytes());
    }
    Path library = folder.resolve("slow_sync.so");
    Launched built =
        Launched.run(
            Map.of(),
            "gcc",
            "-shared",
            "-fPIC",
            "-Wall",
            "-o",
            library.toString(),
            source.toString());
    assertEquals(0, built.exit(), built::toString);
    return library;
  }

  @Test
  void askedToEndInTheMiddleOfACommitItKeepsEverythingAndEndsInTime() throws Exception {
    int port = Ports.free();
    Path mark = folder.resolve("committing");
    try (Child meter = meter(port)) {
      meter.await("the meter", 30, () -> Ports.answers(port));
      try (Child agent = agent(port, mark)) {
        Path journal = folder.resolve("journal.db");
        agent.await("readings", 60, () -> served(meter).size() > 6);
        agent.await("a commit", 20, () -> Files.exists(mark));
        long began = System.nanoTime();
        assertEquals(0, agent.stop(PATIENCE_SECONDS), agent::toString);
        double took = (System.nanoTime() - began) / 1e9;
        KeptRecords kept = new KeptRecords(journal);
        List<Long> missing = new ArrayList<>(served(meter));
        List<Long> energies = kept.energies("m1");
        missing.removeAll(energies);
        System.out.printf(
            "%d readings, not kept %s; it ended %.1f s after SIGTERM%n",
            energies.size(), missing, took);
        assertTrue(energies.size() > 4, energies::toString);
        assertTrue(missing.size() <= 1, () -> "more than was under way: " + missing);
        assertEquals(1, kept.events("agent.stop").size());
        for (int i = 0; i < kept.records().size(); i++) {
          assertEquals(i + 1, kept.records().get(i).seq());
        }
        assertTrue(took * 1e3 >= SLOW, () -> "that was no slow card: " + took);
      }
    }
  }

  private static List<Long> served(Child meter) {
    try {
      return KeptRecords.served(meter.output());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
