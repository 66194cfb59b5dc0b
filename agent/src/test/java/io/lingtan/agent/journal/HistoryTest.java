package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.History.Series;
import io.lingtan.agent.journal.History.Span;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Charts and lists out of what is kept. */
final class HistoryTest {
  private static final Point POWER = Point.of("power");

  @TempDir Path folder;

  private static void put(Bench bench, String device, long power) {
    bench.time.advanceMillis(1000);
    Batch batch = bench.journal().begin();
    batch.data(
        Sample.of(
            device,
            bench.time.boot(),
            bench.time.now().nanos(),
            new Values.Builder().put(POWER, power).build()),
        bench.now());
    batch.commit(bench.now(), null);
  }

  @Test
  void aSeriesKeepsEachPartsLowestAndHighestValue() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      for (int i = 0; i < 400; i++) {
        put(bench, "a", i == 237 ? 9_999 : i == 238 ? -9_999 : i);
        put(bench, "b", 77);
      }
      long from = Bench.START + 1000;
      Series series = history.series("a", POWER, from, from + 800_000, 8);
      assertTrue(series.complete());
      assertEquals(8, series.spans().size());
      assertEquals(new Span(from, 0, 49, 49), series.spans().getFirst());
      assertEquals(new Span(from + 400_000, -9_999, 9_999, 249), series.spans().get(4));
      Series part = history.series("a", POWER, from + 600_000, from + 602_000, 100);
      assertEquals(List.of(new Span(from + 600_000, 300, 300, 300)), part.spans());
    }
  }

  @Test
  void aSeriesGoesOnOverAcknowledgementsEpochsAndRestarts() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 10; i++) {
        put(bench, "a", i);
      }
      bench.acknowledge(1, 10);
      bench.powerCut();
      for (int i = 10; i < 20; i++) {
        put(bench, "a", i);
      }
      try (History history = bench.journal().history()) {
        List<Span> spans =
            history.series("a", POWER, Bench.START, bench.now() + 1, 100_000).spans();
        assertEquals(20, spans.size());
        assertEquals(0, spans.getFirst().last());
        assertEquals(19, spans.getLast().last());
      }
    }
  }

  @Test
  void whatIsNotThereIsLeftOutAndNotZero() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      put(bench, "a", 5);
      bench.time.advanceMillis(3_600_000);
      put(bench, "a", 6);
      assertEquals(2, history.series("a", POWER, Bench.START, bench.now() + 1, 60).spans().size());
      assertEquals(
          List.of(), history.series("nobody", POWER, Bench.START, bench.now(), 60).spans());
      assertEquals(
          List.of(),
          history.series("a", Point.of("voltage"), Bench.START, bench.now(), 60).spans());
    }
  }

  @Test
  void aTimeThatIsTooLongIsLookedAtInPlacesAndSaysSo() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      for (int i = 0; i < 9_000; i += 500) {
        Batch batch = bench.journal().begin();
        for (int k = 0; k < 500; k++) {
          bench.time.advanceMillis(1000);
          // A boot's records and another's by turns: each becomes a segment of its own.
          batch.data(
              Sample.of(
                  "a",
                  "boot-" + k % 2,
                  bench.time.now().nanos(),
                  new Values.Builder().put(POWER, i + k).build()),
              k % 2 == 0 ? bench.now() : io.lingtan.agent.reading.JournalRecord.UNDATED);
        }
        batch.commit(bench.now(), null);
      }
      Series series = history.series("a", POWER, Bench.START, bench.now() + 1, 50);
      assertFalse(series.complete());
      assertEquals(50, series.spans().size());
    }
  }

  @Test
  void theNewestEventsAndIntervalsComeFirst() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      bench.event("meter.reset");
      bench.interval("15m");
      bench.interval("1h");
      bench.event("meter.glitch");
      bench.interval("15m");
      assertEquals(
          List.of("meter.glitch", "meter.reset"),
          history.events(10).stream().map(event -> event.event().name()).toList());
      assertEquals(1, history.events(1).size());
      assertEquals(
          List.of(5L, 2L),
          history.intervals("15m", 10).stream().map(interval -> interval.seq()).toList());
    }
  }
}
