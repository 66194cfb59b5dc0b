package io.lingtan.simulator.campaign;

import io.lingtan.simulator.campaign.CountingMeters.Served;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One gateway with its meters, card, network and broker, and a subscriber who misses nothing. */
@SuppressWarnings({"NullAway", "try"}) // a member that is not there fails the round by itself
final class Stand implements AutoCloseable {

  static final String GATEWAY = "gw";

  /** What a fault needs of the stand that it is played on. */
  record Needs(Card.Kind card, boolean tls, boolean ownClock) {
    static final Needs NOTHING = new Needs(Card.Kind.FOLDER, false, false);
    static final Needs TLS = new Needs(Card.Kind.FOLDER, true, false);
    static final Needs CLOCK = new Needs(Card.Kind.FOLDER, false, true);
  }

  /** A time in which readings may have been lost with the process, UTC ms. */
  record Loss(long fromMillis, long toMillis) {}

  private static final long COMMIT_MILLIS = 1_000;

  private static final long SETTLED_NANOS = 2_500_000_000L;

  /** What is older was delivered where everything is settled. */
  private static final long UNDELIVERED_MILLIS = 5_000;

  /** A commit takes its time, on a busy machine right after the start above all; a signal, too. */
  private static final long SLACK_MILLIS = 1_000;

  final Path folder;
  final SiteNetwork network;
  private final CountingMeters meters;
  final Card card;
  final Mosquitto broker;
  final Gate gate;
  final WallClock clock;
  final Authority authority;
  private final Path program;
  private final Child subscriber;
  private final boolean ownClock;
  private final List<Loss> losses = new ArrayList<>();
  private @Nullable Child agent;

  Stand(Path folder, int number, Needs needs, Path program, @Nullable Authority authority)
      throws IOException, InterruptedException {
    this.folder = folder;
    this.program = program;
    this.authority = authority;
    Files.createDirectories(folder.resolve("shm"));
    Files.createDirectories(folder.resolve("profiles"));
    network = SiteNetwork.make(number);
    meters = new CountingMeters(network.field());
    clock = WallClock.make(folder);
    ownClock = needs.ownClock();
    card = Card.insert(needs.card(), folder);
    Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
    Files.writeString(brokerFolder.resolve("acl"), "topic readwrite #\npattern readwrite #\n");
    Files.createDirectory(brokerFolder.resolve("conf.d"));
    List<String> more = new ArrayList<>();
    int tlsPort = Ports.free();
    if (needs.tls()) {
      more.addAll(authority.listener(tlsPort, Files.createDirectory(folder.resolve("server"))));
      authority.gateway(Files.createDirectory(folder.resolve("tls")));
    }
    more.add("acl_file " + brokerFolder.resolve("acl"));
    more.add("include_dir " + brokerFolder.resolve("conf.d"));
    broker = Mosquitto.start(brokerFolder, more.toArray(String[]::new));
    gate = new Gate(network.uplink(), needs.tls() ? tlsPort : broker.port());
    subscriber =
        Child.start(
            folder.resolve("received.txt"),
            Map.of(),
            List.of(
                "mosquitto_sub",
                "-h",
                "127.0.0.1",
                "-p",
                "" + broker.port(),
                "-V",
                "5",
                "-i",
                "witness",
                "-c",
                "-x",
                "3600",
                "-q",
                "1",
                "-t",
                "lingtan/v1/#",
                "-F",
                "%t %p"));
    beginAudit();
    newBoot();
    Files.writeString(folder.resolve("profiles/counting-meter.yaml"), CountingMeters.profile());
    Files.writeString(
        folder.resolve("site.yaml"),
        """
        gateway: %s
        site: {name: Campaign, zone: Asia/Shanghai, region: CN-JS}
        profiles: profiles
        %s
        metering:
          interval: 1m
          meters:
            - {id: grid, device: m1, role: grid, rated_kw: 400}
            - {id: hall, device: m2, role: load, rated_kw: 400}
        carbon: {factors: [cn-electricity]}
        mqtt: {servers: ["%s://%s:%d"]%s}
        journal: {path: card/journal.db}
        status: {listen: "0.0.0.0:8080"}
        clock: {trust: [system]}
        """
            .formatted(
                GATEWAY,
                meters.lines(network.field()),
                needs.tls() ? "mqtts" : "mqtt",
                network.uplink(),
                gate.port(),
                needs.tls() ? ", tls: {ca: tls/ca.pem, cert: tls/gw.pem, key: tls/gw.key}" : ""));
  }

  /** A boot of the machine: another id, and nothing left of what was in memory. */
  void newBoot() throws IOException {
    try (Stream<Path> left = Files.walk(folder.resolve("shm"))) {
      for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder.resolve("shm"))) {
          Files.delete(file);
        }
      }
    }
    Files.writeString(folder.resolve("boot_id"), UUID.randomUUID() + "\n");
  }

  /** Starts the agent and waits for its page. */
  void start() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(network.prefix());
    command.addAll(
        List.of(
            "sh",
            "-c",
            "mount --bind \"$0/boot_id\" /proc/sys/kernel/random/boot_id"
                + " && mount --bind \"$0/shm\" /dev/shm && exec \"$@\"",
            folder.toString()));
    command.addAll(
        List.of(program.toString(), "run", "--config", folder.resolve("site.yaml").toString()));
    agent =
        Child.start(
            folder.resolve("agent.log"), ownClock ? clock.environment() : Map.of(), command);
    agent.await("the page", 40, this::hasPage);
  }

  private boolean hasPage() {
    try {
      snapshot();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  long pid() {
    return agent.pid();
  }

  /** SIGKILL. What was read since the last commit is lost with it. */
  void kill() throws InterruptedException {
    long at = System.currentTimeMillis();
    agent.kill();
    losses.add(
        new Loss(at - COMMIT_MILLIS - SLACK_MILLIS, System.currentTimeMillis() + SLACK_MILLIS));
  }

  /** A mount as the agent sees it: its own view of it keeps what it was made with. */
  void remount(String how) throws IOException, InterruptedException {
    card.remount(how);
    if (agent.isAlive()) {
      Shell.run(
          "nsenter",
          "-t",
          "" + pid(),
          "-m",
          "mount",
          "-o",
          "remount," + how,
          card.folder().toString());
    }
  }

  void signal(String name) throws IOException, InterruptedException {
    Shell.run("kill", "-" + name, "" + pid());
  }

  /** SIGTERM; what is under way then need not be kept. */
  int stop() throws InterruptedException {
    long at = System.currentTimeMillis();
    int exit = agent.stop(30);
    losses.add(new Loss(at - SLACK_MILLIS, System.currentTimeMillis() + SLACK_MILLIS));
    return exit;
  }

  /** Puts an older journal on the card: what waited in the other one is lost with it. */
  void restore(Path backup) throws IOException {
    card.restore(backup);
    long at = System.currentTimeMillis();
    losses.add(new Loss(at - UNDELIVERED_MILLIS, at));
  }

  /** In which it numbers. */
  String epoch() throws IOException {
    return "" + ((Map<?, ?>) snapshot().get("store")).get("epoch");
  }

  /** The highest number that has been given out. */
  long last() throws IOException {
    return Long.parseLong("" + ((Map<?, ?>) snapshot().get("store")).get("last"));
  }

  List<Loss> losses() {
    return List.copyOf(losses);
  }

  List<Served> served() {
    return meters.served();
  }

  String log() throws IOException {
    return agent == null ? "" : agent.output();
  }

  List<String> received() throws IOException {
    // What others publish on command topics need not be text.
    return Files.readString(folder.resolve("received.txt"), StandardCharsets.ISO_8859_1)
        .lines()
        .map(line -> new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
        .toList();
  }

  Map<String, Object> snapshot() throws IOException {
    var page = URI.create("http://" + network.fieldInside() + ":8080/api/snapshot").toURL();
    var connection = page.openConnection();
    connection.setConnectTimeout(1_000);
    connection.setReadTimeout(3_000);
    try (InputStream in = connection.getInputStream()) {
      return Json.object(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /**
   * Waits until the gateway is connected and nothing waits but what has just been read, and is so
   * for longer than the page may be behind it.
   */
  void settle(int seconds) throws IOException, InterruptedException {
    long until = System.nanoTime() + seconds * 1_000_000_000L;
    long since = Long.MAX_VALUE;
    Map<String, Object> seen = Map.of();
    while (System.nanoTime() < until) {
      boolean settled = false;
      try {
        seen = snapshot();
        Map<?, ?> store = (Map<?, ?>) seen.get("store");
        Map<?, ?> uplink = (Map<?, ?>) seen.get("uplink");
        // Long enough for what the journal and the broker had to say of one another.
        if (Boolean.TRUE.equals(uplink.get("connected"))
            && Long.parseLong("" + uplink.get("since_ms")) > 2_500
            && Long.parseLong("" + uplink.get("published")) > 0
            && store.get("failure") == null
            && Integer.parseInt("" + store.get("waiting")) <= 24) {
          settled = true;
        }
      } catch (IOException e) {
        // It is starting.
      }
      since = settled ? Math.min(since, System.nanoTime()) : Long.MAX_VALUE;
      if (settled && System.nanoTime() - since > SETTLED_NANOS) {
        return;
      }
      Thread.sleep(200);
    }
    throw new IOException(
        "not settled in " + seconds + " s: " + seen.get("store") + " " + seen.get("uplink"));
  }

  /** Makes the audit's session at the broker, so that nothing is missed. */
  private void beginAudit() throws IOException, InterruptedException {
    for (int seconds = 1; seconds <= 16; seconds *= 2) {
      // A process that had no time to connect says so.
      if (!audit(seconds).err().contains("without a connection")) {
        return;
      }
    }
    throw new IOException("the audit does not reach the broker");
  }

  /** {@code lingtan audit}, which goes on from where it was. */
  Launched audit(int waitSeconds) throws IOException, InterruptedException {
    return Launched.within(
        Duration.ofSeconds(60),
        Map.of(),
        program.toString(),
        "audit",
        "--broker",
        broker.url(),
        "--once",
        "--wait",
        waitSeconds + "s",
        "--state",
        folder.resolve("audit.state").toString(),
        "--client-id",
        "campaign-audit",
        "--json");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (agent != null) {
      agent.kill();
    }
    subscriber.close();
    gate.close();
    broker.close();
    meters.close();
    card.close();
    network.close();
  }
}
