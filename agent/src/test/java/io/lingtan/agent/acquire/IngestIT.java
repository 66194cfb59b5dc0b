package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.coap.CoapServerStep;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.CoapSites;
import io.lingtan.testing.RequiresTool;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that push with libcoap's client, through DTLS, to our own server. */
@RequiresTool({"coap-client-notls", "coap-client-openssl"})
final class IngestIT {

  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final String PACK =
      "[{\"bn\":\"n1/\",\"n\":\"pressure\",\"u\":\"Pa\",\"v\":35000000},"
          + "{\"n\":\"temperature\",\"u\":\"K\",\"v\":263.15}]";

  private static final String TEXT_KEY = "a-key-of-sixteen";

  @TempDir Path folder;
  private CoapPeers peers;
  private int port;
  private CoapServerStep step;

  @BeforeEach
  void prepare() throws Exception {
    peers = new CoapPeers(folder);
    port = CoapPeers.freePorts();
    Path keys = folder.resolve("keys");
    Files.writeString(
        keys,
        """
        # identity key devices
        node1 hex:612d6b65792d6f662d7369787465656e
        visitor a-key-of-sixteen node9
        """);
    step = peers.listen(line(keys));
    peers.await("listening", () -> step.snapshot().devices().size() == 2);
  }

  @AfterEach
  void end() {
    peers.close();
  }

  private Line.CoapServer line(Path keys) {
    return new Line.CoapServer(
        "push",
        "127.0.0.1:" + port,
        Line.KeyFile.of(keys),
        Duration.ofSeconds(1),
        List.of(device("node1"), device("node2")));
  }

  private static Device device(String id) {
    return CoapSites.device(
        id,
        CoapSites.builtIn("senml"),
        new CoapResource("/ingest/" + id, false, Format.AUTO, null, null, null),
        EVERY,
        EVERY);
  }

  private DeviceSnapshot device(int number) {
    return step.snapshot().devices().get(number);
  }

  /** Pushes as node1 does; returns what libcoap printed. */
  private String push(String identity, String key, String path, String payload) throws Exception {
    Path file = Files.writeString(folder.resolve("payload"), payload);
    return peers.run(
        "coap-client-openssl",
        "-m",
        "post",
        "-t",
        "110",
        "-f",
        file.toString(),
        "-u",
        identity,
        "-k",
        key,
        "-B",
        "3",
        "coaps://127.0.0.1:" + port + path);
  }

  @Test
  void aNodePushesWithItsKey() throws Exception {
    push("node1", TEXT_KEY, "/ingest/node1", PACK);
    peers.await("the values", () -> peers.sawValues("{temperature=-10, pressure=35}"));
    assertEquals(0, step.snapshot().foreign());
  }

  @Test
  void aNodeThatStopsPushingIsStaleAndThenOffline() throws Exception {
    push("node1", TEXT_KEY, "/ingest/node1", PACK);
    peers.await("a value", () -> peers.sawValues("{temperature=-10, pressure=35}"));
    peers.await(
        "stale",
        () ->
            peers.samples.stream()
                .anyMatch(s -> s.device().equals("node1") && Reason.STALE.equals(s.failed())));
    peers.await("offline", () -> device(0).offline());
    push("node1", TEXT_KEY, "/ingest/node1", PACK);
    peers.await("online again", () -> !device(0).offline());
  }

  @Test
  void aNodeThatNeverPushedIsATimeout() throws Exception {
    peers.await(
        "timeout",
        () ->
            peers.samples.stream()
                .anyMatch(s -> s.device().equals("node2") && Reason.TIMEOUT.equals(s.failed())));
  }

  @Test
  void aStrangerIsTurnedAwayAndCounted() throws Exception {
    push("somebody", TEXT_KEY, "/ingest/node1", PACK);
    peers.await("counted", () -> step.snapshot().foreign() > 0);
    assertNothingCame();
  }

  @Test
  void aWrongKeyIsTurnedAway() throws Exception {
    push("node1", "not-the-right-key", "/ingest/node1", PACK);
    peers.await("counted", () -> step.snapshot().foreign() > 0);
    assertNothingCame();
  }

  @Test
  void aKeySpeaksOnlyForItsOwnDevices() throws Exception {
    String answer = push("visitor", TEXT_KEY, "/ingest/node1", PACK);
    assertTrue(answer.contains("4.03"), answer);
    peers.await("counted", () -> step.snapshot().foreign() > 0);
    assertNothingCame();
  }

  @Test
  void aWrongPathIsNotFound() throws Exception {
    String answer = push("node1", TEXT_KEY, "/elsewhere/node1", PACK);
    assertTrue(answer.contains("4.04"), answer);
    peers.await("counted", () -> step.snapshot().foreign() > 0);
    assertNothingCame();
  }

  @Test
  void aPackThatIsNoneIsABadRequestWithTheReason() throws Exception {
    String answer =
        push("node1", TEXT_KEY, "/ingest/node1", "[{\"n\":\"pressure\",\"v\":1,\"x_\":1}]");
    assertTrue(answer.contains("4.00"), answer);
    assertTrue(answer.contains("x_"), answer);
    peers.await("counted", () -> device(0).crcErrors() == 1);
    peers.await(
        "a reason", () -> peers.samples.stream().anyMatch(s -> Reason.CONFIG.equals(s.failed())));
    assertNothingCame();
  }

  @Test
  void aMegabyteIsTooLarge() throws Exception {
    String answer = push("node1", TEXT_KEY, "/ingest/node1", "[" + " ".repeat(1 << 20) + "]");
    assertTrue(answer.contains("4.13"), answer);
    peers.await("counted", () -> step.snapshot().foreign() > 0);
    assertNothingCame();
  }

  private void assertNothingCame() {
    peers.take();
    assertTrue(
        peers.samples.stream().allMatch(sample -> sample.values().isEmpty()),
        () -> "values of a push that should give none: " + peers.samples);
  }

  @Test
  void aPortThatIsTakenIsSaidAndTriedAgain() throws Exception {
    peers.close();
    peers = new CoapPeers(folder);
    port = CoapPeers.freePorts();
    try (DatagramSocket taken = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      step = peers.listen(line(Files.writeString(folder.resolve("keys"), "node1 x\n")));
      peers.await("words", () -> step.snapshot().problem() != null);
      assertTrue(taken.isBound());
      assertNotNull(step.snapshot().problem());
      assertTrue(
          Objects.requireNonNull(step.snapshot().problem()).english().contains("cannot listen"),
          () -> "" + step.snapshot().problem());
    }
    peers.await("listening", () -> step.snapshot().problem() == null);
  }
}
