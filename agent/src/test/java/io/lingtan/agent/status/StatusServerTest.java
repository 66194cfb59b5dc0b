package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.acquire.wire.FramesSnapshot;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Frame;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Kind;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.commit.ReceiptsSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time.Wall;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member of the JSON that is not there fails the test by itself. */
@SuppressWarnings("NullAway")
class StatusServerTest {

  private static final Path SCRIPTS = Path.of("src/main/resources/io/lingtan/agent/status");

  private static final MonotonicInstant NOW = MonotonicInstant.ofMillis(1_000_000);
  private static final Point POWER = Point.of(Quantity.POWER);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);

  @TempDir Path folder;
  private Site site;
  private volatile SiteView view;
  private @Nullable String unwritten;
  private StatusServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final FakeActions actions = new FakeActions();

  @BeforeEach
  void start() throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: gw-1
        site: {name: "屋顶 </script><b>", zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: roof
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - {id: pv1, profile: eastron-sdm630, unit: 1, every: 1s}
        metering:
          meters:
            - {id: grid, device: pv1, role: grid, rated_kw: 100}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        status: {listen: "127.0.0.1:0"}
        """);
    var loaded = new SiteLoader().load(file);
    site = loaded.site();
    assertTrue(site != null, loaded.problems().toString());
    view = view(device(NOW.millis() - 400, null, false), health(true, NOW));
    server =
        StatusServer.start(
            site.status(), null, () -> view, this::bundle, null, actions, TestAccess.open());
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private Bundle bundle() {
    FramesSnapshot frames =
        new FramesSnapshot(
            "roof",
            "127.0.0.1:502",
            2,
            5,
            1,
            List.of(
                new Frame(7, Kind.OPENED, new byte[0]),
                new Frame(8, Kind.SENT, new byte[] {1, (byte) 0xFE}),
                new Frame(9, Kind.BROKEN, "timeout gone".getBytes(UTF_8))));
    Event event = Event.of("agent.start", Severity.INFO);
    return new Bundle(
        view,
        "boot-7",
        () -> List.of(frames),
        List.of(new EventRecord("e1", 1, 0, "boot-7", 5, 6, event)));
  }

  private static DeviceSnapshot device(long answeredMillis, Reason failure, boolean offline) {
    Values power = new Values.Builder().put(POWER, 48_215_300_000L).build();
    long at = answeredMillis * 1_000_000;
    List<ReadSnapshot> reads =
        answeredMillis < 0 ? List.of() : List.of(new ReadSnapshot(at, at + 10_000_000_000L, power));
    Map<Point, Reason> bad =
        failure == null
            ? Map.of(TEMPERATURE, Reason.SENTINEL)
            : Map.of(TEMPERATURE, Reason.SENTINEL, POWER, failure);
    return device(answeredMillis, reads, bad, failure, offline);
  }

  private static DeviceSnapshot device(
      long answeredMillis,
      List<ReadSnapshot> reads,
      Map<Point, Reason> bad,
      Reason failure,
      boolean offline) {
    return new DeviceSnapshot(
        "pv1",
        "eastron-sdm630",
        "1",
        1000,
        answeredMillis < 0 ? -1 : answeredMillis * 1_000_000,
        reads,
        bad,
        failure,
        failure == null ? null : "no answer to FC4 0+80 within 1000 ms",
        10,
        failure == null ? 0 : 3,
        0,
        0,
        answeredMillis < 0 ? 0 : 12_000,
        offline,
        answeredMillis < 0 ? 0 : 9_500,
        3,
        new TreeMap<>(Map.of("serial", "AB123456")),
        -1,
        false);
  }

  private static Loop.Health health(boolean alive, MonotonicInstant lastStep) {
    return new Loop.Health("line roof", alive, lastStep, 0, null, null);
  }

  private SiteView view(DeviceSnapshot device, Loop.Health health) {
    var metrics = new LinkedHashMap<String, Metric>();
    metrics.put(
        "elec.grid.import",
        new Metric(12_534_000L, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    metrics.put("elec.pv.generation", Metric.missing("kW.h", "pv1: timeout"));
    Interval interval =
        new Interval(
            "15m",
            1_764_059_400_000L,
            1_764_060_300_000L,
            0,
            metrics,
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    return new SiteView(
        site,
        SiteFigures.LISTED,
        "test",
        MonotonicInstant.ofMillis(0),
        NOW,
        new Wall(1_764_060_000_000L, true, "ntp"),
        List.of(
            new LineSnapshot(
                "roof",
                "modbus-tcp",
                "127.0.0.1:502",
                null,
                17,
                0,
                0,
                3,
                0,
                2,
                12,
                5,
                new LineSnapshot.ScheduleSnapshot(3, 61_500, 6),
                null,
                null,
                List.of(device))),
        new LedgerSnapshot(
            interval,
            null,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            1,
            1,
            1,
            0,
            unwritten,
            unwritten != null,
            Long.MIN_VALUE,
            null),
        new StoreSnapshot(
            "5f1c09ab",
            0,
            1,
            30,
            20,
            List.of(new StoreSnapshot.Range(25, 26)),
            List.of(),
            8,
            0,
            0,
            List.of(),
            4096,
            1_000_000,
            8192,
            null,
            StoreSnapshot.NOT_BLOCKED),
        new ReceiptsSnapshot(5, 0, 1),
        new UplinkSnapshot(
            new UplinkSnapshot.Link(
                "mqtt://127.0.0.1:1883",
                NOW.nanos(),
                -1,
                1,
                null,
                null,
                29,
                new RefusedTopicsSnapshot(
                    List.of("lingtan/v1/gw-1/data/gate"), 1, NOW.nanos() + 4_000_000_000L)),
            new UplinkSnapshot.Delivery(2, 100, 8, false, 1, 100, NOW.nanos(), 3),
            LatencySnapshot.NONE,
            new UplinkSnapshot.RecordCounts(22, 20, 0, 0, 0, 0),
            new UplinkSnapshot.Mishaps(4, 6, 7, 0, 0),
            new UplinkSnapshot.ReplayCounts(1, 3, 2, 500)),
        Map.of(),
        null,
        List.of(
            new ViewSnapshot(
                "sparkplug",
                "mqtt://127.0.0.1:1884",
                NOW.nanos() - 5_000_000_000L,
                false,
                12,
                2,
                3,
                40,
                5,
                6,
                7,
                8,
                "the primary host is not online",
                "no_host")),
        List.of(health),
        null);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).GET().build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  @Test
  void whatAViewDoesIsShownEverywhere() throws Exception {
    Map<?, ?> view =
        (Map<?, ?>) ((List<?>) Json.object(get("/api/snapshot").body()).get("views")).getFirst();
    assertEquals("sparkplug", view.get("kind"));
    assertEquals(true, view.get("connected"));
    assertEquals(false, view.get("online"));
    assertEquals(new BigDecimal("5000"), view.get("since_ms"));
    assertEquals(new BigDecimal("12"), view.get("lag"));
    assertEquals(new BigDecimal("40"), view.get("messages"));
    String metrics = get("/metrics").body();
    for (String line :
        List.of(
            "lingtan_view_connected{view=\"sparkplug\"} 1",
            "lingtan_view_online{view=\"sparkplug\"} 0",
            "lingtan_view_lag_records{view=\"sparkplug\"} 12",
            "lingtan_view_messages_total{view=\"sparkplug\"} 40",
            "lingtan_view_gone_records_total{view=\"sparkplug\"} 6")) {
      assertTrue(metrics.contains(line + "\n"), line);
    }
    String text = get("/text").body();
    assertTrue(text.contains("sparkplug: 已连接 connected mqtt://127.0.0.1:1884"), text);
    assertTrue(text.contains("the primary host is not online"), text);
  }

  @Test
  void theSnapshotSaysWhatIsReadWaitingAndMissing() throws Exception {
    Map<String, Object> snapshot = Json.object(get("/api/snapshot").body());
    Map<?, ?> device = (Map<?, ?>) ((List<?>) snapshot.get("devices")).getFirst();
    assertEquals("good", device.get("state"));
    assertEquals(new BigDecimal("400"), device.get("age_ms"));
    assertEquals(Map.of("temperature", "sentinel"), device.get("bad"));
    Map<?, ?> value = (Map<?, ?>) ((List<?>) device.get("values")).getFirst();
    assertEquals(new BigDecimal("48215.3"), value.get("v"));
    assertEquals(new BigDecimal("8"), ((Map<?, ?>) snapshot.get("store")).get("waiting"));
    assertEquals(new BigDecimal("1"), ((Map<?, ?>) snapshot.get("uplink")).get("replays_waiting"));
    assertTrue(get("/metrics").body().contains("\nlingtan_uplink_replayed_records_total 500\n"));
    assertEquals(
        new BigDecimal("29"), ((Map<?, ?>) snapshot.get("uplink")).get("certificate_days"));
    assertTrue(get("/metrics").body().contains("\nlingtan_uplink_certificate_days 29\n"));
    assertTrue(get("/metrics").body().contains("\nlingtan_uplink_taken_over_total 4\n"));
    assertTrue(get("/metrics").body().contains("\nlingtan_uplink_bad_packets_total 6\n"));
    assertTrue(get("/metrics").body().contains("\nlingtan_uplink_unsigned_stores_total 7\n"));
    assertTrue(get("/text").body().contains("certificate ends in days: 29\n"));
    Map<?, ?> metrics = (Map<?, ?>) ((Map<?, ?>) snapshot.get("interval")).get("metrics");
    Map<?, ?> missing = (Map<?, ?>) metrics.get("elec.pv.generation");
    assertFalse(missing.containsKey("v"));
    assertEquals("pv1: timeout", missing.get("why"));
  }

  @Test
  void aDeviceThatNeverAnsweredHasNoAge() throws Exception {
    view = view(device(-1, Reason.TIMEOUT, true), health(true, NOW));
    Map<?, ?> device =
        (Map<?, ?>) ((List<?>) Json.object(get("/api/snapshot").body()).get("devices")).getFirst();
    assertEquals("never", device.get("state"));
    assertEquals(new BigDecimal("-1"), device.get("age_ms"));
    assertFalse(get("/metrics").body().contains("lingtan_device_age_seconds{"));
    assertFalse(get("/metrics").body().contains("lingtan_device_reply_microseconds{"));
    assertFalse(get("/metrics").body().contains("lingtan_point{"));
  }

  @Test
  void aValueOlderThanThreePeriodsAndTenSecondsIsStale() throws Exception {
    view = view(device(NOW.millis() - 10_001, null, false), health(true, NOW));
    assertTrue(get("/api/snapshot").body().contains("\"state\":\"stale\""));
    assertTrue(get("/text").body().contains("过期 stale"));
    view = view(device(NOW.millis() - 9_999, null, false), health(true, NOW));
    assertTrue(get("/api/snapshot").body().contains("\"state\":\"good\""));
  }

  private static Values energy() {
    return new Values.Builder().put(Point.of(Quantity.ENERGY_IMPORT), 18_345_670_000L).build();
  }

  private static Values power() {
    return new Values.Builder().put(POWER, 48_215_300_000L).build();
  }

  /** A device that is well but for one value that its latest poll did not give, or not lately. */
  private static DeviceSnapshot withOld(Map<Point, Reason> bad, long freshUntilMillis) {
    return device(
        NOW.millis() - 400,
        List.of(
            new ReadSnapshot(NOW.nanos() - 400_000_000, NOW.nanos() + 9_600_000_000L, power()),
            new ReadSnapshot(
                NOW.nanos() - 61_000_000_000L, freshUntilMillis * 1_000_000, energy())),
        bad,
        null,
        false);
  }

  @Test
  void aValueThatTheLatestPollDidNotGiveIsNeverShownAsThePresentOne() throws Exception {
    Point energy = Point.of(Quantity.ENERGY_IMPORT);
    for (DeviceSnapshot device :
        List.of(
            withOld(Map.of(energy, Reason.TIMEOUT), NOW.millis() + 60_000),
            withOld(Map.of(), NOW.millis() - 1))) {
      String why = device.bad().isEmpty() ? "stale" : "timeout";
      view = view(device, health(true, NOW));
      Map<String, Object> snapshot = Json.object(get("/api/snapshot").body());
      Map<?, ?> shown = (Map<?, ?>) ((List<?>) snapshot.get("devices")).getFirst();
      assertEquals("good", shown.get("state"), "of one of its values nobody says so");
      List<?> values = (List<?>) shown.get("values");
      assertEquals(1, values.size(), values.toString());
      assertEquals("power", ((Map<?, ?>) values.getFirst()).get("p"));
      Map<?, ?> old = (Map<?, ?>) ((List<?>) shown.get("old")).getFirst();
      assertEquals("energy_import", old.get("p"));
      assertEquals(new BigDecimal("18345.67"), old.get("v"));
      assertEquals(new BigDecimal("61000"), old.get("age_ms"));
      assertEquals(why, old.get("why"));
      String text = get("/text").body();
      assertTrue(
          text.contains("energy_import: — " + why + "  上次 last 18345.67 kWh  61.0 s 前 ago"), text);
      assertTrue(text.contains("power: 48215.3 W  本记录周期未结束"), text);
      String metrics = get("/metrics").body();
      assertTrue(metrics.contains("lingtan_point{device=\"pv1\",point=\"power\"} 48215.3"));
      assertFalse(metrics.contains("point=\"energy_import\""), "an old number that looks good");
    }
  }

  @Test
  void ofADeviceThatIsAwayNoValueIsThePresentOne() throws Exception {
    view = view(device(NOW.millis() - 400, null, true), health(true, NOW));
    assertFalse(get("/metrics").body().contains("lingtan_point{"));
    assertTrue(get("/text").body().contains("power: — offline"), get("/text").body());
  }

  @Test
  void theTextSaysTheSameAsThePage() throws Exception {
    view = view(device(NOW.millis() - 400, Reason.TIMEOUT, false), health(true, NOW));
    String text = get("/text").body();
    assertTrue(text.contains("elec.grid.import: 12.534 kW.h  measured"), text);
    assertTrue(text.contains("elec.pv.generation: — pv1: timeout"), text);
    assertTrue(text.contains("2025-11-25 16:30–16:45"), text);
    assertTrue(text.contains("timeout: no answer to FC4 0+80 within 1000 ms"), text);
    assertTrue(text.contains("temperature: — sentinel"), text);
  }

  @Test
  void aSiteNameCannotEndTheScriptThatHoldsTheSnapshot() throws Exception {
    String page = get("/").body();
    assertFalse(page.contains("</script><b>"), "the name stands unescaped in the page");
    assertTrue(page.contains("\\u003c/script>\\u003cb>"));
    assertEquals(200, get("/app.js").statusCode());
    assertEquals(200, get("/style.css").statusCode());
  }

  @Test
  void healthIsGoodOnlyWhileEveryStepMoves() throws Exception {
    assertEquals(200, get("/healthz").statusCode());
    view = view(device(0, null, false), health(false, NOW));
    assertEquals(503, get("/healthz").statusCode());
    assertEquals("line roof has ended\n", get("/healthz").body());
    view =
        view(
            device(0, null, false), health(true, MonotonicInstant.ofMillis(NOW.millis() - 30_001)));
    assertEquals("line roof has not moved for 30 s\n", get("/healthz").body());
    assertTrue(view.isLost());
  }

  @Test
  void aJournalThatCannotBeWrittenIsTrouble() throws Exception {
    unwritten = "the file system is read-only";
    view = view(device(0, null, false), health(true, NOW));
    assertEquals(503, get("/healthz").statusCode());
    assertEquals(
        "nothing more is recorded, the journal is not written: the file system is read-only\n",
        get("/healthz").body());
    assertFalse(view.isLost(), "a new start would not help");
  }

  @Test
  void aStepThatDoesNothingButFailIsTroubleAndOnlyTheLedgersEndsTheProcess() throws Exception {
    for (String step : List.of("line roof", "ledger")) {
      view = view(device(0, null, false), failing(step, 119_999));
      assertEquals(200, get("/healthz").statusCode());
      assertFalse(view.isLost());
      view = view(device(0, null, false), failing(step, 120_000));
      assertEquals(503, get("/healthz").statusCode());
      assertEquals(
          step + " has failed at every call for two minutes: it is broken\n",
          get("/healthz").body());
      assertEquals(step.equals("ledger"), view.isLost());
    }
  }

  private static Loop.Health failing(String step, long millis) {
    MonotonicInstant since = MonotonicInstant.ofMillis(NOW.millis() - millis);
    return new Loop.Health(step, true, NOW, 9, "it is broken", since);
  }

  @Test
  void theLinesPlanAndTheMetersNameCanBeSeen() throws Exception {
    Map<String, Object> snapshot = Json.object(get("/api/snapshot").body());
    Map<?, ?> line = (Map<?, ?>) ((List<?>) snapshot.get("lines")).getFirst();
    assertEquals(new BigDecimal("2"), line.get("strangers"));
    assertEquals(
        Map.of(
            "blocks", new BigDecimal("3"),
            "cycle_us", new BigDecimal("61500"),
            "utilisation", new BigDecimal("6")),
        line.get("schedule"));
    Map<?, ?> device = (Map<?, ?>) ((List<?>) snapshot.get("devices")).getFirst();
    assertEquals(Map.of("serial", "AB123456"), device.get("identity"));
    assertEquals(new BigDecimal("9500"), device.get("delay_us"));
    assertEquals(new BigDecimal("3"), device.get("blocks"));
    String metrics = get("/metrics").body();
    for (String expected :
        List.of(
            "lingtan_line_strangers_total{line=\"roof\"} 2",
            "lingtan_line_dropped_events_total{line=\"roof\"} 3",
            "lingtan_line_openings_total{line=\"roof\"} 12",
            "lingtan_line_breaks_total{line=\"roof\"} 5",
            "lingtan_line_planned_blocks{line=\"roof\"} 3",
            "lingtan_line_planned_cycle_microseconds{line=\"roof\"} 61500",
            "lingtan_line_planned_utilisation_percent{line=\"roof\"} 6",
            "lingtan_device_delay_microseconds{line=\"roof\",device=\"pv1\"} 9500")) {
      assertTrue(metrics.contains(expected + "\n"), expected);
    }
  }

  @Test
  void metricsAreWellFormed() throws Exception {
    String text = get("/metrics").body();
    for (String line : text.lines().toList()) {
      assertTrue(
          line.matches("# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+})? -?[0-9.]+"),
          "not the text format: " + line);
    }
    assertTrue(text.contains("lingtan_point{device=\"pv1\",point=\"power\"} 48215.3"), text);
    assertTrue(text.contains("lingtan_journal_acked_seq 20"), text);
  }

  @Test
  void anythingButReadingIsRefused() throws Exception {
    var post =
        client.send(
            request("/api/snapshot").POST(HttpRequest.BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertEquals(405, post.statusCode());
    assertEquals(404, get("/../../etc/passwd").statusCode());
    assertEquals(405, get("/api/action/scan").statusCode());
  }

  @Test
  void aPortInUseIsSaidWithWhatToDo() {
    Site.StatusSettings same =
        new Site.StatusSettings(true, "127.0.0.1", server.port(), null, true, List.of(), null);
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                StatusServer.start(
                    same, null, () -> view, this::bundle, null, actions, TestAccess.open()));
    assertTrue(e.getMessage().contains("127.0.0.1:" + server.port()), e.getMessage());
    assertTrue(e.getMessage().contains("status.listen"), e.getMessage());
  }

  @Test
  void theBundleHoldsWhatADiagnosisNeedsAndNoSecret() throws Exception {
    Files.writeString(site.file(), Files.readString(site.file()) + "# password swordfish\n");
    Path technicians = Files.createDirectories(folder.resolve("secrets")).resolve("technicians");
    Files.writeString(technicians, "wang configure 4711swordfish\n");
    Files.setPosixFilePermissions(technicians, PosixFilePermissions.fromString("rw-------"));
    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/api/bundle"))
                .build(),
            BodyHandlers.ofByteArray());
    assertEquals(200, answer.statusCode());
    assertEquals("application/zip", answer.headers().firstValue("Content-Type").orElse(""));
    Map<String, String> files = new LinkedHashMap<>();
    try (var zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
      for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
        files.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
      }
    }
    assertEquals(
        List.of(
            "bundle.json",
            "site.yaml",
            "technicians.txt",
            "snapshot.json",
            "page.txt",
            "verify.html",
            "metrics.txt",
            "events.ndjson",
            "frames/roof.txt"),
        List.copyOf(files.keySet()));
    Map<String, Object> about = Json.object(files.get("bundle.json"));
    assertEquals("boot-7", about.get("boot"));
    assertEquals("gw-1", about.get("gateway"));
    assertTrue(files.get("site.yaml").contains("eastron-sdm630"));
    assertEquals("wang configure\n", files.get("technicians.txt"));
    assertFalse(files.toString().contains("swordfish"));
    assertTrue(files.get("events.ndjson").contains("agent.start"));
    assertEquals(
        """
        # line roof
        # where 127.0.0.1:502
        # id_bytes 2
        # since 5
        # dropped 1
        7 +
        8 > 01fe
        9 x timeout gone
        """,
        files.get("frames/roof.txt"));
  }

  /** What is left out of a script must be none of its code: a text over several lines would be. */
  @Test
  void scriptsComeWithoutCommentsAndIndents() throws Exception {
    for (String name : List.of("strip", "plot", "screens/events", "screens/charts")) {
      assertEquals(code(name), served(name), name);
    }
  }

  /** Each file once, and what is imported before what imports it: one request for all. */
  @Test
  void aScriptOfSeveralFilesComesAsOne() throws Exception {
    Map<String, String> folders =
        Map.of("app", "shell", "screens/commission", "commission", "screens/meters", "meters");
    for (Map.Entry<String, String> script : folders.entrySet()) {
      List<String> written = code(script.getKey());
      try (Stream<Path> files = Files.list(SCRIPTS.resolve(script.getValue()))) {
        for (Path file : files.sorted().toList()) {
          written.addAll(code(SCRIPTS.relativize(file).toString().replaceFirst("[.]js$", "")));
        }
      }
      written.removeIf(line -> line.matches("(import|export) \\{.*} from '\\..*';"));
      List<String> served = served(script.getKey());
      List<String> lacking = new ArrayList<>(written);
      served.forEach(lacking::remove);
      assertEquals(List.of(), lacking);
      assertEquals(written.size(), served.size());
      assertEquals(code(script.getKey()).getLast(), served.getLast());
    }
  }

  private List<String> served(String name) throws Exception {
    return get("/" + name + ".js").body().lines().toList();
  }

  /** The lines of a script that are no comment, without their indents. */
  private static List<String> code(String name) throws IOException {
    List<String> lines = Files.readAllLines(SCRIPTS.resolve(name + ".js"));
    for (String line : lines) {
      assertEquals(0, line.chars().filter(each -> each == '`').count() % 2, line);
    }
    return lines.stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.matches("(//|/\\*\\*|\\* |\\*/).*|\\*"))
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
