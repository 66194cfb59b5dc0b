package io.lingtan.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway of a fleet whose machine is late. */
final class FleetGatewayTest {

  private static final long PERIOD_NANOS = Duration.ofSeconds(1).toNanos();

  @TempDir private Path folder;

  /** The time that a round began at is past when it comes to the gateway. */
  @Test
  void aReadingHasTheTimeAtWhichItWasMade() throws Exception {
    VirtualTime time = new VirtualTime(1_790_000_000_000L);
    time.advanceMillis(60_000);
    try (var threads = Executors.newSingleThreadScheduledExecutor();
        FleetGateway gateway =
            FleetGateway.open(
                Objects.requireNonNull(new SiteLoader().load(site()).site()),
                new SteadyMeter(Fleet.DEVICE, time.boot(), PERIOD_NANOS),
                null,
                PERIOD_NANOS,
                time,
                Randomness.seeded(1),
                threads)) {
      gateway.readFrom(new MonotonicInstant(0));
      for (int round = 0; round < 3; round++) {
        MonotonicInstant began = time.now();
        time.advanceMillis(5_000);
        gateway.step(began);
      }
      gateway.stopReading();
      time.advanceMillis(2_000);
      gateway.step(time.now());
      time.advanceMillis(2_000);
      gateway.step(time.now());
    }
    KeptRecords kept = new KeptRecords(folder.resolve("gateway.db"));
    List<Long> times =
        kept.records().stream()
            .filter(DataRecord.class::isInstance)
            .map(record -> ((DataRecord) record).sample().atNanos() / 1_000_000)
            .toList();
    assertEquals(List.of(65_000L, 70_000L, 75_000L), times);
    assertEquals(2, kept.events("poll.late").size(), () -> kept.events("poll.late").toString());
  }

  private Path site() throws Exception {
    return Files.writeString(
        folder.resolve("site.yaml"),
        """
        gateway: late
        site: {zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: line
            modbus-tcp: {host: 127.0.0.1}
            devices: [{id: %s, profile: generic-modbus, unit: 1, every: 1s, record: 1s}]
        mqtt: {servers: ["mqtt://127.0.0.1:%d"]}
        journal: {path: gateway.db, max_size: 16MB, commit: 1s}
        status: {enabled: false}
        clock: {trust: [system]}
        """
            .formatted(Fleet.DEVICE, Ports.free()));
  }
}
