package io.lingtan.simulator.endtoend;

import static io.lingtan.simulator.endtoend.Subscriber.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.endtoend.Witness.Served;
import io.lingtan.testing.Child;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_sub", "python3", "socat"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
class WitnessIT {

  /** Unit 1 and unit 2 as meters of the grid and of a load, every poll recorded. */
  private static final String METERING =
      """
      metering:
        interval: 1m
        meters:
          - {id: grid, device: m1, role: grid, rated_kw: 400}
          - {id: hall, device: m2, role: load, rated_kw: 400}
      """;

  /** A line asks one thing at a time: so much can have been served and not taken in at an end. */
  private static final int UNDER_WAY = 1;

  @TempDir Path folder;
  private Path brokerFolder;

  @BeforeEach
  void makeFolders() throws IOException {
    brokerFolder = Files.createDirectory(folder.resolve("broker"));
    // The broker gives up root for a user who must be able to come through here.
    folder.toFile().setExecutable(true, false);
  }

  private static String tcpLine(int port, String... devices) {
    return """
    lines:
      - id: panel
        modbus-tcp: {host: 127.0.0.1, port: %d}
        devices:
    %s
    """
        .formatted(port, devicesYaml(devices));
  }

  private static String devicesYaml(String... devices) {
    StringBuilder text = new StringBuilder();
    for (String device : devices) {
      text.append("      - {").append(device).append(", every: 1s, record: 1s}\n");
    }
    return text.toString();
  }

  @Test
  void everyReadingServedOverTcpIsDeliveredWithExactlyItsValues() throws Exception {
    int port = Ports.free();
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness witness = Witness.tcp(folder, port, "1:sdm630,2:dtsd1352");
        Gateway gateway =
            Gateway.start(
                folder,
                broker.url(),
                tcpLine(
                        port,
                        "id: m1, profile: eastron-sdm630, unit: 1",
                        "id: m2, profile: acrel-dtsd1352, unit: 2")
                    + METERING)) {
      Thread.sleep(15_000);
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(1000);
      Deliveries deliveries = new Deliveries(subscriber.records());
      assertTrue(deliveries.count("m1") >= 13, "m1 delivered " + deliveries.count("m1"));
      assertTrue(deliveries.count("m2") >= 13, "m2 delivered " + deliveries.count("m2"));
      deliveries.assertHolds(witness.served(), UNDER_WAY);
    }
  }

  @Test
  void everyReadingServedOverSerialRtuIsDeliveredWithExactlyItsValues() throws Exception {
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber subscriber = Subscriber.start(folder, broker);
        Child wire =
            Child.start(
                folder.resolve("socat.log"),
                Map.of(),
                List.of(
                    "socat",
                    "-d",
                    "pty,raw,echo=0,link=" + ours,
                    "pty,raw,echo=0,link=" + theirs))) {
      wire.await("the pair of serial ports", 10, () -> Files.exists(ours) && Files.exists(theirs));
      try (Witness witness = Witness.serial(folder, theirs, "1:sdm630,2:dtsd1352");
          Gateway gateway =
              Gateway.start(
                  folder,
                  broker.url(),
                  """
                  lines:
                    - id: rs485
                      serial: {port: %s, baud: 9600}
                      devices:
                  %s
                  """
                          .formatted(
                              ours,
                              devicesYaml(
                                  "id: m1, profile: eastron-sdm630, unit: 1",
                                  "id: m2, profile: acrel-dtsd1352, unit: 2"))
                      + METERING)) {
        Thread.sleep(15_000);
        assertEquals(0, gateway.stop(), gateway.log());
        Thread.sleep(1000);
        Deliveries deliveries = new Deliveries(subscriber.records());
        assertTrue(deliveries.count("m1") >= 10, "m1 delivered " + deliveries.count("m1"));
        assertTrue(deliveries.count("m2") >= 10, "m2 delivered " + deliveries.count("m2"));
        deliveries.assertHolds(witness.served(), UNDER_WAY);
      }
    }
  }

  @Test
  void anOutageWithAKillInItLosesAtMostOneCommitAndSaysSo() throws Exception {
    int port = Ports.free();
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber subscriber = Subscriber.start(folder, broker);
        Child audit =
            Child.start(
                folder.resolve("audit.json"),
                Map.of(),
                List.of(Gateway.PROGRAM.toString(), "audit", "--broker", broker.url(), "--json"));
        Witness witness = Witness.tcp(folder, port, "1:sdm630,2:dtsd1352");
        Gateway gateway =
            Gateway.start(
                folder,
                broker.url(),
                tcpLine(
                        port,
                        "id: m1, profile: eastron-sdm630, unit: 1",
                        "id: m2, profile: acrel-dtsd1352, unit: 2")
                    + METERING)) {
      Thread.sleep(10_000);
      broker.stop();
      Thread.sleep(10_000);
      gateway.kill();
      Thread.sleep(1000);
      gateway.restart();
      Thread.sleep(9000);
      broker.restart();
      long deadline = System.nanoTime() + 150_000_000_000L;
      while (intervals(subscriber).size() < 2 || waiting(subscriber) > 20) {
        assertTrue(System.nanoTime() < deadline, "not delivered in time; agent: " + gateway.log());
        Thread.sleep(1000);
      }
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(2000);
      assertEquals(0, audit.stop(20), audit.output());

      Map<String, Map<String, Object>> records = subscriber.records();
      assertNoHole(records, subscriber.store());
      // One commit is one second: one poll of each of two meters, and what was under way at the
      // kill and at the stop.
      Deliveries deliveries = new Deliveries(records);
      deliveries.assertHolds(witness.served(), 2 + 2 * UNDER_WAY);
      List<Map<String, Object>> starts =
          records.values().stream().filter(r -> "agent.start".equals(r.get("event"))).toList();
      assertEquals(2, starts.size(), "starts: " + starts);
      assertTrue(
          ((Map<?, ?>) starts.getLast().get("detail")).containsKey("since"),
          "the second start names the span that the kill cost: " + starts.getLast());
      assertIntervalsAreTheRegistersDifference(records, witness.served());
    }
  }

  @Test
  void aUnitThatNeverAnswersCostsTheOthersNothing() throws Exception {
    int port = Ports.free();
    try (Mosquitto broker = Mosquitto.start(brokerFolder);
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness witness = Witness.tcp(folder, port, "1:sdm630,2:dtsd1352,3:sdm630");
        Gateway gateway =
            Gateway.start(
                folder,
                broker.url(),
                tcpLine(
                        port,
                        "id: m1, profile: eastron-sdm630, unit: 1",
                        "id: m2, profile: acrel-dtsd1352, unit: 2",
                        "id: m3, profile: eastron-sdm630, unit: 3",
                        "id: dead, profile: eastron-sdm630, unit: 99")
                    + METERING)) {
      int seconds = 120;
      Thread.sleep(seconds * 1000L);
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(1000);
      Deliveries deliveries = new Deliveries(subscriber.records());
      for (String device : List.of("m1", "m2", "m3")) {
        int good = deliveries.count(device);
        assertTrue(
            good >= 0.95 * seconds,
            device + " delivered " + good + " samples in " + seconds + " s");
      }
      assertEquals(0, deliveries.count("dead"));
      assertTrue(deliveries.reasons("dead").contains("timeout"), deliveries.reasons("dead") + "");
      deliveries.assertHolds(witness.served(), UNDER_WAY);
    }
  }

  private static List<Map<String, Object>> intervals(Subscriber subscriber) throws IOException {
    return subscriber.records().values().stream()
        .filter(r -> "1m".equals(r.get("interval")))
        .toList();
  }

  private static long waiting(Subscriber subscriber) throws IOException {
    Map<String, Object> store = subscriber.store();
    return store.isEmpty() ? Long.MAX_VALUE : number(store, "last") - number(store, "acked");
  }

  private static void assertNoHole(
      Map<String, Map<String, Object>> records, Map<String, Object> store) {
    String epoch = (String) store.get("epoch");
    for (long seq = 1; seq <= number(store, "acked"); seq++) {
      assertTrue(records.containsKey(epoch + "/" + seq), "hole at " + epoch + "/" + seq);
    }
    assertEquals(List.of(), store.get("dropped"));
  }

  private static void assertIntervalsAreTheRegistersDifference(
      Map<String, Map<String, Object>> records, List<Served> served) {
    int checked = 0;
    for (Map<String, Object> record : records.values()) {
      if (!"1m".equals(record.get("interval"))) {
        continue;
      }
      Map<?, ?> imported = (Map<?, ?>) ((Map<?, ?>) record.get("metrics")).get("elec.grid.import");
      List<?> registers = (List<?>) ((Map<?, ?>) record.get("registers")).get("grid/energy_import");
      if (registers == null) {
        Object quality = imported.get("q");
        assertTrue(
            "missing".equals(quality) || "partial".equals(quality),
            () -> "a good figure without registers: " + record);
        continue;
      }
      BigDecimal start = (BigDecimal) registers.get(0);
      BigDecimal end = (BigDecimal) registers.get(1);
      assertEquals(
          0, end.subtract(start).compareTo((BigDecimal) imported.get("v")), () -> "" + record);
      assertBetween(start, number(record, "start"), served);
      assertBetween(end, number(record, "end"), served);
      checked++;
    }
    assertTrue(checked >= 1, "no interval had both registers");
    assertFalse(served.isEmpty());
  }

  /** A register's value at a boundary lies between what the meter served before and after it. */
  private static void assertBetween(BigDecimal value, long atMillis, List<Served> served) {
    BigDecimal before = null;
    BigDecimal after = null;
    for (Served reply : served) {
      BigDecimal energy = reply.energy();
      if (reply.unit() == 1 && energy != null) {
        if (reply.wallMillis() <= atMillis) {
          before = energy;
        } else if (after == null) {
          after = energy;
        }
      }
    }
    // A reply served just before the boundary may arrive just after it: one step of slack.
    BigDecimal step = new BigDecimal("0.011");
    if (before != null) {
      assertTrue(value.compareTo(before.subtract(step)) >= 0, value + " is below " + before);
    }
    if (after != null) {
      assertTrue(value.compareTo(after.add(step)) <= 0, value + " is above " + after);
    }
  }
}
