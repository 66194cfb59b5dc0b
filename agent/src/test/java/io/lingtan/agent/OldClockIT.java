package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
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
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A gateway whose clock stands ten years back, and that nobody has told the time. */
@RequiresTool({"faketime", "python3"})
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
final class OldClockIT {

  private static final Path LAUNCHER = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();

  @TempDir Path folder;

  private Child meter(int port) throws IOException {
    Path script = folder.resolve("pymodbus_meter.py");
    try (InputStream in = OldClockIT.class.getResourceAsStream("acquire/pymodbus_meter.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    return Child.start(
        folder.resolve("served.log"),
        Map.of(),
        List.of("/usr/bin/python3", script.toString(), "tcp", String.valueOf(port), "1"));
  }

  private Child agent(int port, String trust, Map<String, String> clock) throws IOException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: old
            site: {region: CN}
            lines:
              - id: hall
                modbus-tcp: {host: 127.0.0.1, port: %d}
                devices: [{id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}]
            status: {enabled: false}
            clock: {trust: [%s]}
            """
                .formatted(port, trust));
    return Child.start(
        folder.resolve("agent.log"),
        clock,
        List.of(LAUNCHER.toString(), "run", "--config", site.toString()));
  }

  /** What faketime gives a program, which would otherwise be its child and outlive it. */
  private static Map<String, String> tenYearsBack() throws IOException, InterruptedException {
    Launched asked = Launched.run(Map.of(), "faketime", "-f", "-10y", "printenv", "LD_PRELOAD");
    assertEquals(0, asked.exit(), asked::toString);
    return Map.of(
        "LD_PRELOAD",
        asked.out().strip(),
        "FAKETIME",
        "-10y",
        "FAKETIME_DISABLE_SHM",
        "1",
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1");
  }

  private static int served(Child meter) {
    try {
      return KeptRecords.served(meter.output()).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatItReadsMeanwhileGetsItsRealTimeOnceTheClockIsRight() throws Exception {
    int port = Ports.free();
    long began = System.currentTimeMillis();
    try (Child meter = meter(port)) {
      meter.await("the meter", 30, () -> Ports.answers(port));
      try (Child old = agent(port, "phone", tenYearsBack())) {
        old.await("readings", 60, () -> served(meter) > 4);
        assertEquals(0, old.stop(45), old.output());
        assertFalse(old.output().contains(Year.now(ZoneOffset.UTC) + "-"), "it saw the real time");
      }
      int before = served(meter);
      try (Child right = agent(port, "system", Map.of())) {
        right.await("readings", 60, () -> served(meter) > before + 3);
        assertEquals(0, right.stop(45), right.output());
      }
      KeptRecords kept = new KeptRecords(folder.resolve("journal.db"));
      long ended = System.currentTimeMillis();
      for (JournalRecord record : kept.records()) {
        long at =
            switch (record) {
              case DataRecord data -> data.tsMillis();
              case EventRecord event -> event.tsMillis();
              case IntervalRecord interval -> interval.tsMillis();
            };
        assertTrue(at >= began && at <= ended, () -> record + " between " + began + ", " + ended);
      }
      assertEquals(1, kept.events("clock.offset").size());
      List<Long> missing = new ArrayList<>(KeptRecords.served(meter.output()));
      missing.removeAll(kept.energies("m1"));
      assertTrue(missing.size() <= 2, missing + " were under way at two ends at most");
    }
  }
}
