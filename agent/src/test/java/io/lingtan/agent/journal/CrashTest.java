package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Randomness;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The crash contract: a card that keeps the file and any first part of the WAL. */
final class CrashTest {
  private static final long SEED = 77_001;
  private static final int ROUNDS = 60;
  private static final String[] DEVICES = {"pv1", "gate", "bat", "ely", "tank"};

  @TempDir Path folder;

  /** What the run knew after a commit had returned. */
  private record Done(long walBytes, long last, long acked, byte[] checkpoint) {}

  @Test
  void whateverPartOfTheWalSurvivesAllIntactCommitsAreThereAndNothingElse() throws IOException {
    RandomGenerator random = Randomness.seeded(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      Path here = Files.createDirectory(folder.resolve("run-" + round));
      Path copy = Files.createDirectory(folder.resolve("copy-" + round));
      // A run too short for the WAL to be copied back: then any of its first parts is a state that
      // a card can be left in.
      try (Bench bench = new Bench(here, Bench.LARGE, SEED + round)) {
        List<String> records = new ArrayList<>();
        List<Done> done = run(bench, random, records);
        Files.copy(bench.file, copy.resolve("journal.db"));
        Path wal = copy.resolve("journal.db-wal");
        Files.copy(here.resolve("journal.db-wal"), wal);
        long kept =
            done.getFirst().walBytes()
                + random.nextLong(Files.size(wal) - done.getFirst().walBytes() + 1);
        try (FileChannel channel = FileChannel.open(wal, StandardOpenOption.WRITE)) {
          channel.truncate(kept);
          if (random.nextInt(3) == 0 && kept > done.getFirst().walBytes()) {
            // A torn write: the last sector holds something else.
            byte[] torn = new byte[(int) Math.min(512, kept - done.getFirst().walBytes())];
            random.nextBytes(torn);
            kept -= torn.length;
            channel.write(ByteBuffer.wrap(torn), kept);
          }
        }
        Done expected = done.getFirst();
        for (Done each : done) {
          expected = each.walBytes() <= kept ? each : expected;
        }
        String what = "seed " + SEED + ", round " + round + ", " + kept + " bytes of the WAL kept";
        check(bench, copy, expected, records, what);
      }
    }
  }

  private static List<Done> run(Bench bench, RandomGenerator random, List<String> records)
      throws IOException {
    List<Done> done = new ArrayList<>();
    byte[] checkpoint = new byte[0];
    Path wal = bench.file.resolveSibling("journal.db-wal");
    done.add(new Done(Files.size(wal), 0, 0, checkpoint));
    int commits = 1 + random.nextInt(40);
    for (int i = 0; i < commits; i++) {
      bench.time.advanceMillis(1000);
      Batch batch = bench.journal().begin();
      for (String device : DEVICES) {
        if (random.nextBoolean()) {
          batch.data(bench.sample(device), bench.now());
        }
      }
      if (random.nextInt(5) == 0) {
        batch.interval(Bench.quarter(random.nextBoolean() ? "15m" : "1h", bench.now()));
      }
      if (random.nextInt(5) == 0) {
        batch.event(Event.of("poll.skipped", Severity.INFO), bench.time.now().nanos(), bench.now());
      }
      long last = bench.journal().state().last();
      if (random.nextInt(3) == 0 && last > 0) {
        bench.acknowledge(1, 1 + random.nextLong(last));
      }
      byte[] state = null;
      if (random.nextInt(4) == 0) {
        state = ("state " + i).getBytes(StandardCharsets.UTF_8);
        checkpoint = state;
      }
      boolean writes = batch.size() > 0 || state != null || random.nextBoolean();
      if (writes) {
        batch.commit(bench.now(), state);
      }
      StoreSnapshot after = bench.journal().state();
      try (Outbox outbox = bench.journal().outbox()) {
        for (JournalRecord record :
            outbox.read(after.epoch(), Bench.ALL, records.size() + 1L, 1000)) {
          records.add(RecordJson.of(record));
        }
      }
      if (writes) {
        done.add(new Done(Files.size(wal), after.last(), after.acked(), checkpoint));
      }
    }
    return done;
  }

  private static void check(
      Bench bench, Path copy, Done expected, List<String> records, String what) {
    JournalOptions options =
        new JournalOptions(copy.resolve("journal.db"), Bench.LARGE, Bench.MACHINE);
    try (Journal journal = Journal.open(options, bench.time, bench.random)) {
      assertEquals(List.of(), journal.openingEvents(), what);
      StoreSnapshot state = journal.state();
      assertEquals(expected.last(), state.last(), what);
      assertEquals(expected.acked(), state.acked(), what);
      Checkpoint checkpoint = journal.checkpoint();
      assertEquals(
          new String(expected.checkpoint(), StandardCharsets.UTF_8),
          checkpoint == null ? "" : new String(checkpoint.state(), StandardCharsets.UTF_8),
          what);
      // What is numbered next follows what is there, stream by stream.
      Batch batch = journal.begin();
      for (String device : DEVICES) {
        batch.data(bench.sample(device), bench.now());
      }
      batch.interval(Bench.quarter("15m", bench.now()));
      batch.event(Event.of("agent.start", Severity.INFO), 0, bench.now());
      batch.commit(bench.now(), null);
      List<JournalRecord> waiting = new ArrayList<>();
      try (Outbox outbox = journal.outbox()) {
        Bench.drain(outbox, state.epoch(), waiting);
      }
      Map<String, Long> last = new HashMap<>();
      long seq = expected.acked();
      for (JournalRecord record : waiting) {
        assertEquals(++seq, record.seq(), what);
        if (seq <= expected.last()) {
          assertEquals(records.get((int) seq - 1), RecordJson.of(record), what);
        }
        Long before = last.put(stream(record), seq);
        assertTrue(
            before == null ? record.after() <= expected.acked() : record.after() == before,
            () -> what + ", after of " + record);
      }
      assertEquals(expected.last() + DEVICES.length + 2, seq, what);
    }
  }

  private static String stream(JournalRecord record) {
    return switch (record) {
      case DataRecord data -> data.sample().device();
      case IntervalRecord interval -> "interval " + interval.length();
      case EventRecord event -> "event";
    };
  }

  @Test
  void acrossCopiesOfTheWalIntoTheFileEveryReturnedCommitIsThere() throws IOException {
    RandomGenerator random = Randomness.seeded(SEED);
    Path copy = Files.createDirectory(folder.resolve("copy"));
    try (Bench bench = new Bench(folder, 512 * 1024, SEED)) {
      bench.journal().state();
      for (int i = 0; i < 600; i++) {
        bench.commit(DEVICES);
        if (random.nextInt(40) == 0) {
          for (String suffix : List.of("", "-wal")) {
            Files.deleteIfExists(copy.resolve("journal.db" + suffix));
            Files.copy(folder.resolve("journal.db" + suffix), copy.resolve("journal.db" + suffix));
          }
          JournalOptions options =
              new JournalOptions(copy.resolve("journal.db"), 512 * 1024, Bench.MACHINE);
          StoreSnapshot expected = bench.journal().state();
          try (Journal journal = Journal.open(options, bench.time, bench.random)) {
            assertEquals(List.of(), journal.openingEvents());
            assertEquals(expected.last(), journal.state().last(), "seed " + SEED);
            assertEquals(expected.dropped(), journal.state().dropped(), "seed " + SEED);
            assertEquals(expected.first(), journal.state().first(), "seed " + SEED);
          }
        }
      }
    }
  }
}
