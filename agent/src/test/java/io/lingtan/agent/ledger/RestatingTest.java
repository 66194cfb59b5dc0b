package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.Played.Reading;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.agent.status.trace.Trace;
import io.lingtan.agent.status.trace.Tracer;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Days, months and years are told again by other factors, through a real journal. */
final class RestatingTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final String CO2 = "co2.scope2.location";
  private static final Factor OLD =
      Sites.factor("cn-elec/CN-JS/2023", "CN-JS", "location", "0.5827", 2023, null);
  private static final Factor NEW =
      Sites.factor("cn-elec/CN-JS/2025", "CN-JS", "location", "0.5503", 2025, null);

  @TempDir Path folder;

  private String base = "15m";
  private long each = 900_000;
  private long maxSize = 640_000_000;
  private @Nullable Signing signing;
  private Site site = Sites.microgrid().site();
  private Played world = played(0);
  private VirtualTime time = new VirtualTime(0);
  private Inbox<Arrival> inbox = new Inbox<>(4096);

  @SuppressWarnings("NullAway.Init") // begin() does
  private Journal journal;

  @SuppressWarnings("NullAway.Init")
  private LedgerStep ledger;

  private boolean open;

  private Sites sites(String version, Factor... factors) {
    return Sites.microgrid().withoutFactors().base(base).factors(version, factors);
  }

  private Site site(String version, Factor... factors) {
    return sites(version, factors).site();
  }

  private static long at(String local) {
    return java.time.LocalDateTime.parse(local).atZone(ZONE).toInstant().toEpochMilli();
  }

  /** A site that begins to be read then. */
  private void begin(String local) {
    site = site("2025-47", OLD);
    begin(local, site);
  }

  private void begin(String local, Site first) {
    site = first;
    world = played(at(local));
    time = new VirtualTime(world.millis() - 1_000_000);
    time.advanceMillis(1_000_000);
    start();
  }

  private Played played(long from) {
    return new Played(Randomness.seeded(7), each, from - each);
  }

  private void start() {
    journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                maxSize,
                "machine",
                Connector.sqlite(),
                folder.resolve("volatile"),
                signing),
            time,
            Randomness.seeded(time.now().nanos()));
    inbox = new Inbox<>(4096);
    ledger = new LedgerStep(site, journal, inbox, time);
    open = true;
  }

  /** The same without an end: what asks for it closes lines in between. */
  private void reload(Site next) {
    Takeover asked = new Takeover(next, Event.of("config.changed", Severity.INFO));
    assertTrue(ledger.changes().offer(asked));
    step();
    assertTrue(asked.ready().isDone());
    step();
    assertFalse(asked.taken().isDone(), "not before the lines are closed");
    asked.closed().complete(true);
    step();
    assertTrue(asked.taken().isDone());
    site = next;
  }

  @AfterEach
  void stop() {
    if (open) {
      ledger.close();
      journal.close();
      open = false;
    }
  }

  private void kill() {
    Kill.kill(journal);
    open = false;
  }

  private void step() {
    ledger.step(time.now());
  }

  /** Reads until then, and commits once a day. */
  private void readUntil(String local) {
    readUntil(at(local));
  }

  private void readUntil(long end) {
    int waiting = 0;
    while (world.millis() < end) {
      time.advanceMillis(each);
      read();
      waiting += Played.DEVICES.size();
      if (waiting >= 500) {
        step();
        waiting = 0;
      }
    }
    step();
    settle();
  }

  private void read() {
    for (Reading reading : world.step()) {
      Sample sample = reading.sample();
      inbox.offer(
          new Arrival.Recorded(
              new Sample(
                  sample.device(),
                  time.boot(),
                  time.now().nanos(),
                  sample.values(),
                  sample.stats(),
                  sample.bad(),
                  sample.failed())));
    }
  }

  /** The meters count on until then, and nobody reads them. */
  private void readNothingUntil(String local) {
    while (world.millis() < at(local)) {
      time.advanceMillis(each);
      world.step();
      step();
    }
  }

  /** Time in which nothing is read. */
  private void settle() {
    for (int i = 0; i < 3; i++) {
      time.advanceMillis(1100);
      step();
    }
  }

  /** Until two minutes after the last reading, whatever has been done meanwhile. */
  private void pause() {
    time.advanceMillis(world.millis() + 120_000 - time.wall().millisAt(time.now()));
  }

  /** Steps until nothing is left to be reckoned anew. */
  private void restate() {
    int steps = 0;
    do {
      time.advanceMillis(300);
      step();
      assertTrue(++steps < 100_000, "it does not end");
    } while (ledger.isRestating());
    settle();
  }

  private List<JournalRecord> records() {
    List<JournalRecord> records = new ArrayList<>();
    StoreSnapshot state = journal.state();
    List<String> epochs = new ArrayList<>();
    state.previous().forEach(previous -> epochs.add(previous.epoch()));
    epochs.add(state.epoch());
    try (Outbox outbox = journal.outbox()) {
      for (String epoch : epochs) {
        List<JournalRecord> some;
        long from = 1;
        do {
          some = outbox.read(epoch, EnumSet.of(Kind.INTERVAL, Kind.EVENT), from, 1000);
          records.addAll(some);
          from = some.isEmpty() ? from : some.getLast().seq() + 1;
        } while (!some.isEmpty());
      }
    }
    return records;
  }

  /** All of a length, in the order in which they were told. */
  private List<Interval> intervals(String length) {
    return records().stream()
        .filter(record -> record instanceof IntervalRecord each && each.length().equals(length))
        .map(record -> IntervalText.of((IntervalRecord) record))
        .toList();
  }

  /** The newest revision of each; none may be there twice. */
  private NavigableMap<Long, Interval> newest(String length) {
    NavigableMap<Long, Interval> newest = new TreeMap<>();
    Set<String> told = new HashSet<>();
    for (Interval interval : intervals(length)) {
      assertTrue(
          told.add(interval.startMillis() + " " + interval.rev()),
          length
              + " twice: "
              + Instant.ofEpochMilli(interval.startMillis())
              + " rev "
              + interval.rev());
      Interval before = newest.put(interval.startMillis(), interval);
      assertEquals(before == null ? 0 : before.rev() + 1, interval.rev(), length);
    }
    return newest;
  }

  private List<Event> events(String name) {
    return records().stream()
        .filter(EventRecord.class::isInstance)
        .map(record -> ((EventRecord) record).event())
        .filter(event -> event.name().equals(name))
        .toList();
  }

  private static FactorUsed factor(Interval interval) {
    FactorUsed factor = interval.factors().get(NEW.id());
    assertNotNull(factor);
    return factor;
  }

  /** What a reader makes of a base interval by another factor. */
  private static long derived(Interval base, String factor) {
    return new BigDecimal(factor)
        .multiply(BigDecimal.valueOf(Collected.value(base, "elec.grid.import")))
        .setScale(0, RoundingMode.HALF_EVEN)
        .longValueExact();
  }

  private static long sum(Map<Long, Interval> parts, Interval whole, String metric) {
    return parts.values().stream()
        .filter(
            part ->
                part.startMillis() >= whole.startMillis() && part.endMillis() <= whole.endMillis())
        .mapToLong(part -> Collected.value(part, metric))
        .sum();
  }

  @Test
  void aYearOfAProvisionalFactorIsToldAgainByTheOneThatIsOut() {
    base = "30m";
    each = 1_800_000;
    begin("2025-01-01T00:00:00");
    readUntil("2026-01-20T12:30:00");
    NavigableMap<Long, Interval> halves = newest(base);
    assertTrue(halves.size() > 18_000, "half-hours " + halves.size());
    assertEquals(384, newest("1d").size());
    stop();
    site = site("2027-03", OLD, NEW);
    start();
    restate();
    NavigableMap<Long, Interval> days = newest("1d");
    assertEquals(384, days.size());
    for (Interval day : days.values()) {
      assertEquals(1, day.rev(), day.toString());
      assertEquals(Set.of(NEW.id()), day.factors().keySet());
      assertEquals("2027-03", factor(day).version());
      boolean later = day.startMillis() >= at("2026-01-01T00:00:00");
      assertEquals(later, factor(day).provisional());
      long expected =
          halves.subMap(day.startMillis(), day.endMillis()).values().stream()
              .mapToLong(base -> derived(base, "0.5503"))
              .sum();
      assertEquals(expected, Collected.value(day, CO2));
    }
    NavigableMap<Long, Interval> months = newest("1M");
    assertEquals(12, months.size());
    for (Interval month : months.values()) {
      assertEquals(1, month.rev());
      for (String metric : List.of(CO2, "co2.total", "co2.load.hall", "co2.load.ely")) {
        assertEquals(sum(days, month, metric), Collected.value(month, metric), metric);
      }
    }
    Interval year = newest("1Y").firstEntry().getValue();
    assertEquals(1, year.rev());
    assertEquals(sum(months, year, CO2), Collected.value(year, CO2));
    assertEquals(sum(days, year, CO2), Collected.value(year, CO2));
    assertEquals(halves, newest(base), "whoever has the energy makes these themselves");

    // In the year after its own the factor is provisional again.
    assertEquals(2, events("config.restatement").size());
    Event told = events("config.restatement").getFirst();
    assertEquals("electricity location", told.detail().get("of"));
    assertEquals(OLD.id(), told.detail().get("old"));
    assertEquals("2025-47", told.detail().get("old_version"));
    assertEquals(NEW.id(), told.detail().get("new"));
    assertEquals("2027-03", told.detail().get("new_version"));
    assertEquals("0.5503", told.detail().get("new_value"));
    assertEquals("2025-01-01", told.detail().get("from"));
    assertEquals("2025-12-31", told.detail().get("to"));
    assertEquals(365L + 12 + 1, told.detail().get("intervals"));
    assertEquals(365L * 48, told.detail().get("base_intervals"));
    assertEquals(List.of(), events("config.not_restated"));

    // The open day, month and year go on by the new factor alone.
    readUntil("2026-02-02T03:00:00");
    days = newest("1d");
    Interval january = newest("1M").lastEntry().getValue();
    assertEquals(0, january.rev());
    assertEquals(sum(days, january, CO2), Collected.value(january, CO2));
    assertEquals(Set.of(NEW.id()), january.factors().keySet());
    Interval open = days.get(at("2026-01-20T00:00:00"));
    assertNotNull(open);
    assertEquals(0, open.rev());
    long expected =
        newest(base).subMap(open.startMillis(), open.endMillis()).values().stream()
            .mapToLong(base -> derived(base, "0.5503"))
            .sum();
    assertEquals(expected, Collected.value(open, CO2));
  }

  @Test
  void aReloadTellsDaysAgainByAnotherFactorAndGoesOnInTheInterval() {
    begin("2025-02-20T00:00:00");
    readUntil("2025-02-24T12:30:00");
    NavigableMap<Long, Interval> quarters = newest(base);
    reload(site("2027-03", OLD, NEW));
    restate();
    readUntil("2025-02-25T12:30:00");
    List<Interval> days = List.copyOf(newest("1d").values());
    assertEquals(List.of(1, 1, 1, 1, 0), days.stream().map(Interval::rev).toList());
    for (Interval day : days) {
      assertEquals(Set.of(NEW.id()), day.factors().keySet());
    }
    Event told = events("config.restatement").getFirst();
    assertEquals(1, events("config.restatement").size());
    assertEquals(4L, told.detail().get("intervals"));
    assertEquals(1, events("agent.start").size());
    NavigableMap<Long, Interval> after = newest(base);
    assertEquals(quarters.size() + 96, after.size());
    assertEquals(quarters, after.headMap(quarters.lastKey(), true), "they are as they were told");
  }

  @Test
  void aZoneThatIsCorrectedLeavesEachIntervalTheSumOfItsPartsAndAFactorTellsThemAgain() {
    each = 300_000;
    begin("2025-02-20T00:00:00");
    readUntil("2025-02-22T12:40:00");
    reload(sites("2025-47", OLD).zone("Asia/Riyadh").site());
    restate();
    readUntil("2025-02-24T12:40:00");
    int told = assertSums(0);
    reload(sites("2027-03", OLD, NEW).zone("Asia/Riyadh").site());
    restate();
    assertEquals(told, assertSums(1));
    assertEquals(List.of(), events("config.not_restated"));
  }

  /**
   * Riyadh's midnight is at 05:00 of Shanghai.
   *
   * @param first day, a week before where a gap is split like the same day of a week
   * @param midnight how well it is known what the register read then
   */
  @ParameterizedTest
  @CsvSource({
    "21, 04:10, 05:40, 13:40, EST_LINEAR",
    "21, 03:40, 05:00, 13:40, EST_LINEAR",
    "15, 03:40, 06:40, 13:40, EST_PROFILE",
    "15, 03:40, 10:00, 10:20, EST_PROFILE",
    "21, 03:40, 06:40, 13:40, PARTIAL",
    "21, 05:05, 06:30, 13:40, MEASURED",
    "21, 07:10, 08:40, 13:40, MEASURED"
  })
  void aGapBeforeAZoneIsCorrectedIsToldAsIfItHadBeenRightFromTheStart(
      String first, String from, String to, String reload, Quality midnight) {
    each = 300_000;
    begin("2025-02-" + first + "T00:00:00");
    readUntil("2025-02-22T" + from + ":00");
    readNothingUntil("2025-02-22T" + to + ":00");
    readUntil("2025-02-22T" + reload + ":00");
    reload(sites("2025-47", OLD).zone("Asia/Riyadh").site());
    restate();
    pause();
    readUntil("2025-02-23T12:40:00");
    List<NavigableMap<Long, Interval>> corrected = List.of(newest("1h"), newest("1d"));
    stop();
    folder = folder.resolve("right");
    assertTrue(folder.toFile().mkdir());
    begin("2025-02-" + first + "T00:00:00", sites("2025-47", OLD).zone("Asia/Riyadh").site());
    readUntil("2025-02-22T" + from + ":00");
    readNothingUntil("2025-02-22T" + to + ":00");
    readUntil("2025-02-22T" + reload + ":00");
    pause();
    readUntil("2025-02-23T12:40:00");
    List<NavigableMap<Long, Interval>> right = List.of(newest("1h"), newest("1d"));
    long start = at("2025-02-22T05:00:00");
    for (int i = 0; i < right.size(); i++) {
      for (Interval expected : right.get(i).tailMap(start).values()) {
        Interval told = Objects.requireNonNull(corrected.get(i).get(expected.startMillis()));
        for (String name : List.of("elec.grid.import", "elec.load.hall")) {
          // A long gap is split by days that began elsewhere, and so a little otherwise.
          assertAsGood(
              Collected.metric(expected, name),
              Collected.metric(told, name),
              midnight != Quality.EST_PROFILE,
              told.toString());
        }
      }
      Interval night = Objects.requireNonNull(corrected.get(i).get(start));
      Metric energy = Collected.metric(night, "elec.grid.import");
      assertTrue(midnight.compareTo(energy.quality()) <= 0, energy.toString());
      boolean isEstimated = midnight == Quality.EST_LINEAR || midnight == Quality.EST_PROFILE;
      assertTrue(!isEstimated || energy.estimated() > 0, energy.toString());
    }
  }

  /** What is added up of whole percents may be a percent worse, and never better. */
  private static void assertAsGood(
      Metric expected, Metric told, boolean sameAmount, String message) {
    assertEquals(expected.quality(), told.quality(), message);
    int less = expected.coverage() - told.coverage();
    assertTrue(less >= 0 && less <= 1, expected + " " + message);
    int more = told.estimated() - expected.estimated();
    assertTrue(sameAmount ? more >= 0 && more <= 1 : Math.abs(more) <= 2, expected + " " + message);
    if (sameAmount) {
      assertEquals(expected.micros(), told.micros(), message);
    }
  }

  /**
   * That what was told since the zone is another one is as much as its base intervals.
   *
   * @param rev of the days since
   * @return how many days there are since
   */
  private int assertSums(int rev) {
    NavigableMap<Long, Interval> quarters = newest(base);
    for (long at = quarters.firstKey(); at < quarters.lastKey(); at += 900_000) {
      assertTrue(quarters.containsKey(at), "no interval " + Instant.ofEpochMilli(at));
    }
    newest("1h").values().forEach(hour -> assertSum(quarters, hour));
    List<Interval> days =
        newest("1d").values().stream()
            .filter(day -> day.endMillis() > at("2025-02-22T12:40:00"))
            .toList();
    assertTrue(days.size() >= 2, days.toString());
    for (Interval day : days) {
      assertEquals(
          java.time.LocalTime.MIDNIGHT,
          Instant.ofEpochMilli(day.startMillis()).atZone(ZoneId.of("Asia/Riyadh")).toLocalTime());
      assertSum(quarters, day);
      assertEquals(rev, day.rev(), day.toString());
    }
    return days.size();
  }

  private static void assertSum(NavigableMap<Long, Interval> quarters, Interval whole) {
    for (String metric : List.of("elec.grid.import", "elec.load.hall")) {
      assertEquals(sum(quarters, whole, metric), Collected.value(whole, metric), whole.toString());
    }
    Metric energy = Objects.requireNonNull(whole.metrics().get("elec.grid.import"));
    assertTrue(energy.quality().compareTo(Quality.PARTIAL) < 0, whole.toString());
  }

  @Test
  void aReloadThatIsGivenUpChangesNothing() {
    begin("2025-02-20T00:00:00");
    readUntil("2025-02-21T12:30:00");
    Takeover asked =
        new Takeover(site("2027-03", OLD, NEW), Event.of("config.changed", Severity.INFO));
    ledger.changes().offer(asked);
    step();
    assertTrue(asked.ready().isDone());
    asked.closed().cancel(false);
    step();
    assertFalse(asked.taken().isDone());
    assertEquals(List.of(), events("config.changed"));
    reload(site("2027-03", OLD, NEW));
    assertEquals(List.of(0), newest("1d").values().stream().map(Interval::rev).toList());
    restate();
    assertEquals(List.of(1), newest("1d").values().stream().map(Interval::rev).toList());
  }

  private static long water(Map<String, PulseTotal> totals) {
    return Objects.requireNonNull(totals.get("water")).pulses();
  }

  @Test
  void ifTheCardFailsAfterTheLinesAreClosedTheyBeginAgainByTheOldFileAtOnce() throws Exception {
    begin("2025-02-20T00:00:00");
    readUntil("2025-02-20T12:30:00");
    Takeover asked =
        new Takeover(site("2027-03", OLD, NEW), Event.of("config.changed", Severity.INFO));
    ledger.changes().offer(asked);
    step();
    assertTrue(asked.ready().isDone());
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      inbox.offer(new Arrival.Counted("water", time.boot(), time.now().nanos(), 17));
      asked.closed().complete(true);
      step();
      Takeover.Taken answer = asked.taken().getNow(null);
      assertTrue(String.valueOf(answer.refused()).contains("cannot be written"), answer::toString);
      assertEquals(17, water(answer.totals()), "though it is not written yet");
      statement.execute("ROLLBACK");
    }
    time.advanceMillis(40_000);
    step();
    assertEquals(17, water(journal.totals()));
    assertEquals(List.of(), events("config.changed"));
    readUntil("2025-02-21T12:30:00");
    assertEquals(Set.of(OLD.id()), newest("1d").lastEntry().getValue().factors().keySet());
  }

  @Test
  void nothingIsToldAgainWhereTheFactorIsTheSame() {
    begin("2025-03-01T00:00:00");
    readUntil("2025-03-04T12:30:00");
    NavigableMap<Long, Interval> days = newest("1d");
    assertEquals(3, days.size());
    stop();
    // Another version, for the sake of another province.
    site =
        site(
            "2027-03",
            OLD,
            Sites.factor("cn-elec/CN-ZJ/2025", "CN-ZJ", "location", "0.4974", 2025, null));
    start();
    restate();
    assertEquals(days, newest("1d"));
    assertEquals(List.of(), events("config.restatement"));
    readUntil("2025-03-05T12:30:00");
    assertEquals(4, newest("1d").size());
  }

  /** Three days and a half by the provisional factor, and the folder to begin from again. */
  @ParameterizedTest
  @ValueSource(strings = {"factors", "restating"})
  void whatWasUsedAndCannotBeReadIsSaidAndTheLedgerGoesOn(String memo) {
    begin("2025-02-20T00:00:00");
    readUntil("2025-02-22T12:30:00");
    Batch torn = journal.begin();
    torn.memo(memo, new byte[] {1, 2, 3});
    torn.commit(world.millis(), null);
    stop();
    site = site("2027-03", OLD, NEW);
    start();
    settle();
    List<Event> said = events("config.not_restated");
    assertEquals(1, said.size());
    assertTrue(
        String.valueOf(said.getFirst().detail().get("why")).startsWith("which factors were used"));
    int before = intervals("15m").size();
    readUntil(world.millis() + 8 * each);
    settle();
    assertTrue(intervals("15m").size() > before);
  }

  private Path threeDays() throws IOException {
    begin("2025-02-26T00:00:00");
    readUntil("2025-03-01T12:30:00");
    assertEquals(3, newest("1d").size());
    kill();
    Path kept = Files.createDirectory(folder.resolve("kept"));
    copy(folder, kept);
    site = site("2027-03", OLD, NEW);
    return kept;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.list(from)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Files.copy(each, to.resolve(each.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** What each interval says now, but for its number. */
  private List<String> said() {
    List<String> said = new ArrayList<>();
    for (String length : List.of(base, "1h", "1d", "1M")) {
      newest(length).values().forEach(interval -> said.add(interval.toString()));
    }
    for (Event event : events("config.restatement")) {
      said.add(event.toString());
    }
    return said;
  }

  @Test
  void certificatesThatAreAppliedLateTellTheirMonthAgain() {
    Factor residual = Sites.factor("cn-elec/CN/2024", "CN", "residual", "0.6096", 2024, null);
    begin("2025-01-28T00:00:00", sites("1", OLD, residual).market().site());
    readUntil("2025-03-06T12:30:00");
    assertEquals(2, newest("1M").size());
    stop();
    site =
        sites("1", OLD, residual)
            .market(
                new Certificates.Applied(YearMonth.of(2025, 1), 2, YearMonth.of(2024, 12), "GEC-1"))
            .site();
    start();
    restate();
    List<Interval> months = List.copyOf(newest("1M").values());
    assertEquals(List.of(1, 0), months.stream().map(Interval::rev).toList());
    assertEquals(2_000_000, Collected.value(months.getFirst(), "cert.applied"));
    newest("1d").values().forEach(day -> assertEquals(0, day.rev()));
    Event told = events("config.restatement").getFirst();
    assertEquals("feeds", told.detail().get("of"));
    assertEquals(1L, told.detail().get("intervals"));
    assertEquals("2025-01-28", told.detail().get("from"), "the first day that was told");
    assertEquals(1, events("config.restatement").size());
  }

  @Test
  void aFactorThatOnlyMonthsUseTellsNoDayAgain() {
    Factor residual = Sites.factor("cn-elec/CN/2024", "CN", "residual", "0.6096", 2024, null);
    Factor newer = Sites.factor("cn-elec/CN/2025", "CN", "residual", "0.5856", 2025, null);
    begin("2025-01-28T00:00:00", sites("1", OLD, residual).market().site());
    readUntil("2025-02-06T12:30:00");
    stop();
    site = sites("2", OLD, residual, newer).market().site();
    start();
    restate();
    assertEquals(List.of(1), newest("1M").values().stream().map(Interval::rev).toList());
    newest("1d").values().forEach(day -> assertEquals(0, day.rev()));
    assertEquals(1L, events("config.restatement").getFirst().detail().get("intervals"));
  }

  @Test
  void whatIsKeptNoLongerIsToldToBeLeft() {
    begin("2025-02-20T00:00:00", sites("2025-47", OLD).keep(Duration.ofDays(5)).site());
    readUntil("2025-03-04T12:30:00");
    stop();
    site = sites("2027-03", OLD, NEW).keep(Duration.ofDays(5)).site();
    start();
    restate();
    List<Event> left = events("config.not_restated");
    assertEquals(3, left.size(), left.toString());
    assertEquals(OLD.id(), left.getFirst().detail().get("old"));
    assertEquals("2025-02-20", left.getFirst().detail().get("from"));
    assertEquals("2025-02-26", left.getFirst().detail().get("to"));
    assertEquals(
        "the energies of that time are kept no longer", left.getFirst().detail().get("why"));
    assertEquals("1M", left.get(1).detail().get("interval"));
    assertEquals("1Y", left.get(2).detail().get("interval"), "that is open");
    for (Interval day : newest("1d").values()) {
      boolean kept = day.startMillis() >= at("2025-02-27T00:00:00");
      assertEquals(kept ? 1 : 0, day.rev(), Instant.ofEpochMilli(day.startMillis()).toString());
    }
    assertEquals(0, newest("1M").firstEntry().getValue().rev());
  }

  @Test
  void aDayThatEndsMeanwhileIsToldOnceAndByOneFactor() {
    begin("2025-02-16T00:00:00");
    readUntil("2025-03-04T23:45:00");
    stop();
    site = site("2027-03", OLD, NEW);
    start();
    time.advanceMillis(each);
    read();
    step();
    time.advanceMillis(1_100);
    step();
    assertTrue(ledger.isRestating(), "it is over before the day is");
    long ended = at("2025-03-04T00:00:00");
    assertFalse(newest("1d").containsKey(ended));
    assertTrue(newest("1h").containsKey(at("2025-03-04T23:00:00")), "hours are told on time");
    restate();
    Interval day = newest("1d").get(ended);
    assertNotNull(day);
    assertEquals(0, day.rev());
    assertEquals(Set.of(NEW.id()), day.factors().keySet());
    Interval hour = newest("1h").get(at("2025-03-04T23:00:00"));
    assertNotNull(hour);
    assertEquals(Set.of(NEW.id()), hour.factors().keySet());
  }

  @Test
  void aChangeThatIsTakenBackInTheMidstOfItIsTakenBackInTheRecords() {
    begin("2025-02-20T00:00:00");
    readUntil("2025-03-04T12:30:00");
    NavigableMap<Long, Interval> before = newest("1d");
    stop();
    Site old = site;
    site = site("2027-03", OLD, NEW);
    start();
    for (int i = 0; i < 8; i++) {
      time.advanceMillis(1100);
      step();
    }
    long changed = newest("1d").values().stream().filter(day -> day.rev() == 1).count();
    assertTrue(changed > 0 && changed < before.size(), "changed " + changed);
    kill();
    site = old;
    start();
    restate();
    for (Interval day : newest("1d").values()) {
      Interval first = before.get(day.startMillis());
      assertNotNull(first);
      assertEquals(first.metrics().toString(), day.metrics().toString());
    }
  }

  @Test
  void sumsAreMadeAnewWhenTheCheckpointIsRefused() {
    begin("2025-02-10T00:00:00");
    readUntil("2025-02-25T12:30:00");
    pause();
    readUntil("2025-03-02T12:30:00");
    Interval expected = newest("1M").firstEntry().getValue();
    stop();
    maxSize = 800_000;
    folder = folder.resolve("small");
    assertTrue(folder.toFile().mkdir());
    begin("2025-02-10T00:00:00");
    readUntil("2025-02-25T12:30:00");
    assertFalse(journal.state().dropped().isEmpty(), "the ring holds all of it");
    byte[] older = new CheckpointWriter().number(3).bytes();
    journal
        .begin()
        .commit(
            time.wall().millisAt(time.now()),
            new CheckpointWriter().flag(false).bytes(older).bytes());
    kill();
    start();
    restate();
    assertEquals(1, events("journal.checkpoint_refused").size());
    pause();
    readUntil("2025-03-02T12:30:00");
    Interval february = newest("1M").firstEntry().getValue();
    assertEquals(0, february.rev());
    // How much of it is estimated is less well known: its registers at the start are lost.
    for (String metric : List.of(CO2, "co2.total", "co2.load.hall", "flow.pv_to_load")) {
      assertEquals(Collected.value(expected, metric), Collected.value(february, metric), metric);
    }
  }

  @Test
  void whatWasToldAfterTheLastCheckpointIsToldAgainAndNotTwice() {
    begin("2025-02-26T00:00:00");
    readUntil("2025-02-28T23:45:00");
    time.advanceMillis(each - 2_000);
    step();
    assertEquals(2, newest("1d").size());
    time.advanceMillis(1_000);
    read();
    step();
    settle();
    assertEquals(3, newest("1d").size(), "with a commit that had no checkpoint");
    kill();
    site = site("2027-03", OLD, NEW);
    start();
    restate();
    assertEquals(List.of(1, 1, 1), newest("1d").values().stream().map(Interval::rev).toList());
    assertEquals(List.of(1), newest("1M").values().stream().map(Interval::rev).toList());
    for (Interval day : newest("1d").values()) {
      assertEquals(Set.of(NEW.id()), day.factors().keySet());
    }
    pause();
    readUntil("2025-03-02T00:30:00");
    assertEquals(List.of(1, 1, 1, 0), newest("1d").values().stream().map(Interval::rev).toList());
  }

  @Test
  void recordsThatWereToldAgainAreSignedAndVerifiedAndSoIsWhatComesAfter()
      throws IOException, InterruptedException {
    signing = new KeyFile(folder.resolve("signing.key"), "machine").open(Randomness.seeded(1));
    begin("2025-12-29T00:00:00");
    readUntil("2026-01-03T12:30:00");
    stop();
    site = site("2027-03", OLD, NEW);
    signing = new KeyFile(folder.resolve("signing.key"), "machine").open(Randomness.seeded(1));
    start();
    restate();
    pause();
    readUntil("2026-01-05T12:30:00");
    List<String> lines = records().stream().map(RecordJson::of).toList();
    assertEquals(2, newest("1M").size() + newest("1Y").size());
    Verification verification = new Verification(signing.key().open());
    lines.forEach(verification::take);
    VerifyReport report = verification.report(null);
    assertEquals(List.of(), report.flaws());
    assertTrue(
        report.text().contains("cn-elec/CN-JS/2025 of 2027-03 in place of cn-elec/CN-JS/2023 of"),
        report::text);
    assertEquals("", python(lines));

    // A day that keeps its old figure under the new factor is found by both.
    List<String> changed = new ArrayList<>();
    for (String line : lines) {
      boolean again = line.contains("\"interval\":\"1d\"") && line.contains("\"rev\":1");
      changed.add(again ? line.replaceAll("(co2.scope2.location\":\\{\"v\":)\\d", "$19") : line);
    }
    Verification other = new Verification(signing.key().open());
    changed.forEach(other::take);
    assertEquals(
        5,
        other.report(null).flaws().stream()
            .filter(flaw -> flaw.kind() == Flaw.Kind.CARBON)
            .filter(flaw -> flaw.field().contains(CO2))
            .count());
    assertEquals(5, python(changed).lines().filter(line -> line.endsWith("carbon")).count());
  }

  /** A battery carries what was corrected into later intervals, which are verified by it, too. */
  @Test
  void whatWasCorrectedBesideABatteryIsVerifiedAndSoIsWhatComesAfter()
      throws IOException, InterruptedException {
    signing = new KeyFile(folder.resolve("signing.key"), "machine").open(Randomness.seeded(1));
    begin("2025-12-29T00:00:00");
    readUntil("2026-01-01T12:30:00");
    Interval before = Objects.requireNonNull(newest(base).get(at("2025-12-29T10:00:00")));
    stop();
    String people = ",jump,protocol 7,Li Na,Wang Wei\n";
    site =
        site.correctedBy(
            Objects.requireNonNull(
                CorrectionReader.read(
                    "corrections.csv",
                    "id,meter,figure,from,to,value,factor,reason,document,proposed,approved\n"
                        + "C1,bat,elec.battery.charge,2025-12-29T10:00,,20,"
                        + people
                        + "C1,grid,elec.grid.import,2025-12-29T10:00,,40,"
                        + people
                        + "C2,grid,elec.grid.import,2026-01-01T10:00,2026-01-01T12:15,,1.5"
                        + people,
                    site.metering().grounds(ZONE),
                    (line, column, message) -> {
                      throw new AssertionError(message);
                    })));
    signing = new KeyFile(folder.resolve("signing.key"), "machine").open(Randomness.seeded(1));
    start();
    restate();
    pause();
    readUntil("2026-01-02T12:30:00");
    Interval after = Objects.requireNonNull(newest(base).get(before.startMillis()));
    assertEquals(1, after.rev());
    assertEquals(20_000_000, Collected.value(after, "elec.battery.charge"));
    assertEquals(
        Collected.metric(before, "elec.pv.generation"),
        Collected.metric(after, "elec.pv.generation"));
    assertEquals(before.metrics().keySet(), after.metrics().keySet());
    for (Interval day : newest("1d").values()) {
      for (String metric : List.of(CO2, "elec.grid.import", "elec.battery.charge")) {
        assertEquals(
            sum(newest(base), day, metric), Collected.value(day, metric), metric + " " + day);
      }
    }
    List<String> lines = records().stream().map(RecordJson::of).toList();
    Verification verification = new Verification(signing.key().open());
    lines.forEach(verification::take);
    assertEquals(List.of(), verification.report(null).flaws());
    assertEquals("", python(lines));
  }

  @Test
  void aFigureThatWasToldAgainIsExplainedByBothFactors() {
    begin("2025-02-26T00:00:00");
    readUntil("2025-03-02T12:30:00");
    stop();
    site = site("2027-03", OLD, NEW);
    start();
    restate();
    for (String length : List.of("1d", "1M")) {
      IntervalRecord record =
          records().stream()
              .filter(IntervalRecord.class::isInstance)
              .map(IntervalRecord.class::cast)
              .filter(each -> each.length().equals(length))
              .toList()
              .getLast();
      for (String metric : List.of(CO2, "co2.purchased_net", "co2.avoided.pv_self")) {
        Tracer.Answer answer;
        try (History history = journal.history()) {
          answer = new Tracer(site, SiteFigures.LISTED, history).explain("", record.seq(), metric);
        }
        Trace trace = ((Tracer.Answer.Explained) answer).trace();
        assertEquals(Trace.Rule.SUM, trace.rule(), trace.toString());
        assertTrue(trace.follows());
        assertTrue(
            trace
                .note()
                .contains("told again by cn-elec/CN-JS/2025 0.5503 of 2027-03; rev 0 said "),
            trace.note());
        assertTrue(
            trace.note().endsWith(" by cn-elec/CN-JS/2023 0.5827 of 2025-47 (provisional)"),
            trace.note());
      }
    }
  }

  private String python(List<String> lines) throws IOException, InterruptedException {
    Path records = Files.write(folder.resolve("records.ndjson"), lines);
    Path key =
        Files.writeString(
            folder.resolve("gw.key"), Objects.requireNonNull(signing).key().open().jwk());
    Path script = folder.resolve("verify.py");
    try (InputStream in =
        Objects.requireNonNull(
            Verification.class.getResourceAsStream("/io/lingtan/agent/audit/verify.py"))) {
      Files.write(script, in.readAllBytes());
    }
    Process python =
        new ProcessBuilder(
                "/usr/bin/python3", script.toString(), key.toString(), records.toString())
            .redirectErrorStream(true)
            .start();
    String out = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, python.waitFor(), out);
    return out;
  }

  @Test
  void killedAtAnyPointTheRecordsAreTheSameAndNoneIsTwice() throws IOException {
    Path kept = threeDays();
    MonotonicInstant then = time.now();
    long until = world.millis();
    long from = then.nanos();
    start();
    restate();
    long steps = (time.now().nanos() - from) / 300_000_000L - 9;
    pause();
    readUntil(until + 4 * 3_600_000L);
    List<String> expected = said();
    assertEquals(1, events("config.restatement").size());
    assertEquals(4L, events("config.restatement").getFirst().detail().get("intervals"));
    stop();
    System.out.println("killed at any of " + steps + " steps");
    for (int killed = 1; killed <= steps; killed++) {
      for (int commit = 0; commit < 2; commit++) {
        copy(kept, folder);
        world = played(at("2025-02-26T00:00:00"));
        while (world.millis() < until) {
          world.step();
        }
        time = new VirtualTime(at("2025-02-26T00:00:00") - each - 1_000_000);
        time.advanceTo(then);
        start();
        for (int i = 0; i < killed; i++) {
          time.advanceMillis(commit == 0 ? 300 : 1100);
          step();
        }
        kill();
        start();
        restate();
        pause();
        readUntil(until + 4 * 3_600_000L);
        List<String> said = said();
        for (int i = 0; i < expected.size(); i++) {
          assertEquals(expected.get(i), said.get(i), "killed after " + killed);
        }
        assertEquals(expected.size(), said.size());
        stop();
      }
    }
  }
}
