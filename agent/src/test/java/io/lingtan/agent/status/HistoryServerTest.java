package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.report.KeptMonths;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What the page asks of the journal, over real HTTP. A member of the JSON that is not there fails
 * the test by itself.
 */
@SuppressWarnings("NullAway")
final class HistoryServerTest {

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private KeptMonths kept;
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    kept = new KeptMonths(folder);
    StatusSettings anyPort = new StatusSettings(true, "127.0.0.1", 0, null, true, List.of(), null);
    server =
        StatusServer.start(
            anyPort,
            null,
            () -> {
              throw new IllegalStateException("no snapshot is needed here");
            },
            () -> {
              throw new IllegalStateException("no bundle is needed here");
            },
            kept.pages(),
            new FakeActions(),
            TestAccess.open());
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    kept.close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  /** JSON is YAML. */
  @SuppressWarnings("unchecked")
  private Map<String, Object> json(String path) throws IOException, InterruptedException {
    HttpResponse<String> reply = get(path);
    assertEquals(200, reply.statusCode(), reply.body());
    return (Map<String, Object>)
        new Load(LoadSettings.builder().setCodePointLimit(1 << 24).build())
            .loadFromString(reply.body());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> first(Map<String, Object> answer, String list) {
    return ((List<Map<String, Object>>) answer.get(list)).getFirst();
  }

  /** An hour with its 30th to 40th minute gone: for half of that the meter said nothing. */
  private long hour() {
    kept.power(10_000, 50_000_123_456L);
    for (int i = 0; i < 360; i++) {
      boolean gone = i >= 180 && i < 240;
      if (!gone) {
        kept.power(10_000, 50_000_123_456L + i * 1_000_000L);
      } else if (i < 210) {
        kept.power(10_000, null);
      } else {
        kept.pass(10_000);
      }
    }
    return kept.now();
  }

  @Test
  void aChartLeavesItsGapOpenAndSaysHowLongItIs() throws Exception {
    hour();
    Map<String, Object> chart = json("/api/history?series=gate/power&span=1h&parts=60");
    assertEquals("Asia/Shanghai", chart.get("zone"));
    assertEquals(true, chart.get("complete"));
    Map<String, Object> power = first(chart, "series");
    assertEquals("W", power.get("symbol"));
    assertEquals(10_000, power.get("period_ms"));
    assertEquals(610_000, power.get("gap_ms"));
    List<?> last = (List<?>) power.get("last");
    assertEquals(60, last.size());
    assertEquals(9, last.stream().filter(value -> value == null).count());
    assertFalse(last.contains(0), "absent is never zero");
    // Five readings a minute and more: the lowest is not the last.
    assertEquals(60, ((List<?>) power.get("min")).size());
    assertEquals(1, ((List<?>) power.get("gaps")).size());
  }

  /** Nothing is missing of the time before the first reading. */
  @Test
  void theFirstDayOfASiteHasNoGapBeforeItsFirstReading() throws Exception {
    long now = hour();
    Map<String, Object> chart = json("/api/history?series=gate/power&span=24h&parts=60");
    long since = ((Number) chart.get("since")).longValue();
    assertTrue(Math.abs(now - 3_600_000 - since) <= 60_000, chart.toString());
    Map<String, Object> power = first(chart, "series");
    assertEquals(610_000, power.get("gap_ms"));
    assertEquals(1, ((List<?>) power.get("gaps")).size());
    assertFalse(json("/api/history?series=gate/power&span=1h&parts=60").containsKey("since"));
  }

  /** Before a site's very first reading nothing is known of when it began: all of it is a gap. */
  @Test
  void withoutAnyReadingAllTimeIsAGap() throws Exception {
    Map<String, Object> chart = json("/api/history?series=gate/power&span=1h&parts=60");
    assertFalse(chart.containsKey("since"), chart.toString());
    Map<String, Object> power = first(chart, "series");
    assertEquals(3_600_000, power.get("gap_ms"));
    assertEquals(1, ((List<?>) power.get("gaps")).size());
  }

  @Test
  void theTableHasLocalAndUniversalTimeAndWholeNumbers() throws Exception {
    hour();
    HttpResponse<String> reply = get("/api/history?series=gate/power&span=1h&parts=60&form=csv");
    assertEquals("text/csv; charset=utf-8", reply.headers().firstValue("Content-Type").orElse(""));
    List<String> lines = reply.body().lines().toList();
    assertEquals(61, lines.size());
    assertEquals(
        "\ufefflocal time Asia/Shanghai,UTC,gate/power min W,gate/power max W,gate/power last W",
        lines.getFirst());
    // What is kept begins at midnight in Shanghai, ten seconds later.
    assertTrue(
        lines.get(1).startsWith("2026-06-01 00:00:10,2026-05-31T16:00:10.000Z,50000.123456,"),
        lines.get(1));
    assertEquals("2026-06-01 00:33:10,2026-05-31T16:33:10.000Z,,,", lines.get(34));
  }

  @Test
  void whatMakesNoSenseIsRefusedWithWhatToAskInstead() throws Exception {
    kept.power(1000, 5L);
    Map<String, String> refused =
        Map.ofEntries(
            Map.entry("series=gate/power&from=0&to=" + kept.now(), "at most 31"),
            Map.entry("series=gate/power&from=0&to=99999999999999", "at most 31"),
            Map.entry("series=gate/power&from=5&to=5", "from must be before to"),
            Map.entry("series=gate/power&from=-5", "whole number"),
            Map.entry("series=gate/power&span=10y", "span is 1h, 6h, 24h or 7d"),
            Map.entry("series=gate/power&parts=100000", "parts is 1 to 1440"),
            Map.entry("series=gate/power&parts=4294967297", "parts is 1 to 1440"),
            Map.entry("series=gate/power&form=xml", "json or csv"),
            Map.entry("series=gate/nonsense", "DEVICE/POINT"),
            Map.entry("series=gate/state", "number"),
            Map.entry("series=gate", "DEVICE/POINT"),
            Map.entry("series=nobody/power", "it has gate"),
            Map.entry("span=1h", "series=DEVICE/POINT"),
            Map.entry("series=" + "gate/power,".repeat(9) + "gate/power", "at most 8"));
    for (Map.Entry<String, String> each : refused.entrySet()) {
      HttpResponse<String> reply = get("/api/history?" + each.getKey());
      assertEquals(400, reply.statusCode(), each.getKey());
      assertTrue(reply.body().contains(each.getValue()), each.getKey() + ": " + reply.body());
      assertTrue(reply.body().length() < 400, reply.body());
    }
  }

  @Test
  void figuresAreRefusedWithWhatToAskInstead() throws Exception {
    kept.power(1000, 5L);
    Map<String, String> refused =
        Map.of(
            "length=2d&from=0&to=5&names=co2.total",
            "length is base",
            "length=1h&from=0&to=9999999999&names=co2.total",
            "at most 32 days",
            "length=1h&from=5&to=5&names=co2.total",
            "from is before to",
            "length=1h&from=-1&to=5&names=co2.total",
            "in ms UTC",
            "length=1h&from=0&to=5",
            "names are",
            "length=1h&from=0&to=5&names=" + "a.b,".repeat(24) + "a.b",
            "names are",
            "length=1h&from=0&to=5&names=*",
            "names are");
    for (Map.Entry<String, String> each : refused.entrySet()) {
      HttpResponse<String> reply = get("/api/figures?" + each.getKey());
      assertEquals(400, reply.statusCode(), each.getKey());
      assertTrue(reply.body().contains(each.getValue()), each.getKey() + ": " + reply.body());
    }
    Map<String, Object> none = json("/api/figures?length=1d&from=0&to=86400000&names=elec.load.*");
    assertEquals(Map.of(), none.get("figures"));
    assertEquals(List.of(), none.get("start"));
  }

  /** What the page adds up is what the report of the month says, to the last digit. */
  @Test
  void figuresAreAsTheyWereRecorded() throws Exception {
    kept.quarters(YearMonth.of(2026, 6), quarter -> 1_234_567_891L + quarter);
    long from = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();
    long to = Instant.parse("2026-06-30T16:00:00Z").toEpochMilli();
    BigDecimal month = column(from, to, "1M").getFirst();
    assertEquals(new BigDecimal("3555559.67184"), month);
    BigDecimal days = column(from, to, "1d").stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    assertEquals(month, days.stripTrailingZeros());
    assertTrue(kept.report("2026-06.csv", "en").contains(month.toPlainString()));
    // So many of them need not be as exact.
    assertEquals(new BigDecimal("1235"), column(from, to, "base").getFirst());
  }

  /** Not by a parser that knows no more of a number than a double does. */
  private List<BigDecimal> column(long from, long to, String length) throws Exception {
    String query = "?length=%s&from=%d&to=%d&names=elec.grid.import".formatted(length, from, to);
    String answer = get("/api/figures" + query).body();
    String values = answer.replaceFirst("(?s).*\"v\":\\[([^]]*)].*", "$1");
    return Stream.of(values.split(",")).map(BigDecimal::new).toList();
  }

  /** A load that was not there yet is something else than one whose meter said nothing. */
  @Test
  void whatARecordDoesNotHaveIsNotCalledMissing() throws Exception {
    SequencedMap<String, Metric> first = new LinkedHashMap<>();
    first.put("elec.load.old", Metric.missing("kW.h", "old: timeout"));
    kept.day(LocalDate.of(2026, 6, 1), first);
    SequencedMap<String, Metric> second = new LinkedHashMap<>();
    second.put("elec.load.old", new Metric(5L, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    second.put("elec.load.new", new Metric(7L, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    kept.day(LocalDate.of(2026, 6, 2), second);
    Map<String, Object> answer =
        json("/api/figures?length=1d&from=1780000000000&to=1781000000000&names=elec.load.*");
    assertEquals("-m", ((Map<?, ?>) figure(answer, "elec.load.old")).get("q"));
    assertEquals(".m", ((Map<?, ?>) figure(answer, "elec.load.new")).get("q"));
  }

  private static Object figure(Map<String, Object> answer, String name) {
    return ((Map<?, ?>) answer.get("figures")).get(name);
  }

  @Test
  void whatWasReadInAJournalThatIsGoneIsNotKnown() throws Exception {
    kept.event(Event.of("journal.replaced", Severity.WARNING));
    hour();
    String cells = String.valueOf(first(json("/api/coverage"), "devices").get("cells"));
    assertTrue(cells.matches("u{91}bbpb\\."), cells);
  }

  @Test
  void theStripTellsWhatWasReadAndWhatWaits() throws Exception {
    hour();
    Map<String, Object> strip = json("/api/coverage");
    Map<String, Object> gate = first(strip, "devices");
    String cells = String.valueOf(gate.get("cells"));
    assertEquals(96, cells.length());
    // It began an hour ago; what was before is not missing, and the last quarter is not over.
    assertTrue(cells.matches("\\.{91}bbpb\\."), cells);
    double share =
        ((Number) gate.get("read")).doubleValue() / ((Number) gate.get("expected")).doubleValue();
    assertTrue(share > 0.8, gate.toString());
    assertEquals(331, gate.get("waiting"));
  }

  @Test
  void eventsComeWorstFirstWithTheirSentences() throws Exception {
    kept.event(Event.of("line.down", Severity.ALARM).with("line", "roof").with("problem", "a,b"));
    kept.event(Event.of("meter.offline", Severity.WARNING, "gate").with("line", "roof"));
    kept.event(Event.of("agent.stop", Severity.INFO));
    Map<String, Object> all = json("/api/events");
    assertEquals(3, all.get("found"));
    assertEquals(2, all.get("open"));
    assertEquals("line.down", first(all, "events").get("event"));
    assertEquals("active", first(all, "events").get("state"));
    assertTrue(String.valueOf(all.get("texts")).contains("线路不通"), all.toString());
    assertEquals(1, json("/api/events?device=gate").get("found"));
    assertEquals(1, json("/api/events?area=line&active=1").get("found"));
    assertEquals(2, json("/api/events?area=line,agent").get("found"));
    // From when on all are known, whatever is asked for.
    assertEquals(all.get("since"), json("/api/events?area=disk").get("since"));
    assertTrue(all.get("since") != null, all.toString());
    assertEquals(2, json("/api/events?severity=warning").get("found"));
    assertEquals(0, json("/api/events?area=disk").get("found"));
    List<String> lines = get("/api/events?form=csv&lang=en").body().lines().toList();
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).contains("2026-06-01 00:00:01,2026-05-31T16:00:01.000Z,alarm"));
    assertTrue(lines.get(1).contains(",\"line=roof; problem=a,b\","), lines.get(1));
    for (String wrong :
        List.of("severity=loud", "limit=9999", "active=yes", "form=pdf", "area=A", "area=line,")) {
      assertEquals(400, get("/api/events?" + wrong).statusCode(), wrong);
    }
  }

  @Test
  void helpIsThereInBothLanguages() throws Exception {
    assertTrue(get("/help").body().contains("现场手册"));
    HttpResponse<String> english = get("/help?lang=en");
    assertTrue(english.body().contains("Field card"));
    assertTrue(
        english
            .headers()
            .firstValue("Content-Security-Policy")
            .orElse("")
            .startsWith("default-src 'self'"));
    assertEquals(
        "text/css; charset=utf-8",
        get("/help.css").headers().firstValue("Content-Type").orElse(""));
  }
}
