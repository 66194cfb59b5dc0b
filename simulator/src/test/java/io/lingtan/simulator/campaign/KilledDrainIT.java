package io.lingtan.simulator.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.simulator.bench.Backlog;
import io.lingtan.testing.Child;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packed agent, killed again and again while it drains a backlog. {@code -Ddrain.records=500000
 * -Ddrain.kills=50 -Ddrain.seed=1} play others.
 */
@Tag("campaign")
@RequiresTool("mosquitto")
final class KilledDrainIT {

  private static final int RECORDS = Integer.getInteger("drain.records", 500_000);
  private static final int KILLS = Integer.getInteger("drain.kills", 50);
  private static final long SEED = Long.getLong("drain.seed", 1);
  private static final int DEVICES = 50;

  /** In flight at most (design: min(Receive Maximum, 16) messages and 512 kB). */
  private static final int MOST_MESSAGES = 16;

  private static final int MOST_BYTES = 512 * 1024;

  private static final Path PROGRAM =
      Path.of(System.getProperty("campaign.agent", "../agent/target/lingtan/bin/lingtan"))
          .toAbsolutePath()
          .normalize();

  @TempDir Path folder;

  private static Sample sample(int device, VirtualTime time) {
    return Sample.of(
        "m" + (device + 1),
        time.boot(),
        time.now().nanos(),
        new Values.Builder()
            .put(Point.of("energy_import"), 1_000_000L * (device + 1) + time.now().millis())
            .put(Point.of("power"), 1_000_000L * (1_000 + device))
            .build());
  }

  private Path site(Mosquitto broker) throws Exception {
    Files.createDirectories(folder.resolve("profiles"));
    Files.writeString(folder.resolve("profiles/counting-meter.yaml"), CountingMeters.profile());
    List<String> ids = IntStream.rangeClosed(1, DEVICES).mapToObj(i -> "m" + i).toList();
    // Nobody answers there: what is new is as little as possible.
    return Files.writeString(
        folder.resolve("site.yaml"),
        """
        gateway: drained
        site: {name: Drained, zone: Asia/Shanghai, region: CN-JS}
        profiles: profiles
        lines:
          - id: line1
            modbus-tcp: {host: 127.0.0.1, port: %d, timeout: 1s}
            devices:
        %s
        mqtt: {servers: ["%s"]}
        journal: {path: journal.db, commit: 10s}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        """
            .formatted(
                Ports.free(),
                Backlog.devices(ids, "counting-meter").stripTrailing(),
                broker.url(),
                Ports.free()));
  }

  private Child agent(Path site) throws Exception {
    return Child.start(
        folder.resolve("agent.log"),
        Map.of(),
        List.of(PROGRAM.toString(), "run", "--config", site.toString()));
  }

  @Test
  void aKillHasNoMoreSentAgainThanWasInFlight() throws Exception {
    RandomGenerator random = Randomness.seeded(SEED);
    try (Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")))) {
      Path site = site(broker);
      Backlog.Filled filled =
          Backlog.fill(site, (RECORDS + DEVICES - 1) / DEVICES, KilledDrainIT::sample);
      assertTrue(filled.last() >= RECORDS, filled.toString());
      try (Collector collector = new Collector(broker.url(), filled.epoch())) {
        long most = 0;
        long mostBytes = 0;
        long all = 0;
        for (int kill = 1; kill <= KILLS; kill++) {
          long target = (long) ((kill - random.nextDouble()) * RECORDS / (KILLS + 1));
          try (Child agent = agent(site)) {
            long begin = collector.records();
            agent.await(
                "more of the backlog",
                60,
                () -> collector.records() >= target && collector.records() > begin);
            Thread.sleep(random.nextInt(50));
            agent.kill();
          }
          collector.awaitQuiet(200);
          List<Collector.Again> again = collector.takeAgain();
          long messages = again.stream().map(Collector.Again::firstMessage).distinct().count();
          long bytes = again.stream().mapToLong(Collector.Again::bytes).sum();
          String what =
              "seed %d, after kill %d: %d records of %d messages came again, %d bytes"
                  .formatted(SEED, kill - 1, again.size(), messages, bytes);
          assertTrue(messages <= MOST_MESSAGES && bytes <= MOST_BYTES, what);
          most = Math.max(most, messages);
          mostBytes = Math.max(mostBytes, bytes);
          all += again.size();
        }
        long left = filled.last() - collector.records();
        assertTrue(left > 0, "the last kill came after the end of the backlog");
        try (Child agent = agent(site)) {
          agent.await("the rest", 180, () -> collector.missingUpTo(filled.last()) == 0);
          assertEquals(0, agent.stop(20));
        }
        collector.awaitQuiet(300);
        List<Collector.Again> again = collector.takeAgain();
        all += again.size();
        System.out.printf(
            "%d records, %d kills, seed %d: all arrived, %d of them again; after one kill at most"
                + " %d messages of %d bytes (%d and %d may be in flight)%n",
            filled.last(), KILLS, SEED, all, most, mostBytes, MOST_MESSAGES, MOST_BYTES);
        assertEquals(0, collector.missingUpTo(filled.last()));
        assertEquals(0, collector.others(), "it is one epoch throughout");
      }
    }
  }
}
