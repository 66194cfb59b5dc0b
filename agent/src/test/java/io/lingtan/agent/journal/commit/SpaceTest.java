package io.lingtan.agent.journal.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Bench;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.number.Drops;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limit on disk: what goes first, and that every loss is declared with its exact count. */
final class SpaceTest {
  private static final long SMALL = 512 * 1024;
  private static final int DEVICES = 20;
  private static final List<Kind> KINDS = List.of(Kind.values());

  @TempDir Path folder;

  /** Commits until something of this kind was dropped, and says how many commits that took. */
  private static int commitUntilDropped(Bench bench, Kind kind, int most) {
    for (int i = 0; i < most; i++) {
      bench.commitWide(DEVICES);
      assertTrue(
          bench.journal().state().bytes() <= SMALL, () -> "too large: " + bench.journal().state());
      if (bench.journal().state().dropped().stream().anyMatch(d -> d.kind() == kind)) {
        return i;
      }
    }
    throw new AssertionError("nothing dropped in " + most + " commits");
  }

  @Test
  void acknowledgedHistoryGoesFirstAndIsNoLoss() {
    try (Bench bench = new Bench(folder, SMALL, 1)) {
      for (int i = 0; i < 300; i++) {
        bench.commitWide(DEVICES);
        bench.acknowledge(i * 20L + 1, i * 20L + 20);
        assertTrue(bench.journal().state().bytes() <= SMALL);
      }
      StoreSnapshot state = bench.journal().state();
      assertEquals(6000, state.last());
      assertTrue(state.first() > 1, state::toString);
      assertEquals(List.of(), state.dropped());
      assertEquals(6000, state.acked());
    }
  }

  @Test
  void oldestDataGoesNextAndIntervalsAndEventsStay() {
    try (Bench bench = new Bench(folder, SMALL, 1)) {
      bench.interval("15m");
      bench.event("meter.reset");
      commitUntilDropped(bench, Kind.DATA, 1000);
      for (int i = 0; i < 100; i++) {
        bench.commitWide(DEVICES);
      }
      StoreSnapshot state = bench.journal().state();
      List<JournalRecord> waiting = bench.waiting();
      assertEquals(1, waiting.getFirst().seq());
      assertEquals(Kind.INTERVAL, waiting.getFirst().kind());
      assertEquals(Kind.EVENT, waiting.get(1).kind());
      assertEquals(1, state.dropped().size());
      Drop drop = state.dropped().getFirst();
      assertEquals(3, drop.from());
      assertEquals(waiting.get(2).seq() - 1, drop.to());
      assertEquals(drop.to() - drop.from() + 1, drop.count());
      assertEquals("space", drop.reason());
      assertEquals(state.last(), waiting.size() + drop.count());
      assertEquals(waiting.size(), state.waiting());
    }
  }

  @Test
  void whatIsHeldDeliveredOrDroppedAddsUpToWhatWasNumbered() {
    try (Bench bench = new Bench(folder, SMALL, 3)) {
      Set<Long> delivered = new HashSet<>();
      for (int i = 0; i < 500; i++) {
        bench.commitWide(DEVICES);
        if (bench.random.nextInt(20) == 0) {
          bench.event("poll.skipped");
        }
        if (bench.random.nextInt(30) == 0) {
          bench.interval("15m");
        }
        if (bench.random.nextInt(40) == 0) {
          long last = bench.journal().state().last();
          try (Outbox outbox = bench.journal().outbox()) {
            String epoch = bench.journal().state().epoch();
            long from = 1 + bench.random.nextLong(last);
            for (JournalRecord record : outbox.read(epoch, Bench.ALL, from, 30)) {
              outbox.acknowledged(epoch, record.seq());
              delivered.add(record.seq());
            }
          }
        }
      }
      StoreSnapshot state = bench.journal().state();
      assertTrue(state.dropped().size() > 1 && state.dropped().size() <= 32, state::toString);
      long dropped = state.dropped().stream().mapToLong(Drop::count).sum();
      List<JournalRecord> waiting = bench.waiting();
      assertEquals(state.last(), delivered.size() + waiting.size() + dropped);
      assertEquals(waiting.size(), state.waiting());
      // Each record that is gone is inside a drop of its kind.
      Set<Long> held = new HashSet<>(delivered);
      waiting.forEach(record -> held.add(record.seq()));
      for (long seq = 1; seq <= state.last(); seq++) {
        long each = seq;
        assertTrue(
            held.contains(seq)
                || state.dropped().stream().anyMatch(d -> d.from() <= each && each <= d.to()),
            () -> "record " + each + " is gone undeclared");
      }
      bench.killed();
      assertEquals(state.dropped(), bench.journal().state().dropped());
    }
  }

  @Test
  void acknowledgementsGoOnOverWhatWasDropped() {
    try (Bench bench = new Bench(folder, SMALL, 1)) {
      commitUntilDropped(bench, Kind.DATA, 1000);
      bench.commitWide(DEVICES);
      Drop drop = bench.journal().state().dropped().getFirst();
      assertEquals(drop.to(), bench.journal().state().acked());
      long next = bench.waiting().getFirst().seq();
      assertEquals(drop.to() + 1, next);
      bench.acknowledge(next, next + 30);
      assertEquals(next + 30, bench.journal().state().acked());
    }
  }

  @Test
  void whenAllDataIsGoneTheOldestIntervalsAndEventsAreDroppedAndDeclared() {
    try (Bench bench = new Bench(folder, SMALL, 1)) {
      int numbered = 0;
      StoreSnapshot state = bench.journal().state();
      while (state.dropped().stream().noneMatch(d -> d.kind() == Kind.INTERVAL)) {
        bench.interval(numbered % 2 == 0 ? "15m" : "1h");
        assertTrue(numbered++ < 20_000);
        state = bench.journal().state();
        assertTrue(state.bytes() <= SMALL);
      }
      long dropped = state.dropped().stream().mapToLong(Drop::count).sum();
      assertEquals(numbered, dropped + bench.waiting().size());
    }
  }

  @Test
  void aLoweredLimitIsReachedInSmallSteps() {
    try (Bench bench = new Bench(folder, 8 << 20, 1)) {
      for (int i = 0; i < 800; i++) {
        bench.commitWide(DEVICES);
      }
      assertTrue(bench.journal().state().bytes() > 2 << 20, bench.journal().state()::toString);
      bench.restarted(SMALL, Bench.MACHINE);
      for (int i = 0; i < 200; i++) {
        bench.commitWide(DEVICES);
      }
      assertTrue(bench.journal().state().bytes() <= SMALL, bench.journal().state()::toString);
      assertFalse(bench.journal().state().dropped().isEmpty());
    }
  }

  @Test
  void dropsBeyond32AreMergedWithExactCounts() {
    List<Drop> drops = new ArrayList<>();
    long count = 0;
    for (int i = 0; i < 500; i++) {
      Kind kind = KINDS.get(i % 3);
      drops =
          new ArrayList<>(
              Drops.with(drops, new Drop(i * 10L + 1, i * 10L + 3, 2, kind, "r" + i % 7), false));
      count += 2;
      assertTrue(drops.size() <= 32);
      assertEquals(count, drops.stream().mapToLong(Drop::count).sum());
    }
    for (int i = 0; i < 500; i++) {
      long seq = i * 10L + 2;
      Kind kind = KINDS.get(i % 3);
      assertTrue(
          drops.stream().anyMatch(d -> d.kind() == kind && d.from() <= seq && seq <= d.to()));
    }
  }
}
