package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Parts;
import io.lingtan.testing.RequiresTool;
import io.lingtan.testing.ScriptedBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What may happen to a session: each has an end that is told, and loses nothing. Mosquitto where it
 * can be made to do it, a scripted broker for the rest.
 */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "openssl"})
final class SessionIT {

  private static final int ANOTHER_SESSION = 0x8e;

  @TempDir Path folder;

  /** What has been committed arrives in the end. */
  private static void assertDelivers(Gateway gateway, int seconds) throws InterruptedException {
    long last = 0;
    for (int i = 0; i < 3; i++) {
      last = gateway.outbox.data("pv1", i);
    }
    long count = last;
    Gateway.await("everything", seconds, () -> gateway.outbox.ackedCount() >= count);
    assertEquals(List.of(), gateway.outbox.doubleAcks);
  }

  private static boolean down(Gateway gateway, String reason) {
    return gateway.events().stream()
        .anyMatch(
            event ->
                event.name().equals("uplink.down") && reason.equals(event.detail().get("reason")));
  }

  @Test
  @Tag("campaign")
  void twoGatewaysWithOneIdAlarmAndTakeTurnsWithoutHaste() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway one = new Gateway(World.mqtt(List.of(mosquitto.url())), Gateway.EPOCH);
        Gateway other = new Gateway(World.mqtt(List.of(mosquitto.url())), "e2e2e2e2")) {
      Gateway.await("the alarm", 60, () -> one.told("uplink.rival") || other.told("uplink.rival"));
      assertTrue(down(one, "taken_over") || down(other, "taken_over"));
      long takeovers =
          one.step.snapshot().mishaps().takenOver() + other.step.snapshot().mishaps().takenOver();
      assertTrue(takeovers <= 6, "taken over in a few tens of seconds: " + takeovers);
      long a = one.outbox.data("pv1", 1);
      long b = other.outbox.data("pv1", 2);
      Gateway.await("the turn of the one", 60, () -> one.outbox.isAcked(Gateway.EPOCH, a));
      Gateway.await("the turn of the other", 60, () -> other.outbox.isAcked("e2e2e2e2", b));
    }
  }

  @Test
  void aBrokerThatEndsSessionsForAnotherIsNotConnectedToInALoop() throws Exception {
    ScriptedBroker.Script thrownOut =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.SUBSCRIBE) {
            peer.send(0xe0, ANOTHER_SESSION, 0);
            throw new IOException("hung up");
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(thrownOut);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      Gateway.await("the takeover", 10, () -> down(gateway, "taken_over"));
      Thread.sleep(4500); // the pause is 5 to 10 s
      assertEquals(1, broker.received(ScriptedBroker.CONNECT).size());
      assertTrue(String.valueOf(gateway.step.snapshot().link().problem()).contains("the same id"));
    }
  }

  @Test
  void theKeepAliveOfTheServerIsObeyed() throws Exception {
    ScriptedBroker.Script everySecond =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.CONNECT) {
            peer.connack(0, 0x13, 0, 1);
            return true;
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(everySecond);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      Gateway.await(
          "the connection", 10, () -> gateway.step.snapshot().delivery().lastAckMillis() >= 0);
      int before = broker.received(ScriptedBroker.PING).size();
      Thread.sleep(3500);
      int pings = broker.received(ScriptedBroker.PING).size() - before;
      assertTrue(pings >= 2, "pings in 3.5 s: " + pings);
      assertDelivers(gateway, 5);
      assertFalse(gateway.told("uplink.down"));
    }
  }

  /** Reason codes of CONNACK: MQTT 5.0, section 3.2.2.2. */
  @ParameterizedTest
  @CsvSource({
    "0x84, does not speak MQTT 5",
    "0x85, refuses the client id gw",
    "0x86, check mqtt.user",
    "0x87, last will published to lingtan/v1/gw/status",
    "0x88, is busy or going down",
    "0x89, is busy or going down",
    "0x8a, is not allowed",
    "0x90, refuses our last will",
    "0x97, is busy or going down",
    "0x99, refuses our last will's payload",
    "0x9a, keeps no retained messages",
    "0x9b, or QoS 1",
    "0x9c, another server",
    "0x9d, another server",
    "0x9f, is busy or going down",
  })
  void aRefusalSaysWhatToDoAndKeepsEverything(String code, String part) throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    ScriptedBroker.Script refusing =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.CONNECT && refuses.get()) {
            peer.connack(Integer.decode(code));
            return true;
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(refusing);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      String problem = gateway.problem();
      assertTrue(problem.contains(part), problem);
      assertTrue(gateway.told("uplink.down"));
      refuses.set(false);
      assertDelivers(gateway, 20);
    }
  }

  /** Properties of CONNACK: MQTT 5.0, section 3.2.2.3. */
  @ParameterizedTest
  @CsvSource({"0x24, takes QoS 0 only", "0x25, keeps no retained messages"})
  void aBrokerThatLacksWhatIsNeededIsSaidTo(String property, String part) throws Exception {
    ScriptedBroker.Script lacking =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.CONNECT) {
            peer.connack(0, Integer.decode(property), 0);
            return true;
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(lacking);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      String problem = gateway.problem();
      assertTrue(problem.contains(part), problem);
      gateway.outbox.data("pv1", 1);
      Thread.sleep(500);
      assertEquals(0, broker.received(ScriptedBroker.PUBLISH).size());
      assertEquals(0, gateway.outbox.ackedCount());
    }
  }

  @Test
  void withoutWildcardsRecordsGoOutAndCommandsAreSubscribedToByName() throws Exception {
    ScriptedBroker.Script plain =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.CONNECT) {
            peer.connack(0, 0x28, 0);
            return true;
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(plain);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      assertDelivers(gateway, 20);
      Gateway.await("the event", 5, () -> gateway.told("uplink.refused"));
      List<String> subscribed =
          broker.received(ScriptedBroker.SUBSCRIBE).stream()
              .flatMap(packet -> packet.filters().stream())
              .toList();
      for (String name : List.of("ack", "replay", "rebirth", "ping", "feed")) {
        assertTrue(subscribed.contains("lingtan/v1/gw/cmd/" + name), subscribed.toString());
      }
    }
  }

  @Test
  void aStatusThatTheAclForbidsIsSaidAndHoldsUpNothing() throws Exception {
    Path acl = folder.resolve("acl");
    Files.writeString(
        acl,
        "topic readwrite lingtan/#\ntopic deny lingtan/v1/gw/status\n",
        StandardCharsets.UTF_8);
    try (Mosquitto mosquitto =
            Mosquitto.start(folder, "acl_file " + acl, "max_queued_messages 1000");
        Gateway gateway = new Gateway(World.mqtt(List.of(mosquitto.url())))) {
      assertDelivers(gateway, 20);
      Gateway.await("the refusal", 10, () -> gateway.told("uplink.refused"));
    }
  }

  @Test
  @Tag("campaign")
  void whoTakesTheConnectionAndNeverAnswersIsLeftForTheNextServer() throws Exception {
    try (ScriptedBroker silent = ScriptedBroker.start((packet, peer) -> true);
        Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway gateway = new Gateway(World.mqtt(List.of(silent.url(), mosquitto.url())))) {
      Gateway.await("the end of its patience", 30, () -> down(gateway, "timeout"));
      assertDelivers(gateway, 20);
      assertEquals(mosquitto.url(), gateway.step.snapshot().link().server());
    }
  }

  @Test
  @Tag("campaign")
  void withheldPubacksEndTheConnectionAndEverythingIsSentAgain() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    ScriptedBroker.Script withholding =
        (packet, peer) -> {
          if (packet.type() == ScriptedBroker.CONNECT) {
            connections.incrementAndGet();
          }
          return packet.type() == ScriptedBroker.PUBLISH && connections.get() == 1;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(withholding);
        Gateway gateway = new Gateway(World.mqtt(List.of(broker.url())))) {
      Gateway.await("the connection", 10, () -> gateway.step.snapshot().connected());
      for (int i = 0; i < 3; i++) {
        gateway.outbox.data("pv1", i);
      }
      Gateway.await("the end of its patience", 45, () -> down(gateway, "stuck"));
      assertEquals(0, gateway.outbox.ackedCount());
      Gateway.await("everything", 20, () -> gateway.outbox.ackedCount() == 3);
      assertEquals(List.of(), gateway.outbox.doubleAcks);
    }
  }

  @Test
  @Tag("campaign")
  void aFrozenBrokerCostsNothing() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway gateway = new Gateway(World.mqtt(List.of(mosquitto.url())))) {
      Gateway.await(
          "the connection", 10, () -> gateway.step.snapshot().delivery().lastAckMillis() >= 0);
      signal(mosquitto, "STOP");
      for (int i = 0; i < 300; i++) {
        gateway.outbox.data("pv1", i);
      }
      Gateway.await("its end to be noticed", 60, () -> gateway.told("uplink.down"));
      signal(mosquitto, "CONT");
      Gateway.await("everything", 30, () -> gateway.outbox.ackedCount() == 300);
      assertEquals(List.of(), gateway.outbox.doubleAcks);
    }
  }

  private static void signal(Mosquitto mosquitto, String name) throws Exception {
    assertEquals(0, Launched.run(Map.of(), "kill", "-" + name, "" + mosquitto.pid()).exit());
  }

  @Test
  void aRecordTooLargeForTheBrokerIsSetAsideAndHoldsUpNothing() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder, "max_packet_size 3000");
        Gateway gateway = new Gateway(World.mqtt(List.of(mosquitto.url())))) {
      long large = gateway.outbox.data("pv1", 1, "x".repeat(5000));
      assertDelivers(gateway, 20);
      assertEquals(List.of(large + " too_large"), gateway.outbox.setAside);
      Gateway.await("the counter", 5, () -> gateway.step.snapshot().records().setAside() == 1);
    }
  }

  private Path authority() throws Exception {
    Path authority = folder.resolve("authority");
    ca("init", authority, "127.0.0.1");
    ca("gateway", authority, "gw", "renewed");
    return authority;
  }

  private static void ca(String what, Path authority, String... names) throws Exception {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of("../config/central/ca.sh").toAbsolutePath().normalize().toString());
    command.addAll(List.of(what, authority.toString()));
    command.addAll(List.of(names));
    Launched made = Launched.run(Map.of("DAYS", "20"), command.toArray(String[]::new));
    assertEquals(0, made.exit(), made.err());
  }

  /** A certificate of the authority for a key that is there, valid until a year ago. */
  private static void outlive(Path authority, String name) throws Exception {
    Path request = authority.resolve(name + ".csr");
    String key = authority.resolve(name + ".key").toString();
    run("openssl", "req", "-new", "-key", key, "-subj", "/CN=" + name, "-out", request.toString());
    Path names = Files.writeString(authority.resolve("ext"), "subjectAltName=IP:127.0.0.1\n");
    run(
        "openssl",
        "x509",
        "-req",
        "-in",
        request.toString(),
        "-CA",
        authority.resolve("ca.pem").toString(),
        "-CAkey",
        authority.resolve("ca.key").toString(),
        "-not_before",
        "20240101000000Z",
        "-not_after",
        "20250101000000Z",
        "-extfile",
        names.toString(),
        "-out",
        authority.resolve(name + ".pem").toString());
  }

  private static void run(String... command) throws Exception {
    Launched done = Launched.run(Map.of(), command);
    assertEquals(0, done.exit(), done.err());
  }

  private Mosquitto mutual(Path authority) throws Exception {
    Path key = authority.resolve("server.key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    return Mosquitto.start(
        folder,
        "cafile " + authority.resolve("ca.pem"),
        "certfile " + authority.resolve("server.pem"),
        "keyfile " + key,
        "require_certificate true",
        "use_identity_as_username true");
  }

  private static Site.Mqtt with(Path authority, Mosquitto mosquitto) {
    return Parts.mqtt(
        List.of("mqtts://127.0.0.1:" + mosquitto.port()),
        authority.resolve("ca.pem"),
        authority.resolve("gw.pem"),
        authority.resolve("gw.key"),
        null,
        null,
        Duration.ZERO,
        60_000,
        false,
        false,
        List.of());
  }

  @Test
  void anExpiredCertificateOfTheBrokerIsSaidAndNothingIsSent() throws Exception {
    Path authority = authority();
    outlive(authority, "server");
    try (Mosquitto mosquitto = mutual(authority);
        Gateway gateway = new Gateway(with(authority, mosquitto))) {
      gateway.outbox.data("pv1", 1);
      String problem = gateway.problem();
      assertTrue(problem.contains("certificate has expired"), problem);
      assertTrue(down(gateway, "tls"));
      assertEquals(0, gateway.outbox.ackedCount());
    }
  }

  @Test
  void ourOwnExpiredCertificateIsSaidAndARenewedOneIsTakenUpWithoutARestart() throws Exception {
    Path authority = authority();
    outlive(authority, "gw");
    try (Mosquitto mosquitto = mutual(authority);
        Gateway gateway = new Gateway(with(authority, mosquitto))) {
      gateway.outbox.data("pv1", 1);
      String problem = gateway.problem();
      assertTrue(problem.contains("gw.pem has expired at 2025-01-01T00:00:00Z"), problem);
      assertTrue(
          Integer.valueOf(-300).compareTo(gateway.step.snapshot().link().certificateDays()) > 0);
      Gateway.await("the alarm", 5, () -> gateway.told("uplink.certificate"));
      replace(authority, ".key");
      replace(authority, ".pem");
      Gateway.await("everything", 60, () -> gateway.outbox.ackedCount() == 1);
    }
  }

  private static void replace(Path authority, String end) throws IOException {
    Files.copy(
        authority.resolve("renewed" + end),
        authority.resolve("gw" + end),
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  @Tag("campaign")
  void aCertificateRenewedDuringAConnectionIsTakenUpWhenItsKeyIsThereToo() throws Exception {
    Path authority = authority();
    try (Mosquitto mosquitto = mutual(authority);
        Gateway gateway = new Gateway(with(authority, mosquitto))) {
      assertDelivers(gateway, 20);
      assertEquals(19, gateway.step.snapshot().link().certificateDays());
      assertTrue(gateway.told("uplink.certificate"));
      replace(authority, ".pem");
      Gateway.await("the warning", 40, () -> gateway.told("uplink.renewal_unusable"));
      assertTrue(
          gateway.events().stream()
              .filter(event -> event.name().equals("uplink.renewal_unusable"))
              .map(Event::detail)
              .allMatch(detail -> String.valueOf(detail.get("detail")).contains("not the key of")));
      assertTrue(gateway.step.snapshot().connected(), "the connection lasts");
      replace(authority, ".key");
      long connects = gateway.step.snapshot().link().connects();
      Gateway.await("the renewal", 40, () -> gateway.told("uplink.renewed"));
      Gateway.await(
          "its connection", 20, () -> gateway.step.snapshot().link().connects() > connects);
      Gateway.await("the broker to say so", 10, () -> log(mosquitto).contains("'renewed'"));
      long next = gateway.outbox.data("pv1", 9);
      Gateway.await("what comes after it", 20, () -> gateway.outbox.isAcked(Gateway.EPOCH, next));
      assertFalse(gateway.told("uplink.down"));
    }
  }

  private static String log(Mosquitto mosquitto) {
    try {
      return mosquitto.log();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
