package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.History.Place;
import io.lingtan.agent.journal.History.Reached;
import io.lingtan.agent.journal.HistoryChart.Gap;
import io.lingtan.agent.journal.HistoryChart.Line;
import io.lingtan.agent.journal.HistoryChart.Span;
import io.lingtan.agent.journal.HistoryChart.Wanted;
import io.lingtan.agent.journal.HistoryCoverage.Cell;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
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

  private static final Wanted OF_A = new Wanted("a", POWER, 10_000);

  private static List<Integer> parts(Line line) {
    return line.spans().stream().map(Span::part).toList();
  }

  @Test
  void aChartKeepsEachPartsLowestHighestAndLastValue() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      for (int i = 0; i < 400; i++) {
        put(bench, "a", i == 237 ? 9_999 : i == 238 ? -9_999 : i);
        put(bench, "b", 77);
      }
      long from = Bench.START + 1000;
      HistoryChart chart =
          history.chart(List.of(OF_A, new Wanted("b", POWER, 10_000)), from, from + 800_000, 8);
      assertTrue(chart.complete());
      Line a = chart.lines().getFirst();
      assertEquals(8, a.spans().size());
      assertEquals(new Span(0, 0, 49, 49), a.spans().getFirst());
      assertEquals(new Span(4, -9_999, 9_999, 249), a.spans().get(4));
      assertEquals(new Span(7, 77, 77, 77), chart.lines().getLast().spans().getLast());
      assertEquals(0, a.gapMillis());
      HistoryChart part = history.chart(List.of(OF_A), from + 600_000, from + 602_000, 100);
      assertEquals(List.of(new Span(0, 300, 300, 300)), part.lines().getFirst().spans());
    }
  }

  @Test
  void theFirstReadingsAreToldFromTheOldestThatAreLeft() {
    try (Bench bench = new Bench(folder.resolve("first"));
        History history = bench.journal().history()) {
      assertFalse(history.isFromTheFirst(), "there is none");
      put(bench, "a", 1);
      bench.event("line.down");
      put(bench, "a", 2);
      assertTrue(history.isFromTheFirst());
      bench.event("journal.replaced");
      assertFalse(history.isFromTheFirst(), "another journal had some");
    }
    try (Bench bench = new Bench(folder.resolve("small"), 1 << 20, 1);
        History history = bench.journal().history()) {
      bench.commitWide(100);
      long first = history.firstMillis();
      assertTrue(history.isFromTheFirst());
      for (int i = 0; i < 500 && history.firstMillis() == first; i++) {
        bench.commitWide(100);
      }
      assertFalse(history.isFromTheFirst(), "the oldest were removed");
    }
  }

  @Test
  void aChartGoesOnOverAcknowledgementsEpochsAndRestarts() {
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
            history
                .chart(List.of(OF_A), Bench.START, bench.now() + 1, 100_000)
                .lines()
                .getFirst()
                .spans();
        assertEquals(20, spans.size());
        assertEquals(0, spans.getFirst().last());
        assertEquals(19, spans.getLast().last());
      }
    }
  }

  @Test
  void whatIsNotThereIsAGapAndNotZero() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      put(bench, "a", 5);
      bench.time.advanceMillis(29_000);
      put(bench, "a", 6);
      long before = bench.now();
      bench.time.advanceMillis(3_600_000);
      put(bench, "a", 7);
      long after = bench.now();
      Line line =
          history.chart(List.of(OF_A), Bench.START + 1000, after + 60_000, 60).lines().getFirst();
      // Three periods without a reading are borne; the time to come is not missing.
      assertEquals(List.of(new Gap(before, after)), line.gaps());
      assertEquals(3_601_000, line.gapMillis());
      assertEquals(List.of(0, 59), parts(line));
      Line nobody =
          history
              .chart(List.of(new Wanted("nobody", POWER, 10_000)), Bench.START, after, 60)
              .lines()
              .getFirst();
      assertEquals(List.of(), nobody.spans());
      assertEquals(List.of(new Gap(Bench.START, after)), nobody.gaps());
      Wanted volts = new Wanted("a", Point.of("voltage"), 10_000);
      assertEquals(
          List.of(),
          history.chart(List.of(volts), Bench.START, after, 60).lines().getFirst().spans());
    }
  }

  @Test
  void aReadingBeforeTheBeginningIsNoGapAtIt() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      put(bench, "a", 5);
      bench.time.advanceMillis(20_000);
      put(bench, "a", 6);
      Line line =
          history
              .chart(List.of(OF_A), bench.now() - 15_000, bench.now() + 1, 60)
              .lines()
              .getFirst();
      assertEquals(List.of(), line.gaps());
      assertEquals(1, line.spans().size());
    }
  }

  @Test
  void aTimeThatIsTooLongIsLookedAtInEachPartAndSaysSo() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      for (int i = 0; i < 1_000; i++) {
        put(bench, "a", i);
      }
      bench.time.advanceMillis(400_000);
      for (int i = 0; i < 1_000; i++) {
        put(bench, "a", i);
      }
      Wanted each = new Wanted("a", POWER, 1_000);
      HistoryChart chart =
          history.chart(List.of(each), Bench.START + 1000, bench.now() + 1, 8, 1_200);
      assertFalse(chart.complete());
      assertTrue(chart.segments() <= 1_300, chart.segments() + " segments");
      Line line = chart.lines().getFirst();
      // 400 of 2400 s without a reading are at most one of 8 parts; what was left out is no gap.
      assertTrue(line.spans().size() >= 7, parts(line).toString());
      assertEquals(1, line.gaps().size(), line.gaps().toString());
      assertEquals(401_000, line.gapMillis());
      HistoryChart whole = history.chart(List.of(each), Bench.START + 1000, bench.now() + 1, 8);
      assertTrue(whole.complete());
      assertEquals(2_000, whole.segments());
    }
  }

  @Test
  void whatBecameOfReadingsIsCounted() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      for (int i = 0; i < 60; i++) {
        bench.commit("a", "b");
      }
      bench.acknowledge(1, 100);
      HistoryCoverage coverage =
          history.coverage(
              List.of(
                  new HistoryCoverage.Wanted("a", 1000),
                  new HistoryCoverage.Wanted("b", 1000),
                  new HistoryCoverage.Wanted("c", 1000)),
              Bench.START + 1000,
              Bench.START + 121_000,
              4);
      assertTrue(coverage.complete());
      assertEquals(
          List.of(
              new Cell(30_000, 30, 0, 0, false),
              new Cell(30_000, 30, 0, 10, false),
              new Cell(30_000, 0, 0, 0, false),
              new Cell(30_000, 0, 0, 0, false)),
          coverage.devices().getFirst().cells());
      assertEquals(
          List.of(0, 0, 0, 0),
          coverage.devices().getLast().cells().stream().map(Cell::read).toList());
    }
  }

  @Test
  void whatWasDroppedUnacknowledgedIsLost() {
    try (Bench bench = new Bench(folder, 1 << 20, 1);
        History history = bench.journal().history()) {
      for (int i = 0; i < 1_500; i++) {
        bench.commitWide(8);
      }
      assertTrue(bench.journal().state().lost() > 0, "nothing was dropped");
      List<Cell> cells =
          history
              .coverage(
                  List.of(new HistoryCoverage.Wanted("dev-0", 1000)),
                  Bench.START,
                  Bench.START + 1_500_000,
                  10)
              .devices()
              .getFirst()
              .cells();
      assertTrue(cells.getFirst().lost(), cells.toString());
      assertEquals(0, cells.getFirst().read());
      assertFalse(cells.getLast().lost(), cells.toString());
      assertTrue(cells.getLast().waiting() >= 150, cells.toString());
    }
  }

  @Test
  void theNewestEventsSayWhetherThereAreMore() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      for (int i = 0; i < 40; i++) {
        bench.event("meter.reset");
        bench.interval("15m");
      }
      assertEquals(40, history.newestEvents(40).records().size());
      assertTrue(history.newestEvents(40).complete());
      assertFalse(history.newestEvents(39).complete());
      assertEquals(79, history.newestEvents(1).records().getFirst().seq());
    }
  }

  @Test
  void theNewestEventsComeFirst() {
    try (Bench bench = new Bench(folder);
        History history = bench.journal().history()) {
      bench.event("meter.reset");
      bench.interval("15m");
      bench.interval("1h");
      bench.event("meter.glitch");
      bench.interval("15m");
      assertEquals(
          List.of("meter.glitch", "meter.reset"),
          history.newestEvents(10).records().stream().map(event -> event.event().name()).toList());
      assertEquals(1, history.newestEvents(1).records().size());
    }
  }

  /** Who looks each minute must not read each minute what was there before. */
  @Test
  void lookingBehindAPlaceCostsWhatHasComeSince() {
    Set<String> months = Set.of("1M");
    List<String> found = new ArrayList<>();
    Predicate<IntervalRecord> taken = record -> found.add(record.length() + record.seq());
    try (Bench bench = new Bench(folder)) {
      Reached reached;
      try (History history = bench.journal().history()) {
        for (int i = 0; i < 150; i++) {
          bench.interval("15m");
          bench.event("meter.reset");
        }
        bench.interval("1M");
        reached = history.intervalsBehind(null, months, 0, taken);
        assertTrue(reached.atEnd());
        assertEquals(List.of("1M301"), found);
        assertEquals(301, history.rows());
        assertEquals(reached, history.intervalsBehind(reached.place(), months, 0, taken));
        assertEquals(301, history.rows(), "nothing has come");
        bench.interval("15m");
        bench.interval("1M");
        Reached before = history.intervalsBehind(reached.place(), months, 0, any -> false);
        assertTrue(before.atEnd());
        assertEquals(303, history.rows());
        reached = history.intervalsBehind(before.place(), months, 0, taken);
        assertEquals(List.of("1M301", "1M303"), found, "what was not taken is shown again");
        assertEquals(304, history.rows());
      }
      bench.powerCut();
      bench.interval("1M");
      try (History history = bench.journal().history()) {
        found.clear();
        history.intervalsBehind(reached.place(), months, 0, taken);
        assertEquals(1, found.size(), "of the next epoch, and no other");
        history.intervalsBehind(new Place("another journal's", 5), months, 0, taken);
        assertEquals(4, found.size(), found.toString());
      }
    }
  }
}
