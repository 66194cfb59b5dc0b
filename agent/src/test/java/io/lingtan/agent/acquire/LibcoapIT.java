package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.coap.CoapStep;
import io.lingtan.agent.acquire.hand.CoapVisit;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.Child;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CoAP with programs that nobody here wrote: libcoap's server and client. */
@RequiresTool({
  "coap-server-notls",
  "coap-server-openssl",
  "coap-client-notls",
  "coap-client-openssl"
})
final class LibcoapIT {

  private static final Duration EVERY = Duration.ofMillis(300);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final String KEY = "a-key-of-sixteen";

  @TempDir Path folder;
  private CoapPeers peers;

  @BeforeEach
  void prepare() {
    peers = new CoapPeers(folder);
  }

  @AfterEach
  void end() {
    peers.close();
  }

  private static String pack(String pascal) {
    return "[{\"bn\":\"urn:dev:tank:\",\"n\":\"pressure\",\"u\":\"Pa\",\"v\":" + pascal + "}]";
  }

  private int serve() throws Exception {
    int port = CoapPeers.freePorts();
    peers.start("coap-server-notls", "-A", "127.0.0.1", "-p", Integer.toString(port), "-d", "10");
    return port;
  }

  private static Line.Coap plain(int port, io.lingtan.agent.site.Device... devices) {
    return new Line.Coap(
        "tanks", "coap://127.0.0.1:" + port, null, null, TIMEOUT, List.of(devices));
  }

  private static DeviceSnapshot first(LineStep step) {
    return step.snapshot().devices().getFirst();
  }

  @Test
  void aResourceOfLibcoapIsReadEachPeriod() throws Exception {
    int port = serve();
    peers.put(port, "/tank/1", 110, pack("35000000"));
    CoapStep step = peers.ask(plain(port, CoapPeers.device("tank1", "/tank/1", false, EVERY)));
    peers.await("a value", () -> peers.sawValues("{pressure=35}"));
    peers.put(port, "/tank/1", 110, pack("34500000"));
    peers.await("the next value", () -> peers.sawValues("{pressure=34.5}"));
    assertNull(step.snapshot().problem());
    assertEquals(0, first(step).timeouts());
  }

  @Test
  void aChangeIsToldByObserve() throws Exception {
    int port = serve();
    peers.put(port, "/tank/1", 110, pack("35000000"));
    CoapStep step =
        peers.ask(plain(port, CoapPeers.device("tank1", "/tank/1", true, Duration.ofSeconds(20))));
    peers.await("the first value", () -> peers.sawValues("{pressure=35}"));
    peers.put(port, "/tank/1", 110, pack("34500000"));
    // The next poll would be twenty seconds away.
    peers.await("the change", () -> first(step).values().toString().equals("{pressure=34.5}"));
    assertEquals(0, step.snapshot().foreign(), "each notification once");
  }

  @Test
  void aLargeAnswerComesBlockByBlock() throws Exception {
    int port = serve();
    StringBuilder pack = new StringBuilder("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35}");
    for (int i = 0; i < 150; i++) {
      pack.append(",{\"n\":\"other").append(i).append("\",\"v\":").append(i).append('}');
    }
    Path file = Files.writeString(folder.resolve("pack"), pack.append(']'));
    peers.run(
        "coap-client-notls",
        "-m",
        "put",
        "-t",
        "110",
        "-f",
        file.toString(),
        "-b",
        "512",
        "-B",
        "5",
        "coap://127.0.0.1:" + port + "/tank/1");
    peers.ask(plain(port, CoapPeers.device("tank1", "/tank/1", false, EVERY)));
    peers.await("the value", () -> peers.sawValues("{pressure=35}"));
  }

  @Test
  void aResourceThatIsNotThereIsAnExceptionAndNotATimeout() throws Exception {
    int port = serve();
    CoapStep step = peers.ask(plain(port, CoapPeers.device("tank1", "/nothing", false, EVERY)));
    peers.await(
        "the reason",
        () -> peers.samples.stream().anyMatch(s -> Reason.exception(404).equals(s.failed())));
    assertTrue(first(step).exceptions() > 0);
    assertFalse(first(step).offline());
    assertTrue(peers.samples.stream().allMatch(sample -> sample.values().isEmpty()));
  }

  @Test
  void aServerThatGoesAndComesBackIsReadAgain() throws Exception {
    int port = CoapPeers.freePorts();
    String number = Integer.toString(port);
    Child server = peers.start("coap-server-notls", "-A", "127.0.0.1", "-p", number, "-d", "10");
    peers.put(port, "/tank/1", 110, pack("35000000"));
    CoapStep step = peers.ask(plain(port, CoapPeers.device("tank1", "/tank/1", false, EVERY)));
    peers.await("a value", () -> peers.sawValues("{pressure=35}"));
    server.kill();
    peers.await(
        "the silence",
        () -> peers.samples.stream().anyMatch(sample -> Reason.TIMEOUT.equals(sample.failed())));
    peers.start("coap-server-notls", "-A", "127.0.0.1", "-p", number, "-d", "10");
    peers.put(port, "/tank/1", 110, pack("33000000"));
    peers.await("the value of the new server", () -> peers.sawValues("{pressure=33}"));
    assertNull(step.snapshot().problem());
    assertEquals(
        List.of("{pressure=33}", "{pressure=35}"),
        peers.samples.stream()
            .map(sample -> sample.values().toString())
            .filter(values -> values.contains("pressure"))
            .distinct()
            .sorted()
            .toList(),
        "nothing between the two");
  }

  @Test
  void aResourceIsReadByHandWithItsPayloadAndPoints() throws Exception {
    int port = serve();
    peers.put(port, "/tank/1", 110, pack("35000000"));
    var device = CoapPeers.device("tank1", "/tank/1", false, EVERY);
    var told =
        new CoapVisit(plain(port, device), FieldPorts.real(), new CoapPeers.MachineTime())
            .read(device);
    assertTrue(told.answered(), told::text);
    assertTrue(told.text().contains("2.05, "), told::text);
    assertTrue(told.text().contains("content format 110"), told::text);
    assertTrue(told.text().matches("(?s).*pressure +35 MPa +good.*"), told::text);
    var gone = CoapPeers.device("tank1", "/nothing", false, EVERY);
    told =
        new CoapVisit(plain(port, gone), FieldPorts.real(), new CoapPeers.MachineTime()).read(gone);
    assertFalse(told.answered());
    assertTrue(told.text().contains("4.04"), told::text);
  }

  @Test
  void whatAServerHasIsListedWithYaml() throws Exception {
    int port = serve();
    peers.put(port, "/tank/1", 110, pack("35000000"));
    var told =
        new CoapVisit(plain(port), FieldPorts.real(), new CoapPeers.MachineTime()).discover();
    assertTrue(told.answered(), told::text);
    assertTrue(told.text().contains("/tank/1"), told::text);
    assertTrue(told.text().contains("coap: {uri: \"coap://127.0.0.1:" + port), told::text);
    assertTrue(told.text().contains("path: \"/tank/1\""), told::text);
  }

  // DTLS.

  private int serveSecure() throws Exception {
    int port = CoapPeers.freePorts();
    peers.start(
        "coap-server-openssl",
        "-A",
        "127.0.0.1",
        "-p",
        Integer.toString(port),
        "-d",
        "10",
        "-k",
        KEY);
    peers.put(port, "/tank/1", 110, pack("35000000"));
    return port + 1;
  }

  private Line.Coap secure(int port, String key, boolean observe) throws Exception {
    Path file = Files.writeString(folder.resolve("key"), key);
    return new Line.Coap(
        "tanks",
        "coaps://127.0.0.1:" + port,
        "gw",
        Line.KeyFile.of(file),
        TIMEOUT,
        List.of(CoapPeers.device("tank1", "/tank/1", observe, EVERY)));
  }

  @Test
  void aResourceIsReadAndObservedThroughDtls() throws Exception {
    int port = serveSecure();
    CoapStep step = peers.ask(secure(port, KEY, true));
    peers.await("a value", () -> peers.sawValues("{pressure=35}"));
    peers.put(port - 1, "/tank/1", 110, pack("34500000"));
    peers.await("the change", () -> first(step).values().toString().equals("{pressure=34.5}"));
    assertNull(step.snapshot().problem());
  }

  @Test
  void aWrongKeyIsSaidInWordsAndGivesNoValue() throws Exception {
    int port = serveSecure();
    CoapStep step = peers.ask(secure(port, "some-other-secret", false));
    peers.await("words", () -> step.snapshot().problem() != null);
    String problem = Objects.requireNonNull(step.snapshot().problem()).english();
    assertTrue(problem.contains("key"), problem);
    peers.await(
        "an event", () -> peers.events.stream().map(Event::name).toList().contains("line.down"));
    assertTrue(peers.samples.stream().allMatch(sample -> sample.values().isEmpty()));
    assertTrue(peers.samples.stream().anyMatch(sample -> sample.failed() != null));
  }

  @Test
  void aKeyFileThatIsMissingIsSaid() throws Exception {
    Line.Coap line =
        new Line.Coap(
            "tanks",
            "coaps://127.0.0.1:5684",
            "gw",
            Line.KeyFile.of(folder.resolve("nowhere")),
            TIMEOUT,
            List.of(CoapPeers.device("tank1", "/tank/1", false, EVERY)));
    CoapStep step = peers.ask(line);
    peers.await("words", () -> step.snapshot().problem() != null);
    assertTrue(String.valueOf(step.snapshot().problem()).contains("does not exist"));
  }
}
