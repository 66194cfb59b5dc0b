package io.lingtan.simulator.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.bench.Backlog;
import io.lingtan.simulator.bench.WideMeters;
import io.lingtan.simulator.beside.Usage;
import io.lingtan.testing.Child;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packed agent with the JVM options that it ships with, fifty meters of thirty values each
 * second, its page on, and two million values that wait. {@code -Dbacklog.values=2000000} plays
 * others.
 *
 * <p>Values per second and memory depend on the machine and are printed; what is asserted is
 * counted by the kernel, the agent or the subscriber: values per second of its own processor time,
 * how many of the records that were committed meanwhile came live and not in a batch, how many of
 * the live ones took longer than a second, and memory against that of the same agent without a
 * backlog.
 */
@Tag("campaign")
@RequiresTool("mosquitto")
final class BacklogDrainIT {

  private static final int VALUES = Integer.getInteger("backlog.values", 2_000_000);
  private static final int METERS = 50;

  /** What a backlog may cost, on top of the same agent without one. */
  private static final double MOST_MEMORY = 1.2;

  /** Of what is committed while the backlog drains, the share that comes live. */
  private static final double LEAST_LIVE = 0.95;

  private static final Pattern LAST_SEQ = Pattern.compile("lingtan_journal_last_seq (\\d+)");

  private static final Pattern BUCKET =
      Pattern.compile("lingtan_uplink_live_seconds_bucket\\{le=\"([^\"]+)\"} (\\d+)");

  private static final Path PROGRAM =
      Path.of(System.getProperty("campaign.agent", "../agent/target/lingtan/bin/lingtan"))
          .toAbsolutePath()
          .normalize();

  @TempDir Path folder;

  private Path site(String name, Mosquitto broker, WideMeters meters, int page) throws IOException {
    Path folder = Files.createDirectory(this.folder.resolve(name));
    Files.createDirectories(folder.resolve("profiles"));
    Files.writeString(folder.resolve("profiles/wide-meter.yaml"), WideMeters.profile());
    List<String> ids = IntStream.rangeClosed(1, METERS).mapToObj(i -> "m" + i).toList();
    return Files.writeString(
        folder.resolve("site.yaml"),
        """
        gateway: %s
        site: {name: Backlog, zone: Asia/Shanghai, region: CN-JS}
        profiles: profiles
        lines:
          - id: line1
            modbus-tcp: {host: 127.0.0.1, port: %d, timeout: 1s}
            devices:
        %s
        mqtt: {servers: ["%s"]}
        journal: {path: journal.db}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        """
            .formatted(
                name,
                meters.port(),
                Backlog.devices(ids, "wide-meter").stripTrailing(),
                broker.url(),
                page));
  }

  private static String metrics(int page) throws IOException {
    var url = URI.create("http://127.0.0.1:" + page + "/metrics").toURL();
    try (InputStream in = url.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The highest number that the agent has given. */
  private static long lastSeq(int page) throws IOException {
    Matcher found = LAST_SEQ.matcher(metrics(page));
    assertTrue(found.find(), "no lingtan_journal_last_seq");
    return Long.parseLong(found.group(1));
  }

  private static Map<Double, Long> live(int page) throws IOException {
    Map<Double, Long> buckets = new TreeMap<>();
    Matcher found = BUCKET.matcher(metrics(page));
    while (found.find()) {
      double bound =
          found.group(1).equals("+Inf")
              ? Double.POSITIVE_INFINITY
              : Double.parseDouble(found.group(1));
      buckets.put(bound, Long.parseLong(found.group(2)));
    }
    return buckets;
  }

  private Child agent(Path site) throws IOException {
    return Child.start(
        site.resolveSibling("agent.log"),
        Map.of(),
        List.of(PROGRAM.toString(), "run", "--config", site.toString()));
  }

  /** The most memory that it has beside the same meters when nothing waits, bytes. */
  private long without(Mosquitto broker, WideMeters meters) throws Exception {
    int page = Ports.free();
    try (Child agent = agent(site("alone", broker, meters, page))) {
      agent.await("live records", 60, () -> isLive(page, 10 * METERS));
      long peak = Usage.of(agent.pid()).peakBytes();
      assertEquals(0, agent.stop(20));
      return peak;
    }
  }

  private static boolean isLive(int page, int records) {
    try {
      return live(page).getOrDefault(Double.POSITIVE_INFINITY, 0L) >= records;
    } catch (IOException e) {
      return false; // it is starting
    }
  }

  @Test
  void aBacklogDrainsBesideWhatIsLive() throws Exception {
    int page = Ports.free();
    try (Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
        WideMeters meters = new WideMeters()) {
      long alone = without(broker, meters);
      Path site = site("backlog", broker, meters, page);
      int perSecond = METERS * WideMeters.POINTS.size();
      int seconds = (VALUES + perSecond - 1) / perSecond;
      Backlog.Filled filled =
          Backlog.fill(
              site,
              seconds,
              (device, time) -> WideMeters.sample("m" + (device + 1), device + 1, time));
      try (Collector collector = new Collector(broker.url(), filled.epoch());
          Child agent = agent(site)) {
        agent.await("the first of it", 60, () -> collector.records() > 0);
        long began = System.nanoTime();
        Usage before = Usage.of(agent.pid());
        long first = collector.records();
        long committedBefore = lastSeq(page);
        agent.await("all of it", 300, () -> collector.missingUpTo(filled.last()) == 0);
        double took = (System.nanoTime() - began) / 1e9;
        Usage after = Usage.of(agent.pid());
        Map<Double, Long> live = live(page);
        long committed = lastSeq(page);
        agent.await("what is live", 30, () -> collector.missingUpTo(committed) == 0);
        long fresh = collector.alone(committedBefore + 1, committed);
        long behind = collector.inBatches(committedBefore + 1, committed);
        double share = (double) fresh / Math.max(1, fresh + behind);
        long count = live.getOrDefault(Double.POSITIVE_INFINITY, 0L);
        double p99 = p99(live, count);
        double values = (double) (filled.last() - first) * WideMeters.POINTS.size();
        double cpu = (after.cpuMillis() - before.cpuMillis()) / 1e3;
        System.out.printf(
            "%d records of %d values in %.1f s: %.0f values/s;"
                + " of %d records committed meanwhile %d came live (%.1f %%);"
                + " %.1f s of processor time: %.0f values per second of it;"
                + " 99 of 100 live records took at most %.3f s from commit to PUBACK; %s;"
                + " peak RSS %.1f MiB, without a backlog %.1f MiB%n",
            filled.last(),
            WideMeters.POINTS.size(),
            took,
            values / took,
            fresh + behind,
            fresh,
            100 * share,
            cpu,
            values / cpu,
            p99,
            live,
            after.peakBytes() / 1048576.0,
            alone / 1048576.0);
        assertTrue(fresh + behind > METERS, "hardly anything was read meanwhile: " + live);
        assertTrue(share >= LEAST_LIVE, () -> behind + " records fell behind, live " + fresh);
        assertTrue(p99 <= 1, "live records wait behind the backlog: " + live);
        assertTrue(values / cpu >= 15_000, "draining costs too much: " + values / cpu);
        assertTrue(
            after.peakBytes() <= MOST_MEMORY * alone,
            () -> after.peakBytes() + " bytes, and without a backlog " + alone);
        assertEquals(0, agent.stop(20));
      }
    }
  }

  private static double p99(Map<Double, Long> live, long count) {
    return live.entrySet().stream()
        .filter(bucket -> bucket.getValue() >= 0.99 * count)
        .mapToDouble(Map.Entry::getKey)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }
}
