package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.simulator.beside.LocalBroker;
import io.lingtan.simulator.beside.Usage;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** One run, on the thread that calls {@link #run}. Every wait is bounded. */
final class Trial implements AutoCloseable {

  private static final int PARTITIONS = 8;
  private static final int COPIES = 3;
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration LONGEST_CONNECT = Duration.ofMinutes(2);
  private static final Duration LONGEST_MAKING = Duration.ofMillis(60);
  private static final int MORE_STREAMS = 2;
  private static final Duration LONGEST_SETTLE = Duration.ofMinutes(4);
  private static final Duration LONGEST_END = Duration.ofSeconds(4);
  private static final long LOOK_MILLIS = 100;
  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final TrialOptions options;
  private final Path folder;
  private final PrintStream out;
  private final RandomGenerator random;
  private final LocalBroker broker;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<Part> bridges = new ArrayList<>();
  private final List<Part> streams = new ArrayList<>();
  private final List<Part> sinks = new ArrayList<>();
  private List<Part> kafka = List.of();
  private String kafkaServers = "";
  private Properties kafkaClient = new Properties();
  private SortedMap<String, Integer> before = new TreeMap<>();
  private long progressNanos = System.nanoTime();

  private Trial(TrialOptions options, Path folder, PrintStream out, LocalBroker broker) {
    this.options = options;
    this.folder = folder;
    this.out = out;
    this.broker = broker;
    this.random = Randomness.seeded(options.seed());
  }

  /**
   * Starts the MQTT broker; the rest begins with {@link #run}.
   *
   * @param folder an empty one, for everything that is kept
   */
  static Trial start(TrialOptions options, Path folder, PrintStream out) throws IOException {
    Path place = Files.createDirectories(folder.resolve("mqtt"));
    return new Trial(options, folder, out, LocalBroker.start(place, 0));
  }

  /**
   * Runs to the end.
   *
   * @throws IOException if a part does not start, or ends by itself
   */
  TrialReport run() throws IOException, InterruptedException {
    long lasts = options.seconds() * 1_000;
    List<SitePlan> plans = SitePlan.draw(options.gateways(), options.silencesMillis(), random);
    List<Strike> strikes = Strike.draw(options.faults(), lasts, random);
    PostgresServer postgres = begin(plans);
    Path sites = Files.createDirectories(folder.resolve("sites"));
    QuickTime time = QuickTime.from(new SystemTime(List.of("system")), options.speed());
    GatewayProcesses gateways = opened(GatewayProcesses.start(options, broker.url(), sites, time));
    Duration atMost = LONGEST_CONNECT.plus(LONGEST_MAKING.multipliedBy(plans.size()));
    if (!waitFor(atMost, gateways, gateways::areConnected)) {
      throw new IOException("not all gateways are connected: " + gateways.state().problem());
    }
    out.printf("%,d gateways are connected; meters are read from now on%n", plans.size());
    before = owners();
    BadInput.send(broker.url(), plans.getFirst().gateway(), random);
    gateways.read();
    long began = System.nanoTime();
    for (Strike strike : strikes) {
      passUntil(began + TimeUnit.MILLISECONDS.toNanos(strike.atMillis()), gateways);
      strike(strike.what(), gateways, postgres);
    }
    passUntil(began + TimeUnit.MILLISECONDS.toNanos(lasts), gateways);
    gateways.stopReading();
    double perSecond = gateways.state().numbered() * 1e9 / (System.nanoTime() - began);
    Map<String, Usage> used = used(gateways);
    out.println("no more readings; what there is goes on to the table");
    return settled(gateways, postgres, plans, perSecond, used);
  }

  private PostgresServer begin(List<SitePlan> plans) throws IOException, InterruptedException {
    KafkaServers servers = opened(KafkaServers.start(folder));
    kafka = servers.parts();
    kafkaServers = servers.servers();
    kafkaClient = servers.client();
    PostgresServer postgres = opened(PostgresServer.start(folder));
    ZoneTopic.makeAll(servers.client(), PARTITIONS, COPIES);
    Files.write(folder.resolve("members"), SitePlan.members(plans));
    for (int i = 1; i <= 2; i++) {
      streams.add(streamsInstance(i));
      bridges.add(
          part(
              "bridge-" + i,
              Programs.zone(
                  "-Xmx96m",
                  "bridge",
                  "--kafka",
                  servers.servers(),
                  "--broker",
                  broker.url(),
                  "--client-id",
                  "zone-bridge-" + i)));
    }
    sinks.add(
        part(
            "sink",
            Programs.zone(
                "-Xmx128m",
                "sink",
                "--kafka",
                servers.servers(),
                "--postgres",
                postgres.address())));
    for (Part bridge : bridges) {
      bridge.await(LONGEST_START, () -> says(bridge, "connected"));
    }
    for (Part instance : streams) {
      instance.await(LONGEST_START, () -> says(instance, "RUNNING after"));
    }
    out.printf(
        "mosquitto, 3 Kafka servers, 2 bridges, 2 streams instances, a sink and PostgreSQL run in"
            + " %s%n",
        folder);
    return postgres;
  }

  private Part streamsInstance(int number) throws IOException {
    return part(
        "streams-" + number,
        Programs.zone(
            "-Xmx256m",
            "streams",
            "--kafka",
            kafkaServers,
            "--members",
            folder.resolve("members").toString(),
            "--dir",
            folder.resolve("state-" + number).toString(),
            "--threads",
            String.valueOf(options.threads()),
            "--acks"));
  }

  private <T extends AutoCloseable> T opened(T one) {
    opened.add(one);
    return one;
  }

  private Part part(String name, List<String> command) throws IOException {
    return Part.start(name, command, folder);
  }

  private boolean says(Part part, String words) {
    try {
      return Files.readString(folder.resolve(part.name() + ".log")).contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void strike(Strike.What what, GatewayProcesses gateways, PostgresServer postgres)
      throws IOException, InterruptedException {
    out.printf("%s%n", what.word());
    switch (what) {
      case BROKER_RESTARTED -> {
        broker.stop();
        away(gateways);
        broker.restart();
      }
      case BROKER_ERASED -> {
        broker.stop();
        Files.deleteIfExists(folder.resolve("mqtt/mosquitto.db"));
        away(gateways);
        broker.restart();
      }
      case KAFKA_KILLED -> kill(kafka, gateways);
      case BRIDGE_KILLED -> kill(bridges, gateways);
      case STREAMS_KILLED -> kill(streams, gateways);
      case SINK_KILLED -> kill(sinks, gateways);
      case POSTGRES_KILLED -> {
        postgres.part().kill();
        away(Strike.postgresAwayMillis(options.seconds() * 1_000), gateways);
        postgres.startAgain();
      }
      case SCALE_OUT -> {
        int there = streams.size();
        for (int i = 1; i <= MORE_STREAMS; i++) {
          streams.add(streamsInstance(there + i));
        }
      }
    }
  }

  private void kill(List<Part> parts, GatewayProcesses gateways)
      throws IOException, InterruptedException {
    Part part = parts.get(random.nextInt(parts.size()));
    part.kill();
    away(gateways);
    part.startAgain();
  }

  private void away(GatewayProcesses gateways) throws IOException, InterruptedException {
    away(Strike.AWAY_MILLIS, gateways);
  }

  private void away(long millis, GatewayProcesses gateways)
      throws IOException, InterruptedException {
    passUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), gateways);
  }

  /** How many partitions of the messages each streams instance folds. */
  private SortedMap<String, Integer> owners() {
    return Owners.of(kafkaClient);
  }

  /** Waits until everything agrees; what does not in the end is the verdict. */
  private TrialReport settled(
      GatewayProcesses gateways,
      PostgresServer postgres,
      List<SitePlan> plans,
      double perSecond,
      Map<String, Usage> used)
      throws IOException, InterruptedException {
    // Intervals go on to end, and with them records to be made, until they are told to stop.
    boolean isAsked = false;
    long end =
        System.nanoTime()
            + LONGEST_SETTLE.plus(LONGEST_MAKING.multipliedBy(plans.size())).toNanos();
    while (true) {
      GatewaysState state = gateways.state();
      Findings found;
      try (Connection connection = postgres.connect()) {
        found =
            Findings.of(
                connection,
                new Findings.Expected(
                    state.numbered(),
                    plans.size(),
                    SitePlan.truth(plans, state.judgedFrom(), state.judgedUntil())));
      } catch (SQLException e) {
        throw new IOException("PostgreSQL does not answer: " + e.getMessage(), e);
      }
      boolean isOver = System.nanoTime() > end;
      Findings findings = found;
      SortedMap<String, Integer> now = new TreeMap<>();
      if (isOver || found.failures().isEmpty()) {
        now = owners();
        findings = options.faults().contains(Strike.What.SCALE_OUT) ? found.and(moved(now)) : found;
      }
      boolean isGood = findings.failures().isEmpty() && state.waiting() == 0;
      if (isOver || (isGood && state.isPaused())) {
        return new TrialReport(options, findings, state, perSecond, used, now.values());
      }
      if (!isAsked && found.failures().stream().noneMatch(Trial::isOfSums)) {
        gateways.pause();
        isAsked = true;
      }
      pass(gateways);
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** Why more instances did not change who folds what; nothing if they did. */
  private List<String> moved(SortedMap<String, Integer> now) {
    boolean isMoved = now.keySet().stream().anyMatch(instance -> !before.containsKey(instance));
    return isMoved ? List.of() : List.of("no partition moved to a new instance: " + now);
  }

  /**
   * Whether it speaks of figures, which need their intervals to end; not of numbers on their way.
   */
  private static boolean isOfSums(String failure) {
    return failure.contains(" of ") && (failure.startsWith("elec") || failure.startsWith("co2"));
  }

  private Map<String, Usage> used(GatewayProcesses gateways) {
    Map<String, Usage> used = new TreeMap<>();
    used.put("mosquitto", Usage.of(broker.pid()));
    for (List<Part> parts : List.of(gateways.parts(), kafka, bridges, streams, sinks)) {
      parts.forEach(part -> used.put(part.name(), Usage.of(part.pid())));
    }
    return used;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private boolean waitFor(Duration atMost, GatewayProcesses gateways, Condition condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        return false;
      }
      pass(gateways);
    }
    return true;
  }

  private void passUntil(long nanos, GatewayProcesses gateways)
      throws IOException, InterruptedException {
    while (System.nanoTime() < nanos) {
      pass(gateways);
    }
  }

  private void pass(GatewayProcesses gateways) throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    if (System.nanoTime() - progressNanos > PROGRESS_NANOS) {
      progressNanos = System.nanoTime();
      GatewaysState state = gateways.state();
      out.printf(
          "%,d connected; numbered %,d, not acknowledged by the zone %,d%n",
          state.connected(), state.numbered(), state.waiting());
    }
  }

  @Override
  public void close() {
    for (AutoCloseable one : opened.reversed()) {
      if (one instanceof GatewayProcesses gateways) {
        gateways.close();
      }
    }
    List<Part> parts = new ArrayList<>(bridges);
    parts.addAll(streams);
    parts.addAll(sinks);
    parts.parallelStream().forEach(part -> part.end(LONGEST_END));
    for (AutoCloseable one : opened.reversed()) {
      switch (one) {
        case KafkaServers servers -> servers.close();
        case PostgresServer postgres -> postgres.close();
        default -> {}
      }
    }
    broker.close();
  }
}
