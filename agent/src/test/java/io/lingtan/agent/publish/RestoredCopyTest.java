package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.Reread;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Elsewhere;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.publish.retained.StoreAhead;
import io.lingtan.agent.publish.retained.StoreJson;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.KeyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A card that was copied and put back, and gave out more numbers than the broker has seen. */
final class RestoredCopyTest {

  private static final Pattern RECORD =
      Pattern.compile("\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),\"after.*?\\}(\\}|(?=[,\\]])|$)");

  private static final Pattern INTERVAL =
      Pattern.compile(
          "\"interval\":\"(\\w+\",\"start\":\\d+),\"end\":\\d+,\"rev\":(\\d+),"
              + "\"metrics\":(\\{.*?\\}),\"registers\"");

  private static final long QUARTER = 900_000;

  private static final int MANY = StoreAhead.UNTOLD + 100;

  /** 11..30, and what may have followed. */
  private static final int REUSED = 20 + StoreAhead.UNTOLD;

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBroker broker = world.broker;
  private final RandomGenerator random = Randomness.seeded(11);
  private final Map<String, String> contents = new HashMap<>();
  private final List<String> twice = new ArrayList<>();

  /** Figures by interval and revision. */
  private final Map<String, String> figures = new LinkedHashMap<>();

  private final MonthReports reports = new MonthReports();
  private int samples;
  private @Nullable Journal journal;

  @BeforeEach
  void watch() {
    broker.onPublish =
        message -> {
          Matcher record = RECORD.matcher(message.text());
          while (record.find()) {
            String key = record.group(1) + "/" + record.group(2);
            String before = contents.putIfAbsent(key, record.group());
            if (before != null && !before.equals(record.group())) {
              twice.add(key);
            }
          }
          Matcher interval = INTERVAL.matcher(message.text());
          if (interval.find()) {
            String key = "%s rev %s".formatted(interval.group(1), interval.group(2));
            String before = figures.putIfAbsent(key, interval.group(3));
            if (before != null && !before.equals(interval.group(3))) {
              twice.add(key);
            }
          }
        };
  }

  @AfterEach
  void end() {
    stop();
  }

  private Journal journal() {
    if (journal == null) {
      throw new IllegalStateException("not started");
    }
    return journal;
  }

  private void start() {
    Journal opened =
        Journal.open(
            new JournalOptions(
                folder.resolve("card/journal.db"),
                64 << 20,
                "machine",
                Connector.sqlite(),
                folder.resolve("card/volatile"),
                new KeyFile(folder.resolve("signing.key"), "machine").open(random)),
            world.time,
            random);
    world.step =
        new PublishStep(
            World.site(world.mqtt),
            new Birth("1.0", new LinkedHashMap<>()),
            opened.outbox(),
            opened::state,
            broker,
            world.ledger,
            world.time,
            random,
            null,
            reports);
    opened.onCommit(world.step::onCommit);
    journal = opened;
  }

  private void endsConnection() {
    broker.signals().drain(signal -> {}, 1024);
    broker.arrivals().drain(arrived -> {}, 1024);
    broker.up = false;
    broker.unanswered.clear();
    world.step.close();
  }

  private void stop() {
    Journal open = journal;
    journal = null;
    if (open != null) {
      endsConnection();
      open.close();
    }
  }

  private void kill() {
    endsConnection();
    Kill.kill(journal());
    journal = null;
  }

  private void commit(int count) {
    for (int i = 0; i < count; i++) {
      Batch batch = journal().begin();
      Values values = new Values.Builder().put(Point.of("power"), ++samples).build();
      long at = world.time.now().nanos();
      batch.data(Sample.of("pv", world.time.boot(), at, values), samples);
      batch.commit(samples, null);
      world.run(20);
    }
  }

  /** More than the other copy may have given out untold, away from the broker, in one commit. */
  private void commitMany() {
    Batch batch = journal().begin();
    for (int i = 0; i < MANY; i++) {
      Values values = new Values.Builder().put(Point.of("power"), ++samples).build();
      batch.data(Sample.of("pv", world.time.boot(), i, values), samples);
    }
    batch.commit(samples, null);
    world.run(20);
  }

  private void copy(String from, String to) {
    try {
      Path target = folder.resolve(to);
      if (Files.exists(target)) {
        try (Stream<Path> files = Files.list(target)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Files.delete(file);
          }
        }
      }
      Files.createDirectories(target);
      Files.createDirectories(folder.resolve(from));
      try (Stream<Path> files = Files.list(folder.resolve(from))) {
        for (Path file : files.filter(f -> f.toString().contains("journal.db")).toList()) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /**
   * The original, up to the copy and beyond it: the broker has 20 records that the copy has not.
   */
  private void original() {
    start();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "image");
    start();
    commit(20);
    world.run(70_000);
    stop();
  }

  /** Tells an interval as the ledger does, whose figure is of this copy alone. */
  private void tell(String length, long start, long end, int rev) {
    Batch batch = journal().begin();
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("elec.grid.import", new Metric(++samples * 7L, "kW.h", Quality.MEASURED, 100, 0));
    batch.interval(
        new Interval(
            length, start, end, rev, metrics, new LinkedHashMap<>(), new LinkedHashMap<>()));
    batch.commit(wallMillis(), null);
    world.run(20);
  }

  private void tell(long start, int rev) {
    tell("15m", start, start + QUARTER, rev);
  }

  private long wallMillis() {
    return world.time.wall().millisAt(world.time.now());
  }

  private long quarter() {
    return Math.floorDiv(wallMillis(), QUARTER) * QUARTER;
  }

  /** Revisions that were told of a quarter of an hour, each with its figures. */
  private SequencedMap<Integer, String> told(long start) {
    SequencedMap<Integer, String> found = new TreeMap<>();
    String of = "15m\",\"start\":" + start + " rev ";
    figures.forEach(
        (key, metrics) -> {
          if (key.startsWith(of)) {
            found.put(Integer.parseInt(key.substring(of.length())), metrics);
          }
        });
    return found;
  }

  /**
   * The original: a copy of it is made, also while it runs; then it tells an interval that is over,
   * and revises it.
   *
   * @return the interval's start
   */
  private long originalThatTold(boolean isHot) {
    world.time.advanceMillis(4 * QUARTER); // away from an original before
    start();
    commit(10);
    world.run(70_000);
    if (isHot) {
      copy("card", "image");
    } else {
      stop();
      copy("card", "image");
      start();
    }
    long start = quarter() - QUARTER;
    tell(start, 0);
    tell(start, 1);
    world.run(70_000);
    kill();
    return start;
  }

  private void restoreElsewhere() {
    restore();
    world.time.reboot(5000);
  }

  private void restore() {
    restore("image");
  }

  /** On a machine whose memory knows nothing of what was delivered. */
  private void restore(String image) {
    copy(image, "card");
    copy("nothing", "card/volatile");
    world.time.advanceMillis(60_000);
  }

  private void away(boolean down) {
    broker.isDown = down;
  }

  /** Everything that a copy numbered was delivered, with one content, or is declared. */
  private void settled() {
    away(false);
    world.run(600_000);
    for (int i = 0; i < 6 && (i < 2 || journal().state().waiting() > 0); i++) {
      commit(3); // what was set aside meanwhile is declared with it
      world.run(70_000);
    }
    assertEquals(List.of(), twice);
    StoreSnapshot state = journal().state();
    assertEquals(0, state.waiting(), state::toString);
    assertEquals(
        3, delivered(state.epoch()).stream().filter(seq -> seq > state.last() - 3).count());
  }

  private List<Long> delivered(String epoch) {
    return contents.keySet().stream()
        .filter(key -> key.startsWith(epoch + "/"))
        .map(key -> Long.parseLong(key.substring(key.indexOf('/') + 1)))
        .sorted()
        .toList();
  }

  private static List<Drop> drops(StoreSnapshot state, String epoch) {
    return state.epoch().equals(epoch)
        ? state.dropped()
        : state.previous().stream()
            .filter(previous -> previous.epoch().equals(epoch))
            .map(Previous::dropped)
            .findAny()
            .orElseThrow();
  }

  private long told() {
    return count("journal.store_ahead");
  }

  private long count(String event) {
    return world.eventNames().stream().filter(event::equals).count();
  }

  @Test
  void aCopyThatCaughtUpBeforeItSawTheBrokerUsesNoNumberTwice() {
    original();
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commitMany();
    settled();
    assertEquals(1, told());
    assertNotEquals(epoch, journal().state().epoch());
    // 11..30 are the original's. What the copy has under these is declared, the others went.
    assertEquals(REUSED, dropped(epoch));
    assertEquals(30 + MANY - REUSED, delivered(epoch).size());
  }

  private long dropped(String epoch) {
    return drops(journal().state(), epoch).stream()
        .filter(drop -> drop.reason().equals("number_reused"))
        .mapToLong(Drop::count)
        .sum();
  }

  /** The second time only the first copy's store tells of the original. */
  @Test
  void whatBothCopiesHadIsReplayedAndOnlyWhatCameAfterIsDeclared() {
    original();
    String epoch = contents.keySet().iterator().next().split("/")[0];
    for (int i = 0; i < 2; i++) {
      restore();
      away(true);
      start();
      commit(5);
      settled();
      assertBothHadTen(epoch);
      stop();
      start();
      settled();
      assertBothHadTen(epoch);
      stop();
    }
    assertEquals(2, told());
  }

  /** The broker knows that it was another copy, and of no number that this one gave out. */
  @Test
  void anOriginalThatToldOfNoneOfItsNumbersIsFoundOutToo() {
    start();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "image");
    start();
    world.run(2000);
    commit(5);
    kill();
    String epoch = contents.keySet().iterator().next().split("/")[0];
    assertEquals(15, delivered(epoch).size());
    for (int i = 0; i < 2; i++) {
      restore();
      start();
      commit(5);
      settled();
      assertEquals(1 + i, told());
      stop();
    }
  }

  private void assertBothHadTen(String epoch) {
    Outbox outbox = journal().outbox();
    assertEquals(new Range(11, 10 + REUSED), outbox.reused(epoch));
    assertEquals(15, outbox.last(epoch));
    assertEquals(5, dropped(epoch));
    List<String> again = new ArrayList<>();
    List<Range> gone = new ArrayList<>();
    for (long from = 1; from <= 15; ) {
      Reread kept = Objects.requireNonNull(outbox.again(epoch, from, 15, 100));
      kept.records().forEach(record -> again.add(RecordJson.of(record)));
      gone.addAll(kept.gone());
      from = kept.next();
    }
    assertEquals(
        LongStream.rangeClosed(1, 10).mapToObj(seq -> contents.get(epoch + "/" + seq)).toList(),
        again);
    assertEquals(List.of(new Range(11, 15)), gone);
  }

  /** The copy's own agent.start, which names a longer time, is among what may not be sent. */
  @Test
  void sinceWhenTheReplacedCardHadDeliveredNothingIsTold() {
    original();
    byte[] store = Objects.requireNonNull(broker.retained.get("lingtan/v1/gw/store"));
    StoreJson.EpochState told = Objects.requireNonNull(StoreJson.told(store));
    restore();
    start();
    settled();
    Event event =
        world.events.stream()
            .filter(one -> one.name().equals("journal.store_ahead"))
            .findAny()
            .orElseThrow();
    assertEquals(told.tsMillis(), event.detail().get("since"));
  }

  /** Told with the totals of a copy, among what may not be sent. */
  private void commitUncounted(long since) {
    Batch batch = journal().begin();
    Event event = Event.of("meter.uncounted", Event.Severity.WARNING, "water").with("since", since);
    batch.event(event.with("pulses", 5L), world.time.now().nanos(), since + 1);
    batch.commit(samples, null);
    world.run(20);
  }

  /** What was delivered of such events, in the order of their numbers: {@code epoch since}. */
  private List<String> uncounted() {
    Pattern since =
        Pattern.compile("\"ts\":(\\d+),\"event\":\"meter.uncounted\".*\"since\":(\\d+)");
    List<String> all = new ArrayList<>();
    for (String epoch :
        contents.keySet().stream().map(key -> key.split("/")[0]).distinct().toList()) {
      for (long seq : delivered(epoch)) {
        Matcher event = since.matcher(Objects.requireNonNull(contents.get(epoch + "/" + seq)));
        if (event.find()) {
          assertEquals(Long.parseLong(event.group(2)) + 1, Long.parseLong(event.group(1)));
          all.add(epoch + " " + event.group(2));
        }
      }
    }
    return all;
  }

  @Test
  void sinceWhenACopyDidNotCountPulsesIsToldOnceUnderANumberOfTheNextEpoch() {
    original();
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commit(2);
    commitUncounted(1_000);
    kill();
    start();
    commitUncounted(2_000);
    settled();
    String next = journal().state().epoch();
    assertEquals(List.of(next + " 1000", next + " 2000"), uncounted());
    assertEquals(4, dropped(epoch));
  }

  @Test
  void soItIsIfTheCopyEndsBeforeItsDropIsDeclared() {
    for (boolean isClean : new boolean[] {true, false}) {
      contents.clear();
      original();
      restore();
      away(true);
      start();
      String epoch = journal().state().epoch();
      commitUncounted(1_000);
      away(false);
      long before = told();
      for (int i = 0; i < 700 && told() == before; i++) {
        world.run(1000);
      }
      commit(1); // The next epoch begins, and what has the numbers of the other is set aside.
      world.run(5000);
      assertNotEquals(epoch, journal().state().epoch());
      assertEquals(List.of(), uncounted());
      if (isClean) {
        stop();
      } else {
        kill();
      }
      start();
      settled();
      assertEquals(1, uncounted().size(), uncounted()::toString);
      assertEquals(1, dropped(epoch));
      stop();
    }
  }

  @Test
  void noMoreSoAfterAKillOfTheCopy() {
    original();
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commitMany();
    kill();
    start();
    assertEquals(epoch, journal().state().epoch());
    commit(5);
    settled();
    assertEquals(REUSED, dropped(epoch));
  }

  @Test
  void noMoreSoAfterAPowerCutOfTheCopyWhichBeganAnotherEpoch() {
    original();
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commitMany();
    kill();
    world.time.reboot(5000);
    start();
    assertNotEquals(epoch, journal().state().epoch());
    commit(5);
    settled();
    assertEquals(REUSED, dropped(epoch));
  }

  @Test
  void theAgentThatEndsBeforeAllIsDeclaredHasNotForgottenIt() {
    original();
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commitMany();
    broker.receiveMaximum = 1;
    broker.silentOn = "batch";
    away(false);
    for (int i = 0; i < 100 && told() == 0; i++) {
      world.run(1000);
    }
    commit(1);
    world.run(5000);
    kill();
    broker.silentOn = "nothing";
    broker.receiveMaximum = 65_535;
    start();
    settled();
    assertEquals(REUSED, dropped(epoch));
  }

  @Test
  void anotherBrokerInBetweenHidesNothing() {
    original();
    Map<String, byte[]> first = new HashMap<>(broker.retained);
    restore();
    broker.retained.clear();
    start();
    String epoch = journal().state().epoch();
    commit(12); // the first broker's subscribers know 11..22 with another content
    world.run(70_000);
    assertEquals(0, told());
    stop();
    contents.clear();
    twice.clear();
    start();
    away(true);
    commitMany();
    broker.retained.clear();
    broker.retained.putAll(first);
    settled();
    assertEquals(1, told());
    // What the second broker has taken is delivered, as far as anybody can tell.
    assertEquals(REUSED - 12, dropped(epoch));
  }

  @Test
  void aCopyOlderByManyEpochsUsesNoNumberTwice() {
    original();
    for (int i = 0; i < 6; i++) {
      start();
      commit(4);
      world.run(2000);
      kill();
      world.time.reboot(5000);
    }
    start();
    commit(4);
    world.run(70_000);
    stop();
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commitMany();
    settled();
    assertNotEquals(epoch, journal().state().epoch());
    assertEquals(MANY, dropped(epoch), "how many the original gave out nobody knows any more");
  }

  /**
   * The oldest copy does not know the epoch of the second at all, and its {@code store} takes the
   * place of the one that told of it.
   */
  @Test
  void whatAnOlderCopyNeverKnewItHidesFromNoLaterOne() {
    start();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "oldest");
    boot();
    String epoch = journal().state().epoch();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "second");
    start();
    commit(20);
    world.run(70_000);
    stop();
    for (int i = 0; i < 2; i++) {
      restore("oldest");
      start();
      assertEquals(-1, journal().outbox().last(epoch));
      settled();
      stop();
    }
    restore("second");
    away(true);
    start();
    assertEquals(epoch, journal().state().epoch());
    commitMany();
    settled();
    assertNotEquals(epoch, journal().state().epoch());
    assertEquals(REUSED, dropped(epoch));
  }

  /** The second's epoch is no longer listed by the original when the oldest reads what it told. */
  @Test
  void whatTheOriginalNoLongerListedIsNotHiddenEither() {
    start();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "oldest");
    boot();
    String epoch = journal().state().epoch();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "second");
    start();
    commit(20);
    for (int i = 0; i < 7; i++) {
      boot();
    }
    world.run(70_000);
    stop();
    restore("oldest");
    start();
    settled();
    assertTrue(journal().outbox().elsewhere().unlisted() > 0);
    stop();
    restore("second");
    away(true);
    start();
    commitMany();
    settled();
    assertEquals(MANY, dropped(epoch), "how many the original gave out nobody knows any more");
  }

  @Test
  void aCopyThatTooManyOthersHaveDrivenOutOfTheListUsesNoNumberTwice() {
    start();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "oldest");
    boot();
    String epoch = journal().state().epoch();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "second");
    start();
    commit(20);
    world.run(70_000);
    stop();
    restore("oldest");
    start();
    settled();
    for (int i = 0; i < 40; i++) {
      String other = "0000%04d".formatted(i);
      Elsewhere nothing = new Elsewhere(List.of(), 0);
      journal().outbox().learn("0a-" + i + "-1", other, Map.of(other, 5L), nothing);
    }
    commit(1);
    kill();
    start();
    settled();
    Elsewhere known = journal().outbox().elsewhere();
    assertEquals(32, known.used().size());
    assertTrue(known.unlisted() > 8, known::toString);
    stop();
    restore("second");
    away(true);
    start();
    commitMany();
    settled();
    assertEquals(MANY, dropped(epoch));
  }

  /** As after a power cut: an epoch begins. */
  private void boot() {
    if (journal == null) {
      start();
    }
    commit(4);
    world.run(2000);
    kill();
    world.time.reboot(5000);
    start();
    commit(4);
  }

  /** It knows the epoch, and gave out fewer numbers of it than the original had. */
  @Test
  void whatAnOlderCopyEndedEarlierItHidesFromNoLaterOne() {
    start();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "oldest");
    start();
    String epoch = journal().state().epoch();
    commit(10);
    world.run(2000);
    stop();
    copy("card", "second");
    start();
    commitMany();
    commitMany();
    world.run(70_000);
    stop();
    restore("oldest");
    start();
    settled();
    stop();
    restore("second");
    away(true);
    start();
    assertEquals(epoch, journal().state().epoch());
    commitMany();
    commitMany();
    settled();
    assertNotEquals(epoch, journal().state().epoch());
    assertEquals(2L * MANY, dropped(epoch));
  }

  @Test
  void whoeverStopsStartsAndReconnectsAsUsualIsNoCopy() {
    start();
    String epoch = journal().state().epoch();
    for (int i = 0; i < 5; i++) {
      commit(5);
      world.run(70_000);
      broker.drop();
      away(true);
      commit(5);
      away(false);
      world.run(70_000);
      if (i % 2 == 0) {
        stop();
      } else {
        kill();
      }
      away(true);
      start();
      commit(5);
      kill();
      start();
      commit(5);
      away(false);
      world.run(600_000);
    }
    settled();
    assertEquals(0, told());
    assertEquals(epoch, journal().state().epoch());
    assertEquals(List.of(), journal().state().dropped());
  }

  @Test
  void aForgedStoreDropsNothingOfWhatWaits() {
    start();
    commit(3);
    world.run(2000);
    stop();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commitMany();
    String file = journal().outbox().run().replaceAll("-.*", "");
    for (String forged :
        List.of(
            "{\"epoch\":\"%s\",\"last\":9223372036854775807,\"acked\":0}".formatted(epoch),
            "{\"epoch\":\"%s\",\"run\":\"0-0-0\",\"last\":999999,\"acked\":0}".formatted(epoch),
            "{\"epoch\":\"feed\",\"run\":\"%s-0-999999\",\"last\":1,\"acked\":1}"
                .formatted(file))) {
      broker.retained.put("lingtan/v1/gw/store", forged.getBytes(StandardCharsets.UTF_8));
      away(false);
      world.run(600_000);
      broker.drop();
      away(true);
      commitMany();
    }
    settled();
    StoreSnapshot state = journal().state();
    assertEquals(List.of(), state.dropped());
    state.previous().forEach(previous -> assertEquals(List.of(), previous.dropped()));
    assertEquals(samples, contents.size());
    assertEquals(0, told());
    assertEquals(3, count("journal.store_unsigned"));
    assertEquals(2, state.previous().size() + 1, "epochs: such a store ends one of a process");
  }

  /**
   * The broker holds a store of the original, also after the copy has followed it, and for ever.
   */
  @Test
  void aReplayedStoreOfTheOriginalDropsNothingOnceMore() {
    original();
    for (int i = 0; i < 6; i++) {
      start();
      commit(4);
      world.run(2000);
      kill();
      world.time.reboot(5000);
    }
    start();
    commit(4);
    world.run(70_000);
    stop();
    byte[] store = broker.retained.get("lingtan/v1/gw/store");
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commit(20);
    settled();
    assertEquals(20, dropped(epoch));
    String next = journal().state().epoch();
    for (int i = 0; i < 3; i++) {
      broker.drop();
      away(true);
      commit(20);
      broker.retained.put("lingtan/v1/gw/store", store);
      settled();
    }
    assertEquals(next, journal().state().epoch());
    assertEquals(List.of(), journal().state().dropped());
    assertEquals(1, told());
  }

  @Test
  void aStoreOfAVersionThatDidNotSignBeginsAnEpochAndDropsNothing() {
    original();
    broker.retained.replaceAll(
        (topic, payload) ->
            new String(payload, StandardCharsets.UTF_8)
                .replaceAll(",\"(run|sig)\":\"[^\"]*\"", "")
                .getBytes(StandardCharsets.UTF_8));
    restore();
    away(true);
    start();
    String epoch = journal().state().epoch();
    commit(5);
    away(false);
    world.run(600_000);
    commit(5);
    world.run(70_000);
    assertEquals(1, count("journal.store_unsigned"));
    assertNotEquals(epoch, journal().state().epoch());
    assertEquals(0, dropped(epoch));
    assertEquals(0, journal().state().waiting());
  }

  @Test
  void aStoreLeavesBeforeMoreNumbersDoThanACopyCountsAsUsed() {
    long most = mostUntold(StoreAhead.UNTOLD / 2);
    assertTrue(most > 0 && most <= StoreAhead.UNTOLD, most + " numbers after the last store");
  }

  /** Whether the broker has it nobody knows before its PUBACK. */
  @Test
  void aStoreThatIsUnderWayIsNotTold() {
    start();
    commit(1);
    world.run(70_000);
    broker.silentOn = "/store";
    for (int i = 0; i < 4; i++) {
      commitMany();
    }
    world.run(5_000);
    String epoch = journal().state().epoch();
    assertEquals(1 + StoreAhead.UNTOLD, delivered(epoch).size());
    broker.silentOn = "nothing";
    world.run(90_000);
    assertEquals(samples, delivered(epoch).size());
  }

  @Test
  void aBrokerThatForbidsStoresGetsEverything() {
    broker.reason = message -> message.topic().endsWith("/store") ? 0x87 : 0;
    mostUntold(4096);
    assertEquals(0, journal().state().waiting());
    assertEquals(samples, delivered(journal().state().epoch()).size());
    assertEquals(1, count("uplink.refused"));
  }

  private long mostUntold(int commits) {
    start();
    commit(1);
    world.run(70_000);
    StoreJson.EpochState told = null;
    long most = 0;
    int before = broker.got.size();
    for (int i = 0; i < 6; i++) {
      Batch batch = journal().begin();
      for (int n = 0; n < commits; n++) {
        Values values = new Values.Builder().put(Point.of("power"), ++samples).build();
        batch.data(Sample.of("pv", world.time.boot(), samples, values), samples);
      }
      batch.commit(samples, null);
      world.run(500);
    }
    world.run(20_000);
    for (MemoryBroker.Got got : broker.got.subList(before, broker.got.size())) {
      if (got.topic().endsWith("/store")) {
        told = StoreJson.told(got.message().payload());
      } else {
        Matcher record = RECORD.matcher(got.message().text());
        while (record.find()) {
          long last = told == null ? 1 : told.last();
          most = Math.max(most, Long.parseLong(record.group(2)) - last);
        }
      }
    }
    commit(1); // saves what was acknowledged
    world.run(5_000);
    return most;
  }

  @Test
  void whatTheLostCardToldIsToldAgainWithAHigherRevisionAndNotBelieved() {
    for (boolean isHot : new boolean[] {false, true}) {
      figures.clear();
      long start = originalThatTold(isHot);
      restoreElsewhere();
      start();
      commit(2);
      world.run(70_000);
      tell(start, 0);
      tell(start, 1);
      long later = quarter() + QUARTER;
      tell(later, 0);
      settled();
      SequencedMap<Integer, String> told = told(start);
      assertEquals(4, told.size(), told::toString);
      assertEquals(List.of(0, 1), List.copyOf(told.keySet()).subList(0, 2));
      told.forEach((rev, metrics) -> assertEquals(rev > 1, metrics.contains("suspect"), metrics));
      assertTrue(told.lastEntry().getValue().contains("older copy"), told::toString);
      List<Event> events =
          journal().takeEvents().stream()
              .filter(event -> event.name().equals("journal.told_again"))
              .toList();
      assertEquals(1, events.size(), events::toString);
      assertEquals((long) told.lastEntry().getKey() - 1, events.getFirst().detail().get("rev"));
      assertEquals(List.of(0), List.copyOf(told(later).keySet()), "nobody told that before");
      stop();
    }
  }

  /** What it told while it was away from the broker has left nowhere yet. */
  @Test
  void whatACopyToldBeforeItSawTheBrokerIsToldAgainWithAHigherRevision() {
    for (boolean isHot : new boolean[] {false, true}) {
      figures.clear();
      long start = originalThatTold(isHot);
      restoreElsewhere();
      away(true);
      start();
      String epoch = journal().state().epoch();
      tell(start, 0);
      commitMany();
      tell(start, 1);
      long last = journal().outbox().last(epoch);
      kill();
      start();
      settled();
      SequencedMap<Integer, String> told = told(start);
      assertEquals(4, told.size(), told::toString);
      assertEquals(List.of(0, 1), List.copyOf(told.keySet()).subList(0, 2));
      assertTrue(told.lastEntry().getValue().contains("suspect"), told::toString);
      Reread again =
          Objects.requireNonNull(journal().outbox().again(epoch, last, last, 1), "a replay");
      assertEquals(List.of(new Range(last, last)), again.gone());
      stop();
    }
  }

  @Test
  void aKillBeforeOrAfterItIsOnTheCardChangesNothing() {
    for (int commits = 0; commits < 2; commits++) {
      figures.clear();
      long start = originalThatTold(true);
      restoreElsewhere();
      away(true);
      start();
      tell(start, 0);
      broker.silentOn = "/event";
      broker.receiveMaximum = 1;
      away(false);
      for (int i = 0; i < 700 && !journal().outbox().isLearning(); i++) {
        world.run(1000);
      }
      assertTrue(journal().outbox().isLearning());
      if (commits > 0) {
        commit(1);
        world.run(1000);
      }
      kill();
      broker.silentOn = "nothing";
      broker.receiveMaximum = 65_535;
      start();
      settled();
      SequencedMap<Integer, String> told = told(start);
      assertEquals(3, told.size(), told::toString);
      stop();
    }
  }

  /** Also where the first card comes back in between. */
  @Test
  void aCopyThatIsPutBackAgainAndAgainTellsNoRevisionTwice() {
    long start = originalThatTold(true);
    copy("card", "lost");
    for (int i = 0; i < 4; i++) {
      restore(i % 2 == 0 ? "image" : "lost");
      world.time.reboot(5000);
      away(i > 1);
      start();
      tell(start, i % 2 == 0 ? 0 : 2);
      settled();
      assertEquals(3 + i, told(start).size(), told(start)::toString);
      kill();
    }
  }

  @Test
  void whoeverStopsAndStartsAsUsualTellsWithTheRevisionsThatAreWorkedOut() {
    start();
    long start = quarter() - QUARTER;
    for (int i = 0; i < 6; i++) {
      tell(start, i);
      world.run(70_000);
      if (i % 2 == 0) {
        stop();
      } else {
        kill();
        world.time.reboot(5000);
      }
      start();
    }
    settled();
    assertEquals(List.of(0, 1, 2, 3, 4, 5), List.copyOf(told(start).keySet()));
    assertTrue(told(start).values().stream().noneMatch(metrics -> metrics.contains("suspect")));
  }

  /** A month's document as it is made of the last record. */
  private String report(int rev) {
    String epoch = journal().state().epoch();
    String text =
        "{\"report\":\"2025-10\",\"rev\":%d,\"zone\":\"UTC\",\"record\":{\"epoch\":\"%s\",\"seq\":%d,\"rev\":%d}}"
            .formatted(rev, epoch, journal().outbox().last(epoch), rev);
    reports.put(YearMonth.of(2025, 10), text);
    return text;
  }

  private String retainedReport() {
    byte[] text = broker.retained.getOrDefault("lingtan/v1/gw/report/2025-10", new byte[0]);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Test
  void noDocumentOfAMonthIsPublishedWhoseRecordTheLostCardToldOtherwise() {
    long start = 1_759_276_800_000L;
    long end = start + 31 * 86_400_000L;
    start();
    commit(2);
    world.run(70_000);
    copy("card", "image");
    tell("1M", start, end, 0);
    String lost = report(0);
    world.run(70_000);
    assertEquals(lost, retainedReport());
    kill();
    restoreElsewhere();
    away(true);
    start();
    tell("1M", start, end, 0);
    report(0);
    settled();
    assertEquals(lost, retainedReport(), "of a record that is told again");
    tell("1M", start, end, 1);
    String next = report(1027);
    world.run(5_000);
    assertEquals(next, retainedReport());
  }
}
