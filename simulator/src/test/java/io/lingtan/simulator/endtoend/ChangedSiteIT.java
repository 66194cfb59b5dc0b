package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A site file that is changed while something else is amiss, or in what is not a line. */
@Tag("campaign")
@RequiresTool({"mosquitto", "mosquitto_sub", "python3", "socat"})
@Timeout(120)
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class ChangedSiteIT {

  @TempDir Path folder;

  private static String lines(int port, int timeout) {
    return """
    lines:
      - id: hall
        modbus-tcp: {host: 127.0.0.1, port: %d, timeout: %dms}
        devices:
          - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}
    metering:
      interval: 1m
      meters:
        - {id: grid, device: m1, role: grid, rated_kw: 400}
    """
        .formatted(port, timeout);
  }

  private static long last(Gateway gateway) throws Exception {
    return ((BigDecimal) ((Map<?, ?>) gateway.snapshot().get("store")).get("last"))
        .longValueExact();
  }

  private static boolean has(Gateway gateway, String words) throws Exception {
    return gateway.log().contains(words);
  }

  private static long named(Subscriber subscriber, String event) throws Exception {
    return subscriber.records().values().stream()
        .filter(record -> event.equals(record.get("event")))
        .count();
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectory(folder.resolve(name));
  }

  @Test
  void whileTheJournalCannotBeWrittenALineThatIsToEndGoesOnReading() throws Exception {
    folder.toFile().setExecutable(true, false);
    int port = Ports.free();
    try (Mosquitto broker = Mosquitto.start(folder("broker"));
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness meter = Witness.tcp(folder("meter"), port, "1:sdm630");
        Gateway gateway = Gateway.start(folder, broker.url(), lines(port, 1000))) {
      gateway.await("the first records", 20, () -> last(gateway) > 4);
      int before;
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
          Statement statement = other.createStatement()) {
        statement.execute("PRAGMA busy_timeout=10000");
        statement.execute("BEGIN IMMEDIATE");
        gateway.rewrite(lines(port, 1000), lines(port, 900));
        gateway.reload();
        gateway.await("it to wait", 20, () -> has(gateway, "as soon as the journal"));
        before = meter.served().size();
        gateway.await("readings meanwhile", 20, () -> meter.served().size() >= before + 5);
        assertFalse(has(gateway, "site.yaml is in use"));
        statement.execute("ROLLBACK");
      }
      gateway.await("the change", 60, () -> has(gateway, "site.yaml is in use"));
      int changed = meter.served().size();
      gateway.await("readings after it", 20, () -> meter.served().size() >= changed + 3);
      Thread.sleep(1500);
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(1000);
      // What was under way at the end of the line, and nothing else.
      new Deliveries(subscriber.records()).assertServed("m1", meter.served(), 1);
      assertEquals(1, named(subscriber, "config.changed"));
      assertEquals(1, named(subscriber, "journal.not_written"));
    }
  }

  @Test
  void aViewComesAndGoesAndTheRestDoesNotNotice() throws Exception {
    folder.toFile().setExecutable(true, false);
    int port = Ports.free();
    Path seen = folder.resolve("view.txt");
    try (Mosquitto broker = Mosquitto.start(folder("broker"));
        Subscriber subscriber = Subscriber.start(folder, broker);
        Child view =
            Child.start(
                seen,
                Map.of(),
                List.of(
                    "mosquitto_sub",
                    "-p",
                    String.valueOf(broker.port()),
                    "-t",
                    "spBv1.0/#",
                    "-F",
                    "%t"));
        Witness meter = Witness.tcp(folder("meter"), port, "1:sdm630");
        Gateway gateway = Gateway.start(folder, broker.url(), lines(port, 1000))) {
      gateway.await("the first records", 20, () -> last(gateway) > 4);
      String without = "mqtt: {servers: [\"" + broker.url() + "\"]}";
      String with = without.replace("]}", "], views: [{kind: sparkplug, group: wuxi}]}");
      for (int time = 1; time <= 2; time++) {
        int births = time;
        long deaths = topics(view, "NDEATH");
        gateway.rewrite(without, with);
        gateway.reload();
        gateway.await("a birth", 20, () -> topics(view, "NBIRTH") == births);
        gateway.await("values", 20, () -> topics(view, "DDATA") > 0);
        gateway.rewrite(with, without);
        gateway.reload();
        // It says so itself, and its Will does.
        gateway.await("its death", 20, () -> topics(view, "NDEATH") > deaths);
        long data = topics(view, "DDATA");
        Thread.sleep(2500);
        assertEquals(data, topics(view, "DDATA"), "it goes on without being asked for");
      }
      assertEquals(0, gateway.stop(), gateway.log());
      Thread.sleep(1000);
      Deliveries deliveries = new Deliveries(subscriber.records());
      deliveries.assertServed("m1", meter.served(), 1);
      // One a second through two times 2.5 s at least.
      assertTrue(deliveries.count("m1") > 4, () -> "records " + deliveries.count("m1"));
      assertEquals(4, named(subscriber, "config.changed"));
      // Each change is described anew, on the connection that there is: no other says offline.
      List<String> status =
          subscriber.messages().stream()
              .filter(message -> message.topic().equals("status"))
              .map(Subscriber.Message::payload)
              .toList();
      assertEquals(1, Collections.frequency(status, "offline"), status::toString);
      assertEquals("offline", status.getLast());
    }
  }

  /** Its library sets handlers of signals, and SIGHUP is one of them. */
  @Test
  void aGatewayWithASerialPortHearsThatItsFileWasChanged() throws Exception {
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    String serial =
        """
        lines:
          - id: rs485
            serial: {port: %s, baud: 19200, timeout: 200ms}
            devices:
              - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s}
        """
            .formatted(ours);
    try (Child pair =
        Child.start(
            folder.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0,link=" + theirs))) {
      pair.await("the ports", 10, () -> Files.exists(ours) && Files.exists(theirs));
      try (Gateway gateway = Gateway.start(folder, "mqtt://127.0.0.1:1", serial)) {
        gateway.await("a poll", 20, () -> polled(gateway));
        gateway.rewrite(serial, serial.replace("200ms", "300ms"));
        gateway.reload();
        gateway.await("the change", 20, () -> has(gateway, "site.yaml is in use"));
        gateway.await("a poll after it", 20, () -> polled(gateway));
        assertEquals(0, gateway.stop(), gateway.log());
      }
    }
  }

  private static boolean polled(Gateway gateway) throws Exception {
    Map<?, ?> device = (Map<?, ?>) ((List<?>) gateway.snapshot().get("devices")).getFirst();
    return ((BigDecimal) device.get("timeouts")).signum() > 0;
  }

  private static long topics(Child view, String type) throws Exception {
    return view.output().lines().filter(line -> line.contains("/" + type + "/")).count();
  }
}
