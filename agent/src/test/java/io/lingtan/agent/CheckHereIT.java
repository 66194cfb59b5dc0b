package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.CheckCommand;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lingtan check --here}, with a broker that nobody here wrote. */
@RequiresTool({"mosquitto", "openssl"})
final class CheckHereIT {

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();

  private int check(Path site) {
    out.getBuffer().setLength(0);
    return new CommandLine(new CheckCommand(folder.resolve("processes")))
        .setOut(new PrintWriter(out, true))
        .execute(site.toString(), "--here");
  }

  private Path site(String broker, String mqtt, int device, int page) throws IOException {
    return Files.writeString(
        folder.resolve("site.yaml"),
        """
        gateway: here-test
        site: {region: CN-JS}
        lines:
          - id: roof
            modbus-tcp: {host: 127.0.0.1, port: %d}
            devices:
              - {id: gate, profile: eastron-sdm120, unit: 1}
        mqtt: {servers: ["%s"]%s}
        journal: {path: journal.db, max_size: 64MB}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        """
            .formatted(device, broker, mqtt, page));
  }

  @Test
  void everythingThatIsAsItShouldBeIsGoodAndExitZero() throws Exception {
    try (Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
        ServerSocket meter = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Path site = site(broker.url(), "", meter.getLocalPort(), Ports.free());
      assertEquals(0, check(site), out::toString);
      String told = out.toString();
      for (String good :
          List.of(
              "takes connections",
              "clock",
              "can be written",
              "inodes",
              "status page",
              "MQTT 5 without TLS",
              "may publish to lingtan/v1/here-test/reply/check",
              "may subscribe to lingtan/v1/here-test/cmd/+",
              "nothing is in the way")) {
        assertTrue(told.contains(good), () -> good + " in " + told);
      }
      assertFalse(told.contains("BAD"), told);
    }
  }

  @Test
  void whatIsInTheWayIsSaidWithWhatToDoAndExitOne() throws Exception {
    try (ServerSocket page = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Path site = site("mqtt://127.0.0.1:" + Ports.free(), "", Ports.free(), page.getLocalPort());
      assertEquals(1, check(site), out::toString);
      String told = out.toString();
      assertTrue(
          told.matches("(?s).*BAD +line roof +127.0.0.1:[0-9]+ takes no connection.*"), told);
      assertTrue(told.matches("(?s).*BAD +status page .*set status.listen.*"), told);
      assertTrue(told.matches("(?s).*BAD +broker +mqtt://.*nobody listens there.*"), told);
      assertTrue(told.contains("3 things are in the way"), told);
    }
  }

  @Test
  void aBrokerThatAllowsTooLittleIsSaid() throws Exception {
    Path broker = Files.createDirectory(folder.resolve("broker"));
    Path acl = Files.writeString(broker.resolve("acl"), "topic read lingtan/v1/other/#\n");
    try (Mosquitto mosquitto = Mosquitto.start(broker, "acl_file " + acl);
        ServerSocket meter = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Path site = site(mosquitto.url(), "", meter.getLocalPort(), Ports.free());
      assertEquals(1, check(site), out::toString);
      assertTrue(
          out.toString().contains("may not publish to lingtan/v1/here-test/reply/check"),
          out::toString);
      assertTrue(out.toString().contains("allow lingtan/v1/here-test/#"), out::toString);
    }
  }

  /** A broker may let it connect and subscribe, and drop all that it publishes. */
  @Test
  void aCertificateOfAnotherGatewayIsSaid() throws Exception {
    for (String name : List.of("other", "here-test")) {
      String subject = "/O=Wuxi, Jiangsu/CN=" + name;
      Path key = folder.resolve("gw.key");
      Path cert = folder.resolve("gw.pem");
      List<String> make = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
      make.addAll(List.of("-newkey", "ed25519", "-subj", subject));
      make.addAll(List.of("-keyout", key.toString(), "-out", cert.toString()));
      Launched made = Launched.run(Map.of(), make.toArray(String[]::new));
      assertEquals(0, made.exit(), made.err());
      Path site =
          site(
              "mqtts://127.0.0.1:" + Ports.free(),
              ", tls: {ca: gw.pem, cert: gw.pem, key: gw.key}",
              Ports.free(),
              Ports.free());
      assertEquals(1, check(site), out::toString);
      assertEquals(
          name.equals("other"),
          out.toString().contains("gw.pem is other's, and this gateway is here-test"),
          out::toString);
    }
  }

  @Test
  void aWrongPasswordIsSaid() throws Exception {
    Path secret = Files.writeString(folder.resolve("password"), "wrong\n");
    Path broker = Files.createDirectory(folder.resolve("broker"));
    Path users = Files.writeString(broker.resolve("users"), "");
    try (Mosquitto mosquitto =
            Mosquitto.start(broker, "allow_anonymous false", "password_file " + users);
        ServerSocket meter = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Path site =
          site(
              mosquitto.url(),
              ", user: gw, password_file: " + secret.getFileName(),
              meter.getLocalPort(),
              Ports.free());
      assertEquals(1, check(site), out::toString);
      assertTrue(out.toString().matches("(?s).*BAD +broker .*password.*"), out::toString);
    }
  }

  @Test
  void aRunningAgentOfTheSameNameIsNotDisturbed() throws Exception {
    try (Mosquitto broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
        ServerSocket meter = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Path file = site(broker.url(), "", meter.getLocalPort(), Ports.free());
      Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
      RunningAgent agent =
          RunningAgent.start(site, new SystemTime(List.of("system")), Randomness.system());
      try {
        long until = System.nanoTime() + 20_000_000_000L;
        while (!broker.log().contains("here-test") && System.nanoTime() < until) {
          Thread.sleep(50);
        }
        assertEquals(0, check(file), out::toString);
        assertTrue(
            out.toString().contains("127.0.0.1:" + meter.getLocalPort() + ", the agent has it"),
            out::toString);
        Thread.sleep(500);
        String log = broker.log();
        assertFalse(log.contains("already connected"), log);
        assertFalse(log.contains("Client here-test disconnected"), log);
        assertTrue(log.contains("here-test-check"), log);
        // Its will and its trial message leave nothing behind.
        assertFalse(log.matches("(?s).*Sending PUBLISH to here-test .*reply/check.*"), log);
      } finally {
        agent.stop();
      }
    }
  }
}
