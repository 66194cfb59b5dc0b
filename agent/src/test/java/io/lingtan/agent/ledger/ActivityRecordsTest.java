package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.trace.Trace;
import io.lingtan.agent.status.trace.Tracer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fuel, refrigerant and steam from a site's files and by command, through a real journal: into
 * records, through {@code verify}, and told again when a file is put right.
 */
final class ActivityRecordsTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long QUARTER = 900_000;
  private static final String FUEL = "date,fuel,amount,unit,density_kg_per_l,by,document\n";

  private static final String PUT_RIGHT =
      "; put it right in a file of carbon.feeds, where 0 takes it back";

  private static final String REFRIGERANTS = "co2.scope1.refrigerants";

  private static final String SITE =
      """
      gateway: act-1
      site: {region: CN-JS, zone: Asia/Shanghai}
      lines:
        - id: rs485-1
          serial: {port: /dev/ttyAMA0, baud: 9600}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
      metering:
        interval: 15m
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 60}
      carbon:
        factors: [cn-electricity, cn-fuels, cn-tce, ipcc-gwp-ar5]
        feeds: [fuel.csv, gas.csv, heat.csv]
      mqtt: {servers: ["mqtt://localhost:1883"]}
      """;

  @TempDir private Path folder;

  private final VirtualTime time = new VirtualTime(at("2025-06-29T22:00"));
  private long register = 1_000_000_000L;

  @SuppressWarnings("NullAway.Init") // begin() does
  private Signing signing;

  @SuppressWarnings("NullAway.Init")
  private Journal journal;

  @SuppressWarnings("NullAway.Init")
  private Inbox<Arrival> inbox;

  @SuppressWarnings("NullAway.Init")
  private LedgerStep ledger;

  private static long at(String local) {
    return LocalDateTime.parse(local).atZone(ZONE).toInstant().toEpochMilli();
  }

  private void file(String name, String csv) throws IOException {
    Path file = Files.writeString(folder.resolve(name), csv);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2025-07-02T00:00:00Z")));
  }

  private Loaded load(String text) {
    return new SiteLoader()
        .read(folder.resolve("site.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  private Site site() {
    return site(SITE);
  }

  private Site site(String text) {
    Loaded loaded = load(text);
    Site site = loaded.site();
    assertNotNull(site, () -> loaded.problems().toString());
    return site;
  }

  private void start(Site site) {
    journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                256L << 20,
                "m",
                Connector.sqlite(),
                folder.resolve("volatile"),
                signing),
            time,
            Randomness.seeded(time.now().nanos()));
    inbox = new Inbox<>(4096);
    ledger = new LedgerStep(site, journal, inbox, time);
  }

  @BeforeEach
  void begin() throws IOException {
    file(
        "fuel.csv",
        FUEL
            + "2025-06-30,diesel,1250,L,0.84,Wang,INV-1\n"
            + "2025-06-30,diesel,0.5,t,,Wang,INV-2\n"
            + "2025-06-12,petrol,600,L,0.745,Wang,INV-3\n");
    file(
        "gas.csv",
        """
        date,refrigerant,charged_kg,recovered_kg,by,document
        2025-06-30,R-410A,12.5,0,Li,W-1
        2025-06-30,SF6,0.45,0,Li,W-2
        """);
    file(
        "heat.csv",
        """
        date,heat,tonnes,enthalpy_kj_per_kg,return_kj_per_kg,temperature_c,gj,by,document
        2025-06-30,steam,500,2777.1,,,,Zhao,H-1
        2025-06-30,hot_water,1200,,,75,,Zhao,H-2
        """);
    signing = new KeyFile(folder.resolve("key"), "m").open(Randomness.seeded(3));
    start(site());
  }

  @AfterEach
  void stop() {
    ledger.close();
    journal.close();
  }

  private void readUntil(String local) {
    while (time.wall().millisAt(time.now()) < at(local)) {
      time.advanceMillis(QUARTER);
      register += 123_457;
      Values values = new Values.Builder().put(Point.of("energy_import"), register).build();
      inbox.offer(new Arrival.Recorded(Sample.of("gate", time.boot(), time.now().nanos(), values)));
      ledger.step(time.now());
    }
    settle();
  }

  private void settle() {
    do {
      time.advanceMillis(1100);
      ledger.step(time.now());
    } while (ledger.isRestating());
    time.advanceMillis(1100);
    ledger.step(time.now());
  }

  private void tell(String csv) {
    inbox.offer(new Arrival.Fed("ops", csv, time.boot(), time.now().nanos(), null));
    settle();
  }

  private List<JournalRecord> records() {
    List<JournalRecord> records = new ArrayList<>();
    try (Outbox outbox = journal.outbox()) {
      List<JournalRecord> some;
      long from = 1;
      do {
        some =
            outbox.read(
                journal.state().epoch(), EnumSet.allOf(JournalRecord.Kind.class), from, 1000);
        records.addAll(some);
        from = some.isEmpty() ? from : some.getLast().seq() + 1;
      } while (!some.isEmpty());
    }
    return records;
  }

  private IntervalRecord newest(String length, String start) {
    return records().stream()
        .filter(IntervalRecord.class::isInstance)
        .map(IntervalRecord.class::cast)
        .filter(each -> each.length().equals(length))
        .filter(each -> IntervalText.of(each).startMillis() == at(start))
        .toList()
        .getLast();
  }

  private Interval interval(String length, String start) {
    return IntervalText.of(newest(length, start));
  }

  private static Metric metric(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    assertNotNull(metric, () -> name + " of " + interval.metrics().keySet());
    return metric;
  }

  private static String value(Interval interval, String name) {
    Metric metric = metric(interval, name);
    Long micros = metric.micros();
    return micros == null ? String.valueOf(metric.why()) : Micros.text(micros);
  }

  private VerifyReport verify(List<String> lines) {
    Verification verification = new Verification(signing.key().open());
    lines.forEach(verification::take);
    return verification.report(null);
  }

  private List<String> lines() {
    return records().stream().map(RecordJson::of).toList();
  }

  private List<String> refusals() {
    return lines().stream()
        .filter(line -> line.contains("\"command.refused\""))
        .map(line -> line.replaceAll(".*\"error\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  @Test
  void theyAreInTheirDayAndItsMonthAndFollowFromTheirDocuments() {
    readUntil("2025-06-30T12:00");
    tell(FUEL + "2025-06-30,lpg,735,kg,,Chen,INV-9\n");
    readUntil("2025-07-01T01:00");
    Interval day = interval("1d", "2025-06-30T00:00");
    assertEquals("1550", value(day, "fuel.mass.diesel"));
    assertEquals(
        "1250 L × 0.84 kg/L (INV-1, Wang); 0.5 t (INV-2, Wang)",
        metric(day, "fuel.mass.diesel").text());
    assertEquals("4874.936", value(day, "co2.scope1.diesel"));
    assertEquals("2171.07975", value(day, "co2.scope1.lpg"), "by command");
    assertEquals("2.258505", value(day, "tce.by_carrier.diesel"));
    assertEquals("34618.75", value(day, REFRIGERANTS));
    assertEquals("GWP100 AR5", metric(day, REFRIGERANTS).text());
    assertEquals("1346.68", value(day, "heat.steam"));
    assertEquals("148134.8", value(day, "co2.scope2.steam"));
    assertEquals("30396.168", value(day, "co2.scope2.hot_water"));
    assertNull(day.metrics().get("co2.scope1.petrol"), "another day's");
    assertEquals("substituted", metric(day, "co2.total").quality().word());
    assertEquals(
        Set.of(
            "co2.scope1.diesel",
            "co2.scope1.lpg",
            "co2.scope1.refrigerants",
            "co2.scope2.steam",
            "co2.scope2.hot_water",
            "co2.scope2.location"),
        Set.of(String.valueOf(metric(day, "co2.total").text()).split(" ")));
    assertEquals(
        Set.of("cn-fuel/diesel", "cn-fuel/lpg", "gwp-ar5/R-410A", "gwp-ar5/SF6"),
        Set.copyOf(
            day.factors().keySet().stream().filter(id -> id.matches("(cn-fuel|gwp).*")).toList()));
    Interval month = interval("1M", "2025-06-01T00:00");
    assertEquals("1360.01985", value(month, "co2.scope1.petrol"), "before anything was read");
    assertEquals("4874.936", value(month, "co2.scope1.diesel"));
    Interval quarter = interval("15m", "2025-06-30T13:00");
    assertNull(quarter.metrics().get("co2.scope1.diesel"));
    assertEquals("co2.scope2.location", metric(quarter, "co2.total").text());

    VerifyReport report = verify(lines());
    assertEquals(List.of(), report.flaws());
    for (String name :
        List.of("fuel.mass.{id}", "refrigerant.loss.{id}", "heat.steam", "co2.total")) {
      assertEquals(
          name.equals("co2.total")
              ? report.notChecked().getOrDefault("co2.scope2.location", -1L)
              : 0L,
          report.notChecked().getOrDefault(name, 0L),
          () -> name + " " + report.notChecked() + ", of what began before the file");
    }
  }

  @Test
  void aFigureThatWasTamperedWithIsNamed() {
    readUntil("2025-07-01T01:00");
    List<String> lines = lines();
    for (Map.Entry<String, String> each :
        Map.of(
                "fuel.mass.diesel",
                "1550",
                "co2.scope1.diesel",
                "4874.936",
                "refrigerant.loss.R-410A",
                "12.5",
                "refrigerant.co2e.SF6",
                "10575",
                REFRIGERANTS,
                "34618.75",
                "heat.steam",
                "1346.68",
                "heat.hot_water",
                "276.3288",
                "co2.scope2.steam",
                "148134.8",
                "tce.by_carrier.diesel",
                "2.258505")
            .entrySet()) {
      String field = "\"" + each.getKey() + "\":{\"v\":";
      assertTrue(
          lines.stream().anyMatch(line -> line.contains(field + each.getValue())), each.getKey());
      List<String> changed =
          lines.stream().map(line -> line.replace(field + each.getValue(), field + "7")).toList();
      assertTrue(
          verify(changed).flaws().stream()
              .filter(flaw -> flaw.kind() == Flaw.Kind.CARBON)
              .anyMatch(flaw -> flaw.field().equals("metrics." + each.getKey() + ".v")),
          () -> each.getKey() + ": " + verify(changed).flaws());
    }
    List<String> total =
        lines.stream().map(line -> line.replaceAll("(\"co2.total\":\\{\"v\":2)", "$11")).toList();
    assertTrue(
        verify(total).flaws().stream()
            .anyMatch(
                flaw ->
                    flaw.kind() == Flaw.Kind.CARBON
                        && flaw.toString().contains("and what people told")),
        () -> "" + verify(total).flaws());
  }

  /** Amounts must add up, whoever signed them; who told them in which document is signed. */
  @Test
  void aWordOfWhatPeopleToldThatWasChangedIsNamed() {
    readUntil("2025-07-01T01:00");
    List<String> lines = lines();
    for (String change :
        List.of(
            "1250 L × > 1205 L × > CARBON",
            "0.84 kg/L > 0.85 kg/L > CARBON",
            "; 0.5 t (INV-2, Wang) >  > CARBON",
            "0.45 − 0 kg > 0.54 − 0 kg > CARBON",
            "500 t × > 600 t × > CARBON",
            "2777.1 > 2777.2 > CARBON",
            "factor\":\"cn-fuel/diesel > factor\":\"cn-fuel/petrol > FACTOR",
            "INV-1, Wang > INV-1, Weng > SIGNATURE",
            "INV-2, Wang > INV-7, Wang > SIGNATURE",
            "W-1, Li > W-1, Lu > SIGNATURE",
            "GWP100 AR5 > GWP100 AR6 > SIGNATURE")) {
      String[] words = change.split(" > ", -1);
      int at = 0;
      while (!lines.get(at).contains(words[0])) {
        at++;
      }
      long line = at + 1L;
      List<String> changed = new ArrayList<>(lines);
      changed.set(at, lines.get(at).replace(words[0], words[1]));
      List<Flaw> flaws = verify(changed).flaws();
      assertTrue(
          flaws.stream()
              .anyMatch(flaw -> flaw.line() == line && flaw.kind() == Flaw.Kind.valueOf(words[2])),
          () -> change + ": " + flaws);
    }
  }

  @Test
  void theTotalIsExplainedByWhatPeopleTold() {
    readUntil("2025-07-01T01:00");
    for (String name :
        List.of("co2.total", REFRIGERANTS, "co2.scope1.diesel", "tce.by_carrier.diesel")) {
      IntervalRecord day = newest("1d", "2025-06-30T00:00");
      Tracer.Answer answer;
      try (History history = journal.history()) {
        answer = new Tracer(site(), SiteFigures.LISTED, history).explain("", day.seq(), name);
      }
      Trace trace = ((Tracer.Answer.Explained) answer).trace();
      assertTrue(trace.follows(), name + " " + trace);
      assertTrue(
          trace.toString().contains("INV-1, Wang") || name.equals(REFRIGERANTS),
          name + " " + trace);
    }
  }

  @Test
  void whatContradictsOrIsTooLateIsRefusedAsAWhole() {
    readUntil("2025-06-30T12:00");
    String good = "2025-06-30,lpg,735,kg,,Chen,INV-9\n";
    tell(FUEL + good);
    tell(FUEL + good);
    assertEquals(List.of(), refusals(), "the same word again is one word");
    tell(FUEL + "2025-06-30,lpg,100,kg,,Chen,INV-10\n" + good.replace("735", "753"));
    tell(FUEL + "2025-06-29,lpg,0,kg,,Chen,INV-9\n");
    tell(FUEL + "2025-06-30,lpg,100,kg,,Chen,INV-10\n2025-06-12,lpg,1,kg,,Chen,INV-11\n");
    tell(FUEL + "2025-06-30,diesel,1300,L,0.84,Wang,INV-1\n");
    assertEquals(
        List.of(
            "told before, otherwise: lpg of 2025-06-30 in INV-9: 735 kg (INV-9, Chen)" + PUT_RIGHT,
            "lpg of 2025-06-29 in INV-9: 0 takes back what was told, and only a file of"
                + " carbon.feeds does",
            "lpg of 2025-06-12 in INV-11: the records of that day are told and closed; put the row"
                + " into a file of carbon.feeds, by which they are told again at the next start",
            "told before, otherwise: diesel of 2025-06-30 in INV-1: 1250 L × 0.84 kg/L (INV-1,"
                + " Wang)"
                + PUT_RIGHT),
        refusals());
    stop();
    start(site());
    readUntil("2025-07-01T01:00");
    assertEquals("735", value(interval("1d", "2025-06-30T00:00"), "fuel.mass.lpg"));
  }

  @Test
  void whoAsksIsAnsweredOnceItIsOnTheCard() throws Exception {
    readUntil("2025-06-30T12:00");
    String row = FUEL + "2025-06-30,lpg,735,kg,,Chen,INV-9\n";
    inbox.offer(new Arrival.Counted("gate", time.boot(), time.now().nanos(), 1));
    ledger.step(time.now()); // commits, and no sooner than in a second again
    CompletableFuture<Optional<String>> tried = new CompletableFuture<>();
    inbox.offer(new Arrival.FeedTried(row, tried));
    CompletableFuture<Optional<String>> told = new CompletableFuture<>();
    inbox.offer(new Arrival.Fed("Chen", row, time.boot(), time.now().nanos(), told));
    ledger.step(time.now());
    assertEquals(Optional.empty(), tried.get(1, TimeUnit.SECONDS));
    assertFalse(told.isDone(), "it is not on the card yet");
    settle();
    assertEquals(Optional.empty(), told.get(1, TimeUnit.SECONDS));
    for (String again : List.of(row, row.replace("735", "753"))) {
      CompletableFuture<Optional<String>> twice = new CompletableFuture<>();
      inbox.offer(new Arrival.Fed("Li", again, time.boot(), time.now().nanos(), twice));
      settle();
      assertTrue(
          twice.get(1, TimeUnit.SECONDS).orElse("").startsWith("told before"), "" + twice.get());
    }
    assertEquals(List.of(), refusals(), "who asked was told");
    readUntil("2025-07-01T01:00");
    assertEquals("735", value(interval("1d", "2025-06-30T00:00"), "fuel.mass.lpg"));
  }

  /** Else the year would have it, and neither its month nor its day. */
  @Test
  void whatIsOfAClosedDayOrMonthIsRefusedWhateverItIs() {
    readUntil("2025-07-06T01:00");
    String certificates = "month,certificates,vintage,reference\n";
    String output = "month,output_cny,denominator,price_basis\n";
    tell("date,bus,km\n2025-07-05,b1,100\n");
    tell(certificates + "2025-07,10,2025-05,G-1\n");
    tell(output + "2025-07,1000000,revenue,current\n");
    assertEquals(List.of(), refusals());
    tell("date,bus,km\n2025-07-05,b1,120\n2025-06-30,b1,100\n");
    tell(certificates + "2025-07,10,2025-05,G-2\n2025-06,10,2025-05,G-3\n");
    tell(output + "2025-06,1000000,revenue,current\n");
    String closed =
        " are told and closed; put the row into a file of carbon.feeds, by which they are told"
            + " again at the next start";
    assertEquals(
        List.of(
            "b1 of 2025-06-30: the records of that day" + closed,
            "G-3 of 2025-06: the records of that month" + closed,
            "revenue of 2025-06: the records of that month" + closed),
        refusals());
    readUntil("2025-07-06T02:00");
    assertEquals("100", value(interval("1d", "2025-07-05T00:00"), "bus.km"));
  }

  @Test
  void aFirstWordMayBeOfYesterday() {
    stop();
    start(site(SITE.replace("  feeds: [fuel.csv, gas.csv, heat.csv]\n", "")));
    readUntil("2025-07-01T22:00");
    tell(FUEL + "2025-06-30,lpg,735,kg,,Chen,INV-9\n");
    assertEquals(List.of(), refusals());
    readUntil("2025-07-01T22:30");
    assertEquals("735", value(interval("1d", "2025-06-30T00:00"), "fuel.mass.lpg"));
    assertEquals("735", value(interval("1M", "2025-06-01T00:00"), "fuel.mass.lpg"));
    tell(FUEL + "2025-06-29,lpg,1,kg,,Chen,INV-8\n");
    assertEquals(1, refusals().size(), "of the day before no record is told again");
  }

  @Test
  void aFileThatWasPutRightIsToldAgain() throws IOException {
    readUntil("2025-07-01T01:00");
    Interval before = interval("1d", "2025-06-30T00:00");
    file("fuel.csv", FUEL + "2025-06-30,diesel,1000,L,0.84,Wang,INV-1\n");
    stop();
    start(site());
    readUntil("2025-07-01T02:00");
    Interval after = interval("1d", "2025-06-30T00:00");
    assertEquals(before.rev() + 1, after.rev());
    assertEquals("840", value(after, "fuel.mass.diesel"));
    assertEquals("840", value(interval("1M", "2025-06-01T00:00"), "fuel.mass.diesel"));
    assertNull(interval("1M", "2025-06-01T00:00").metrics().get("fuel.mass.petrol"));
    assertEquals(List.of(), verify(lines()).flaws());
  }

  @Test
  void whatACommandToldOfTheWrongDayIsTakenBackByAFile() throws IOException {
    readUntil("2025-06-30T12:00");
    tell(
        FUEL
            + "2025-06-30,lpg,735,kg,,Chen,INV-9\n2025-06-30,lng,8,t,,Chen,INV-8\n"
            + "2025-06-30,diesel,9,t,,Chen,INV-8\n");
    String right =
        """
        2025-06-29,lpg,735,kg,,Chen,INV-9
        2025-06-30,lpg,0,kg,,Chen,INV-9
        2025-06-30,lng,0,t,,Chen,INV-8
        2025-06-30,diesel,900,kg,,Chen,INV-8
        """;
    readUntil("2025-07-06T01:00");
    assertEquals("735", value(interval("1d", "2025-06-30T00:00"), "fuel.mass.lpg"));
    file("fuel.csv", FUEL + right);
    stop();
    start(site());
    readUntil("2025-07-06T02:00");
    Interval day = interval("1d", "2025-06-30T00:00");
    assertEquals("900", value(day, "fuel.mass.diesel"));
    for (String gone :
        List.of("fuel.mass.lpg", "fuel.mass.lng", "co2.scope1.lpg", "tce.by_carrier.lpg")) {
      assertNull(day.metrics().get(gone), "a day without a row has none: " + gone);
    }
    Interval month = interval("1M", "2025-06-01T00:00");
    assertEquals("735", value(month, "fuel.mass.lpg"), "counted once");
    assertEquals("735 kg (INV-9, Chen)", metric(month, "fuel.mass.lpg").text());
    assertNull(month.metrics().get("fuel.mass.lng"));
    assertEquals(List.of(), verify(lines()).flaws());
  }

  @Test
  void whatACommandToldOfADayThatIsOpenIsTakenBackByAFile() throws IOException {
    readUntil("2025-06-30T12:00");
    tell(FUEL + "2025-06-30,lpg,735,kg,,Chen,INV-9\n");
    file("fuel.csv", FUEL + "2025-06-30,lpg,0,kg,,Chen,INV-9\n2025-06-29,lpg,735,kg,,Chen,INV-9\n");
    stop();
    start(site());
    readUntil("2025-07-01T01:00");
    assertNull(interval("1d", "2025-06-30T00:00").metrics().get("fuel.mass.lpg"));
    assertEquals("735", value(interval("1M", "2025-06-01T00:00"), "fuel.mass.lpg"));
  }

  @Test
  void anotherSetOfPotentialsTellsItAgainAndNamesItself() {
    readUntil("2025-07-01T01:00");
    stop();
    start(site(SITE.replace("ipcc-gwp-ar5", "ipcc-gwp-ar6")));
    readUntil("2025-07-01T02:00");
    for (String length : List.of("1d", "1M")) {
      Interval after =
          interval(length, length.equals("1d") ? "2025-06-30T00:00" : "2025-06-01T00:00");
      assertEquals(1, after.rev());
      assertEquals("39533.75", value(after, REFRIGERANTS));
      assertEquals("GWP100 AR6", metric(after, REFRIGERANTS).text());
      assertEquals("4874.936", value(after, "co2.scope1.diesel"));
    }
    assertEquals(List.of(), verify(lines()).flaws());
  }

  @Test
  void badFilesAreToldWithFileLineAndReason() throws IOException {
    file(
        "fuel.csv",
        FUEL
            + "2025-06-30,diesel,1250,L,,Wang,INV-1\n"
            + "2025-06-29,diesel,1,t,,Wang,INV-2\n"
            + "2025-06-30,biogas,1,t,,Wang,INV-3\n"
            + "2025-06-30,diesel,2,t,,Wang,INV-4\n"
            + "2025-06-30,diesel,2,t,,Wang,INV-4\n");
    Loaded loaded = load(SITE);
    assertNull(loaded.site(), "nothing is half taken");
    assertEquals(
        List.of(
            "fuel.csv:2:26: L needs the density of the delivery in kg/L: a litre is no kilogram",
            "fuel.csv:4:12: the files of carbon.factors have no factor for a kilogram burnt of"
                + " 'biogas'; known: diesel lng lpg petrol",
            "fuel.csv:6:12: diesel of 2025-06-30 in INV-4 is in line 5 already"),
        loaded.problems().stream()
            .map(
                p ->
                    p.file().getFileName() + ":" + p.line() + ":" + p.column() + ": " + p.message())
            .toList());
  }

  @Test
  void twoSetsOfPotentialsAreNeverMixed() {
    Loaded loaded = load(SITE.replace("cn-fuels,", "cn-fuels-ar6,"));
    assertNull(loaded.site());
    assertTrue(
        loaded
            .problems()
            .toString()
            .contains("cn-fuels-ar6 counts gases by AR6 and ipcc-gwp-ar5 by AR5"),
        loaded.problems()::toString);
  }
}
