package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.RecordJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers, epochs, acknowledgements and what is delivered, on a real file. */
final class JournalTest {
  @TempDir Path folder;

  @Test
  void recordsAreNumberedFromOneWithoutHolesAndChainedByStream() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
      bench.interval("15m");
      bench.commit("a", "b");
      bench.interval("1h");
      bench.interval("15m");
      bench.event("poll.skipped");
      List<JournalRecord> records = bench.waiting();
      assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L), seqs(records));
      assertEquals(
          List.of(0L, 0L, 0L, 1L, 2L, 0L, 3L, 0L),
          records.stream().map(JournalRecord::after).toList());
      assertEquals(8, bench.journal().state().last());
      assertEquals(1, bench.journal().state().first());
      assertEquals(8, bench.journal().state().waiting());
    }
  }

  @Test
  void inOneBatchDataComesFirstThenReportsInTheirOrder() {
    try (Bench bench = new Bench(folder)) {
      Batch batch = bench.journal().begin();
      batch.event(Event.of("agent.start", Severity.INFO), 0, Bench.START);
      batch.data(bench.sample("a"), Bench.START);
      batch.interval(Bench.quarter("15m", Bench.START));
      batch.data(bench.sample("b"), Bench.START);
      assertEquals(4, batch.size());
      batch.commit(Bench.START + 7, null);
      List<JournalRecord> records = bench.waiting();
      assertTrue(records.get(0) instanceof DataRecord);
      assertTrue(records.get(1) instanceof DataRecord);
      assertTrue(records.get(2) instanceof EventRecord);
      assertEquals(Bench.START + 7, assertIs(IntervalRecord.class, records.get(3)).tsMillis());
      assertThrows(IllegalStateException.class, () -> batch.commit(0, null));
    }
  }

  @Test
  void whatIsReadFromTheCardIsWhatWasReadFromMemory() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
      bench.interval("15m");
      bench.event("meter.reset");
      List<String> live = bench.waiting().stream().map(RecordJson::of).toList();
      bench.restarted();
      assertEquals(live, bench.waiting().stream().map(RecordJson::of).toList());
    }
  }

  @Test
  void theEpochGoesOnAfterAKillInTheSameBoot() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
      String epoch = bench.journal().state().epoch();
      bench.killed();
      assertEquals(List.of(), bench.journal().openingEvents());
      bench.commit("b", "a");
      assertEquals(epoch, bench.journal().state().epoch());
      List<JournalRecord> records = bench.waiting();
      assertEquals(List.of(1L, 2L, 3L, 4L), seqs(records));
      assertEquals(2, records.get(2).after());
      assertEquals(1, records.get(3).after());
    }
  }

  @Test
  void theEpochGoesOnAfterACleanStopAndANewBoot() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      String epoch = bench.journal().state().epoch();
      bench.journal().close();
      bench.time.reboot(60_000);
      bench.restarted();
      bench.commit("a");
      assertEquals(epoch, bench.journal().state().epoch());
      assertEquals(1, bench.waiting().getLast().after());
    }
  }

  @Test
  void aPowerCutBeginsANewEpochAndTheEarlierOneIsDeliveredUnderItsName() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      bench.interval("15m");
      String before = bench.journal().state().epoch();
      bench.powerCut();
      StoreSnapshot state = bench.journal().state();
      assertNotEquals(before, state.epoch());
      assertEquals(
          List.of(new StoreSnapshot.Previous(before, 2, 0, "unclean_boot", List.of())),
          state.previous());
      assertEquals("journal.epoch", bench.journal().openingEvents().getFirst().name());
      bench.commit("a");
      List<JournalRecord> records = bench.waiting();
      assertEquals(List.of(1L, 2L, 1L), seqs(records));
      assertEquals(before, records.getFirst().epoch());
      assertEquals(0, records.getLast().after());
      assertEquals(3, bench.journal().state().waiting());
    }
  }

  @Test
  void aClonedCardAndABrokerThatIsAheadBeginNewEpochs() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      String first = bench.journal().state().epoch();
      bench.restarted(Bench.LARGE, "machine-2");
      String second = bench.journal().state().epoch();
      Bench.endEpoch(bench.journal(), "store_ahead");
      String third = bench.journal().state().epoch();
      bench.commit("a");
      assertEquals(3, List.of(first, second, third).stream().distinct().count());
      assertEquals(
          List.of("machine", "store_ahead"),
          bench.journal().state().previous().stream().map(StoreSnapshot.Previous::reason).toList());
      assertEquals(
          List.of("journal.epoch"),
          bench.journal().takeEvents().stream().map(Event::name).toList());
      assertEquals(0, bench.waiting().getLast().after());
    }
  }

  @Test
  void thePublisherEndsAnEpochWithTheNextCommit() {
    try (Bench bench = new Bench(folder);
        Outbox outbox = bench.journal().outbox()) {
      bench.commit("a");
      String before = bench.journal().state().epoch();
      outbox.endEpoch("store_ahead", java.util.Map.of());
      assertEquals(before, bench.journal().state().epoch());
      bench.commit("a");
      assertNotEquals(before, bench.journal().state().epoch());
      assertEquals(1, bench.journal().state().last());
      bench.commit("a");
      assertEquals(2, bench.journal().state().last());
    }
  }

  @Test
  void acknowledgedRecordsAreNotReadAgainAndSurviveAKill() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 10; i++) {
        bench.commit("a", "b");
      }
      bench.acknowledge(1, 7);
      bench.acknowledge(10, 12);
      bench.acknowledge(15, 15);
      assertEquals(7, bench.journal().state().acked());
      bench.commit("a");
      bench.killed();
      StoreSnapshot state = bench.journal().state();
      assertEquals(7, state.acked());
      assertEquals(List.of(new Range(10, 12), new Range(15, 15)), state.ahead());
      assertEquals(List.of(8L, 9L, 13L, 14L, 16L, 17L, 18L, 19L, 20L, 21L), seqs(bench.waiting()));
      bench.acknowledge(8, 9);
      assertEquals(12, bench.journal().state().acked());
      assertEquals(8, bench.journal().state().waiting());
    }
  }

  @Test
  void anEmptyBatchSavesNewAcknowledgements() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
      bench.acknowledge(1, 2);
      bench.commit();
      bench.killed();
      assertEquals(2, bench.journal().state().acked());
      assertEquals(JournalRecord.UNDATED, bench.journal().state().oldestUnackedMillis());
    }
  }

  @Test
  void ofManyRangesAheadTheLargest32AreSavedAndTheRestIsSentAgain() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 200; i++) {
        bench.commit("a");
      }
      bench.acknowledge(3, 4);
      for (long seq = 6; seq <= 100; seq += 2) {
        bench.acknowledge(seq, seq);
      }
      bench.commit("a");
      int before = bench.waiting().size();
      assertEquals(201 - 2 - 48, before);
      assertEquals(32, bench.journal().state().ahead().size());
      bench.killed();
      assertEquals(32, bench.journal().state().ahead().size());
      assertEquals(new Range(3, 4), bench.journal().state().ahead().getFirst());
      assertEquals(201 - 2 - 31, bench.waiting().size());
    }
  }

  @Test
  void whatCannotBeDeliveredIsDeclaredAndDoesNotBlock() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b");
      try (Outbox outbox = bench.journal().outbox()) {
        String epoch = bench.journal().state().epoch();
        outbox.setAside(outbox.read(epoch, Bench.ALL, 1, 1).getFirst(), "too_large");
        assertEquals(2, outbox.read(epoch, Bench.ALL, 1, 10).getFirst().seq());
        outbox.acknowledged(epoch, 2);
      }
      bench.commit("a");
      assertEquals(1, bench.journal().state().waiting());
      bench.killed();
      StoreSnapshot state = bench.journal().state();
      assertEquals(1, state.waiting());
      assertEquals(
          List.of(new StoreSnapshot.Drop(1, 1, 1, Kind.DATA, "too_large")), state.dropped());
      assertEquals(2, state.acked());
    }
  }

  @Test
  void whatIsSetAsideIsNoHoleBeforeItsDropIsOnTheCard() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b", "c");
      try (Outbox outbox = bench.journal().outbox()) {
        String epoch = bench.journal().state().epoch();
        List<JournalRecord> records = bench.waiting();
        outbox.setAside(records.get(0), "too_large");
        outbox.setAside(records.get(2), "too_large");
        assertEquals(List.of(2L), seqs(outbox.read(epoch, Bench.ALL, 1, 10)));
        outbox.acknowledged(epoch, 3);
      }
      StoreSnapshot before = bench.journal().state();
      assertEquals(0, before.acked());
      assertEquals(List.of(), before.ahead());
      assertEquals(List.of(), before.dropped());
      assertEquals(3, before.waiting());
      bench.commit();
      StoreSnapshot after = bench.journal().state();
      assertEquals(1, after.acked());
      assertEquals(List.of(new Range(3, 3)), after.ahead());
      assertEquals(List.of(1L, 3L), after.dropped().stream().map(drop -> drop.from()).toList());
      assertEquals(1, after.waiting());
      bench.killed();
      assertEquals(after.acked(), bench.journal().state().acked());
      assertEquals(after.ahead(), bench.journal().state().ahead());
      assertEquals(after.dropped(), bench.journal().state().dropped());
      assertEquals(List.of(2L), seqs(bench.waiting()));
      assertEquals(1, bench.journal().state().waiting());
    }
  }

  @Test
  void waitingCountsWhatIsSetAsideAndWhatIsAcknowledgedOfAnEarlierEpochOnce() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a", "b", "c", "d");
      bench.acknowledge(4, 4);
      try (Outbox outbox = bench.journal().outbox()) {
        outbox.setAside(bench.waiting().get(1), "too_large");
      }
      bench.commit();
      bench.powerCut();
      bench.commit("a");
      assertEquals(seqs(bench.waiting()), List.of(1L, 3L, 1L));
      assertEquals(3, bench.journal().state().waiting());
    }
  }

  /** A reader that sees a number must find its record, and not wait for the next look. */
  @Test
  void whatIsNumberedIsInTheTail() throws InterruptedException {
    try (Bench bench = new Bench(folder);
        Outbox outbox = bench.journal().outbox()) {
      String epoch = bench.journal().state().epoch();
      Thread writer = new Thread(() -> bench.commit("a"));
      synchronized (bench.journal().store().tail) {
        writer.start();
        while (writer.getState() != Thread.State.BLOCKED) {
          assertTrue(writer.isAlive(), "it has committed without filling the tail");
          Thread.onSpinWait();
        }
        assertEquals(0, bench.journal().state().last());
        assertEquals(List.of(), outbox.read(epoch, Bench.ALL, 1, 10));
      }
      writer.join();
      assertEquals(List.of(1L), seqs(outbox.read(epoch, Bench.ALL, 1, 10)));
    }
  }

  @Test
  void aDroppedRecordBecomesAnEventOnce() {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      try (Outbox outbox = bench.journal().outbox()) {
        outbox.setAside(
            outbox.read(bench.journal().state().epoch(), Bench.ALL, 1, 1).getFirst(), "too_large");
      }
      bench.commit("a");
      Event event = bench.journal().takeEvents().getFirst();
      assertEquals("journal.dropped", event.name());
      assertEquals(1L, event.detail().get("count"));
      assertEquals("too_large", event.detail().get("reason"));
      assertEquals(List.of(), bench.journal().takeEvents());
    }
  }

  @Test
  void aCheckpointIsCommittedWithItsBatchAndTheRestIsFoldedAgain() {
    try (Bench bench = new Bench(folder)) {
      assertNull(bench.journal().checkpoint());
      bench.commit("a", "b");
      byte[] state = "state".getBytes(StandardCharsets.UTF_8);
      Batch batch = bench.journal().begin();
      batch.data(bench.sample("a"), bench.now());
      batch.commit(bench.now(), state);
      bench.commit("a", "b");
      bench.interval("15m");
      bench.powerCut();
      bench.commit("b");
      Checkpoint checkpoint = bench.journal().checkpoint();
      assertNotNull(checkpoint);
      assertArrayEquals(state, checkpoint.state());
      assertEquals(3, checkpoint.seq());
      List<DataRecord> again = new ArrayList<>();
      bench.journal().refold(checkpoint, again::add);
      assertEquals(List.of(4L, 5L, 1L), seqs(again));
      again.clear();
      bench.journal().refold(new Checkpoint("", 0, new byte[0]), again::add);
      assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 1L), seqs(again));
    }
  }

  @Test
  void recordsOfAnUndatedBootAreHeldUntilItIsDated() {
    try (Bench bench = new Bench(folder)) {
      bench.time.trust(false);
      bench.time.advanceMillis(5_000);
      Batch batch = bench.journal().begin();
      batch.data(bench.sample("a"), JournalRecord.UNDATED);
      batch.event(Event.of("agent.start", Severity.INFO), 4_000_000_000L, JournalRecord.UNDATED);
      batch.commit(JournalRecord.UNDATED, null);
      assertEquals(List.of(), bench.waiting());
      bench.killed();
      assertEquals(List.of(), bench.waiting());
      assertEquals(2, bench.journal().state().held());
      assertEquals(List.of("boot-1"), bench.journal().undatedBoots());
      bench.commit("a");
      assertEquals(List.of(3L), seqs(bench.waiting()));
      bench.journal().dateBoot("boot-1", Bench.START);
      bench.journal().dateBoot("boot-1", 0);
      assertEquals(0, bench.journal().state().held());
      bench.restarted();
      List<JournalRecord> records = bench.waiting();
      assertEquals(List.of(1L, 2L, 3L), seqs(records));
      assertEquals(Bench.START + 5_000, assertIs(DataRecord.class, records.get(0)).tsMillis());
      assertEquals(Bench.START + 4_000, assertIs(EventRecord.class, records.get(1)).tsMillis());
      assertEquals(List.of(), bench.journal().undatedBoots());
    }
  }

  @Test
  void recordsOfABootThatIsGivenUpStayUndatedForEver() {
    try (Bench bench = new Bench(folder)) {
      Batch batch = bench.journal().begin();
      batch.data(bench.sample("a"), JournalRecord.UNDATED);
      batch.commit(JournalRecord.UNDATED, null);
      bench.journal().releaseBoot("boot-1");
      String undated = RecordJson.of(bench.waiting().getFirst());
      assertTrue(undated.contains("\"boot\":\"boot-1\",\"mono\":0"), undated);
      bench.journal().dateBoot("boot-1", Bench.START);
      bench.killed();
      assertEquals(undated, RecordJson.of(bench.waiting().getFirst()));
      assertEquals(0, bench.journal().state().held());
    }
  }

  @Test
  void theLanesReadDataAndReportsApart() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 200; i++) {
        bench.commit("a");
        if (i % 50 == 0) {
          bench.event("poll.skipped");
        }
      }
      bench.restarted();
      String epoch = bench.journal().state().epoch();
      try (Outbox outbox = bench.journal().outbox()) {
        List<JournalRecord> reports =
            outbox.read(epoch, EnumSet.of(Kind.EVENT, Kind.INTERVAL), 1, 10);
        assertEquals(List.of(2L, 53L, 104L, 155L), seqs(reports));
        List<JournalRecord> data = outbox.read(epoch, EnumSet.of(Kind.DATA), 50, 5);
        assertEquals(List.of(50L, 51L, 52L, 54L, 55L), seqs(data));
        assertEquals(
            LongStream.rangeClosed(100, 199).boxed().toList(),
            seqs(outbox.read(epoch, Bench.ALL, 100, 100)));
      }
    }
  }

  @Test
  void aCommitWakesThePublisher() {
    try (Bench bench = new Bench(folder)) {
      List<Long> seen = new ArrayList<>();
      bench.journal().onCommit(() -> seen.add(bench.journal().state().last()));
      bench.commit("a");
      assertEquals(List.of(1L), seen);
    }
  }

  @Test
  void anUnknownEpochHasNothingAndTakesNoAcknowledgement() {
    try (Bench bench = new Bench(folder);
        Outbox outbox = bench.journal().outbox()) {
      bench.commit("a");
      assertEquals(List.of(), outbox.read("ffffffff", Bench.ALL, 1, 10));
      outbox.acknowledged("ffffffff", 1);
      outbox.acknowledged(bench.journal().state().epoch(), 2);
      assertEquals(0, bench.journal().state().acked());
      assertFalse(bench.waiting().isEmpty());
    }
  }

  private static List<Long> seqs(List<? extends JournalRecord> records) {
    return records.stream().map(JournalRecord::seq).toList();
  }

  private static <T> T assertIs(Class<T> type, Object value) {
    assertTrue(type.isInstance(value), value + " is not a " + type.getSimpleName());
    return type.cast(value);
  }
}
