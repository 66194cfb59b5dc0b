package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Randomness;
import io.lingtan.simulator.fault.HostFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real journal on a disk that fails. */
final class FaultyDiskTest {
  private static final long START = 1_764_000_000_000L;
  private static final Set<Kind> EVENTS = EnumSet.of(Kind.EVENT);

  @TempDir private Path memory;

  private final Card card = Card.inMemory();
  private final MachineClock clock = new MachineClock(START, List.of());

  @AfterEach
  void removeCard() {
    card.close();
  }

  private Journal journal(FaultyDisk disk) {
    return Journal.open(
        new JournalOptions(
            card.folder().resolve("journal.db"), 1 << 24, "machine", disk, memory, null),
        clock,
        Randomness.seeded(3));
  }

  private FaultyDisk disk(long seed, HostFault... faults) {
    return new FaultyDisk(clock, List.of(faults), Randomness.seeded(seed));
  }

  private void wait(int seconds) {
    clock.advanceTo(clock.now().plus(Duration.ofSeconds(seconds)));
  }

  private void note(Batch batch, long n) {
    batch.event(
        Event.of("test.count", Severity.INFO).with("n", n),
        clock.now().nanos(),
        clock.worldMillis());
  }

  private static List<Long> counted(Journal journal) {
    try (Outbox outbox = journal.outbox()) {
      List<Long> counted = new ArrayList<>();
      for (JournalRecord record : outbox.read(journal.state().epoch(), EVENTS, 1, 1000)) {
        Object n = ((EventRecord) record).event().detail().get("n");
        if (n instanceof Long number) {
          counted.add(number);
        }
      }
      return counted;
    }
  }

  @Test
  void aFullDiskIsSaidAndNothingIsLostByIt() {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    try (Journal journal = journal(disk)) {
      Batch batch = journal.begin();
      note(batch, 1);
      batch.commit(clock.worldMillis(), null);
      wait(6);
      Batch next = journal.begin();
      note(next, 2);
      JournalUnavailable e =
          assertThrows(JournalUnavailable.class, () -> next.commit(clock.worldMillis(), null));
      assertTrue(String.valueOf(e.getMessage()).contains("disk is full"), e.getMessage());
      assertTrue(String.valueOf(journal.state().failure()).contains("disk is full"));
      wait(20);
      next.commit(clock.worldMillis(), null);
      assertNull(journal.state().failure());
      assertEquals(List.of(1L, 2L), counted(journal));
    }
    assertEquals(List.of("disk_full"), List.copyOf(disk.injected().keySet()));
  }

  @Test
  void aReadOnlyDiskFailsBeforeAnythingIsWritten() {
    FaultyDisk disk = disk(1, new HostFault.ReadOnly(START + 5_000, START + 20_000));
    try (Journal journal = journal(disk)) {
      wait(6);
      Batch batch = journal.begin();
      note(batch, 1);
      JournalUnavailable e =
          assertThrows(JournalUnavailable.class, () -> batch.commit(clock.worldMillis(), null));
      assertTrue(String.valueOf(e.getMessage()).contains("read-only"), e.getMessage());
    }
  }

  @Test
  void whatReachedTheCardThoughItsSyncFailedIsNotWrittenTwice() {
    FaultyDisk disk = disk(5, new HostFault.IoError(START + 10_000, START + 200_000));
    int failures = 0;
    try (Journal journal = journal(disk)) {
      Batch batch = journal.begin();
      for (int n = 1; n <= 250; n++) {
        note(batch, n);
        try {
          batch.commit(clock.worldMillis(), null);
          batch = journal.begin();
        } catch (JournalUnavailable e) {
          failures++;
        }
        wait(1);
      }
      assertEquals(
          IntStream.rangeClosed(1, 250).mapToObj(Long::valueOf).toList(), counted(journal));
    }
    assertTrue(failures > 150, () -> "the disk failed " + disk.injected());
  }

  private static Map<String, String> records(Journal journal) {
    Map<String, String> records = new TreeMap<>();
    try (Outbox outbox = journal.outbox()) {
      String epoch = journal.state().epoch();
      for (JournalRecord record : outbox.read(epoch, EVENTS, 1, 10_000)) {
        records.put(epoch + "/" + record.seq(), RecordJson.of(record));
      }
    }
    return records;
  }

  /** Commits, and lends what cannot be committed; the batch to go on with. */
  private Batch commitOrLend(Journal journal, Batch batch) {
    try {
      batch.commit(clock.worldMillis(), null);
      return journal.begin();
    } catch (JournalUnavailable e) {
      return batch.lend(clock.worldMillis()) ? journal.begin() : batch;
    }
  }

  @Test
  void whatIsPublishedFromMemoryIsWrittenUnderTheSameNumbers() {
    for (long seed = 1; seed <= 5; seed++) {
      // Full for a while, then failing: some transactions reach the card though they seem lost.
      long from = clock.worldMillis();
      FaultyDisk disk =
          disk(
              seed,
              new HostFault.DiskFull(from + 10_000, from + 20_000),
              new HostFault.IoError(from + 30_000, from + 90_000));
      try (Journal journal = journal(disk)) {
        Map<String, String> seen = new TreeMap<>();
        Batch batch = journal.begin();
        for (int n = 1; n <= 100; n++) {
          note(batch, n);
          batch = commitOrLend(journal, batch);
          assertEquals(0, batch.size(), "seed " + seed + ": each got its number at once");
          Map<String, String> now = records(journal);
          seen.forEach((key, record) -> assertEquals(record, now.get(key)));
          seen.putAll(now);
          wait(1);
        }
        batch.commit(clock.worldMillis(), null);
        assertNull(journal.state().failure());
        assertEquals(seen, records(journal), "seed " + seed);
        assertEquals(100, journal.state().last() - startOf(seed));
      }
      assertTrue(
          disk.injected().getOrDefault("disk_full", 0L) >= 5, () -> "struck: " + disk.injected());
      try (Journal again = journal(disk(seed))) {
        assertEquals(100 * seed, again.state().last(), "seed " + seed + ": it is on the card");
      }
    }
  }

  private static long startOf(long seed) {
    return 100 * (seed - 1);
  }

  @Test
  void acknowledgementsOfWhatIsOnlyInMemoryAreSavedWithIt() {
    FaultyDisk disk = disk(1, new HostFault.ReadOnly(START + 5_000, START + 20_000));
    try (Journal journal = journal(disk);
        Outbox outbox = journal.outbox()) {
      wait(6);
      Batch batch = journal.begin();
      note(batch, 1);
      note(batch, 2);
      batch = commitOrLend(journal, batch);
      String epoch = journal.state().epoch();
      outbox.acknowledged(epoch, 1);
      assertEquals(1, journal.state().acked());
      wait(20);
      batch.commit(clock.worldMillis(), null);
    }
    try (Journal again = journal(disk)) {
      assertEquals(1, again.state().acked());
      assertEquals(2, again.state().last());
      assertEquals(List.of(2L), counted(again));
    }
  }

  @Test
  void aProcessThatEndsWhileNumbersAreOnlyInMemoryNeverGivesThemOutAgain() throws IOException {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    String epoch;
    try (Journal journal = journal(disk)) {
      Batch batch = journal.begin();
      note(batch, 1);
      batch.commit(clock.worldMillis(), null);
      wait(6);
      batch = journal.begin();
      note(batch, 2);
      assertEquals(0, commitOrLend(journal, batch).size());
      epoch = journal.state().epoch();
      assertEquals(2, journal.state().last());
    }
    wait(20);
    try (Journal again = journal(disk)) {
      assertNotEquals(epoch, again.state().epoch());
      StoreSnapshot.Previous before = again.state().previous().getFirst();
      assertEquals("lent", before.reason());
      assertEquals(2, before.last());
      assertEquals(List.of(), before.dropped());
      assertEquals(0, before.acked(), "both are still to be delivered");
      try (Outbox outbox = again.outbox()) {
        assertEquals(2, outbox.read(epoch, EVENTS, 1, 10).size());
        outbox.acknowledged(epoch, 1);
        outbox.acknowledged(epoch, 2);
      }
      Batch batch = again.begin();
      note(batch, 3);
      batch.commit(clock.worldMillis(), null);
      assertEquals(2, again.state().previous().getFirst().acked());
    }
    String goesOn;
    try (Journal third = journal(disk)) {
      goesOn = third.state().epoch();
      assertEquals(1, third.state().previous().size(), "only the epoch that lent has ended");
    }
    try (Stream<Path> marks = Files.list(memory)) {
      // What tells an older card from this one, as long as the machine runs.
      assertEquals(List.of(memory.resolve("lingtan-acked-" + goesOn)), marks.toList());
    }
  }

  @Test
  void whatAProcessThatEndedHadOnlyInMemoryIsDeliveredUnderItsNumbers() {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    String epoch;
    String third;
    try (Journal journal = journal(disk);
        Outbox outbox = journal.outbox()) {
      wait(6);
      for (int n = 1; n <= 4; n++) {
        Batch batch = journal.begin();
        note(batch, n);
        batch.total(new PulseTotal("water", n, clock.worldMillis()));
        batch.serial("water", "number " + n);
        batch.energies(60_000L * n, new byte[] {(byte) n});
        batch.memo("told", new byte[] {(byte) n});
        assertEquals(0, commitOrLend(journal, batch).size());
      }
      epoch = journal.state().epoch();
      third = RecordJson.of(outbox.read(epoch, EVENTS, 3, 1).getFirst());
      for (long seq : new long[] {1, 2, 4}) {
        outbox.acknowledged(epoch, seq);
      }
      outbox.keepAcknowledged();
    }
    wait(20);
    try (Journal again = journal(disk);
        Outbox outbox = again.outbox()) {
      StoreSnapshot.Previous before = again.state().previous().getFirst();
      assertEquals(epoch, before.epoch());
      assertEquals("lent", before.reason());
      assertEquals(List.of(), before.dropped());
      assertEquals(4, before.last());
      assertEquals(2, before.acked());
      assertEquals(
          List.of(third),
          outbox.read(epoch, EVENTS, 1, 10).stream().map(RecordJson::of).toList(),
          "only what nobody has, and the same");
      assertEquals(4, Objects.requireNonNull(again.totals().get("water")).pulses());
      assertEquals("number 4", again.serials().get("water"));
      assertEquals(4, again.energies(0, 600_000, 10).size());
      assertArrayEquals(new byte[] {4}, again.memo("told"));
      outbox.acknowledged(epoch, 3);
      assertEquals(4, again.state().previous().getFirst().acked());
    }
  }

  @Test
  void aBatchWhoseWritingToMemoryWasCutShortWasNeverSeenByAnybody() throws IOException {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    String epoch;
    try (Journal journal = journal(disk)) {
      wait(6);
      for (int n = 1; n <= 3; n++) {
        Batch batch = journal.begin();
        note(batch, n);
        commitOrLend(journal, batch);
      }
      epoch = journal.state().epoch();
    }
    Path file = memory.resolve("lingtan-lent-" + epoch);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    wait(20);
    try (Journal again = journal(disk);
        Outbox outbox = again.outbox()) {
      assertEquals(2, again.state().previous().getFirst().last());
      assertEquals(2, outbox.read(epoch, EVENTS, 1, 10).size());
    }
    assertFalse(Files.exists(file));
  }

  @Test
  void whatWasLentIsKnownBeforeTheCardCanBeWrittenAgain() {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    String epoch;
    try (Journal journal = journal(disk)) {
      Batch batch = journal.begin();
      note(batch, 1);
      batch.commit(clock.worldMillis(), null);
      wait(6);
      batch = journal.begin();
      note(batch, 2);
      commitOrLend(journal, batch);
      epoch = journal.state().epoch();
    }
    try (Journal again = journal(disk)) {
      assertTrue(String.valueOf(again.state().failure()).contains("disk is full"));
      assertEquals(epoch, again.state().epoch());
      // Otherwise the store that is retained at the broker would seem to be another journal's.
      assertEquals(2, again.state().last());
      wait(20);
      Batch batch = again.begin();
      note(batch, 3);
      batch.commit(clock.worldMillis(), null);
      assertEquals(2, again.state().previous().getFirst().last());
      assertEquals("lent", again.state().previous().getFirst().reason());
    }
  }

  @Test
  void aDamagedMarkOfWhatWasLentEndsTheEpochAllTheSame() throws IOException {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    String epoch;
    try (Journal journal = journal(disk)) {
      Batch batch = journal.begin();
      note(batch, 1);
      batch.commit(clock.worldMillis(), null);
      wait(6);
      batch = journal.begin();
      note(batch, 2);
      commitOrLend(journal, batch);
      epoch = journal.state().epoch();
    }
    Files.writeString(memory.resolve("lingtan-lent-" + epoch), "12 0 0 3");
    wait(20);
    try (Journal again = journal(disk)) {
      assertEquals("lent", again.state().previous().getFirst().reason());
      assertEquals(1, again.state().previous().getFirst().last());
    }
  }

  @Test
  void whatWasOnlyInMemoryGoesIntoTheNextEpochIfTheFileIsTakenAway() throws IOException {
    FaultyDisk disk = disk(1, new HostFault.DiskFull(START + 5_000, START + 20_000));
    try (Journal journal = journal(disk);
        Outbox outbox = journal.outbox()) {
      Batch batch = journal.begin();
      note(batch, 1);
      batch.commit(clock.worldMillis(), null);
      wait(6);
      batch = journal.begin();
      note(batch, 2);
      note(batch, 3);
      batch = commitOrLend(journal, batch);
      String epoch = journal.state().epoch();
      outbox.acknowledged(epoch, 2);
      Files.delete(card.folder().resolve("journal.db"));
      Files.deleteIfExists(card.folder().resolve("journal.db-wal"));
      Files.deleteIfExists(card.folder().resolve("journal.db-shm"));
      wait(20);
      batch.commit(clock.worldMillis(), null);
      assertNotEquals(epoch, journal.state().epoch());
      assertEquals(List.of(3L), counted(journal), "what was delivered does not go again");
    }
  }
}
