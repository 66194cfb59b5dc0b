package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IntervalGridTest {

  private static long utc(String text) {
    return Instant.parse(text).toEpochMilli();
  }

  @Test
  void theLabelsOfE05() {
    Node example = WorkedExamples.example("E05");
    Node expected = example.at("expected");
    var grid = new IntervalGrid(ZoneId.of(example.at("inputs").at("tz").text()), "15m");
    long label =
        OffsetDateTime.parse(expected.at("local_label_start").text()).toInstant().toEpochMilli();
    assertEquals(label, grid.baseStart(utc("2025-06-01T02:07:00Z")));
    long day = utc(expected.at("local_day_start_utc_for_2025-06-01").text());
    assertEquals(day, grid.start("1d", label));
    assertEquals(
        expected.at("intervals_per_local_day").decimal().longValueExact(),
        count(grid, "15m", day, grid.end("1d", day)));
    assertEquals(
        expected.at("intervals_of_month_2025-06").decimal().longValueExact(),
        count(grid, "15m", grid.start("1M", label), grid.end("1M", label)));
  }

  private static long count(IntervalGrid grid, String length, long from, long to) {
    long count = 0;
    for (long at = from; at < to; at = grid.end(length, at)) {
      count++;
    }
    return count;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Asia/Beirut"
      })
  void everyLengthDividesAYearWithoutGapOrOverlapAndIntoWholeBaseIntervals(String zone) {
    for (String base : List.of("10m", "30m")) {
      var grid = new IntervalGrid(ZoneId.of(zone), base);
      long from = grid.start("1Y", utc("2017-06-01T00:00:00Z"));
      long to = grid.end("1Y", from);
      for (String length :
          Stream.concat(Stream.of(base), IntervalGrid.rollUps().stream()).toList()) {
        long start = from;
        while (start < to) {
          long end = grid.end(length, start);
          assertTrue(end > start);
          for (long inside : new long[] {start, (start + end) / 2, end - 1}) {
            assertEquals(start, grid.start(length, inside), length + " holds " + inside);
            assertEquals(end, grid.end(length, inside), length + " holds " + inside);
          }
          assertEquals(end, grid.baseStart(end), "ends where a base interval starts");
          start = end;
        }
        assertEquals(to, start);
      }
    }
  }

  @Test
  void theDayOfTheClockChangeHas23Or25Hours() {
    var grid = new IntervalGrid(ZoneId.of("Europe/Berlin"), "15m");
    long spring = grid.start("1d", utc("2025-03-30T10:00:00Z"));
    assertEquals(23, count(grid, "1h", spring, grid.end("1d", spring)));
    assertEquals(92, count(grid, "15m", spring, grid.end("1d", spring)));
    long autumn = grid.start("1d", utc("2025-10-26T10:00:00Z"));
    assertEquals(25, count(grid, "1h", autumn, grid.end("1d", autumn)));
  }

  @Test
  void aBaseThatDoesNotDivideAnHourIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new IntervalGrid(ZoneId.of("UTC"), "7m"));
  }
}
