package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.Played.Reading;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ledger on a real SQLite file, in virtual time. */
final class LedgerStepTest {

  private static final long BOOTED = Played.START - 1_000_000;

  @TempDir Path folder;

  private final VirtualTime time = new VirtualTime(BOOTED);
  private Site site = Sites.microgrid().base("1m").site();
  private Inbox<Arrival> inbox = new Inbox<>(4096);
  private Played world = new Played(Randomness.seeded(5), 10_000);
  private Journal journal;
  private LedgerStep ledger;
  private boolean open;

  @BeforeEach
  void start() {
    if (time.now().millis() < 990_000) {
      time.advanceMillis(990_000);
    }
    journal =
        Journal.open(
            new JournalOptions(folder.resolve("journal.db"), 64_000_000, "machine"),
            time,
            Randomness.seeded(time.now().nanos()));
    inbox = new Inbox<>(4096);
    ledger = new LedgerStep(site, journal, inbox, time);
    open = true;
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

  /** Ten seconds of the site: each device is read once, the ledger steps each second. */
  private void tenSeconds() {
    world.step().forEach(this::offer);
    step();
    for (int second = 0; second < 10; second++) {
      time.advanceMillis(1000);
      step();
    }
  }

  private void offer(Reading reading) {
    inbox.offer(recorded(reading));
  }

  private Arrival recorded(Reading reading) {
    return recorded(reading, time.now().nanos());
  }

  private Arrival recorded(Reading reading, long atNanos) {
    Sample sample = reading.sample();
    return new Arrival.Recorded(
        new Sample(
            sample.device(),
            time.boot(),
            atNanos,
            sample.values(),
            sample.stats(),
            sample.bad(),
            sample.failed()));
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
          some = outbox.read(epoch, EnumSet.allOf(Kind.class), from, 1000);
          records.addAll(some);
          from = some.isEmpty() ? from : some.getLast().seq() + 1;
        } while (!some.isEmpty());
      }
    }
    return records;
  }

  private List<Event> events(String name) {
    return records().stream()
        .filter(EventRecord.class::isInstance)
        .map(record -> ((EventRecord) record).event())
        .filter(event -> event.name().equals(name))
        .toList();
  }

  private long count(Class<? extends JournalRecord> kind) {
    return records().stream().filter(kind::isInstance).count();
  }

  @Test
  void samplesBecomeDataAndIntervalsInOneCommit() {
    for (int i = 0; i < 7; i++) {
      tenSeconds();
    }
    List<JournalRecord> records = records();
    long seq = 0;
    for (JournalRecord record : records) {
      assertEquals(++seq, record.seq(), "no holes");
    }
    assertEquals(42, count(DataRecord.class));
    assertEquals(2, count(IntervalRecord.class));
    LedgerSnapshot snapshot = ledger.snapshot();
    assertEquals(42, snapshot.samples());
    assertEquals(2, snapshot.intervals());
    assertNotNull(snapshot.lastInterval());
    assertNotNull(snapshot.today());
    assertNull(snapshot.failure());
  }

  @Test
  void energiesAreKeptWithTheirIntervalsAndOutliveAKill() {
    for (int i = 0; i < 30; i++) {
      tenSeconds();
    }
    long intervals =
        records().stream()
            .filter(record -> record instanceof IntervalRecord i && i.length().equals("1m"))
            .count();
    assertEquals(5, intervals);
    kill();
    start();
    assertEquals(intervals, journal.energies(0, Long.MAX_VALUE, 100).size());
    assertEquals(intervals, journal.kept().intervals());
  }

  @Test
  void whatComesLateIsToldOncePerCommitAndNoRevisionTwiceAfterAKill() {
    for (int i = 0; i < 6; i++) {
      tenSeconds();
    }
    List<Arrival> late = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      for (Reading reading : world.step()) {
        if (reading.sample().device().equals("pv-dev")) {
          late.add(recorded(reading, time.now().nanos()));
        } else {
          offer(reading);
        }
      }
      for (int second = 0; second < 10; second++) {
        step();
        time.advanceMillis(1000);
      }
    }
    long before = count(IntervalRecord.class);
    // In the middle of a minute, so that the same interval changes again after the kill.
    int commits = 7;
    for (Arrival one : late.subList(0, commits)) {
      inbox.offer(one);
      step();
      time.advanceMillis(1000);
      step();
    }
    assertEquals(commits, count(IntervalRecord.class) - before);
    kill();
    start();
    step();
    late.subList(commits, late.size()).forEach(inbox::offer);
    step();
    time.advanceMillis(1000);
    step();
    Set<String> told = new HashSet<>();
    for (JournalRecord record : records()) {
      if (record instanceof IntervalRecord interval) {
        String key =
            interval.length()
                + " "
                + part(interval.json(), "\"start\":(\\d+)")
                + " "
                + part(interval.json(), "\"rev\":(\\d+)");
        assertTrue(told.add(key), "told twice: " + key);
      }
    }
  }

  @Test
  void wholeDaysOfEnergiesGoWhenTheyAreOlderThanTheyAreToBeKept() {
    stop();
    site = Sites.microgrid().keep(Duration.ofDays(1)).site();
    world = new Played(Randomness.seeded(5), 300_000);
    start();
    long midnight = Instant.parse("2025-06-01T16:00:00Z").toEpochMilli();
    while (world.millis() < midnight + 3 * 86_400_000L + 7_200_000) {
      world.step().forEach(this::offer);
      step();
      time.advanceMillis(300_000);
      step();
    }
    assertEquals(midnight + 2 * 86_400_000L, journal.kept().firstMillis());
    assertEquals(1 + 4L * 14 + 2 * 96, journal.kept().forgotten(), "three days");
    assertEquals(96 + 4L * 2, journal.kept().intervals());
    assertEquals(1, journal.longer("1d", 0, Long.MAX_VALUE, 9).size(), "a day that is kept whole");
  }

  @Test
  void aSampleAfterAnIdleSecondIsCommittedAtOnceAndTheNextOnesTogether() {
    step();
    time.advanceMillis(5000);
    step();
    List<Reading> readings = world.step();
    offer(readings.get(0));
    step();
    assertEquals(0, ledger.snapshot().uncommitted());
    for (int i = 1; i <= 4; i++) {
      time.advanceMillis(200);
      offer(readings.get(i));
      step();
    }
    assertEquals(4, ledger.snapshot().uncommitted());
    assertEquals(time.now().plusMillis(200), ledger.due());
    time.advanceMillis(200);
    step();
    assertEquals(0, ledger.snapshot().uncommitted());
  }

  @Test
  void aJournalThatCannotBeOpenedYetIsGoneOnFromWhenItCan() throws IOException {
    for (int i = 0; i < 4; i++) {
      tenSeconds();
    }
    String epoch = journal.state().epoch();
    long before = journal.state().last();
    kill();
    Path lock = folder.resolve("journal.db.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    start();
    tenSeconds();
    assertTrue(
        String.valueOf(journal.state().failure()).contains("journal.path"),
        () -> "" + journal.state().failure());
    assertNotNull(ledger.snapshot().failure());
    assertEquals(6, ledger.snapshot().queued());
    Files.delete(lock);
    for (int i = 0; i < 4; i++) {
      tenSeconds();
    }
    assertEquals(epoch, journal.state().epoch());
    assertTrue(journal.state().last() > before);
    assertEquals(54, count(DataRecord.class));
    Set<String> intervals = new HashSet<>();
    for (JournalRecord record : records()) {
      if (record instanceof IntervalRecord interval) {
        String key = part(interval.json(), "\"start\":(\\d+)");
        String revision = part(interval.json(), "\"rev\":(\\d+)");
        assertTrue(intervals.add(interval.length() + key + " " + revision), interval.json());
      }
    }
    assertTrue(!intervals.isEmpty());
    assertEquals(
        1, events("agent.start").stream().filter(e -> e.detail().containsKey("since")).count());
    assertNull(ledger.snapshot().failure());
    assertEquals(0, ledger.snapshot().queued());
  }

  @Test
  void theFirstStartHasNoSinceAndACleanOneNamesTheSpanAndSaysSo() {
    tenSeconds();
    stop();
    time.advanceMillis(60_000);
    start();
    step();
    List<Event> starts = events("agent.start");
    assertEquals(List.of("clean"), List.copyOf(starts.get(0).detail().keySet()));
    assertEquals(true, starts.get(1).detail().get("clean"));
    assertEquals(BOOTED + 990_000, starts.get(1).detail().get("since"));
    assertEquals(1, events("agent.stop").size());
  }

  @Test
  void aKilledLedgerNamesTheSpanThatTheCrashCost() {
    tenSeconds();
    tenSeconds();
    long last = time.wall().millisAt(time.now()) - 10_000;
    kill();
    time.advanceMillis(7000);
    start();
    step();
    Event start = events("agent.start").getLast();
    assertEquals(false, start.detail().get("clean"));
    assertEquals(last, start.detail().get("since"));
  }

  /** Records without what numbers them: those differ when a start and a stop lie between. */
  private List<String> contents(Set<String> without) {
    return records().stream()
        .filter(record -> !(record instanceof EventRecord e && without.contains(e.event().name())))
        .map(RecordJson::of)
        .map(json -> json.replaceFirst("\"epoch\":\"[^\"]*\",\"seq\":\\d+,\"after\":\\d+,", ""))
        .toList();
  }

  @Test
  void killedWithNothingPendingItMakesTheSameRecordsAndNoneTwice() throws IOException {
    Set<String> starts = Set.of("agent.start", "agent.stop", "journal.epoch");
    for (int i = 0; i < 150; i++) {
      tenSeconds();
    }
    List<String> straight = contents(starts);
    stop();
    wipe();
    long seed = 20_261_125L;
    System.out.println("LedgerStepTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    time.reboot(0);
    VirtualTimeRestart.to(time, BOOTED);
    world = new Played(Randomness.seeded(5), 10_000);
    start();
    int kills = 0;
    for (int i = 0; i < 150; i++) {
      tenSeconds();
      if (random.nextInt(4) == 0) {
        kill();
        start();
        step();
        kills++;
      }
    }
    assertTrue(kills > 20, "killed " + kills);
    List<String> killed = contents(starts);
    for (int i = 0; i < Math.min(straight.size(), killed.size()); i++) {
      assertEquals(straight.get(i), killed.get(i));
    }
    assertEquals(straight.size(), killed.size());
  }

  @ParameterizedTest
  @ValueSource(longs = {20_261_127L, 1, 2, 3})
  void killedAtAnyMomentAndGivenAgainWhatWasPendingItMakesTheSameRecordsAndNoneTwice(long seed)
      throws IOException {
    stop();
    List<List<String>> straight = told(new Killer(Randomness.seeded(seed), 0));
    stop();
    wipe();
    time.reboot(0);
    VirtualTimeRestart.to(time, BOOTED);
    world = new Played(Randomness.seeded(5), 10_000);
    System.out.println("LedgerStepTest seed " + seed);
    Killer killer = new Killer(Randomness.seeded(seed), 50);
    List<List<String>> killed = told(killer);
    assertTrue(killer.withPending > 20, "killed with something pending " + killer.withPending);
    assertTrue(killer.undated > 5, "killed before the boot had a date " + killer.undated);
    assertEquals(straight, killed);
  }

  /**
   * At which quarter of a second of ten seconds each device is read: three in one second, two in
   * another, one alone, so that a commit takes some and not others.
   */
  private static final Map<Integer, Integer> READ_AT =
      Map.of(1, 0, 2, 1, 4, 2, 20, 3, 23, 4, 38, 5);

  /** Kills once in so many moments, never if 0; knows which arrivals were lost by it. */
  private final class Killer {
    private final RandomGenerator random;
    private final int oneIn;
    private final List<Arrival> given = new ArrayList<>();
    private int withPending;
    private int undated;

    Killer(RandomGenerator random, int oneIn) {
      this.random = random;
      this.oneIn = oneIn;
    }

    void give(Arrival arrival) {
      given.add(arrival);
      inbox.offer(arrival);
    }

    /** A moment passes, before or after which the process may end. */
    void moment() {
      maybe();
      step();
      LedgerSnapshot snapshot = ledger.snapshot();
      if (snapshot.uncommitted() == 0 && snapshot.queued() == 0) {
        given.clear();
      }
      maybe();
      time.advanceMillis(250);
    }

    private void maybe() {
      if (oneIn == 0 || random.nextInt(oneIn) != 0) {
        return;
      }
      withPending += given.isEmpty() ? 0 : 1;
      undated += time.wall().trusted() ? 0 : 1;
      kill();
      start();
      given.forEach(inbox::offer);
    }
  }

  /**
   * Twenty minutes, of which the first five have no date, with an exchanged meter in both parts:
   * data, intervals, and what happened to meters.
   */
  private List<List<String>> told(Killer killer) {
    time.trust(false);
    start();
    for (int round = 0; round < 120; round++) {
      time.trust(round >= 30);
      List<Reading> readings = world.step();
      for (int quarter = 0; quarter < 40; quarter++) {
        Integer device = READ_AT.get(quarter);
        if (device != null) {
          killer.give(recorded(readings.get(device)));
        } else if (quarter == 21 && (round == 17 || round == 70)) {
          killer.give(hallExchanged(new LinkedHashMap<>()));
        }
        killer.moment();
      }
    }
    tenSeconds();
    List<String> data = new ArrayList<>();
    List<String> intervals = new ArrayList<>();
    List<String> meters = new ArrayList<>();
    for (JournalRecord record : records()) {
      String json =
          RecordJson.of(record)
              .replaceFirst("\"epoch\":\"[^\"]*\",\"seq\":\\d+,\"after\":\\d+,", "");
      switch (record) {
        case DataRecord sample -> data.add(json);
        // When it was committed is another matter.
        case IntervalRecord interval -> intervals.add(json.replaceFirst("\"ts\":\\d+,", ""));
        case EventRecord event -> {
          if (event.event().name().startsWith("meter.")) {
            meters.add(json);
          }
        }
      }
    }
    assertEquals(121 * 6, data.size());
    assertTrue(intervals.size() >= 18, "intervals " + intervals.size());
    assertEquals(4, meters.size(), "two exchanges and what came of them: " + meters);
    return List.of(data, intervals, meters);
  }

  private void wipe() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void killedAnywhereItCountsNothingTwiceAndTheRegistersMakeGoodWhatWasLost() {
    long seed = 20_261_126L;
    System.out.println("LedgerStepTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    for (int i = 0; i < 200; i++) {
      world.step().forEach(this::offer);
      int seconds = 10;
      for (int second = 0; second < seconds; second++) {
        time.advanceMillis(500);
        if (random.nextInt(60) == 0) {
          kill();
          time.advanceMillis(random.nextLong(30_000));
          start();
        }
        step();
        time.advanceMillis(500);
      }
    }
    Set<String> seen = new HashSet<>();
    TreeMap<Long, BigDecimal[]> newest = new TreeMap<>();
    for (JournalRecord record : records()) {
      if (record instanceof IntervalRecord interval) {
        String json = interval.json();
        String start = part(json, "\"start\":(\\d+)");
        assertTrue(
            seen.add(interval.length() + start + " " + part(json, "\"rev\":(\\d+)")),
            "told twice: " + json);
        if (interval.length().equals("1m") && json.contains("hall/energy_import")) {
          newest.put(
              Long.valueOf(start),
              new BigDecimal[] {
                new BigDecimal(part(json, "\"elec.load.hall\":\\{\"v\":([0-9.]+)")),
                new BigDecimal(part(json, "\"hall/energy_import\":\\[([0-9.]+),")),
                new BigDecimal(part(json, "\"hall/energy_import\":\\[[0-9.]+,([0-9.]+)\\]"))
              });
        }
      }
    }
    BigDecimal energy = BigDecimal.ZERO;
    long expected = newest.firstKey();
    BigDecimal reading = newest.firstEntry().getValue()[1];
    for (var entry : newest.entrySet()) {
      assertEquals(expected, entry.getKey(), "no interval is left out");
      assertEquals(0, reading.compareTo(entry.getValue()[1]), "neighbours share the boundary");
      expected = entry.getKey() + 60_000;
      reading = entry.getValue()[2];
      energy = energy.add(entry.getValue()[0]);
    }
    assertTrue(newest.size() > 30, "intervals: " + newest.size());
    assertEquals(0, reading.subtract(newest.firstEntry().getValue()[1]).compareTo(energy));
    assertEquals(0, events("meter.reset").size() + events("meter.jump").size());
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 9 * 24})
  void killedWhileItTellsOfAnOutageItLeavesNoHoleAndTellsNothingTwice(long hours) {
    for (int i = 0; i < 30; i++) {
      tenSeconds();
    }
    kill();
    time.advanceMillis(hours * 3_600_000);
    start();
    for (int i = 0; i < 30; i++) {
      world.step().forEach(this::offer);
      for (int second = 0; second < 10; second++) {
        step();
        if (second % 4 == 0) {
          kill();
          start();
        }
        time.advanceMillis(1000);
      }
    }
    Set<String> seen = new HashSet<>();
    TreeMap<Long, Long> told = new TreeMap<>();
    int silent = 0;
    for (JournalRecord record : records()) {
      if (record instanceof IntervalRecord interval) {
        String json = interval.json();
        long from = Long.parseLong(part(json, "\"start\":(\\d+)"));
        String rev = part(json, "\"rev\":(\\d+)");
        assertTrue(seen.add(interval.length() + from + " " + rev), "told twice: " + json);
        if (interval.length().equals("1m")) {
          told.put(from, from + 60_000);
          silent += json.contains("\"why\":\"no readings\"") ? 1 : 0;
        }
      }
    }
    long leftOut = 0;
    for (Event event : events("agent.no_intervals")) {
      told.put((Long) event.detail().get("from"), (Long) event.detail().get("to"));
      leftOut += (Long) Objects.requireNonNull(event.detail().get("count"));
    }
    long expected = told.firstKey();
    for (var entry : told.entrySet()) {
      assertEquals(expected, entry.getKey(), "no interval is left out");
      expected = entry.getValue();
    }
    assertTrue(silent > 170 && silent <= 673, "told as silent: " + silent);
    assertTrue(hours == 5 ? leftOut == 0 : leftOut > 12_000, "left out " + leftOut);
    assertEquals(hours == 5 ? 0 : 1, events("agent.no_intervals").size());
  }

  private static String part(String json, String pattern) {
    var matcher = Pattern.compile(pattern).matcher(json);
    assertTrue(matcher.find(), pattern + " in " + json);
    return matcher.group(1);
  }

  @Test
  void whatPeopleTellIsKeptWithWhoSaidItAndSurvivesAKill() {
    tenSeconds();
    String csv = "date,bus,km\n2025-06-01,b1,250\n";
    inbox.offer(new Arrival.Fed("ops", csv, time.boot(), time.now().nanos(), null));
    tenSeconds();
    tenSeconds();
    Event told = events("command.fed").getFirst();
    assertEquals("ops", told.detail().get("by"));
    assertEquals(csv, told.detail().get("csv"));
    kill();
    start();
    while (world.millis() < Played.START + 14 * 3_600_000L + 120_000) {
      tenSeconds();
    }
    List<String> days =
        records().stream()
            .filter(r -> r instanceof IntervalRecord interval && interval.length().equals("1d"))
            .map(r -> ((IntervalRecord) r).json())
            .toList();
    assertEquals(1, days.size());
    assertTrue(days.getFirst().contains("\"bus.km\":{\"v\":250,"), days.getFirst());
  }

  @Test
  void untilTheClockIsTrustedRecordsHaveNoDateAndIntervalsWait() {
    stop();
    time.trust(false);
    start();
    for (int i = 0; i < 20; i++) {
      tenSeconds();
    }
    assertEquals(120, ledger.snapshot().held());
    assertNull(ledger.snapshot().lastInterval());
    time.stepWallMillis(86_400_000L * 365);
    time.trust(true);
    tenSeconds();
    tenSeconds();
    assertEquals(0, ledger.snapshot().held());
    assertEquals(5, count(IntervalRecord.class));
    assertEquals(1, events("clock.offset").size());
    assertEquals(0, events("clock.step").size(), "nothing was trusted before");
    assertTrue(journal.undatedBoots().isEmpty());
    long first =
        records().stream()
            .filter(DataRecord.class::isInstance)
            .mapToLong(record -> ((DataRecord) record).tsMillis())
            .min()
            .orElseThrow();
    assertEquals(BOOTED + 990_000 + 86_400_000L * 365, first);
  }

  @Test
  void aProcessKilledBeforeItsBootIsDatedStillFoldsWhatItHeld() {
    stop();
    time.trust(false);
    start();
    for (int i = 0; i < 9; i++) {
      tenSeconds();
    }
    kill();
    start();
    assertEquals(54, ledger.snapshot().held());
    for (int i = 0; i < 9; i++) {
      tenSeconds();
    }
    time.trust(true);
    tenSeconds();
    assertEquals(0, ledger.snapshot().held());
    assertTrue(count(IntervalRecord.class) >= 2);
  }

  @Test
  void aBootThatNeverGotADateIsBoundedAndGivenUp() {
    tenSeconds();
    stop();
    time.trust(false);
    time.reboot(60_000);
    start();
    tenSeconds();
    kill();
    time.reboot(60_000);
    time.trust(true);
    start();
    tenSeconds();
    tenSeconds();
    Event bounds = events("clock.bounds").getFirst();
    assertEquals("boot-2", bounds.detail().get("boot"));
    assertEquals(BOOTED + 990_000, bounds.detail().get("not_before"));
    assertTrue(journal.undatedBoots().isEmpty());
  }

  @Test
  void recordsThatHaveWaitedLongEnoughGoOutUndatedAndStaySoWhenTheirDateIsLearnt() {
    stop();
    time.trust(false);
    start();
    for (int i = 0; i < 20; i++) {
      tenSeconds();
    }
    assertEquals(0, count(DataRecord.class), "they wait");
    inbox.offer(new Arrival.HoldEnded());
    tenSeconds();
    List<JournalRecord> undated = records();
    assertTrue(undated.size() > 120, () -> "only " + undated.size() + " went out");
    tenSeconds();
    assertTrue(records().size() > undated.size(), "what comes now does not wait any more");
    assertEquals(132, ledger.snapshot().held(), "intervals wait all the same");
    assertEquals(List.of("boot-1"), journal.undatedBoots());
    kill();
    start();
    tenSeconds();
    time.trust(true);
    tenSeconds();
    tenSeconds();
    List<Event> told = events("clock.offset");
    assertEquals(1, told.size());
    assertEquals("boot-1", told.getFirst().detail().get("boot"));
    assertEquals(BOOTED, told.getFirst().detail().get("offset_ms"));
    assertEquals(List.of(), journal.undatedBoots());
    assertEquals(undated, records().subList(0, undated.size()), "records never change");
    assertTrue(count(IntervalRecord.class) >= 4, "and the energy is in its intervals");
  }

  @Test
  void aBootWhoseRecordsWentOutUndatedIsBoundedOnceAndNotAgain() {
    tenSeconds();
    stop();
    time.trust(false);
    time.reboot(60_000);
    start();
    tenSeconds();
    inbox.offer(new Arrival.HoldEnded());
    tenSeconds();
    kill();
    time.reboot(60_000);
    time.trust(true);
    start();
    tenSeconds();
    tenSeconds();
    kill();
    start();
    tenSeconds();
    assertEquals(1, events("clock.bounds").size());
    assertEquals("boot-2", events("clock.bounds").getFirst().detail().get("boot"));
    assertEquals(List.of(), journal.undatedBoots());
  }

  @Test
  void aStepOfTheWallClockIsToldAndCostsNoEnergy() {
    for (int i = 0; i < 12; i++) {
      tenSeconds();
    }
    long before = world.reads("hall-dev", "energy_import");
    time.stepWallMillis(90_000);
    tenSeconds();
    time.stepWallMillis(400);
    for (int i = 0; i < 20; i++) {
      tenSeconds();
    }
    Event step = events("clock.step").getFirst();
    assertEquals(1, events("clock.step").size());
    long from = (Long) Objects.requireNonNull(step.detail().get("from"));
    assertEquals(from + 90_000, step.detail().get("to"));
    assertEquals(0, events("meter.jump").size());
    assertTrue(world.reads("hall-dev", "energy_import") > before);
  }

  @Test
  void aClockThatWasSetBackByYearsWhileTheAgentWasStoppedIsTold() {
    for (int i = 0; i < 12; i++) {
      tenSeconds();
    }
    stop();
    long years = 26 * 365 * 86_400_000L;
    time.stepWallMillis(-years);
    start();
    tenSeconds();
    Event step = events("clock.step").getFirst();
    long from = (Long) Objects.requireNonNull(step.detail().get("from"));
    long to = (Long) Objects.requireNonNull(step.detail().get("to"));
    assertTrue(Math.abs(from - to - years) <= 20_000, step.toString());
    stop();
    start();
    tenSeconds();
    assertEquals(1, events("clock.step").size(), "once");
  }

  @Test
  void thatTheClockWasAheadIsToldOnceAndShownAlsoAfterARestart() {
    for (int i = 0; i < 24; i++) {
      tenSeconds();
    }
    time.stepWallMillis(3_600_000);
    for (int i = 0; i < 18; i++) {
      tenSeconds();
    }
    assertEquals(0, events("clock.ahead").size());
    assertFalse(ledger.snapshot().isAhead());
    time.stepWallMillis(-3_600_000);
    long back = time.wall().millisAt(time.now());
    for (int i = 0; i < 18; i++) {
      tenSeconds();
    }
    Event ahead = events("clock.ahead").getFirst();
    assertEquals(1, events("clock.ahead").size());
    assertEquals(ledger.snapshot().aheadUntil(), ahead.detail().get("to"));
    long from = (Long) Objects.requireNonNull(ahead.detail().get("from"));
    assertTrue(Math.abs(from - back) <= 2_000);
    stop();
    start();
    tenSeconds();
    assertEquals(ahead.detail().get("to"), ledger.snapshot().aheadUntil());
    kill();
    start();
    tenSeconds();
    assertEquals(ahead.detail().get("to"), ledger.snapshot().aheadUntil());
    assertEquals(1, events("clock.ahead").size(), "it was told before");
    for (int i = 0; i < 370; i++) {
      tenSeconds();
    }
    assertFalse(ledger.snapshot().isAhead());
  }

  /** Another meter hangs in the hall from now on. */
  private void exchangeHall() {
    SequencedMap<String, String> serials = new LinkedHashMap<>();
    serials.put("old_serial", "A1");
    serials.put("new_serial", "B2");
    inbox.offer(hallExchanged(serials));
  }

  private Arrival hallExchanged(SequencedMap<String, String> serials) {
    return new Arrival.Exchanged("hall-dev", time.boot(), time.now().nanos(), serials);
  }

  /** Samples of the site but for the hall, and the hall's as another meter reads them. */
  private void offerWith(Played other) {
    List<Reading> others = other.step();
    List<Reading> readings = world.step();
    for (int i = 0; i < readings.size(); i++) {
      boolean hall = readings.get(i).sample().device().equals("hall-dev");
      offer(hall ? others.get(i) : readings.get(i));
    }
  }

  @ParameterizedTest(name = "killed: {0}")
  @ValueSource(strings = {"never", "before the exchange", "after it", "when its samples are in"})
  void anExchangeBeforeTheClockIsTrustedLeavesTheOldMeterItsSamples(String kill) {
    stop();
    time.trust(false);
    start();
    for (int i = 0; i < 9; i++) {
      tenSeconds();
    }
    long old = world.reads("hall-dev", "energy_import");
    killIf(kill.equals("before the exchange"));
    exchangeHall();
    step();
    time.advanceMillis(1500);
    step();
    killIf(kill.equals("after it"));
    Played other = new Played(Randomness.seeded(99), 10_000);
    long fresh = 0;
    for (int i = 0; i < 9; i++) {
      offerWith(other);
      fresh = i == 0 ? other.reads("hall-dev", "energy_import") : fresh;
      step();
      time.advanceMillis(10_000);
      step();
    }
    killIf(kill.equals("when its samples are in"));
    time.trust(true);
    for (int i = 0; i < 9; i++) {
      offerWith(other);
      step();
      time.advanceMillis(10_000);
      step();
    }
    Event told = events("meter.exchange").getFirst();
    assertEquals(Map.of("old_serial", "A1", "new_serial", "B2"), told.detail());
    Event rebased = events("meter.exchanged").getFirst();
    assertEquals(new Event.Decimal(old), rebased.detail().get("before"));
    assertEquals(new Event.Decimal(fresh), rebased.detail().get("after"));
    assertEquals(1, events("meter.exchanged").size());
    assertEquals(0, events("meter.jump").size() + events("meter.reset").size());
  }

  private void killIf(boolean now) {
    if (now) {
      kill();
      start();
      step();
    }
  }

  @Test
  void anExchangedMeterIsBelievedAtOnceAlsoAfterAKill() {
    tenSeconds();
    exchangeHall();
    step();
    time.advanceMillis(2000);
    step();
    kill();
    start();
    Played other = new Played(Randomness.seeded(99), 10_000);
    other.step().stream()
        .filter(reading -> reading.sample().device().equals("hall-dev"))
        .forEach(this::offer);
    step();
    time.advanceMillis(2000);
    step();
    assertEquals(1, events("meter.exchanged").size());
  }

  @Test
  void whileTheCardCannotBeWrittenNothingIsForgottenAndItRecoversByItself() throws Exception {
    tenSeconds();
    // A second writer holds the file, as a full disk or a dying card would refuse it.
    try (var connection =
            java.sql.DriverManager.getConnection(
                "jdbc:sqlite:" + folder.resolve("journal.db").toAbsolutePath());
        var statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (int i = 0; i < 4; i++) {
        tenSeconds();
      }
      assertFalse(ledger.snapshot().blocked());
      assertFalse(journal.state().isBlocked());
      long before = time.wall().millisAt(time.now());
      for (int i = 4; i < 9; i++) {
        tenSeconds();
      }
      long since = journal.state().blockedSinceMillis();
      assertTrue(Math.abs(before - 40_000 - since) <= 5_000, () -> before + " and " + since);
      LedgerSnapshot failing = ledger.snapshot();
      assertNotNull(failing.failure());
      assertTrue(failing.failedCommits() >= 2);
      assertTrue(failing.failedCommits() <= 10, "with growing pauses");
      assertTrue(failing.blocked());
      assertTrue(failing.queued() > 0, "what is over 60 s stays in the queue");
      statement.execute("ROLLBACK");
    }
    for (int i = 0; i < 4; i++) {
      tenSeconds();
    }
    assertNull(ledger.snapshot().failure());
    assertEquals(14 * 6, count(DataRecord.class));
    assertFalse(ledger.snapshot().blocked());
    assertFalse(journal.state().isBlocked());
  }

  @Test
  void aQuietSiteWritesACheckpointEachTenMinutesAndOutlivesAKillBeforeTheNext() {
    Set<Long> checkpoints = new TreeSet<>();
    for (int i = 0; i < 6 * 25; i++) {
      tenSeconds();
      checkpoints.add(journal.checkpoint() == null ? 0 : journal.checkpoint().seq());
    }
    assertEquals(3, checkpoints.size(), checkpoints::toString);
    List<JournalRecord> before = records();
    kill();
    start();
    step();
    List<JournalRecord> after = records();
    assertEquals(before, after.subList(0, before.size()), "nothing is told again or otherwise");
    for (int i = 0; i < 7; i++) {
      tenSeconds();
    }
    List<Long> minutes =
        records().stream()
            .filter(record -> record instanceof IntervalRecord i && i.length().equals("1m"))
            .map(record -> ((IntervalRecord) record).tsMillis())
            .toList();
    assertEquals(26, minutes.size());
    assertEquals(26, new HashSet<>(minutes).size(), "each minute once");
  }

  @Test
  void aCheckpointThatCannotBeReadIsToldAndTheKeptSamplesAreFoldedInstead() {
    for (int i = 0; i < 4; i++) {
      tenSeconds();
    }
    journal.begin().commit(0, new byte[] {0, 5, 1});
    kill();
    start();
    for (int i = 0; i < 10; i++) {
      tenSeconds();
    }
    assertEquals(1, events("journal.checkpoint_refused").size());
    assertTrue(count(IntervalRecord.class) >= 1);
  }
}
