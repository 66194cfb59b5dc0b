package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.Randomness;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files that were cut short, and files in which bits have changed, anywhere: what is read from them
 * is what was written or nothing, what is numbered next has a number of its own, and it is said.
 *
 * <p>{@code -Dlingtan.damages=N} tries N files, from seed {@code -Dlingtan.damages.from=S} on.
 */
final class DamagedJournalTest {

  private static final int PAGE = 1024;
  private static final int COMMITS = 60;

  /** Commits after which all holes of a file are declared. */
  private static final int MOST_HOLES = 40;

  /** Seeds that found something. */
  private static final List<Long> STANDING =
      List.of(278L, 2242L, 75L, 238L, 284L, 713L, 23_260L, 23_396L);

  @TempDir Path folder;

  /** What was written, by key, and which of it was never acknowledged. */
  private final Map<String, JournalRecord> written = new HashMap<>();

  private final Set<String> waiting = new HashSet<>();
  private final SortedMap<String, Integer> outcomes = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();

  private static String key(JournalRecord record) {
    return record.epoch() + "/" + record.seq();
  }

  /** Two images: of a journal that was closed, and of one whose process was killed. */
  private void write(Path origin) throws IOException {
    RandomGenerator random = Randomness.seeded(3);
    try (Bench bench = new Bench(origin)) {
      for (int i = 0; i < COMMITS; i++) {
        bench.time.advanceMillis(1000);
        Batch batch = bench.journal().begin();
        for (int n = random.nextInt(12); n >= 0; n--) {
          batch.data(
              Bench.anySample(random, bench.time.boot(), bench.time.now().nanos()), bench.now());
        }
        if (i % 5 == 0) {
          batch.event(
              Event.of("agent.start", Event.Severity.INFO), bench.time.now().nanos(), bench.now());
          batch.interval(Bench.quarter("15m", bench.now()));
        }
        batch.commit(bench.now(), new byte[40]);
        if (i == COMMITS / 2) {
          bench.acknowledge(1, 50);
          bench.powerCut();
        }
      }
      bench.acknowledge(1, 30);
      bench.commit("last");
      for (String epoch : epochs(bench.journal())) {
        for (JournalRecord record : again(bench.journal(), epoch)) {
          written.put(key(record), record);
        }
      }
      bench.waiting().forEach(record -> waiting.add(key(record)));
      copy(origin, folder.resolve("killed"));
    }
    copy(origin, folder.resolve("closed"));
  }

  private static List<String> epochs(Journal journal) {
    List<String> epochs = new ArrayList<>();
    journal.state().previous().stream().map(Previous::epoch).forEach(epochs::add);
    epochs.add(journal.state().epoch());
    return epochs;
  }

  private static List<JournalRecord> again(Journal journal, String epoch) {
    List<JournalRecord> all = new ArrayList<>();
    try (Outbox outbox = journal.outbox()) {
      long next = 1;
      while (next <= outbox.last(epoch)) {
        Reread piece = outbox.again(epoch, next, Segment.MOST_SEQ, 1000);
        if (piece == null || piece.next() <= next) {
          break;
        }
        all.addAll(piece.records());
        next = piece.next();
      }
    }
    return all;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (String suffix : List.of("", "-wal")) {
      Path file = from.resolve("journal.db" + suffix);
      if (Files.exists(file)) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Returns what was done, for whoever looks into a failure. */
  private static String damage(Path file, RandomGenerator random) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int page = random.nextInt(Math.max(1, bytes.length / PAGE)) * PAGE;
    int end = Math.min(bytes.length, page + PAGE);
    String what = file.getFileName() + " of " + bytes.length + " bytes: ";
    switch (random.nextInt(6)) {
      case 0 -> {
        int length = random.nextInt(bytes.length);
        bytes = Arrays.copyOf(bytes, length);
        what += "cut to " + length;
      }
      case 1 -> {
        Arrays.fill(bytes, page, end, (byte) 0);
        what += "page " + page / PAGE + " is zero";
      }
      case 2 -> {
        byte[] noise = new byte[end - page];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, page, noise.length);
        what += "page " + page / PAGE + " is noise";
      }
      default -> {
        int bits = 1 + random.nextInt(4);
        for (int i = 0; i < bits; i++) {
          int at = page + random.nextInt(end - page);
          int bit = random.nextInt(8);
          bytes[at] ^= (byte) (1 << bit);
          what += "bit " + at + "." + bit + " ";
        }
      }
    }
    Files.write(file, bytes);
    return what;
  }

  private void attempt(long seed) throws IOException {
    RandomGenerator random = Randomness.seeded(seed);
    Path place = folder.resolve("case");
    boolean killed = random.nextInt(3) == 0;
    copy(folder.resolve(killed ? "killed" : "closed"), place);
    Path wal = place.resolve("journal.db-wal");
    Path file = Files.exists(wal) && random.nextBoolean() ? wal : place.resolve("journal.db");
    String what = "seed " + seed + ": " + damage(file, random);
    try (Bench bench = new Bench(place, Bench.LARGE, 1_000_000 + seed)) {
      read(bench, what);
    } catch (JournalUnavailable e) {
      count("refused");
      // What the header says of whose file it is a person has to look at.
      if (!e.said().english().contains("another program")
          && !e.said().english().contains("a newer version")) {
        wrong.add(what + ": " + e.getMessage());
      }
    } catch (RuntimeException e) {
      wrong.add(what + ": " + e);
    }
    remove(place);
  }

  private void read(Bench bench, String what) {
    Set<String> told = new HashSet<>();
    bench.journal().openingEvents().forEach(event -> told.add(event.name()));
    Set<String> found = new HashSet<>();
    for (String epoch : epochs(bench.journal())) {
      for (JournalRecord record : again(bench.journal(), epoch)) {
        check(record, what, "is read again");
        found.add(key(record));
      }
    }
    for (JournalRecord record : bench.waiting()) {
      check(record, what, "is delivered");
      found.add(key(record));
    }
    Set<String> before = new HashSet<>();
    bench.waiting().forEach(record -> before.add(key(record)));
    bench.commit("new", "newer");
    for (JournalRecord record : bench.waiting()) {
      JournalRecord first = written.get(key(record));
      if (first != null && !before.contains(key(record))) {
        wrong.add(what + ": " + key(record) + " has two contents");
      }
    }
    bench.journal().takeEvents().forEach(event -> told.add(event.name()));
    Map<String, List<Drop>> drops = delivered(bench, told);
    List<String> gone = waiting.stream().filter(key -> !found.contains(key)).sorted().toList();
    List<String> silent = gone.stream().filter(key -> !isDropped(key, drops)).toList();
    // A WAL that cannot be read is, to SQLite, a file as it was before: that is told by a boot that
    // was not clean, and by what the broker has retained.
    if (!silent.isEmpty() && !told.contains("journal.set_aside") && !what.contains("-wal")) {
      wrong.add(what + ": " + silent + " are gone, and nothing is said");
    }
    before.stream()
        .filter(key -> isDropped(key, drops))
        .forEach(key -> wrong.add(what + ": " + key + " is delivered, and declared to be gone"));
    count(
        told.contains("journal.set_aside")
            ? "set aside"
            : !gone.isEmpty()
                ? "some gone, and said"
                : told.isEmpty() ? "nothing noticed" : "told");
  }

  /**
   * A broker takes what there is: by then everything else must have been declared.
   *
   * @return what was, by epoch
   */
  private static Map<String, List<Drop>> delivered(Bench bench, Set<String> told) {
    StoreSnapshot state = bench.journal().state();
    boolean waits = true;
    for (int i = 0; i < MOST_HOLES && waits; i++) {
      try (Outbox outbox = bench.journal().outbox()) {
        bench.waiting().forEach(record -> outbox.acknowledged(record.epoch(), record.seq()));
      }
      bench.commit("newest");
      bench.journal().takeEvents().forEach(event -> told.add(event.name()));
      state = bench.journal().state();
      waits =
          state.acked() < state.last() - 1
              || state.previous().stream().anyMatch(epoch -> epoch.acked() < epoch.last());
    }
    Map<String, List<Drop>> drops = new HashMap<>();
    state.previous().forEach(epoch -> drops.put(epoch.epoch(), epoch.dropped()));
    drops.put(state.epoch(), state.dropped());
    return drops;
  }

  private static boolean isDropped(String key, Map<String, List<Drop>> drops) {
    long seq = Long.parseLong(key.substring(key.indexOf('/') + 1));
    return drops.getOrDefault(key.substring(0, key.indexOf('/')), List.of()).stream()
        .anyMatch(drop -> drop.from() <= seq && seq <= drop.to());
  }

  private void check(JournalRecord record, String what, String how) {
    JournalRecord before = written.get(key(record));
    if (!record.equals(before)) {
      wrong.add(what + ": " + key(record) + " " + how + " and is not what was written: " + record);
    }
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private static void remove(Path place) throws IOException {
    Files.walkFileTree(
        place,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Test
  void whateverBecomesOfTheFileNothingWrongComesOutOfIt() throws IOException {
    write(folder.resolve("origin"));
    assertTrue(written.size() > 300 && waiting.size() > 200, written.size() + " written");
    long from = Long.getLong("lingtan.damages.from", 1);
    long count = Long.getLong("lingtan.damages", 200);
    for (long seed = from; seed < from + count; seed++) {
      attempt(seed);
    }
    for (long seed : STANDING) {
      attempt(seed);
    }
    System.out.println(count + " files from seed " + from + ": " + outcomes);
    assertEquals(
        List.of(), wrong.subList(0, Math.min(20, wrong.size())), () -> wrong.size() + " are wrong");
  }

  /** Whatever the layout of the file: what a bit did that the seeds above have changed once. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          amid another's numbers | some gone, and said | UPDATE data SET id = 1 + (SELECT max(id) FROM data before WHERE before.id < data.id AND count > 1) WHERE id = (SELECT max(id) FROM data)
          beyond all numbers | some gone, and said | UPDATE report SET id = id + 1048576 WHERE id = (SELECT max(id) FROM report WHERE id >> 40 = 1)
          a count below one | some gone, and said | UPDATE data SET count = -120 WHERE id = (SELECT max(id) FROM data WHERE id >> 40 = 1)
          a column that is called otherwise | set aside | UPDATE sqlite_master SET sql = replace(sql, 'intervals', 'intervads') WHERE name = 'report'
          a table that is called otherwise | set aside | UPDATE sqlite_master SET sql = replace(sql, 'TABLE serial', 'TABLE seriad') WHERE name = 'serial'
          """)
  void whatOneBitHidIsSaid(String what, String outcome, String change) throws Exception {
    write(folder.resolve("origin"));
    Path place = folder.resolve("case");
    copy(folder.resolve("closed"), place);
    try (Connection file =
            DriverManager.getConnection("jdbc:sqlite:" + place.resolve("journal.db"));
        Statement statement = file.createStatement()) {
      statement.execute("PRAGMA writable_schema = ON");
      assertEquals(1, statement.executeUpdate(change));
    }
    try (Bench bench = new Bench(place, Bench.LARGE, 1_000_000)) {
      read(bench, what);
    }
    assertEquals(List.of(), wrong);
    assertEquals(Map.of(outcome, 1), outcomes);
  }
}
