package io.lingtan.simulator.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.endtoend.Deliveries;
import io.lingtan.simulator.endtoend.Gateway;
import io.lingtan.simulator.endtoend.Witness;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One packed agent, in the memory that its launcher gives it, lives through everything that a
 * broker, meters, a CoAP node and clients of its page can say to it. {@code -Dhostile.sessions=N}
 * asks for more of the broker's sessions than the 40 of a build, of which all peers have 200
 * together and more; {@code -Dhostile.seed=N} for others.
 */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
@RequiresTool("python3")
@Tag("campaign")
class HostilePeersIT {

  /** Whatever comes: the heap of 48 MB, and what a JVM needs beside it. */
  private static final long MOST_RESIDENT_KILOBYTES = 170_000;

  private static final int MOST_THREADS = 90;
  private static final int MOST_DESCRIPTORS = 420;
  private static final int TIMEOUT_MILLIS = 150;

  @TempDir Path folder;
  private Gateway gateway;

  @Test
  void readingsGoOnWhateverThePeersSay() throws Exception {
    long sessions = Long.getLong("hostile.sessions", 40);
    long seed = Long.getLong("hostile.seed", 1);
    System.out.println("hostile peers: seed " + seed);
    Got got = new Got();
    int meterPort = Ports.free();
    try (Witness witness = Witness.tcp(folder, meterPort, "1:sdm630");
        HostileBroker broker = HostileBroker.start(seed, got);
        HostileMeter tcp = HostileMeter.start("tcp", false, seed, TIMEOUT_MILLIS, got);
        HostileMeter rtu = HostileMeter.start("rtu", true, seed, TIMEOUT_MILLIS, got);
        HostileNode node = HostileNode.start(seed, Ports.free(), 50, got)) {
      String lines =
          """
          lines:
            - id: honest
              modbus-tcp: {host: 127.0.0.1, port: %d}
              devices:
                - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}
          %s%s%s
          metering:
            interval: 1m
            meters:
              - {id: grid, device: m1, role: grid, rated_kw: 400}
          """
              .formatted(meterPort, tcp.line(), rtu.line(), node.lines());
      try (Gateway started = Gateway.start(folder, broker.servers(), lines, "")) {
        gateway = started;
        live(sessions, seed, got, broker, witness, List.of(tcp, rtu), node);
      }
    }
  }

  private void live(
      long sessions,
      long seed,
      Got got,
      HostileBroker broker,
      Witness witness,
      List<HostileMeter> meters,
      HostileNode node)
      throws Exception {
    long begun = System.nanoTime();
    long told = begun;
    String state;
    try (HostileBrowser browser = HostileBrowser.start(seed, gateway.port(), 200, got)) {
      while (true) {
        state = state(begun, broker, meters, node, browser.sessions(), got);
        if (isEnough(sessions, broker, meters, node, browser)) {
          break;
        }
        long spent = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        assertTrue(spent < 300 + 10 * sessions, "a peer is not talked to any more: " + state);
        long served = served();
        Thread.sleep(1_000);
        assertLives();
        assertEquals(List.of(), got.faults(), "seed " + seed);
        gateway.await("another reading", 15, () -> served() > served);
        if (System.nanoTime() - told > 10_000_000_000L) {
          told = System.nanoTime();
          gateway.await("a word for an honest client", 15, this::isAnswered);
          System.out.println(state);
        }
      }
    }
    System.out.println(state);
    broker.repent();
    long stores = got.stores();
    gateway.await("an honest broker", 120, () -> got.stores() > stores);
    String epoch = got.epoch();
    long last = got.lastSeq();
    gateway.await("the rest", 120, () -> got.isDelivered(epoch, last));
    String metrics = metrics();
    System.out.println(metrics.lines().filter(HostilePeersIT::isTelling).toList());
    assertCounted(metrics, broker, meters);
    assertEquals(0, gateway.stop(), gateway.log());
    got.judge();
    assertEquals(List.of(), got.faults(), "seed " + seed);
    assertEquals(0, got.dropped(), "given up, because a broker said so");
    long late = value(metrics, "lingtan_device_timeouts_total{line=\"honest\",device=\"m1\"}");
    new Deliveries(got.records()).assertServed("m1", witness.served(), (int) late + 2);
  }

  /** Each peer has had its part, and so much of it that what was refused must show. */
  private static boolean isEnough(
      long sessions,
      HostileBroker broker,
      List<HostileMeter> meters,
      HostileNode node,
      HostileBrowser browser) {
    return broker.sessions() >= sessions
        && broker.sent().badCommands().get() >= 10
        && meters.stream().allMatch(m -> m.sessions() >= sessions / 4 && m.wrong() > 20)
        && node.sessions() >= 2 * sessions
        && browser.sessions() >= 2 * sessions;
  }

  private static boolean isTelling(String line) {
    return line.matches(
        "lingtan_\\w*(refused|foreign|timeouts|crc|exceptions|breaks|resent|failures|aside)\\w*["
            + " {].*");
  }

  /** What was refused is counted where a person can see it. */
  private static void assertCounted(
      String metrics, HostileBroker broker, List<HostileMeter> meters) {
    assertTrue(value(metrics, "lingtan_uplink_commands_refused_total") > 0, metrics);
    assertTrue(broker.sent().refusals().get() > 0);
    assertTrue(value(metrics, "lingtan_uplink_refused_total") > 0, metrics);
    assertTrue(value(metrics, "lingtan_line_foreign_total{line=\"node\"}") > 0, metrics);
    for (HostileMeter meter : meters) {
      String of = "{line=\"" + meter.name() + "\"";
      long counted =
          metrics
              .lines()
              .filter(line -> line.contains(of))
              .filter(line -> line.matches(".*_(timeouts|crc_errors|exceptions|foreign|breaks)_.*"))
              .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
              .sum();
      // What was dripped or doubled has done no harm, and a storm may be cut off with its line.
      assertTrue(counted >= meter.wrong() / 2, meter.name() + " " + meter.wrong() + ": " + metrics);
    }
  }

  private static long value(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + metrics));
  }

  /** Grows with each reading of the honest meter. */
  private long served() throws IOException {
    return Files.size(folder.resolve("witness.log"));
  }

  private boolean isAnswered() {
    try {
      return metrics().contains("lingtan_step_alive");
    } catch (IOException e) {
      return false; // refused or cut for once
    }
  }

  private boolean alive() {
    return ProcessHandle.of(gateway.pid()).map(ProcessHandle::isAlive).orElse(false);
  }

  private String metrics() throws IOException {
    URLConnection page =
        URI.create("http://127.0.0.1:" + gateway.port() + "/metrics").toURL().openConnection();
    page.setConnectTimeout(3_000);
    page.setReadTimeout(3_000);
    try (InputStream in = page.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertLives() throws Exception {
    assertTrue(alive(), "the agent has ended:\n" + gateway.log());
    assertTrue(kernel("VmRSS") < MOST_RESIDENT_KILOBYTES, "kB resident: " + kernel("VmRSS"));
    assertTrue(kernel("Threads") < MOST_THREADS, "threads: " + kernel("Threads"));
    assertTrue(descriptors() < MOST_DESCRIPTORS, "descriptors: " + descriptors());
  }

  private long descriptors() {
    String[] all = Path.of("/proc/" + gateway.pid() + "/fd").toFile().list();
    return all == null ? 0 : all.length;
  }

  private long kernel(String what) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + gateway.pid() + "/status"))) {
      if (line.startsWith(what + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IllegalStateException("the kernel does not say " + what);
  }

  private String state(
      long begun,
      HostileBroker broker,
      List<HostileMeter> meters,
      HostileNode node,
      long browsed,
      Got got)
      throws IOException {
    return ("%.0f s: sessions: broker %d (%d bad commands, %d refusals), meters %s, node %d, page"
            + " %d; RSS %d kB (peak %d), %d threads, %d fds; %s")
        .formatted(
            (System.nanoTime() - begun) / 1e9,
            broker.sessions(),
            broker.sent().badCommands().get(),
            broker.sent().refusals().get(),
            meters.stream().map(m -> m.sessions() + "/" + m.wrong()).toList(),
            node.sessions(),
            browsed,
            kernel("VmRSS"),
            kernel("VmHWM"),
            kernel("Threads"),
            descriptors(),
            got.summary());
  }
}
