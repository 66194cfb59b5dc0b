package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.live.CoapPart;
import io.lingtan.simulator.live.Psk;
import io.lingtan.simulator.live.SiteStep;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * libcoap's client, which nobody here wrote, reads the simulated nodes on real sockets. A second
 * world of the same seed says what they showed between the moment before the question and the
 * moment after the answer.
 */
@Timeout(60)
final class CoapClientsIT {

  private static final String HOST = "127.0.0.1";
  private static final Psk KEY = new Psk("gateway", "a-key-of-this-test");

  /** What a node serves is renewed ten times a second, and a busy machine may be late with it. */
  private static final long RENEWED_MILLIS = 1_500;

  private static final Pattern VALUE =
      Pattern.compile("\"n\":\"([a-z_0-9]+)\",\"u\":\"[^\"]+\",\"v\":(-?[0-9.]+)");

  @TempDir Path folder;

  private final SimulatedSite site = SimulatedSite.of("all-lines", 33, 0);
  private final SimulatedSite again = SimulatedSite.of("all-lines", 33, 0);
  private final Time time = new SystemTime(List.of("system"));
  private final MonotonicInstant start = time.now();
  private final WorldClock clock = WorldClock.realTime(start, site.world().stepStart());
  private final SiteStep step = new SiteStep(new TcpStep(site.world(), clock, start));
  private final Loop loop = new Loop(step, time);
  private int port;
  private int securePort;
  private long before;
  private long after;

  @BeforeEach
  void serve() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(HOST), 0);
    CoapPart part = CoapPart.open(site.coapPeers().getFirst(), site.world(), clock, any, any, KEY);
    step.add(part);
    port = part.port();
    securePort = part.securePort();
    loop.start();
  }

  @AfterEach
  void stop() {
    assertTrue(loop.stop(Duration.ofSeconds(5)));
    assertEquals(0, loop.health().failures());
  }

  private Launched client(String program, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(words));
    before = clock.millisAt(time.now());
    Launched done = Launched.run(Map.of(), command.toArray(String[]::new));
    after = clock.millisAt(time.now());
    return done;
  }

  private String plain(String path) {
    return "coap://" + HOST + ":" + port + path;
  }

  /** Compares every value of every pack; returns how many there were. */
  private int compare(String id, String packs) {
    Measuring node =
        again.devices().stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
    Matcher found = VALUE.matcher(packs);
    int compared = 0;
    for (; found.find(); compared++) {
      Point point = Point.of(found.group(1));
      double told = own(point, Double.parseDouble(found.group(2)));
      double least = Double.MAX_VALUE;
      double most = -Double.MAX_VALUE;
      long from = Math.max(before - RENEWED_MILLIS, again.world().stepStart());
      SimulatedSite truth = SimulatedSite.of("all-lines", 33, 0);
      for (long next = from; next < after + 50; next += 50) {
        long at = Math.min(next, after);
        truth.world().advanceTo(at);
        double value = node.trueMicros(point, truth.world(), at) / 1e6;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      assertTrue(
          told >= least - 2e-6 && told <= most + 2e-6,
          id + " " + point.name() + " " + told + " is not in " + least + ".." + most);
    }
    return compared;
  }

  /** In the point's own unit. */
  private static double own(Point point, double told) {
    return switch (point.name()) {
      case "pressure" -> told / 1e6;
      case "temperature" -> told - 273.15;
      default -> told;
    };
  }

  @Test
  @RequiresTool("coap-client-notls")
  void coapClientReadsWhatTheWorldIs() throws Exception {
    Launched tank = client("coap-client-notls", "-A", "110", plain("/tank/1"));
    assertEquals(3, compare("tank1", tank.out()), tank::toString);
    // Longer than a block.
    Launched dispenser = client("coap-client-notls", "-A", "110", plain("/dispenser/1"));
    assertTrue(compare("disp1", dispenser.out()) >= 3, dispenser::toString);
    Path kept = folder.resolve("tank.cbor");
    client("coap-client-notls", "-o", kept.toString(), plain("/tank/1"));
    byte[] cbor = Files.readAllBytes(kept);
    assertEquals(0x83, cbor[0] & 0xFF, "an array of three records");
    assertTrue(
        new String(cbor, StandardCharsets.ISO_8859_1).contains("urn:dev:sim:tank1:"), "its name");
    Launched text = client("coap-client-notls", "-A", "0", plain("/tank/1"));
    assertTrue(text.out().strip().matches("[0-9]+"), text::toString);
    Launched other = client("coap-client-notls", "-A", "50", plain("/tank/1"));
    assertTrue((other.out() + other.err()).contains("4.06"), other::toString);
  }

  @Test
  @RequiresTool("coap-client-notls")
  void coapClientObservesWhatTheWorldIs() throws Exception {
    Launched observed = client("coap-client-notls", "-s", "4", "-A", "110", plain("/tank/1"));
    int values = compare("tank1", observed.out());
    assertTrue(values >= 9 && values % 3 == 0, observed::toString);
  }

  @Test
  @RequiresTool("coap-client-openssl")
  void coapClientReadsThroughDtlsWithTheKeyAndNotWithAnother() throws Exception {
    String uri = "coaps://" + HOST + ":" + securePort + "/tank/1";
    Launched read =
        client("coap-client-openssl", "-u", KEY.identity(), "-k", KEY.key(), "-A", "110", uri);
    assertEquals(3, compare("tank1", read.out()), read::toString);
    Launched observed =
        client(
            "coap-client-openssl",
            "-u",
            KEY.identity(),
            "-k",
            KEY.key(),
            "-s",
            "3",
            "-A",
            "110",
            uri);
    assertTrue(compare("tank1", observed.out()) >= 6, observed::toString);
    Launched stranger =
        client("coap-client-openssl", "-B", "3", "-u", "gateway", "-k", "another", uri);
    assertFalse(stranger.out().contains("urn:dev:sim"), stranger::toString);
  }
}
