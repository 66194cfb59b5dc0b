package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Site;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The publisher against real brokers, and against things that are none. */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_sub", "mosquitto_rr", "mosquitto_passwd", "openssl"})
final class PublishIT {

  private static final Pattern RECORD =
      Pattern.compile("\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),.*?\"values\":\\{[^}]*\\}\\}");

  @TempDir Path folder;

  private Site.Mqtt at(String url) {
    return Parts.mqtt(
        List.of(url), null, null, null, null, null, Duration.ZERO, 60_000, false, false, List.of());
  }

  private Site.Mqtt at(String url, @Nullable String user, @Nullable Path passwordFile) {
    return Parts.mqtt(
        List.of(url),
        null,
        null,
        null,
        user,
        passwordFile,
        Duration.ZERO,
        60_000,
        false,
        false,
        List.of());
  }

  /** Somebody else's subscriber, with a session that outlives the broker. */
  private Child subscriber(int port, String topics) throws IOException, InterruptedException {
    Child child =
        Child.start(
            folder.resolve("sub.out"),
            Map.of(),
            List.of(
                "mosquitto_sub",
                "-V",
                "mqttv5",
                "-h",
                "127.0.0.1",
                "-p",
                "" + port,
                "-i",
                "check",
                "-c",
                "-x",
                "3600",
                "-q",
                "1",
                "-t",
                topics,
                "-F",
                "%t %p"));
    return child;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Launched done = Launched.run(Map.of(), command);
    assertEquals(0, done.exit(), done.err());
    return done.out();
  }

  private static String retained(int port, String topic) throws IOException, InterruptedException {
    return run(
            "mosquitto_sub",
            "-V",
            "mqttv5",
            "-h",
            "127.0.0.1",
            "-p",
            "" + port,
            "-C",
            "1",
            "-W",
            "5",
            "-t",
            topic)
        .strip();
  }

  @Test
  void throughAnOutageEveryRecordArrivesOnceAfterTheKey() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Child subscriber = subscriber(mosquitto.port(), "lingtan/v1/gw/#");
        Gateway gateway = new Gateway(at(mosquitto.url()))) {
      Gateway.await("the connection", 10, () -> gateway.step.snapshot().connected());
      Gateway.await("the subscriber", 10, () -> contains(subscriber, "/status online"));
      AtomicInteger made = new AtomicInteger();
      commit(gateway, made, 100);
      mosquitto.stop();
      commit(gateway, made, 200);
      Gateway.await("its end to be noticed", 10, () -> !gateway.step.snapshot().connected());
      commit(gateway, made, 600);
      Thread.sleep(3000);
      mosquitto.restart();
      for (int i = 0; i < 50; i++) {
        commit(gateway, made, 1);
        Thread.sleep(50);
      }
      Gateway.await("all to be acknowledged", 40, () -> gateway.outbox.ackedCount() == made.get());
      Gateway.await("the subscriber to see all", 10, () -> keys(subscriber).size() == made.get());
      Map<Long, String> seen = keys(subscriber);
      for (long seq = 1; seq <= made.get(); seq++) {
        assertTrue(seen.containsKey(seq), "seq " + seq);
      }
      assertTrue(contains(subscriber, "/batch {\"epoch\""), "the backlog travels in batches");
      assertEquals(List.of(), gateway.outbox.doubleAcks);
      assertTrue(gateway.told("uplink.down") && gateway.told("uplink.up"));
    }
  }

  private static void commit(Gateway gateway, AtomicInteger made, int count) {
    for (int i = 0; i < count; i++) {
      gateway.outbox.data("pv" + made.get() % 3, 1000 + made.get());
      made.incrementAndGet();
    }
  }

  private static boolean contains(Child child, String text) {
    try {
      return child.output().contains(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Records by seq; the same key with another content is a failure. */
  private static Map<Long, String> keys(Child subscriber) {
    Map<Long, String> seen = new HashMap<>();
    try {
      Matcher record = RECORD.matcher(subscriber.output());
      while (record.find()) {
        String before = seen.put(Long.parseLong(record.group(2)), record.group());
        assertTrue(before == null || before.equals(record.group()), "two contents under one key");
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return seen;
  }

  @Test
  void statusIsOnlineWhileWeAreAndOfflineAfterwards() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder)) {
      try (Gateway gateway = new Gateway(at(mosquitto.url()))) {
        Gateway.await("the birth", 10, () -> gateway.step.snapshot().connected());
        Gateway.await(
            "nothing under way", 10, () -> gateway.step.snapshot().delivery().lastAckMillis() >= 0);
        assertEquals("online", retained(mosquitto.port(), "lingtan/v1/gw/status"));
      }
      assertEquals("offline", retained(mosquitto.port(), "lingtan/v1/gw/status"));
    }
  }

  @Test
  void withoutSubscribersDeliveryCountsAndIsSaid() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway gateway = new Gateway(at(mosquitto.url()))) {
      gateway.outbox.data("pv1", 1000);
      Gateway.await("the acknowledgement", 10, () -> gateway.outbox.isAcked(Gateway.EPOCH, 1));
      Gateway.await("the event", 5, () -> gateway.told("uplink.nobody_listens"));
    }
  }

  @Test
  void aTopicDeniedByTheAclIsNotDeliveryAndHoldsUpNothingElse() throws Exception {
    assertDenialIsHarmless("max_queued_messages 1000");
  }

  /** With no bound on its queues mosquitto 2.0 disconnects whoever it has denied something. */
  @Test
  void aBrokerThatDisconnectsOnADenialStillGetsEverythingElse() throws Exception {
    assertDenialIsHarmless("max_queued_messages 0");
  }

  private void assertDenialIsHarmless(String queues) throws Exception {
    Path acl = folder.resolve("acl");
    Files.writeString(
        acl, "topic readwrite lingtan/#\ntopic deny lingtan/v1/gw/event\n", StandardCharsets.UTF_8);
    try (Mosquitto mosquitto = Mosquitto.start(folder, "acl_file " + acl, queues);
        Gateway gateway = new Gateway(at(mosquitto.url()))) {
      Gateway.await("the connection", 10, () -> gateway.step.snapshot().connected());
      long event = gateway.outbox.event("agent.start");
      long data = gateway.outbox.data("pv1", 1000);
      long interval = gateway.outbox.interval("15m");
      Gateway.await("the interval", 30, () -> gateway.outbox.isAcked(Gateway.EPOCH, interval));
      Gateway.await("the data", 20, () -> gateway.outbox.isAcked(Gateway.EPOCH, data));
      Gateway.await("the refusal", 10, () -> gateway.told("uplink.refused"));
      assertFalse(gateway.outbox.isAcked(Gateway.EPOCH, event));
      Gateway.await("the counter", 5, () -> gateway.step.snapshot().records().refused() >= 1);
    }
  }

  @Test
  void aWrongPasswordIsSaidAndARightOneConnects() throws Exception {
    Path users = folder.resolve("users");
    run("mosquitto_passwd", "-b", "-c", users.toString(), "gw", "right");
    Files.setPosixFilePermissions(
        users, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    Path password = folder.resolve("password");
    Files.writeString(password, "wrong\n", StandardCharsets.UTF_8);
    try (Mosquitto mosquitto =
            Mosquitto.start(folder, "allow_anonymous false", "password_file " + users);
        Gateway gateway = new Gateway(at(mosquitto.url(), "gw", password))) {
      String problem = gateway.problem();
      assertTrue(problem.contains("mqtt.password_file"), problem);
      Files.writeString(password, "right\n", StandardCharsets.UTF_8);
      gateway.outbox.data("pv1", 1000);
      Gateway.await("the acknowledgement", 30, () -> gateway.outbox.isAcked(Gateway.EPOCH, 1));
    }
  }

  @Test
  void anotherClientWithOurIdIsSaid() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway gateway = new Gateway(at(mosquitto.url()))) {
      Gateway.await("the connection", 10, () -> gateway.step.snapshot().connected());
      try (Child thief =
          Child.start(
              folder.resolve("thief.out"),
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
                  "gw",
                  "-t",
                  "x"))) {
        assertTrue(thief.isAlive());
        Gateway.await("the takeover", 10, () -> gateway.told("uplink.down"));
        assertTrue(
            gateway.events().stream().anyMatch(e -> e.detail().containsValue("taken_over")),
            gateway.events().toString());
      }
    }
  }

  @Test
  void commandsAreAnsweredOnTheResponseTopicOfMqtt5() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway gateway = new Gateway(at(mosquitto.url()))) {
      Gateway.await(
          "the connection", 10, () -> gateway.step.snapshot().delivery().lastAckMillis() >= 0);
      String answer =
          run(
              "mosquitto_rr",
              "-V",
              "mqttv5",
              "-h",
              "127.0.0.1",
              "-p",
              "" + mosquitto.port(),
              "-W",
              "10",
              "-t",
              "lingtan/v1/gw/cmd/ping",
              "-e",
              "lingtan/v1/gw/reply/ping/1",
              "-m",
              "{}",
              "-q",
              "1");
      assertTrue(answer.startsWith("{\"ok\":true,"), answer);
      String refusal =
          run(
              "mosquitto_rr",
              "-V",
              "mqttv5",
              "-h",
              "127.0.0.1",
              "-p",
              "" + mosquitto.port(),
              "-W",
              "10",
              "-t",
              "lingtan/v1/gw/cmd/replay",
              "-e",
              "lingtan/v1/gw/reply/ping/1",
              "-m",
              "{}",
              "-q",
              "1");
      assertTrue(refusal.startsWith("{\"ok\":false,\"error\":"), refusal);
      Gateway.await("the event", 5, () -> gateway.told("command.refused"));
    }
  }

  @Test
  void aBrokerOfMqtt3IsSaidToBeOne() throws Exception {
    assertProblem(new byte[] {0x20, 2, 0, 1}, "does not speak MQTT 5");
  }

  @Test
  void aBrokerThatJustClosesIsSaidTo() throws Exception {
    assertProblem(new byte[0], "closed the connection without an answer");
  }

  @Test
  void garbageInPlaceOfConnackIsSaidToBeNoMqtt5() throws Exception {
    assertProblem("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "MQTT 5");
  }

  private void assertProblem(byte[] answer, String part) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofPlatform().daemon().start(() -> answerEverybody(server, answer));
      try (Gateway gateway = new Gateway(at("mqtt://127.0.0.1:" + server.getLocalPort()))) {
        String problem = gateway.problem();
        assertTrue(problem.contains(part), problem);
        Gateway.await("the event", 5, () -> gateway.told("uplink.down"));
      }
    }
  }

  private static void answerEverybody(ServerSocket server, byte[] answer) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept();
          OutputStream out = socket.getOutputStream()) {
        if (socket.getInputStream().read(new byte[1000]) > 0) {
          out.write(answer);
          out.flush();
        }
      } catch (IOException e) {
        // the test is over, or the client was faster
      }
    }
  }

  @Test
  void anUnknownHostAndAClosedPortAreSaid() throws Exception {
    try (Gateway gateway = new Gateway(at("mqtt://no-such-host.invalid:1883"))) {
      String problem = gateway.problem();
      assertTrue(problem.contains("host name is not known"), problem);
    }
    try (Gateway gateway = new Gateway(at("mqtt://127.0.0.1:" + Ports.free()))) {
      String problem = gateway.problem();
      assertTrue(problem.contains("nobody listens there"), problem);
    }
  }

  @Test
  void theSecondServerIsUsedWhenTheFirstIsAway() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Gateway gateway =
            new Gateway(World.mqtt(List.of("mqtt://127.0.0.1:" + Ports.free(), mosquitto.url())))) {
      gateway.outbox.data("pv1", 1000);
      Gateway.await("the acknowledgement", 10, () -> gateway.outbox.isAcked(Gateway.EPOCH, 1));
      assertEquals(mosquitto.url(), gateway.step.snapshot().link().server());
    }
  }

  @Test
  void overTlsWithAClientCertificateEverythingWorksAndEveryMistakeIsNamed() throws Exception {
    authority("ca");
    authority("other");
    certificate("server", "ca", "subjectAltName=IP:127.0.0.1");
    certificate("gw", "ca", "subjectAltName=DNS:gw");
    certificate("elsewhere", "ca", "subjectAltName=DNS:elsewhere.example");
    String[] tls = {
      "cafile " + file("ca.pem"),
      "certfile " + file("server.pem"),
      "keyfile " + file("server.key"),
      "require_certificate true",
      "use_identity_as_username true"
    };
    try (Mosquitto mosquitto = Mosquitto.start(folder, tls)) {
      String url = "mqtts://127.0.0.1:" + mosquitto.port();
      // SEC 1, PKCS#8 and PKCS#1 keys, as openssl and others write them.
      for (String key : List.of("gw.key", "gw.pkcs8")) {
        try (Gateway gateway = new Gateway(tls(url, "ca.pem", "gw.pem", key))) {
          gateway.outbox.data("pv1", 1000);
          Gateway.await(key, 15, () -> gateway.outbox.isAcked(Gateway.EPOCH, 1));
          assertEquals(29, gateway.step.snapshot().link().certificateDays());
        }
      }
      assertProblem(tls(url, "other.pem", "gw.pem", "gw.key"), "not signed by mqtt.tls.ca");
      assertProblem(tls(url, "ca.pem", null, null), "refuses our certificate");
      assertProblem(
          tls(url, "ca.pem", "gw.pem", "missing.key"), "missing.key: there is no such file");
      assertProblem(tls(url, "ca.pem", "gw.pem", "ca.pem"), "no PEM private key");
      assertProblem(
          tls("mqtt://127.0.0.1:" + mosquitto.port(), "ca.pem", null, null),
          "mqtts:// where it wants TLS");
    }
    tls[1] = "certfile " + file("elsewhere.pem");
    tls[2] = "keyfile " + file("elsewhere.key");
    try (Mosquitto mosquitto = Mosquitto.start(folder, tls)) {
      assertProblem(
          tls("mqtts://127.0.0.1:" + mosquitto.port(), "ca.pem", "gw.pem", "gw.key"),
          "another host name");
    }
    try (Mosquitto mosquitto = Mosquitto.start(folder)) {
      assertProblem(
          tls("mqtts://127.0.0.1:" + mosquitto.port(), "ca.pem", "gw.pem", "gw.key"), "TLS");
    }
  }

  private void assertProblem(Site.Mqtt mqtt, String part) throws Exception {
    try (Gateway gateway = new Gateway(mqtt)) {
      String problem = gateway.problem();
      assertTrue(problem.contains(part), problem);
    }
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private Site.Mqtt tls(String url, String ca, @Nullable String cert, @Nullable String key) {
    return Parts.mqtt(
        List.of(url),
        file(ca),
        cert == null ? null : file(cert),
        key == null ? null : file(key),
        null,
        null,
        Duration.ZERO,
        60_000,
        false,
        false,
        List.of());
  }

  private void authority(String name) throws IOException, InterruptedException {
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "30",
        "-subj",
        "/CN=" + name,
        "-keyout",
        "" + file(name + ".key"),
        "-out",
        "" + file(name + ".pem"));
  }

  /** An EC key in SEC 1 form ({@code .key}) and as PKCS#8 ({@code .pkcs8}), and its certificate. */
  private void certificate(String name, String authority, String extension)
      throws IOException, InterruptedException {
    Path names = file(name + ".ext");
    Files.writeString(names, extension + "\n", StandardCharsets.UTF_8);
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-out", "" + file(name + ".key"));
    run(
        "openssl",
        "pkcs8",
        "-topk8",
        "-nocrypt",
        "-in",
        "" + file(name + ".key"),
        "-out",
        "" + file(name + ".pkcs8"));
    run(
        "openssl",
        "req",
        "-new",
        "-key",
        "" + file(name + ".key"),
        "-subj",
        "/CN=" + name,
        "-out",
        "" + file(name + ".csr"));
    run(
        "openssl",
        "x509",
        "-req",
        "-in",
        "" + file(name + ".csr"),
        "-CA",
        "" + file(authority + ".pem"),
        "-CAkey",
        "" + file(authority + ".key"),
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        "" + names,
        "-out",
        "" + file(name + ".pem"));
    for (String ending : List.of(".key", ".pem")) {
      Files.setPosixFilePermissions(
          file(name + ending),
          java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    }
  }
}
