package io.lingtan.simulator.fleet;

import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.beside.Child;
import io.lingtan.simulator.fleet.FleetReport.Reconnected;
import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One run, on the thread that calls {@link #run}: broker, auditor, gateways, storms, and the count
 * at the end. Every wait is bounded.
 */
final class Fleet implements AutoCloseable {

  /** Under which the broker keeps what the auditor misses. */
  static final String AUDITOR_ID = "lingtan-fleet-audit";

  /** The meter that every gateway's site file has. */
  static final String DEVICE = "meter";

  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(90);
  private static final Duration LONGEST_DELIVERY = Duration.ofMinutes(3);
  private static final Duration LONGEST_REPORT = Duration.ofMinutes(1);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 50;
  private static final long PROGRESS_MILLIS = 5_000;

  /** Three long tasks of the MQTT library for each connection, and some that come and go. */
  private static final int THREADS_PER_GATEWAY = 6;

  private final FleetOptions options;
  private final Path folder;
  private final Time time;
  private final PrintStream out;
  private final List<FleetGateway> gateways = new ArrayList<>();
  private final List<GatewayGroup> groups = new ArrayList<>();
  private final List<Loop> loops = new ArrayList<>();
  private final List<Reconnected> reconnects = new ArrayList<>();
  private final ScheduledExecutorService threads;
  private final FleetBroker broker;
  private final Child auditor;
  private final Path auditorWords;
  private final Path auditFile;
  private final List<Costs> costs;
  private MonotonicInstant progressDue;

  private Fleet(FleetOptions options, Path folder, Time time, PrintStream out) throws IOException {
    this.options = options;
    this.folder = folder;
    this.time = time;
    this.out = out;
    this.progressDue = time.now();
    this.threads = Threads.virtualPool("mqtt", THREADS_PER_GATEWAY * options.gateways() + 16);
    this.broker = FleetBroker.of(options, folder);
    this.auditorWords = folder.resolve("auditor.log");
    this.auditFile = folder.resolve("audit.json");
    int cores = Runtime.getRuntime().availableProcessors();
    try {
      this.auditor = Child.start("the auditor", auditorCommand(), auditorWords);
    } catch (IOException e) {
      broker.close();
      throw e;
    }
    this.costs =
        List.of(
            new Costs("agents", cores, ProcessHandle.current()::pid),
            new Costs("subscriber", 1, auditor::pid),
            new Costs("broker", broker.cores(cores), broker::pid));
  }

  /**
   * Starts broker and auditor.
   *
   * @param folder an empty one, for journals, logs and the report
   * @throws IOException if there is no broker; the message says what to do
   */
  static Fleet start(FleetOptions options, Path folder, Time time, PrintStream out)
      throws IOException {
    return new Fleet(options, folder, time, out);
  }

  private List<String> auditorCommand() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-cp",
        System.getProperty("java.class.path"),
        Auditor.class.getName(),
        broker.url(),
        AUDITOR_ID,
        auditFile.toString());
  }

  /**
   * Runs to the end.
   *
   * @throws IOException if something did not start, or the auditor ended without a report
   */
  FleetReport run() throws IOException, InterruptedException {
    await("the auditor follows", LONGEST_CONNECT, () -> says("following"));
    open();
    await("all gateways are connected", LONGEST_CONNECT, () -> connected() == gateways.size());
    out.printf("%,d gateways are connected to %s%n", gateways.size(), broker.url());
    costs.forEach(Costs::begin);
    groups.forEach(GatewayGroup::forget);
    MonotonicInstant began = time.now();
    long periodNanos = periodNanos();
    for (int i = 0; i < gateways.size(); i++) {
      // Spread over the period, as a thousand cabinets are.
      gateways.get(i).readFrom(began.plusNanos(periodNanos / gateways.size() * i));
    }
    for (Storm storm : options.storms()) {
      passUntil(began.plus(Duration.ofSeconds(storm.atSeconds())));
      reconnects.add(storm(storm));
    }
    passUntil(began.plus(Duration.ofSeconds(options.seconds())));
    gateways.forEach(FleetGateway::stopReading);
    costs.forEach(Costs::look);
    long millis = time.now().millisSince(began);
    List<Costs.Cost> used = costs.stream().map(side -> side.over(millis)).toList();
    out.println("no more readings; what is there is delivered");
    long waiting = deliver();
    Map<String, Long> numbered = new TreeMap<>();
    gateways.forEach(gateway -> numbered.put(gateway.id(), gateway.journal().last()));
    long total = numbered.values().stream().mapToLong(Long::longValue).sum();
    waitFor(LONGEST_REPORT, () -> received() >= total);
    return new FleetReport(
        numbered,
        waiting,
        gateways.stream().mapToLong(FleetGateway::refused).sum(),
        gateways.stream().mapToLong(FleetGateway::missed).sum(),
        gateways.stream().mapToLong(gateway -> gateway.uplink().records().resent()).sum(),
        gateways.stream().mapToLong(gateway -> gateway.uplink().link().connects()).sum(),
        groups.stream().mapToLong(GatewayGroup::longestMillis).max().orElse(0),
        report(),
        reconnects,
        used,
        millis);
  }

  private void open() throws IOException {
    long periodNanos = periodNanos();
    for (int i = 0; i < options.gateways(); i++) {
      Site site = site(String.format(Locale.ROOT, "fleet-%05d", i + 1));
      try {
        gateways.add(
            FleetGateway.open(
                site,
                new SteadyMeter(DEVICE, time.boot(), periodNanos),
                null,
                periodNanos,
                time,
                Randomness.system(),
                threads));
      } catch (JournalUnavailable e) {
        throw new IOException(
            e.getMessage() + "; name a folder with room and permission with --dir", e);
      }
      progress("opened");
    }
    int count = Math.min(Runtime.getRuntime().availableProcessors(), gateways.size());
    for (int group = 0; group < count; group++) {
      List<FleetGateway> some = new ArrayList<>();
      for (int i = group; i < gateways.size(); i += count) {
        some.add(gateways.get(i));
      }
      GatewayGroup made = new GatewayGroup("gateways " + (group + 1), some, time);
      groups.add(made);
      loops.add(new Loop(made, time));
    }
    loops.forEach(Loop::start);
  }

  private long periodNanos() {
    return Duration.ofMillis(options.periodMillis()).toNanos();
  }

  private Site site(String id) throws IOException {
    Path file = folder.resolve(id + ".yaml");
    Files.writeString(
        file,
        """
        gateway: %s
        site: {name: Fleet, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: line
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - {id: %s, profile: generic-modbus, unit: 1, every: %dms, record: %dms}
        mqtt: {servers: ["%s"]}
        journal: {path: %s.db, max_size: 16MB, commit: 1s}
        status: {enabled: false}
        clock: {trust: [system]}
        """
            .formatted(
                id, DEVICE, options.periodMillis(), options.periodMillis(), broker.url(), id));
    Loaded loaded = new SiteLoader().load(file);
    Site site = loaded.site();
    if (site == null) {
      throw new IOException("the fleet's own site file is refused: " + loaded.problems());
    }
    return site;
  }

  private Reconnected storm(Storm storm) throws IOException, InterruptedException {
    out.printf("the broker goes away for %d s%n", storm.awaySeconds());
    MonotonicInstant gone = time.now();
    costs.forEach(Costs::look);
    broker.stop();
    passUntil(gone.plus(Duration.ofSeconds(storm.awaySeconds())));
    // Before it starts: a gateway may be connected again before the start is told of.
    MonotonicInstant back = time.now();
    broker.start();
    out.println("the broker is back");
    boolean all = waitFor(LONGEST_CONNECT, () -> connectedSince(back) == gateways.size());
    long[] after =
        gateways.stream()
            .mapToLong(gateway -> gateway.uplink().link().connectedNanos() - back.nanos())
            .filter(nanos -> nanos >= 0)
            .map(TimeUnit.NANOSECONDS::toMillis)
            .sorted()
            .toArray();
    out.printf("%,d of %,d gateways are connected again%n", after.length, gateways.size());
    boolean drained =
        waitFor(
            LONGEST_DELIVERY,
            () -> gateways.stream().noneMatch(gateway -> gateway.uplink().delivery().late()));
    long drainedMillis = drained ? time.now().millisSince(back) : -1;
    int half = gateways.size() / 2;
    return new Reconnected(
        back.millisSince(gone),
        after.length > half ? after[half] : -1,
        all ? Arrays.stream(after).max().orElse(-1) : -1,
        drainedMillis);
  }

  private long connected() {
    return gateways.stream().filter(gateway -> gateway.uplink().connected()).count();
  }

  private long connectedSince(MonotonicInstant back) {
    return gateways.stream()
        .filter(gateway -> gateway.uplink().link().connectedNanos() >= back.nanos())
        .count();
  }

  /** Until everything read is delivered; returns how many records are not. */
  private long deliver() throws IOException, InterruptedException {
    waitFor(LONGEST_DELIVERY, () -> gateways.stream().allMatch(FleetGateway::isDelivered));
    return waiting();
  }

  private long waiting() {
    return gateways.stream().mapToLong(gateway -> gateway.journal().waiting()).sum();
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private void await(String what, Duration atMost, Condition condition)
      throws IOException, InterruptedException {
    if (!waitFor(atMost, condition)) {
      throw new IOException(
          "waited %d s until %s: %s".formatted(atMost.toSeconds(), what, whyNot()));
    }
  }

  private String whyNot() {
    return gateways.stream()
        .map(gateway -> gateway.uplink().link().problem())
        .filter(problem -> problem != null)
        .findFirst()
        .orElseGet(auditor::lastWords);
  }

  private boolean waitFor(Duration atMost, Condition condition)
      throws IOException, InterruptedException {
    MonotonicInstant end = time.now().plus(atMost);
    while (!condition.holds()) {
      if (!time.now().isBefore(end)) {
        return false;
      }
      pass();
    }
    return true;
  }

  private void passUntil(MonotonicInstant end) throws IOException, InterruptedException {
    while (time.now().isBefore(end)) {
      pass();
    }
  }

  private void pass() throws IOException, InterruptedException {
    if (!auditor.isAlive()) {
      throw new IOException("the audit ended early: " + auditor.lastWords());
    }
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    costs.forEach(Costs::look);
    progress("");
  }

  private void progress(String word) throws IOException {
    MonotonicInstant now = time.now();
    if (now.isBefore(progressDue)) {
      return;
    }
    progressDue = now.plusMillis(PROGRESS_MILLIS);
    if (!word.isEmpty()) {
      out.printf("%,d gateways %s%n", gateways.size(), word);
    } else if (!gateways.isEmpty()) {
      out.printf(
          "%,d connected; acknowledged %,d, received by the auditor %,d, waiting %,d%n",
          connected(),
          gateways.stream().mapToLong(gateway -> gateway.uplink().records().acked()).sum(),
          received(),
          gateways.stream().mapToLong(gateway -> gateway.uplink().delivery().waiting()).sum());
    }
  }

  private boolean says(String word) throws IOException {
    return Files.exists(auditorWords) && Files.readAllLines(auditorWords).contains(word);
  }

  /** What the auditor last said it had received. */
  private long received() throws IOException {
    return Files.readAllLines(auditorWords).reversed().stream()
        .filter(line -> line.matches("[0-9]+"))
        .findFirst()
        .map(Long::parseLong)
        .orElse(0L);
  }

  private Json report() throws IOException {
    auditor.hangUp();
    auditor.ends(LONGEST_REPORT);
    if (!Files.exists(auditFile)) {
      throw new IOException("the audit left no report: " + auditor.lastWords());
    }
    return Json.read(Files.readAllBytes(auditFile));
  }

  /** Ends everything that was started; leaves a given broker as it was. */
  @Override
  public void close() {
    loops.forEach(Loop::askToStop);
    boolean stopped = true;
    for (Loop loop : loops) {
      stopped &= loop.stop(LONGEST_STOP);
    }
    if (stopped) {
      try (ExecutorService closing = Threads.virtual("closing")) {
        gateways.forEach(gateway -> closing.execute(gateway::close));
      }
    }
    auditor.close();
    broker.close(gateways.stream().map(FleetGateway::id).toList());
    threads.shutdownNow();
  }
}
