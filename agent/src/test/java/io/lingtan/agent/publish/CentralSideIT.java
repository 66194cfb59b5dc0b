package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.tls.Tls;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Parts;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code config/central} ships for the broker's machine, used as its README says: the
 * authority, mosquitto's configuration and its ACL. Who may do what is tried with somebody else's
 * client.
 */
@RequiresTool({"mosquitto", "mosquitto_sub", "mosquitto_pub", "openssl"})
final class CentralSideIT {

  private static final Path CENTRAL = Path.of("../config/central").toAbsolutePath().normalize();

  @TempDir Path folder;

  private Path authority() {
    return folder.resolve("authority");
  }

  private Path file(String name) {
    return authority().resolve(name);
  }

  private Launched ca(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(CENTRAL.resolve("ca.sh").toString()));
    command.addAll(List.of(arguments));
    return Launched.run(Map.of(), command.toArray(String[]::new));
  }

  @BeforeEach
  void anAuthorityOfTwoCommands() throws Exception {
    Launched made = ca("init", authority().toString(), "127.0.0.1", "localhost");
    assertEquals(0, made.exit(), made.err());
    made = ca("gateway", authority().toString(), "gw", "other");
    assertEquals(0, made.exit(), made.err());
    made = ca("central", authority().toString(), "archive");
    assertEquals(0, made.exit(), made.err());
    made = ca("reader", authority().toString(), "dashboard");
    assertEquals(0, made.exit(), made.err());
  }

  /** The configuration as it is shipped, on a free port and with the authority's own folder. */
  private Mosquitto broker(String... more) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    for (String line :
        Files.readAllLines(CENTRAL.resolve("mosquitto.conf"), StandardCharsets.UTF_8)) {
      if (!line.startsWith("listener") && !line.startsWith("max_queued_messages")) {
        lines.add(line.replace("/etc/mosquitto/lingtan/", authority() + "/"));
      }
    }
    lines.addAll(List.of(more));
    return Mosquitto.start(folder, lines.toArray(String[]::new));
  }

  private Gateway gateway(Mosquitto mosquitto, String certificate) {
    return new Gateway(
        Parts.mqtt(
            List.of("mqtts://127.0.0.1:" + mosquitto.port()),
            file("ca.pem"),
            file(certificate + ".pem"),
            file(certificate + ".key"),
            null,
            null,
            Duration.ZERO,
            60_000,
            false,
            false,
            List.of()));
  }

  /** Somebody else's client with a certificate of ours. */
  private List<String> client(String program, Mosquitto mosquitto, String name, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "-V",
                "mqttv5",
                "-h",
                "127.0.0.1",
                "-p",
                "" + mosquitto.port(),
                "-q",
                "1",
                "--cafile",
                file("ca.pem").toString(),
                "--cert",
                file(name + ".pem").toString(),
                "--key",
                file(name + ".key").toString()));
    command.addAll(List.of(more));
    return command;
  }

  private boolean mayPublish(Mosquitto mosquitto, String name, String topic) throws Exception {
    Launched done =
        Launched.run(
            Map.of(),
            client("mosquitto_pub", mosquitto, name, "-d", "-t", topic, "-m", "x")
                .toArray(String[]::new));
    String said = done.out() + done.err();
    // A broker that ends the connection of whom it denied something may end the program, too, by
    // SIGPIPE, and with it what it had not written yet of its standard output.
    boolean denied = said.contains("Not authorized");
    assertTrue(denied || said.contains("PUBACK"), said);
    return !denied && (said.contains("RC:0)") || said.contains("RC:16)"));
  }

  @Test
  void aGatewayDeliversAndTheCentralSystemReceives() throws Exception {
    try (Mosquitto mosquitto = broker();
        Child archive =
            Child.start(
                folder.resolve("archive.out"),
                Map.of(),
                client("mosquitto_sub", mosquitto, "archive", "-t", "lingtan/v1/#", "-F", "%t"));
        Gateway gateway = gateway(mosquitto, "gw")) {
      Gateway.await("the connection", 15, () -> gateway.step.snapshot().connected());
      long data = gateway.outbox.data("pv1", 1000);
      long event = gateway.outbox.event("agent.start");
      long interval = gateway.outbox.interval("15m");
      for (long seq : List.of(data, event, interval)) {
        Gateway.await("the acknowledgement", 15, () -> gateway.outbox.isAcked(Gateway.EPOCH, seq));
      }
      archive.await(
          "everything of the gateway",
          15,
          () -> has(archive, "status", "meta", "store", "event", "interval/15m"));
      assertEquals(729, gateway.step.snapshot().link().certificateDays());
      assertEquals(0, gateway.step.snapshot().records().refused());
    }
  }

  @Test
  void aCommandOfTheCentralSystemIsAnsweredAndOneOfAnybodyElseNeverArrives() throws Exception {
    try (Mosquitto mosquitto = broker();
        Gateway gateway = gateway(mosquitto, "gw")) {
      Gateway.await("the connection", 15, () -> gateway.step.snapshot().connected());
      assertTrue(mayPublish(mosquitto, "archive", "lingtan/v1/gw/cmd/ping"));
      for (String name : List.of("dashboard", "other", "gw")) {
        assertFalse(mayPublish(mosquitto, name, "lingtan/v1/gw/cmd/ping"), name);
      }
    }
  }

  @Test
  void aGatewayCanNeitherWriteNorReadAnothersTopics() throws Exception {
    try (Mosquitto mosquitto = broker();
        Gateway gateway = gateway(mosquitto, "gw")) {
      Gateway.await("the connection", 15, () -> gateway.step.snapshot().connected());
      for (String topic :
          List.of("status", "meta", "store", "data/pv1", "event", "interval/15m", "reply/ping")) {
        assertFalse(mayPublish(mosquitto, "other", "lingtan/v1/gw/" + topic), topic);
        assertTrue(mayPublish(mosquitto, "other", "lingtan/v1/other/" + topic), topic);
      }
      // Retained topics are there for whoever may read them: the reader gets one, the other none.
      String[] read = {"-t", "lingtan/v1/gw/#", "-C", "1", "-W", "3", "-F", "%t"};
      Launched reader =
          Launched.run(
              Map.of(),
              client("mosquitto_sub", mosquitto, "dashboard", read).toArray(String[]::new));
      assertTrue(reader.out().startsWith("lingtan/v1/gw/"), reader.out() + reader.err());
      Launched other =
          Launched.run(
              Map.of(), client("mosquitto_sub", mosquitto, "other", read).toArray(String[]::new));
      assertEquals("", other.out());
    }
  }

  @Test
  void aGatewayCannotPushAnotherOffTheBrokerByTakingItsId() throws Exception {
    try (Mosquitto mosquitto = broker();
        Gateway gateway = gateway(mosquitto, "gw")) {
      Gateway.await("the connection", 15, () -> gateway.step.snapshot().connected());
      Launched thief =
          Launched.run(
              Map.of(),
              client("mosquitto_pub", mosquitto, "other", "-i", "gw", "-t", "x", "-m", "x")
                  .toArray(String[]::new));
      assertTrue(mosquitto.log().contains(" as other "), mosquitto.log());
      long event = gateway.outbox.event("agent.start");
      Gateway.await("the acknowledgement", 15, () -> gateway.outbox.isAcked(Gateway.EPOCH, event));
      assertFalse(gateway.told("uplink.down"), thief.err());
      assertFalse(mosquitto.log().contains("already connected"), mosquitto.log());
      assertEquals(0, gateway.step.snapshot().mishaps().takenOver());
    }
  }

  @Test
  void whoHasNoCertificateOfTheAuthorityDoesNotGetIn() throws Exception {
    Path elsewhere = folder.resolve("elsewhere");
    assertEquals(0, ca("init", elsewhere.toString(), "127.0.0.1").exit());
    assertEquals(0, ca("gateway", elsewhere.toString(), "gw").exit());
    try (Mosquitto mosquitto = broker()) {
      for (String end : List.of(".pem", ".key")) {
        Files.copy(elsewhere.resolve("gw" + end), file("stranger" + end));
      }
      try (Gateway gateway = gateway(mosquitto, "stranger")) {
        // The broker's alert can be cut off by its closing the connection: then the next try hears
        // it.
        gateway.problem();
        Gateway.await(
            "the refusal",
            60,
            () ->
                String.valueOf(gateway.step.snapshot().link().problem())
                    .contains("refuses our certificate"));
        assertFalse(gateway.step.snapshot().connected());
      }
    }
  }

  @Test
  void aCertificateIsCheckedAtTheTimeThatIsKnown() throws Exception {
    try (Mosquitto mosquitto = broker()) {
      Instant now = Instant.now();
      handshake(mosquitto, null);
      handshake(mosquitto, now.plus(Duration.ofDays(700)));
      assertRefused(
          mosquitto, now.minus(Duration.ofDays(2)), CertificateNotYetValidException.class);
      assertRefused(mosquitto, now.plus(Duration.ofDays(800)), CertificateExpiredException.class);
    }
  }

  private void assertRefused(Mosquitto mosquitto, Instant at, Class<?> cause) {
    Throwable seen = assertThrows(SSLException.class, () -> handshake(mosquitto, at));
    while (seen != null && !cause.isInstance(seen)) {
      seen = seen.getCause();
    }
    assertNotNull(seen, () -> "not for a " + cause.getSimpleName());
  }

  private void handshake(Mosquitto mosquitto, @Nullable Instant at) throws Exception {
    Tls.Identity identity = new Tls.Identity(file("ca.pem"), file("gw.pem"), file("gw.key"));
    try (SSLSocket socket =
        (SSLSocket) Tls.factory(identity, at).createSocket("127.0.0.1", mosquitto.port())) {
      socket.startHandshake();
    }
  }

  @Test
  void anOldBrokerGetsEverythingThroughABridge() throws Exception {
    Path behind = Files.createDirectory(folder.resolve("old"));
    try (Mosquitto old = Mosquitto.start(behind)) {
      List<String> bridge = new ArrayList<>();
      for (String line :
          Files.readAllLines(CENTRAL.resolve("bridge.conf"), StandardCharsets.UTF_8)) {
        if (line.startsWith("address ")) {
          bridge.add("address 127.0.0.1:" + old.port());
        } else if (!line.startsWith("bridge_cafile") && !line.startsWith("remote_")) {
          bridge.add(line);
        }
      }
      try (Mosquitto mosquitto = broker(bridge.toArray(String[]::new));
          Child reader =
              Child.start(
                  folder.resolve("old.out"),
                  Map.of(),
                  List.of(
                      "mosquitto_sub",
                      "-V",
                      "mqttv311",
                      "-h",
                      "127.0.0.1",
                      "-p",
                      "" + old.port(),
                      "-q",
                      "1",
                      "-t",
                      "lingtan/v1/#",
                      "-F",
                      "%t"));
          Gateway gateway = gateway(mosquitto, "gw")) {
        Gateway.await("the connection", 15, () -> gateway.step.snapshot().connected());
        gateway.outbox.data("pv1", 1000);
        gateway.outbox.interval("15m");
        reader.await(
            "the record and the store",
            20,
            () -> has(reader, "status", "meta", "store", "interval/15m"));
        // A command from the old side reaches the gateway, and its answer comes back.
        assertEquals(
            0,
            Launched.run(
                    Map.of(),
                    "mosquitto_pub",
                    "-V",
                    "mqttv311",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    "" + old.port(),
                    "-q",
                    "1",
                    "-t",
                    "lingtan/v1/gw/cmd/ping",
                    "-m",
                    "{}")
                .exit());
        reader.await("the answer", 15, () -> outputOf(reader).contains("lingtan/v1/gw/reply/ping"));
      }
    }
  }

  /** Whether these topics came, and the sample: live, or in a batch where it was made too early. */
  private static boolean has(Child subscriber, String... topics) {
    List<String> came = outputOf(subscriber).lines().toList();
    return Stream.of(topics).map("lingtan/v1/gw/"::concat).allMatch(came::contains)
        && (came.contains("lingtan/v1/gw/data/pv1") || came.contains("lingtan/v1/gw/batch"));
  }

  private static String outputOf(Child child) {
    try {
      return child.output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gateway, a b, cannot be an id",
    "gateway, gw, is there already",
    "gateway, ca, is taken by a file of the authority",
    "reader, gw, is there already",
    "init, 127.0.0.1, every gateway trusts it",
    "server, bad_host!, neither a host name nor an IP address",
  })
  void aMistakeAtTheAuthorityIsSaidAndChangesNothing(String what, String name, String part)
      throws Exception {
    Map<Path, byte[]> before = contents();
    Launched done = ca(what, authority().toString(), name);
    assertEquals(2, done.exit(), done.out());
    assertTrue(done.err().contains(part), done.err());
    assertEquals(before.keySet(), contents().keySet());
    before.forEach((file, bytes) -> assertArrayEquals(bytes, read(file)));
  }

  private Map<Path, byte[]> contents() throws IOException {
    Map<Path, byte[]> contents = new TreeMap<>();
    try (var files = Files.list(authority())) {
      files.forEach(file -> contents.put(file, read(file)));
    }
    return contents;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void keysAreForTheirOwnersEyes() throws Exception {
    Set<String> keys = new TreeSet<>();
    try (var files = Files.list(authority())) {
      for (Path key : files.filter(file -> file.toString().endsWith(".key")).toList()) {
        keys.add(key.getFileName().toString());
        assertEquals(
            "rw-------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(key)),
            key.toString());
      }
    }
    assertTrue(
        keys.containsAll(List.of("ca.key", "server.key", "gw.key", "archive.key", "dashboard.key")),
        keys::toString);
  }
}
