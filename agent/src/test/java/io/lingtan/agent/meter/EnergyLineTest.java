package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.Quality;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EnergyLineTest {

  private static final long MINUTE = 60_000L;
  private static final long HOUR = 60 * MINUTE;
  private static final long START = Instant.parse("2025-06-01T00:00:00Z").toEpochMilli();
  private static final IntervalGrid GRID = new IntervalGrid(ZoneId.of("Asia/Shanghai"), "15m");

  private final EnergyLine line = new EnergyLine(GRID, 5 * MINUTE, 0);

  /** While nobody sets the wall clock. */
  private static Mark mark(long at) {
    return new Mark(1, (at - START) * 1_000_000, at);
  }

  private Metric between(long start, long end) {
    return line.between(start, end, "kW.h", false, "why");
  }

  private Metric minutes(long start, long end) {
    return between(START + start * MINUTE, START + end * MINUTE);
  }

  @Test
  void theBoundariesOfE05() {
    Node example = WorkedExamples.example("E05");
    EnergyLine line = new EnergyLine(GRID, 20 * MINUTE, 0);
    long last = 0;
    for (Node reading : example.at("inputs").at("readings").list()) {
      long at = Instant.parse(reading.list().get(0).text()).toEpochMilli();
      long value = reading.list().get(1).micros();
      if (line.isStarted()) {
        line.count(mark(at), value - last, value);
      } else {
        line.start(mark(at), value);
      }
      last = value;
    }
    long two = Instant.parse("2025-06-01T02:00:00Z").toEpochMilli();
    Node expected = example.at("expected");
    assertEquals(
        new Span(
            expected.at("E_at_02:00:00Z").roundedMicros(),
            expected.at("E_at_02:15:00Z").roundedMicros()),
        line.readings(two, two + 15 * MINUTE));
    Metric interval = line.between(two, two + 15 * MINUTE, "kW.h", false, "why");
    assertEquals(expected.at("interval_02:00-02:15_kWh").roundedMicros(), interval.micros());
    assertEquals(Quality.MEASURED, interval.quality());
    assertEquals(100, interval.coverage());
  }

  @Test
  void theLinearGapOfE06IsEstimatedInItsPartsAndMeasuredAsAWhole() {
    Node example = WorkedExamples.cases("E06").getFirst();
    long from = example.at("inputs").at("E_0800").micros();
    long to = example.at("inputs").at("E_0900").micros();
    line.start(mark(START), from);
    line.count(mark(START + HOUR), to - from, to);
    List<Long> parts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Metric part = minutes(15L * i, 15L * (i + 1));
      assertEquals(Quality.EST_LINEAR, part.quality());
      assertEquals(100, part.estimated());
      assertEquals(0, part.coverage());
      parts.add(part.micros());
    }
    assertEquals(
        example.at("expected").at("intervals_kWh").list().stream().map(Node::micros).toList(),
        parts);
    Metric hour = minutes(0, 60);
    assertEquals(example.at("expected").at("sum_kWh").micros(), hour.micros());
    assertEquals(Quality.MEASURED, hour.quality());
    assertEquals(0, hour.estimated());
  }

  @Test
  void aGapLongerThanTwoHoursIsNeverAStraightLine() {
    Node example = WorkedExamples.cases("E06").get(2);
    long gap = example.at("inputs").at("gap_min").decimal().longValueExact();
    line.start(mark(START), 0);
    line.count(mark(START + gap * MINUTE), 1_000_000, 1_000_000);
    for (long i = 0; i < gap; i += 15) {
      assertEquals(Metric.missing("kW.h", "why"), minutes(i, i + 15));
    }
    assertEquals(1_000_000, minutes(0, gap).micros(), "the total over the gap is measured");
    assertEquals(Quality.MEASURED, minutes(0, gap).quality());
  }

  @Test
  void equalReadingsProveZeroInEveryPartOfANight() {
    line.start(mark(START), 7_000_000);
    line.count(mark(START + 10 * HOUR), 0, 7_000_000);
    Metric part = minutes(9 * 60, 9 * 60 + 15);
    assertEquals(0, part.micros());
    assertEquals(Quality.MEASURED, part.quality());
    assertEquals(0, part.estimated());
  }

  @Test
  void anIntervalThatEndsInAGapSaysHowMuchOfItIsEstimated() {
    line.start(mark(START), 0);
    for (int i = 1; i <= 10; i++) {
      line.count(mark(START + i * MINUTE), 10, 10L * i);
    }
    line.count(mark(START + 30 * MINUTE), 200, 300);
    Metric part = minutes(0, 15);
    assertEquals(150, part.micros());
    assertEquals(Quality.EST_LINEAR, part.quality());
    assertEquals(34, part.estimated(), "50 of 150, rounded up");
    assertEquals(66, part.coverage(), "10 of 15 minutes");
  }

  @Test
  void aBoundaryIsRoundedOnceHalfToEvenAndBothNeighboursShareIt() {
    line.start(mark(START + 14 * MINUTE), 100);
    line.count(mark(START + 16 * MINUTE), 5, 105);
    line.count(mark(START + 30 * MINUTE), 0, 105);
    assertEquals(102, HalfEven.add(100, 5, 2));
    assertEquals(104, HalfEven.add(101, 5, 2));
    assertEquals(new Span(102, 105), line.readings(START + 15 * MINUTE, START + 30 * MINUTE));
    assertEquals(2, minutes(0, 15).micros());
    assertEquals(3, minutes(15, 30).micros());
  }

  @Test
  void aResetLeavesWhatIsKnownOnBothSides() {
    line.start(mark(START), 1_000);
    line.count(mark(START + 5 * MINUTE), 50, 1_050);
    line.breakUntil(mark(START + 6 * MINUTE), 0);
    line.count(mark(START + 10 * MINUTE), 40, 40);
    line.count(mark(START + 15 * MINUTE), 50, 90);
    Metric part = minutes(0, 15);
    assertEquals(140, part.micros());
    assertEquals(Quality.PARTIAL, part.quality());
    assertEquals(new Span(1_000, 90), line.readings(START, START + 15 * MINUTE));
  }

  @Test
  void anIntervalThatLiesWhollyInABreakIsMissing() {
    line.start(mark(START), 1_000);
    line.breakUntil(mark(START + 15 * MINUTE), 5);
    assertEquals(Metric.missing("kW.h", "why"), minutes(0, 15));
  }

  @Test
  void beforeTheFirstReadingNothingIsKnown() {
    line.start(mark(START + 20 * MINUTE), 1_000);
    line.count(mark(START + 24 * MINUTE), 40, 1_040);
    line.count(mark(START + 30 * MINUTE), 60, 1_100);
    assertEquals(Metric.missing("kW.h", "why"), minutes(0, 15));
    assertEquals(100, minutes(15, 30).micros());
    assertEquals(Quality.PARTIAL, minutes(15, 30).quality());
    assertNull(line.readings(START + 15 * MINUTE, START + 30 * MINUTE));
  }

  @Test
  void whatIsNotOverYetIsPartial() {
    line.start(mark(START), 0);
    line.count(mark(START + 4 * MINUTE), 40, 40);
    assertEquals(40, minutes(0, 15).micros());
    assertEquals(Quality.PARTIAL, minutes(0, 15).quality());
    assertEquals(26, minutes(0, 15).coverage());
    assertEquals(Metric.missing("kW.h", "why"), minutes(15, 30));
  }

  @Test
  void aWallClockThatIsSetBackLosesNoEnergy() {
    line.start(mark(START), 0);
    line.count(mark(START + 5 * MINUTE), 50, 50);
    line.count(mark(START + 2 * MINUTE), 30, 80);
    line.count(mark(START + 10 * MINUTE), 20, 100);
    line.count(mark(START + 15 * MINUTE), 0, 100);
    assertEquals(100, minutes(0, 15).micros());
  }

  @Test
  void aWallClockThatIsSetForwardMakesNothingAnEstimateAndTimeThatNeverWasIsNotMeasured() {
    line.start(mark(START), 0);
    for (int i = 1; i < 90; i++) {
      line.count(mark(START + i * 10_000L), 10, 10L * i);
    }
    // 14:50 by both; 10 s later the wall says 38:00.
    long seconds = 14 * 60 + 50 + 10;
    line.count(new Mark(1, seconds * 1_000_000_000, START + 38 * MINUTE), 10, 900);
    line.count(new Mark(1, (seconds + 420) * 1_000_000_000, START + 45 * MINUTE), 420, 1_320);
    Metric before = minutes(0, 15);
    assertEquals(900, before.micros());
    assertEquals(Quality.SUSPECT, before.quality(), "nobody knows when in it the clock was set");
    assertEquals(0, before.estimated());
    assertEquals(100, before.coverage());
    Metric skipped = minutes(15, 30);
    assertEquals(Metric.missing("kW.h", "the clock was set"), skipped);
    assertEquals(420, minutes(30, 45).micros(), "seven minutes without a reading");
    assertEquals(Quality.SUSPECT, minutes(30, 45).quality());
    assertEquals(0, minutes(30, 45).coverage(), "8 of the 15 minutes never were");
  }

  @Test
  void aWallClockThatIsSetBackDoesNotHideHowLongNobodyLooked() {
    line.start(mark(START + 14 * MINUTE), 0);
    // Ten minutes pass, the wall clock says two.
    line.count(new Mark(1, 24 * MINUTE * 1_000_000, START + 16 * MINUTE), 100, 100);
    line.count(new Mark(1, 38 * MINUTE * 1_000_000, START + 30 * MINUTE), 0, 100);
    Metric second = minutes(15, 30);
    assertEquals(50, second.micros());
    assertEquals(Quality.SUSPECT, second.quality());
    assertEquals(100, second.estimated());
    assertEquals(0, second.coverage());
  }

  @Test
  void afterDaysOfSilenceTheDayThatWasOpenStillEnds() {
    long midnight = Instant.parse("2025-05-31T16:00:00Z").toEpochMilli();
    line.start(mark(midnight), 0);
    line.count(mark(midnight + HOUR), 0, 0);
    line.count(mark(midnight + 72 * HOUR), 0, 0);
    Metric day = between(midnight, midnight + 24 * HOUR);
    assertEquals(0, day.micros());
    assertEquals(Quality.MEASURED, day.quality());
  }

  @Test
  void forgettingKeepsPinsAndBoundsTheRest() {
    line.start(mark(START), 0);
    for (long i = 1; i <= 96; i++) {
      line.count(mark(START + i * 15 * MINUTE), 10, i * 10);
      line.forget(START + i * 15 * MINUTE - 2 * HOUR, List.of(START));
    }
    assertEquals(960, minutes(0, 96 * 15).micros());
    assertEquals(10, minutes(95 * 15, 96 * 15).micros());
    assertNull(minutes(15, 30).micros(), "forgotten, not zero");
    CheckpointWriter written = new CheckpointWriter();
    line.checkpoint(written);
    assertEquals(true, written.bytes().length < 400, "a checkpoint stays small");
  }

  @Test
  void whatNobodyCountedIsPartialThoughTheTotalGoesOnFromWhereItWas() {
    line.start(mark(START), 0);
    line.count(mark(START + 5 * MINUTE), 100, 100);
    // An input was away for two minutes: its total stands where it stood.
    line.breakUntil(mark(START + 7 * MINUTE));
    for (long at = 8; at <= 16; at++) {
      line.count(mark(START + at * MINUTE), 10, 100 + 10 * (at - 7));
    }
    Metric gap = minutes(0, 15);
    assertEquals(Quality.PARTIAL, gap.quality());
    assertEquals(180, gap.micros());
    line.count(mark(START + 30 * MINUTE), 0, 190);
    assertEquals(Quality.MEASURED, minutes(15, 30).quality());
    assertEquals(10, minutes(15, 30).micros());
  }
}
