package io.lingtan.agent.publish.sparkplug;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.eclipse.tahu.protobuf.SparkplugBProto;

/**
 * A view over a journal on a real file, with brokers in memory, on virtual time. What it publishes
 * is read by Tahu's generated decoder.
 */
final class Edge implements AutoCloseable {

  static final long START = 1_764_060_000_000L;
  static final String ONE = "mqtt://one:1883";
  static final String TWO = "mqtt://two:1883";
  static final String REBIRTH = "Node Control/Rebirth";

  /** A message as a host sees it. */
  record Got(
      String type, String topic, SparkplugBProto.Payload payload, int qos, boolean retained) {
    SparkplugBProto.Payload.Metric metric(String name) {
      return payload.getMetricsList().stream()
          .filter(metric -> metric.getName().equals(name))
          .findFirst()
          .orElseThrow(() -> new AssertionError(topic + " has no " + name));
    }

    SparkplugBProto.Payload.Metric metric(long alias) {
      return payload.getMetricsList().stream()
          .filter(metric -> metric.getAlias() == alias)
          .findFirst()
          .orElseThrow(() -> new AssertionError(topic + " has no alias " + alias));
    }
  }

  final VirtualTime time = new VirtualTime(START);
  final FakeBroker broker = new FakeBroker();
  final Inbox<Arrival> ledger = new Inbox<>(1000);
  final List<Event> events = new ArrayList<>();

  /** What meters say of themselves. */
  final Map<String, Map<String, String>> identity = new HashMap<>();

  final Path folder;
  private final Path site;
  private final long maxSize;
  Journal journal;
  SparkplugStep step;

  Edge(Path folder) throws IOException {
    this(folder, "", 64_000_000);
  }

  /**
   * @param more further keys of the view, such as {@code , primary_host: scada}
   */
  Edge(Path folder, String more) throws IOException {
    this(folder, more, 64_000_000);
  }

  Edge(Path folder, String more, long maxSize) throws IOException {
    this.folder = folder;
    this.maxSize = maxSize;
    this.site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: gw
            site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
            lines:
              - id: a
                modbus-tcp: {host: 192.168.1.20}
                devices:
                  - {id: gate, profile: eastron-sdm630, unit: 1}
                  - {id: pv1, profile: eastron-sdm630, unit: 2}
                  - {id: inv, profile: sunspec, unit: 3}
            metering:
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 60}
            mqtt: {servers: ["%s"], spread: 0s, views: [{kind: sparkplug, group: wuxi%s}]}
            clock: {trust: [system]}
            """
                .formatted(ONE, more));
    start();
  }

  private void start() {
    journal =
        Journal.open(
            new JournalOptions(folder.resolve("journal.db"), maxSize, "this machine"),
            time,
            Randomness.seeded(3));
    Site loaded = Objects.requireNonNull(new SiteLoader().load(site).site());
    Site.View.Sparkplug view = (Site.View.Sparkplug) loaded.mqtt().views().getFirst();
    LinkedHashMap<String, Indicator> figures = new LinkedHashMap<>();
    for (String name : List.of("elec.grid.import", "co2.scope2.location")) {
      figures.put(name, Objects.requireNonNull(SiteFigures.LISTED.find(name)));
    }
    step =
        new SparkplugStep(
            loaded,
            view,
            new Birth("1.0", figures),
            journal.outbox(),
            journal::state,
            SparkplugStep.cursorOf(folder.resolve("journal.db")),
            device -> identity.getOrDefault(device, Map.of()),
            broker,
            ledger,
            time,
            Randomness.seeded(1));
    journal.onCommit(step::onCommit);
  }

  /** As {@code systemctl restart}. */
  void restart() {
    step.close();
    journal.close();
    start();
  }

  /** As {@code kill -9}. */
  void kill() {
    broker.cut();
    Kill.kill(journal);
    start();
  }

  long now() {
    return time.wall().millisAt(time.now());
  }

  /** Commits a reading of a device, as of now. */
  void read(String device, String point, double value) {
    Values values = new Values.Builder().put(Point.of(point), Math.round(value * 1e6)).build();
    commit(Sample.of(device, time.boot(), time.now().nanos(), values));
  }

  void commit(Sample sample) {
    Batch batch = journal.begin();
    batch.data(sample, now());
    batch.commit(now(), null);
  }

  /** A poll that failed wholly. */
  void fail(String device, Reason reason) {
    commit(Sample.failed(device, time.boot(), time.now().nanos(), reason));
  }

  /** A point that has no value. */
  void bad(String device, String point, Reason reason) {
    TreeMap<Point, Reason> bad = new TreeMap<>();
    bad.put(Point.of(point), reason);
    commit(
        new Sample(
            device, time.boot(), time.now().nanos(), Values.NONE, new TreeMap<>(), bad, null));
  }

  /** An interval that ends now. */
  void interval(String length, long micros) {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put(
        "elec.grid.import", new Metric(micros, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    metrics.put("co2.scope2.location", Metric.missing("kg", "grid: timeout"));
    Batch batch = journal.begin();
    batch.interval(
        new Interval(
            length,
            now() - 900_000,
            now(),
            0,
            metrics,
            new LinkedHashMap<>(),
            new LinkedHashMap<>()));
    batch.commit(now(), null);
  }

  /** Steps until nothing is due before so many ms have passed. */
  void run(long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    int idle = 0;
    while (true) {
      MonotonicInstant now = time.now();
      int done = step.step(now);
      ledger.drain(
          arrival -> {
            if (arrival instanceof Arrival.Noticed noticed) {
              events.add(noticed.event());
            }
          },
          1000);
      if (done > 0) {
        idle = 0;
        continue;
      }
      MonotonicInstant due = step.due();
      if (!due.isAfter(now)) {
        if (++idle > 10) {
          throw new AssertionError("spins at " + now);
        }
        continue;
      }
      idle = 0;
      if (due.isAfter(end)) {
        time.advanceTo(end);
        return;
      }
      time.advanceTo(due);
    }
  }

  /** All that was published, of all connections. */
  List<Got> got() {
    return broker.did.stream()
        .filter(did -> did.what().equals("PUBLISH"))
        .map(
            did ->
                new Got(
                    did.topic().split("/")[2],
                    did.topic(),
                    parse(did.payload()),
                    did.qos(),
                    did.retained()))
        .toList();
  }

  List<Got> got(String type) {
    return got().stream().filter(one -> one.type().equals(type)).toList();
  }

  /** Forgets what was published. */
  void forget() {
    broker.did.clear();
  }

  static SparkplugBProto.Payload parse(byte[] payload) {
    try {
      return SparkplugBProto.Payload.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** The alias that the last birth of a device gave to a point. */
  long alias(String device, String point) {
    return got("DBIRTH").stream()
        .filter(one -> one.topic().endsWith("/" + device))
        .toList()
        .getLast()
        .metric(point)
        .getAlias();
  }

  /** A host asks for something. */
  void ask(String name, boolean value) {
    broker.arrive(
        "spBv1.0/wuxi/NCMD/gw",
        SparkplugBProto.Payload.newBuilder()
            .setTimestamp(now())
            .addMetrics(
                SparkplugBProto.Payload.Metric.newBuilder()
                    .setName(name)
                    .setTimestamp(now())
                    .setDatatype(11)
                    .setBooleanValue(value))
            .build()
            .toByteArray(),
        false);
  }

  List<String> eventNames() {
    return events.stream().map(Event::name).toList();
  }

  @Override
  public void close() {
    step.close();
    journal.close();
  }
}
