package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Batch;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalUnavailable;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.run.Randomness;
import io.lingtan.simulator.fault.HostFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real journal on a disk that fails. */
final class FaultyDiskTest {
  private static final long START = 1_764_000_000_000L;
  private static final Set<Kind> EVENTS = EnumSet.of(Kind.EVENT);

  @TempDir private Path folder;

  private final MachineClock clock = new MachineClock(START, List.of());

  private Journal journal(FaultyDisk disk) {
    return Journal.open(
        new Journal.Options(
            folder.resolve("journal.db"), 1 << 24, "machine", Duration.ofSeconds(1), disk),
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
      assertTrue(journal.state().failure().contains("disk is full"));
      wait(20);
      next.commit(clock.worldMillis(), null);
      assertEquals("", journal.state().failure());
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
}
