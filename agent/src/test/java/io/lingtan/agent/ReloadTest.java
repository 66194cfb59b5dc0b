package io.lingtan.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.access.HttpCaller;
import io.lingtan.testing.Json;
import io.lingtan.testing.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running gateway whose site file is changed. */
@Timeout(60)
@SuppressWarnings({"NullAway", "unchecked"}) // a member that is not there fails the test by itself
final class ReloadTest {

  /** Nobody listens there. */
  private static final String LINE =
      """
      lines:
        - id: %s
          modbus-tcp: {host: 127.0.0.1, port: 1, timeout: 100ms}
          devices:
            - {id: meter, profile: eastron-sdm630, unit: 1}
      """;

  private static final String METERING =
      """
      metering:
        meters:
          - {id: grid, device: meter, role: grid, rated_kw: %d}
      """;

  private static final String FLEET = "fleet: {key: cRNaKoCGPqDcKVJj3PCOegoJjfb3Rpl1LtwdXZYgiaw}\n";

  @TempDir Path folder;
  private Path file;
  private int port;
  private RunningAgent agent;

  @BeforeEach
  void start() throws IOException {
    port = Ports.free();
    file = folder.resolve("site.yaml");
    write("reload", "");
    Site site = new SiteLoader().load(file).site();
    agent =
        RunningAgent.start(
            site,
            new SystemTime(site.clock().trust()),
            Randomness.seeded(20261127),
            Supervisor.of(Map.of()),
            Duration.ofSeconds(2),
            FieldPorts.real());
  }

  @AfterEach
  void stop() {
    assertTrue(agent.stop());
  }

  private void write(String gateway, String more) throws IOException {
    Files.writeString(
        file,
        """
        gateway: %s
        site: {name: Reload, zone: Asia/Shanghai, region: CN-JS}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        %s
        """
            .formatted(gateway, port, more));
  }

  private String get(String path) throws IOException {
    try (InputStream in = URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private Map<String, Object> part(String name) throws IOException {
    return (Map<String, Object>) Json.object(get("/api/snapshot")).get(name);
  }

  private List<Map<String, Object>> lines() throws IOException {
    return (List<Map<String, Object>>) Json.object(get("/api/snapshot")).get("lines");
  }

  private void awaitEvent(String name) throws Exception {
    while (!events().contains('"' + name + '"')) {
      Thread.sleep(50);
    }
  }

  /** As the bundle has them. */
  private String events() throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(
            URI.create("http://127.0.0.1:" + port + "/api/bundle").toURL().openStream())) {
      for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
        if (entry.getName().equals("events.ndjson")) {
          return new String(zip.readAllBytes(), UTF_8);
        }
      }
    }
    throw new AssertionError("the bundle has no events");
  }

  @Test
  void linesMetersAndABrokerComeAndGoWithoutANewStart() throws Exception {
    write(
        "reload",
        LINE.formatted("hall")
            + METERING.formatted(60)
            + "mqtt: {servers: [\"mqtt://127.0.0.1:1\"]}\n");
    agent.reload();
    assertEquals("hall", lines().getFirst().get("id"));
    assertEquals(true, part("uplink").get("configured"));
    awaitEvent("config.changed");
    get("/healthz"); // throws unless every step lives

    write("reload", LINE.formatted("roof") + METERING.formatted(100));
    agent.reload();
    assertEquals(1, lines().size());
    assertEquals("roof", lines().getFirst().get("id"));
    assertEquals(false, part("uplink").get("configured"));
    get("/healthz");

    write("reload", "");
    agent.reload();
    assertTrue(lines().isEmpty());
    get("/healthz");
  }

  private static String lent(int at) {
    return LINE.formatted("roof")
        .replace(
            "    devices:", "    share: {listen: \"127.0.0.1:%d\"}\n    devices:".formatted(at));
  }

  private Map<String, Object> share() throws IOException {
    return (Map<String, Object>) lines().getFirst().get("share");
  }

  @Test
  void aLineIsLentElsewhereAndToNobodyWithoutANewStart() throws Exception {
    int first = Ports.free();
    write("reload", LINE.formatted("roof"));
    agent.reload();
    assertEquals(null, share());
    assertFalse(get("/metrics").contains("lingtan_share"));
    write("reload", lent(first));
    agent.reload();
    while (!Ports.answers(first)) {
      Thread.sleep(20);
    }
    get("/healthz"); // throws unless every step lives
    int second = Ports.free();
    write("reload", lent(second));
    agent.reload();
    while (!Ports.answers(second)) {
      Thread.sleep(20);
    }
    assertFalse(Ports.answers(first));
    assertEquals("127.0.0.1:" + second, share().get("where"));
    write("reload", LINE.formatted("roof"));
    agent.reload();
    assertFalse(Ports.answers(second));
    assertEquals(null, share());
  }

  @Test
  void aPortThatIsTakenIsToldAndTriedAgain() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      write("reload", lent(other.getLocalPort()));
      agent.reload();
      while (share().get("problem") == null) {
        Thread.sleep(20);
      }
      assertTrue(get("/text").contains("cannot be listened on"), get("/text"));
      assertTrue(get("/metrics").contains("lingtan_share_problem{line=\"roof\"} 1\n"));
      get("/healthz"); // a port that is taken harms nobody else
    }
    while (share().get("problem") != null) {
      Thread.sleep(20);
    }
  }

  @Test
  void whoObeysTheCentreIsWatchedAsTheOthersAre() throws Exception {
    assertFalse(get("/api/snapshot").contains("\"name\":\"fleet\""));
    write("reload", "mqtt: {servers: [\"mqtt://127.0.0.1:1\"]}\n" + FLEET);
    agent.reload();
    assertTrue(get("/api/snapshot").contains("{\"name\":\"fleet\",\"alive\":true,"));
    get("/healthz");
  }

  @Test
  void aFileWithProblemsIsRefusedWholeAndTheOneBeforeGoesOn() throws Exception {
    write("reload", LINE.formatted("hall") + METERING.formatted(60));
    agent.reload();
    Object sha = part("config").get("sha256");

    write("reload", LINE.formatted("roof").replace("eastron-sdm630", "eastron-sdm631"));
    agent.reload();
    String why = part("config").get("refused").toString();
    assertTrue(why.contains("site.yaml:") && why.contains("eastron-sdm631"), why);
    assertEquals(sha, part("config").get("sha256"));
    assertEquals("hall", lines().getFirst().get("id"));
    assertTrue(get("/text").contains("the site file is refused"), get("/text"));
    awaitEvent("config.refused");

    write("reload", LINE.formatted("roof") + METERING.formatted(60));
    agent.reload();
    assertFalse(part("config").containsKey("refused"));
    assertEquals("roof", lines().getFirst().get("id"));
  }

  @Test
  void whatOnlyAStartCanChangeIsRefusedAndNamed() throws Exception {
    write("another", LINE.formatted("hall"));
    agent.reload();
    String why = part("config").get("refused").toString();
    assertTrue(why.contains("gateway is reload and would be another"), why);
    assertTrue(lines().isEmpty());

    write("reload", "journal: {path: other.db}\n");
    agent.reload();
    why = part("config").get("refused").toString();
    assertTrue(why.contains("journal"), why);
    assertFalse(Files.exists(folder.resolve("other.db")));
  }

  @Test
  void aJournalThatCannotBeWrittenIsWaitedForAWhileAndNoLineEndsForIt() throws Exception {
    write("reload", LINE.formatted("hall"));
    agent.reload();
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        Statement statement = other.createStatement()) {
      statement.execute("PRAGMA busy_timeout=10000");
      statement.execute("BEGIN IMMEDIATE");
      write("reload", LINE.formatted("roof"));
      agent.reload();
      String why = part("config").get("refused").toString();
      assertTrue(why.contains("the journal cannot be written"), why);
      assertEquals("hall", lines().getFirst().get("id"));
      get("/healthz"); // throws unless every step lives
      statement.execute("ROLLBACK");
    }
    awaitEvent("config.refused");
    agent.reload();
    assertFalse(part("config").containsKey("refused"), part("config")::toString);
    assertEquals("roof", lines().getFirst().get("id"));
  }

  private HttpURLConnection post(String path, String cookie, String body) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    connection.setReadTimeout(10_000);
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setRequestProperty(HttpCaller.MEANT, "1");
    connection.setRequestProperty("Cookie", cookie);
    connection.getOutputStream().write(body.getBytes(UTF_8));
    return connection;
  }

  private HttpURLConnection login(String pin) throws IOException {
    return post("/api/session", "", "{\"pin\":\"" + pin + "\"}");
  }

  @Test
  void aPinThatIsChangedIsTakenAndEndsWhatTheOneBeforeOpened() throws Exception {
    Path pin = folder.resolve("secrets/pin");
    String before = Files.readAllLines(pin).getFirst();
    HttpURLConnection login = login(before);
    assertTrue(login.getResponseCode() < 300);
    String cookie = login.getHeaderField("Set-Cookie").split(";", 2)[0];
    String proposal = "{\"edit\":\"remove_device\",\"device\":\"none\"}";
    agent.reload();
    assertNotEquals(
        401, post("/api/action/propose", cookie, proposal).getResponseCode(), "the PIN stays");
    Files.writeString(pin, "freshone\n");
    agent.reload();
    assertEquals(401, post("/api/action/propose", cookie, proposal).getResponseCode());
    assertEquals(401, login(before).getResponseCode());
    assertTrue(login("freshone").getResponseCode() < 300);
  }

  @Test
  void thePageMovesToAnotherAddress() throws Exception {
    int before = port;
    port = Ports.free();
    write("reload", "");
    agent.reload();
    get("/healthz");
    assertFalse(Ports.answers(before));
  }

  @Test
  void anAddressThatCannotBeHadIsRefusedAndThePageStaysWhereItIs() throws Exception {
    int before = port;
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = other.getLocalPort();
      write("reload", LINE.formatted("hall"));
      port = before;
      agent.reload();
      String why = part("config").get("refused").toString();
      assertTrue(why.contains("cannot listen on 127.0.0.1:" + other.getLocalPort()), why);
      assertTrue(lines().isEmpty(), "the file is refused as a whole");
    }
    Files.writeString(
        file, Files.readString(file).replaceAll("127.0.0.1:\\d+\"", "192.0.2.1:" + port + "\""));
    agent.reload();
    String why = part("config").get("refused").toString();
    assertTrue(why.contains("192.0.2.1 is no address of this machine"), why);
  }

  @Test
  void whoeverLooksAtThePageSeesALineComeWithoutBeingCutOff() throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port + "/api/live").toURL().openConnection();
    connection.setReadTimeout(10_000);
    try (BufferedReader live =
        new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
      while (!live.readLine().contains("\"lines\":[]")) {}
      write("reload", LINE.formatted("hall"));
      agent.reload();
      String shown = live.readLine();
      while (!shown.contains("\"hall\"")) {
        shown = live.readLine();
      }
    } finally {
      connection.disconnect();
    }
  }
}
