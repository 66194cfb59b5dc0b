package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Npm;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The view through a real broker, read by two decoders that nobody here wrote: Eclipse Tahu's and
 * npm's sparkplug-payload. No real host was tried.
 */
@Timeout(400)
@RequiresTool({"mosquitto", "mosquitto_sub", "mosquitto_pub", "npm"})
final class SparkplugIT {

  private static final String SCRIPT =
      """
      import fs from 'node:fs';
      import sparkplug from 'sparkplug-payload';
      const codec = sparkplug.get('spBv1.0');
      const bits = (value) => {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(value);
        return bytes.toString('hex');
      };
      const shown = (value) => {
        if (value === null || value === undefined) return 'null';
        if (typeof value === 'number') return bits(value);
        if (typeof value === 'object') return bits(value.toNumber());
        return String(value);
      };
      for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\\n')) {
        const [topic, hex] = line.split(' ');
        if (!hex) continue;
        const payload = codec.decodePayload(Buffer.from(hex, 'hex'));
        console.log([topic, payload.timestamp, payload.seq ?? '-'].join(' '));
        for (const metric of payload.metrics) {
          const quality = metric.properties?.Quality?.value ?? '-';
          const unit = metric.properties?.engUnit?.value ?? '-';
          console.log(['', metric.name ?? '-', metric.alias ?? '-', metric.timestamp, metric.type,
            metric.isHistorical ?? false, shown(metric.value), quality, unit].join('|'));
        }
      }
      """;

  @TempDir Path folder;

  private final Time time = new SystemTime(List.of("system"));
  private final Set<String> expected = new HashSet<>();

  /** What a host must get of a device. */
  private void expect(String device, String point, long ts, String value) {
    expected.add(device + "/" + point + "@" + ts + "=" + value);
  }

  private static String bits(double value) {
    return "%016x".formatted(Double.doubleToLongBits(value));
  }

  private void commit(Journal journal, String device, Map<String, Long> micros) {
    Values.Builder values = new Values.Builder();
    micros.forEach((point, value) -> values.put(Point.of(point), value));
    long nanos = time.now().nanos();
    long ts = time.wall().millisAt(time.now());
    Batch batch = journal.begin();
    batch.data(Sample.of(device, time.boot(), nanos, values.build()), ts);
    batch.commit(ts, null);
    micros.forEach(
        (point, value) -> expect(device, point, ts, bits(Double.parseDouble(Micros.text(value)))));
  }

  private void fail(Journal journal, String device) {
    long ts = time.wall().millisAt(time.now());
    Batch batch = journal.begin();
    batch.data(Sample.failed(device, time.boot(), time.now().nanos(), Reason.TIMEOUT), ts);
    batch.commit(ts, null);
    expect(device, "power", ts, "null");
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("waited 60 s for " + what);
      }
      Thread.sleep(20);
    }
  }

  private static boolean has(Child host, String word) {
    try {
      return host.output().contains(word);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoForeignDecodersReadTheNumbersOfTheRecords() throws Exception {
    // A host that is away keeps its session, but data goes out with QoS 0, which the broker would
    // not keep for it: whoever came back first after the restart decided what the host got.
    try (Mosquitto mosquitto = Mosquitto.start(folder, "queue_qos0_messages true");
        Child host =
            Child.start(
                folder.resolve("host.out"),
                Map.of(),
                List.of(
                    "mosquitto_sub",
                    "-V",
                    "mqttv5",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    "" + mosquitto.port(),
                    "-i",
                    "host",
                    "-c",
                    "-x",
                    "3600",
                    "-q",
                    "1",
                    "-t",
                    "spBv1.0/#",
                    "-F",
                    "%t %x"))) {
      talk(mosquitto, host);
      Path messages = folder.resolve("host.out");
      List<String> tahu = byTahu(messages);
      assertEquals(tahu, byNode(messages));
      Set<String> told = told(tahu);
      Set<String> missing = new HashSet<>(expected);
      missing.removeAll(told);
      assertEquals(Set.of(), missing);
      for (String type : List.of("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH", "NDEATH")) {
        assertTrue(
            tahu.stream().anyMatch(line -> line.startsWith("spBv1.0/wuxi/" + type + "/gw")), type);
      }
      assertTrue(
          tahu.stream().anyMatch(line -> line.contains("|true|")), "something was historical");
      for (String said :
          List.of(
              "|Properties/Hardware Make|Eastron",
              "|Properties/Serial Number|123 456",
              "|Properties/Role|grid")) {
        String[] words = said.split("\\|");
        assertTrue(
            tahu.stream()
                .map(line -> line.split("\\|"))
                .anyMatch(l -> l.length > 6 && l[1].equals(words[1]) && l[6].equals(words[2])),
            said);
      }
      // While the broker was away nobody got a CONNECT packet, however often it was tried.
      assertEquals(List.of(bits(0), bits(1)), bdSeqs(tahu));
    }
  }

  /** Those of the node's births, without repetitions. */
  private static List<String> bdSeqs(List<String> lines) {
    List<String> numbers = new ArrayList<>();
    boolean isBirth = false;
    for (String line : lines) {
      if (!line.startsWith("|")) {
        isBirth = line.contains("/NBIRTH/");
      } else if (isBirth && line.startsWith("|bdSeq|")) {
        String number = line.split("\\|")[6];
        if (!numbers.contains(number)) {
          numbers.add(number);
        }
      }
    }
    return numbers;
  }

  /** A session with an outage, a question, and every type of message. */
  private void talk(Mosquitto mosquitto, Child host) throws Exception {
    Site site = site(mosquitto.url());
    Site.View.Sparkplug view = (Site.View.Sparkplug) site.mqtt().views().getFirst();
    Inbox<Arrival> ledger = new Inbox<>(1000);
    try (Journal journal =
        Journal.open(
            new JournalOptions(folder.resolve("journal.db"), 64_000_000, "m"),
            time,
            Randomness.seeded(3))) {
      SparkplugStep step =
          new SparkplugStep(
              site,
              view,
              birth(),
              journal.outbox(),
              journal::state,
              SparkplugStep.cursorOf(folder.resolve("journal.db")),
              device -> Map.of("serial", "123 456"),
              PahoBroker.forView(
                  site.mqtt().over(view.link()), SparkplugStep.clientId(site.gateway())),
              ledger,
              time,
              Randomness.seeded(1));
      journal.onCommit(step::onCommit);
      Loop loop = new Loop(step, time).start();
      await("the view", () -> step.snapshot().isOnline() && has(host, "/NBIRTH/gw"));
      commit(journal, "gate", Map.of("power", 48_215_000_000L, "energy_import", 18_345_670_000L));
      commit(journal, "pv1", Map.of("power", -1L, "frequency", 50_010_000L));
      commit(journal, "gate", Map.of("power", 0L, "energy_import", 9_007_199_254_740_993L));
      commit(
          journal, "gate", Map.of("power", 100_000L, "energy_import", 9_111_222_333_444_555_666L));
      fail(journal, "gate");
      interval(journal);
      await("all to be told", () -> step.snapshot().lag() == 0 && has(host, "/NDATA/gw"));
      mosquitto.stop();
      await("the end", () -> !step.snapshot().connected());
      for (int i = 1; i <= 150; i++) {
        commit(journal, "pv1", Map.of("power", i * 1_234_567L));
        Thread.sleep(2); // each with its own time
      }
      mosquitto.restart();
      await("the backlog", () -> step.snapshot().isOnline() && step.snapshot().lag() == 0);
      ask(mosquitto);
      await("another birth", () -> step.snapshot().births() == 3);
      Batch batch = journal.begin();
      long ts = time.wall().millisAt(time.now());
      batch.data(Sample.failed("pv1", time.boot(), time.now().nanos(), Reason.OFFLINE), ts);
      batch.commit(ts, null);
      await("the device's death", () -> has(host, "/DDEATH/gw/pv1"));
      assertTrue(loop.stop(Duration.ofSeconds(10)));
      await("the node's death", () -> has(host, "/NDEATH/gw"));
      Thread.sleep(500); // the broker publishes it once more
    }
  }

  private void interval(Journal journal) {
    long ts = time.wall().millisAt(time.now());
    LinkedHashMap<String, Interval.Metric> metrics = new LinkedHashMap<>();
    metrics.put(
        "elec.grid.import",
        new Interval.Metric(12_534_001L, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    metrics.put("co2.scope2.location", Interval.Metric.missing("kg", "grid: timeout"));
    Batch batch = journal.begin();
    batch.interval(
        new Interval(
            "15m", ts - 900_000, ts, 0, metrics, new LinkedHashMap<>(), new LinkedHashMap<>()));
    batch.commit(ts, null);
    expect("gw", "15m/elec_grid_import", ts, bits(12.534001));
    expect("gw", "15m/co2_scope2_location", ts, "null");
  }

  private void ask(Mosquitto mosquitto) throws Exception {
    Path command =
        Files.write(
            folder.resolve("ncmd"),
            SparkplugBProto.Payload.newBuilder()
                .setTimestamp(1)
                .addMetrics(
                    SparkplugBProto.Payload.Metric.newBuilder()
                        .setName("Node Control/Rebirth")
                        .setDatatype(11)
                        .setBooleanValue(true))
                .build()
                .toByteArray());
    Launched sent =
        Launched.run(
            Map.of(),
            "mosquitto_pub",
            "-V",
            "mqttv5",
            "-h",
            "127.0.0.1",
            "-p",
            "" + mosquitto.port(),
            "-t",
            "spBv1.0/wuxi/NCMD/gw",
            "-f",
            command.toString());
    assertEquals(0, sent.exit(), sent.err());
  }

  private static Birth birth() {
    LinkedHashMap<String, Indicator> figures = new LinkedHashMap<>();
    for (String name : List.of("elec.grid.import", "co2.scope2.location")) {
      figures.put(name, Objects.requireNonNull(SiteFigures.LISTED.find(name)));
    }
    return new Birth("1.0", figures);
  }

  private Site site(String url) throws IOException {
    Path file =
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
            metering:
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 60}
            mqtt: {servers: ["%s"], spread: 0s, views: [{kind: sparkplug, group: wuxi}]}
            clock: {trust: [system]}
            """
                .formatted(url));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private static List<String> byTahu(Path messages) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(messages)) {
      String[] words = line.split(" ");
      if (words[0].contains("/NCMD/")) {
        continue;
      }
      SparkplugBPayload payload =
          new SparkplugBPayloadDecoder()
              .buildFromByteArray(HexFormat.of().parseHex(words[1]), null);
      Long seq = payload.getSeq();
      boolean isNumbered = seq != null && seq >= 0;
      lines.add(
          words[0]
              + " "
              + payload.getTimestamp().toInstant().toEpochMilli()
              + " "
              + (isNumbered ? seq : "-"));
      for (Metric metric : payload.getMetrics()) {
        lines.add(
            String.join(
                "|",
                "",
                metric.hasName() ? metric.getName() : "-",
                metric.hasAlias() ? "" + metric.getAlias() : "-",
                "" + metric.getTimestamp().toInstant().toEpochMilli(),
                metric.getDataType().toString(),
                "" + metric.isHistorical(),
                shown(metric),
                property(metric, "Quality"),
                property(metric, "engUnit")));
      }
    }
    return lines;
  }

  private static String shown(Metric metric) {
    Object value = metric.getValue();
    if (value == null || metric.isNull()) {
      return "null";
    }
    return metric.getDataType().equals(MetricDataType.Double)
            || metric.getDataType().equals(MetricDataType.Int64)
        ? bits(((Number) value).doubleValue())
        : value.toString();
  }

  private static String property(Metric metric, String name) {
    return metric.getProperties() == null || metric.getProperties().getPropertyValue(name) == null
        ? "-"
        : String.valueOf(metric.getProperties().getPropertyValue(name).getValue());
  }

  private List<String> byNode(Path messages) throws Exception {
    Path script = Files.writeString(folder.resolve("read.mjs"), SCRIPT);
    Npm.install(folder, "sparkplug-payload@1.0.3");
    Path without =
        Files.write(
            folder.resolve("messages"),
            Files.readAllLines(messages).stream()
                .filter(line -> !line.contains("/NCMD/"))
                .toList());
    Launched read = Launched.run(Map.of(), "node", script.toString(), without.toString());
    assertEquals(0, read.exit(), read.err());
    return read.out().lines().toList();
  }

  /** Every value that a host gets, by the names of the births. */
  private static Set<String> told(List<String> lines) {
    Map<String, String> names = new HashMap<>();
    Set<String> told = new HashSet<>();
    String source = "";
    for (String line : lines) {
      if (!line.startsWith("|")) {
        String topic = line.split(" ")[0];
        source = topic.substring(topic.lastIndexOf('/') + 1);
        continue;
      }
      String[] parts = line.split("\\|", -1);
      if (!parts[1].equals("-")) {
        names.put(parts[2], parts[1]);
      }
      told.add(source + "/" + names.get(parts[2]) + "@" + parts[3] + "=" + parts[6]);
    }
    return told;
  }
}
