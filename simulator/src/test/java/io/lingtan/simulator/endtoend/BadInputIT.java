package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a person gets wrong: said with what to do, and the rest goes on. */
@SuppressWarnings({
  "NullAway",
  "try"
}) // meters only have to be there; a member that is not there fails the test by itself
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "python3"})
class BadInputIT {

  private static final String NOBODY = "mqtt://127.0.0.1:1";

  @TempDir Path folder;
  private int meters;

  @BeforeEach
  void choosePort() throws IOException {
    meters = Ports.free();
    folder.toFile().setExecutable(true, false);
  }

  private String lines() {
    return """
    lines:
      - id: panel
        modbus-tcp: {host: 127.0.0.1, port: %d}
        devices:
          - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}
    metering:
      interval: 1m
      meters:
        - {id: grid, device: m1, role: grid, rated_kw: 400}
    """
        .formatted(meters);
  }

  private static long records(Gateway gateway) throws Exception {
    Map<?, ?> store = (Map<?, ?>) gateway.snapshot().get("store");
    return ((BigDecimal) store.get("last")).longValueExact();
  }

  /** Waits until the gateway has committed {@code more} records beyond what it has now. */
  private static void assertGoesOn(Gateway gateway, int more) throws Exception {
    long before = records(gateway);
    gateway.await(more + " more records", 20, () -> records(gateway) >= before + more);
  }

  @Test
  void everyProblemOfASiteFileIsListedAtOnceAndTheExitCodeIsTwo() throws Exception {
    Path site = folder.resolve("site.yaml");
    Files.writeString(
        site,
        """
        gateway: gw 1
        site: {name: Roof, zone: Asia/Shangai, region: CN-JS}
        lines:
          - id: panel
            modbus-tcp: {host: 127.0.0.1, prot: 502}
            devices:
              - {id: m1, profile: eastron-sdm63, unit: 1, every: 1 parsec}
              - {id: m1, profile: eastron-sdm630, unit: 999}
        mqtt: {servers: ["http://x"]}
        """);
    Launched run =
        Launched.run(Map.of(), Gateway.PROGRAM.toString(), "run", "--config", site.toString());
    assertEquals(2, run.exit(), run.err());
    for (String place :
        List.of(":1:10:", ":2:26:", ":5:35:", ":7:27:", ":7:58:", ":8:14:", ":8:49:", ":9:18:")) {
      assertTrue(run.err().contains("site.yaml" + place), place + " is not in\n" + run.err());
    }
    assertTrue(run.err().contains("port"), "the nearest right key is named:\n" + run.err());
    assertTrue(run.err().contains("eastron-sdm630"), run.err());

    Files.writeString(site, "gateway: [unclosed\n");
    Launched broken = Launched.run(Map.of(), Gateway.PROGRAM.toString(), "check", site.toString());
    assertEquals(2, broken.exit(), broken.err());
    assertTrue(broken.err().contains("site.yaml:"), broken.err());
    Launched nothing =
        Launched.run(Map.of(), Gateway.PROGRAM.toString(), "run", "--config", "/no/such.yaml");
    assertEquals(2, nothing.exit(), nothing.err());
    assertTrue(nothing.err().contains("does not exist"), nothing.err());
  }

  @Test
  void aBrokerThatRefusesThePasswordCostsNoReading() throws Exception {
    Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
    Path passwords = brokerFolder.resolve("passwords");
    Files.writeString(passwords, "gw:secret\n");
    Launched.run(Map.of(), "mosquitto_passwd", "-U", passwords.toString());
    passwords.toFile().setReadable(true, false);
    Files.writeString(folder.resolve("wrong"), "guess\n");
    try (Mosquitto broker =
            Mosquitto.start(brokerFolder, "allow_anonymous false", "password_file " + passwords);
        Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway =
            Gateway.start(
                folder,
                "{servers: [\"%s\"], user: gw, password_file: wrong}".formatted(broker.url()),
                lines(),
                "")) {
      gateway.await("a word about the password", 20, () -> gateway.log().contains("password"));
      assertGoesOn(gateway, 3);
    }
  }

  @Test
  void aBrokerThatIsNoneIsSaidAndTheJournalKeepsEverything() throws Exception {
    try (ServerSocket http = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway =
            Gateway.start(
                folder,
                "{servers: [\"mqtt://127.0.0.1:%d\"]}".formatted(http.getLocalPort()),
                lines(),
                "")) {
      assertGoesOn(gateway, 3);
      gateway.await(
          "a word about the silent server",
          40,
          () -> gateway.log().contains("127.0.0.1:" + http.getLocalPort()));
    }
  }

  @Test
  void aPageThatCannotBeShownCostsNoReading() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway =
            Gateway.startWithPage(
                folder,
                "{servers: [\"%s\"]}".formatted(broker.url()),
                lines(),
                "",
                taken.getLocalPort())) {
      gateway.await(
          "the page's port",
          10,
          () -> gateway.log().contains("cannot listen on 127.0.0.1:" + taken.getLocalPort()));
      gateway.await("records", 20, () -> subscriber.records().size() > 4);
    }
  }

  @Test
  void aSerialPortThatIsNotThereCostsTheOtherLinesNothing() throws Exception {
    String two =
        lines()
            .replace(
                "metering:",
                """
                  - id: rs485
                    serial: {port: /dev/no-such-port, baud: 9600}
                    devices:
                      - {id: m2, profile: eastron-sdm630, unit: 1, every: 1s}
                metering:\
                """);
    try (Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway = Gateway.start(folder, "{servers: [\"" + NOBODY + "\"]}", two, "")) {
      assertGoesOn(gateway, 3);
      gateway.await(
          "a word about the port",
          20,
          () -> gateway.snapshot().get("lines").toString().contains("/dev/no-such-port"));
      assertTrue(gateway.snapshot().get("lines").toString().contains("problem"));
    }
  }

  @Test
  void aJournalThatIsNoDatabaseIsSetAsideAndSaidSo() throws Exception {
    Files.writeString(folder.resolve("journal.db"), "this is a letter to my aunt\n".repeat(100));
    try (Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
        Subscriber subscriber = Subscriber.start(folder, broker);
        Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway =
            Gateway.start(folder, "{servers: [\"%s\"]}".formatted(broker.url()), lines(), "")) {
      gateway.await(
          "the event",
          20,
          () ->
              subscriber.records().values().stream()
                  .anyMatch(record -> "journal.set_aside".equals(record.get("event"))));
      try (var files = Files.list(folder)) {
        Path kept =
            files
                .filter(f -> f.getFileName().toString().startsWith("journal.db.corrupt"))
                .findFirst()
                .orElseThrow();
        assertTrue(Files.readString(kept).startsWith("this is a letter to my aunt"));
      }
      assertGoesOn(gateway, 3);
    }
  }

  @Test
  void aJournalInUseIsSaidAndTheExitCodeIsOne() throws Exception {
    try (Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway = Gateway.start(folder, "{servers: [\"" + NOBODY + "\"]}", lines(), "")) {
      Launched second =
          Launched.run(
              Map.of(),
              Gateway.PROGRAM.toString(),
              "run",
              "--config",
              folder.resolve("site.yaml").toString());
      assertEquals(1, second.exit(), second.err());
      assertTrue(second.err().contains("journal.db"), second.err());
      assertGoesOn(gateway, 2);
    }
  }

  @Test
  void aJournalInAnImpossiblePlaceIsSaidAndWaitedFor() throws Exception {
    Path inTheWay = Files.createDirectory(folder.resolve("journal.db.lock"));
    try (Witness witness = Witness.tcp(folder, meters, "1:sdm630");
        Gateway gateway = Gateway.start(folder, "{servers: [\"" + NOBODY + "\"]}", lines(), "")) {
      gateway.await(
          "values of the meter",
          20,
          () -> gateway.snapshot().get("devices").toString().contains("energy_import"));
      Map<?, ?> store = (Map<?, ?>) gateway.snapshot().get("store");
      String failure = String.valueOf(store.get("failure"));
      assertTrue(failure.contains("journal.path"), failure);
      assertTrue(gateway.log().contains("journal.path"), gateway.log());
      assertEquals(0, records(gateway));
      Files.delete(inTheWay);
      gateway.await("records", 40, () -> records(gateway) > 0);
      assertGoesOn(gateway, 2);
      assertTrue(!((Map<?, ?>) gateway.snapshot().get("store")).containsKey("failure"));
    }
  }

  /** In the place of the meters. */
  private ServerSocket listening() throws IOException {
    ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    meters = socket.getLocalPort();
    return socket;
  }

  @Test
  void garbageFromAMeterIsCountedAndNeverANumber() throws Exception {
    try (ServerSocket liar = listening();
        Gateway gateway = Gateway.start(folder, "{servers: [\"" + NOBODY + "\"]}", lines(), "")) {
      Thread babbling =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!liar.isClosed()) {
                      try (var socket = liar.accept()) {
                        while (socket.getInputStream().read(new byte[64]) > 0) {
                          socket
                              .getOutputStream()
                              .write(
                                  "HTTP/1.1 400 Bad Request\r\n\r\n"
                                      .getBytes(StandardCharsets.US_ASCII));
                        }
                      } catch (IOException e) {
                        // the agent hung up, or the test is over
                      }
                    }
                  });
      gateway.await(
          "the meter's answers to be refused",
          30,
          () -> {
            String devices = gateway.snapshot().get("devices").toString();
            return devices.contains("failure=crc") || devices.contains("failure=timeout");
          });
      assertEquals(
          List.of(),
          ((Map<?, ?>) ((List<?>) gateway.snapshot().get("devices")).getFirst()).get("values"));
      liar.close();
      babbling.join();
    }
  }

  @Test
  void wrongUsageIsSaidAndTheExitCodeIsTwo() throws Exception {
    for (String[] words :
        new String[][] {{}, {"run"}, {"run", "--confg", "x"}, {"nonsense"}, {"check"}, {"audit"}}) {
      String[] command = new String[words.length + 1];
      command[0] = Gateway.PROGRAM.toString();
      System.arraycopy(words, 0, command, 1, words.length);
      Launched launched = Launched.run(Map.of(), command);
      assertEquals(2, launched.exit(), String.join(" ", command) + ": " + launched.err());
      assertTrue(!launched.err().isBlank(), String.join(" ", command));
    }
    Launched help = Launched.run(Map.of(), Gateway.PROGRAM.toString(), "run", "--help");
    assertEquals(0, help.exit(), help.err());
    assertTrue(help.out().contains("--config"), help.out());
  }
}
