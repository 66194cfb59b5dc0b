package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A wall clock that jumps while every meter counts at the same power. The site draws 36 kW, so that
 * a minute has 0.6 kWh, or it was no minute.
 */
final class ClockStepTest {

  private static final Site SITE = Sites.microgrid().base("1m").site();
  private static final String IMPORT = "elec.grid.import";
  private static final long SECOND = 1000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long YEAR = Duration.ofDays(365).toMillis();

  /** Of the true time; ten minutes past an hour, and some seconds past a minute. */
  private static final long START = Instant.parse("2025-06-10T04:10:05Z").toEpochMilli();

  private static final long IN_TEN_SECONDS = 100_000;
  private static final long IN_A_MINUTE = 6 * IN_TEN_SECONDS;

  private static final Map<String, List<String>> POINTS =
      Map.of(
          "grid-dev", List.of("energy_import", "energy_export"),
          "pv-dev", List.of("energy_generated"),
          "bat-dev", List.of("energy_charged", "energy_discharged"),
          "hall-dev", List.of("energy_import"),
          "ely-dev", List.of("energy_import", "mass"),
          "nozzle-dev", List.of("mass"));

  private final Collected out = new Collected();
  private Fold fold = new Fold(SITE);
  private long passed;

  /** How far the wall clock is from the truth, ms. */
  private long wrong;

  private long now() {
    return START + passed + wrong;
  }

  private String boot = "boot-1";

  private void run(long seconds) {
    for (long left = seconds; left > 0; left -= 10) {
      passed += 10 * SECOND;
      long reading = 4_000_000_000L + passed / (10 * SECOND) * IN_TEN_SECONDS;
      for (String device : Played.DEVICES) {
        Values.Builder values = new Values.Builder();
        POINTS.getOrDefault(device, List.of()).forEach(p -> values.put(Point.of(p), reading));
        Sample sample = Sample.of(device, boot, passed * 1_000_000, values.build());
        fold.observe(sample, now(), out);
        fold.revise(out);
      }
    }
  }

  private void restart() {
    fold = Fold.from(SITE, fold.checkpoint());
  }

  private List<Interval> minutesFrom(long start, long end) {
    return out.newest("1m").values().stream()
        .filter(each -> each.startMillis() >= start && each.startMillis() < end)
        .toList();
  }

  private Metric newest(long at) {
    long start = at - Math.floorMod(at, MINUTE);
    Interval interval = out.newest("1m").get(start);
    if (interval == null) {
      throw new AssertionError("nothing is told of " + Instant.ofEpochMilli(start));
    }
    return metric(interval, IMPORT);
  }

  /** Whatever is told as good is true, in every revision, and nothing is told in two ways. */
  private void assertHonest() {
    Map<String, Interval> told = new HashMap<>();
    for (Interval interval : out.intervals) {
      String name = interval.length() + " " + interval.startMillis() + " rev " + interval.rev();
      assertNull(told.put(name, interval), name + " is told twice");
      Metric drawn = metric(interval, IMPORT);
      Long micros = drawn.micros();
      if (interval.length().equals("1m") && drawn.quality() == Quality.MEASURED) {
        assertEquals(
            IN_A_MINUTE, micros, "measured " + Instant.ofEpochMilli(interval.startMillis()));
      }
      assertFalse(micros != null && micros == 0, "a zero that nobody measured: " + interval);
    }
  }

  /** What is told of the interval that holds an instant and of the minutes in it. */
  private void assertOfItsMinutes(String length, long at) {
    Interval whole =
        out.newest(length).values().stream()
            .filter(each -> each.startMillis() <= at && at < each.endMillis())
            .findFirst()
            .orElseThrow(() -> new AssertionError("nothing is told of its " + length));
    List<Interval> minutes = minutesFrom(whole.startMillis(), whole.endMillis());
    for (String name :
        List.of(IMPORT, "elec.load.hall", "elec.pv.generation", "flow.grid_to_load")) {
      long told = 0;
      long measured = 0;
      for (Interval minute : minutes) {
        Metric part = metric(minute, name);
        Long micros = part.micros();
        told += micros == null ? 0 : micros;
        measured += micros == null || part.quality().compareTo(Quality.DERIVED) > 0 ? 0 : micros;
      }
      Metric sum = metric(whole, name);
      assertNotNull(sum.micros(), length + " " + name + " is missing: " + sum.why());
      assertTrue(measured > 0, "no minute of " + length + " " + name + " is measured");
      // Of what was counted across the last step a part may lie beyond the last minute.
      long more = sum.micros() - told;
      assertTrue(more >= 0 && more <= IN_TEN_SECONDS, length + " " + name + " has more: " + more);
      assertTrue(sum.quality().compareTo(Quality.PARTIAL) >= 0, length + " " + sum.quality());
    }
  }

  private List<Event> events(String name) {
    return out.events.stream().filter(event -> event.name().equals(name)).toList();
  }

  /** What the newest revisions of all minutes give, in kWh millionths. */
  private long told(long start, long end) {
    return minutesFrom(start, end).stream()
        .map(each -> metric(each, IMPORT).micros())
        .mapToLong(micros -> micros == null ? 0 : micros)
        .sum();
  }

  @Test
  void aClockThatWasAheadForAMomentMakesNoMinuteOfFourTimesThePower() {
    run(5 * 60);
    long stepped = now();
    wrong = 3 * MINUTE;
    run(40);
    long back = now();
    wrong = 0;
    run(10 * 60);
    assertHonest();
    assertEquals(Quality.SUSPECT, newest(back).quality(), "it holds what was counted meanwhile");
    assertTrue(newest(back).coverage() <= 100);
    assertNull(newest(stepped + MINUTE).micros(), "the clock skipped it");
    assertTrue(String.valueOf(newest(stepped + MINUTE).why()).contains("clock"));
    assertEquals(Quality.MEASURED, newest(back + 2 * MINUTE).quality());
    // The first minute has its last 50 s.
    long end = now() - Math.floorMod(now(), MINUTE) - MINUTE;
    long counted = (end - START) / 10 / SECOND * IN_TEN_SECONDS;
    assertTrue(Math.abs(told(0, end) - counted) <= 2 * IN_TEN_SECONDS, "no energy is lost");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anHourThatTheClockSkippedAndWentThroughAfterwardsIsNotMeasured(boolean restarts) {
    run(5 * 60);
    long stepped = now();
    wrong = HOUR;
    run(80);
    if (restarts) {
      restart();
    }
    long back = now();
    wrong = 0;
    run(70 * 60);
    assertHonest();
    List<Interval> skipped = minutesFrom(stepped, back - 2 * MINUTE);
    assertTrue(skipped.size() > 55, "none is left out: " + skipped.size());
    skipped.forEach(
        each -> assertTrue(metric(each, IMPORT).quality().compareTo(Quality.SUSPECT) >= 0));
    assertEquals(Quality.MEASURED, newest(back + 3 * MINUTE).quality());
    assertFalse(out.of("1h").isEmpty());
    out.of("1h")
        .forEach(
            hour -> assertTrue(metric(hour, IMPORT).quality().compareTo(Quality.PARTIAL) >= 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void yearsThatNeverPassedHaveNoIntervalsAndATimeThatComesAgainHasItsNextRevision(
      boolean restarts) {
    run(5 * 60);
    for (long years : new long[] {5, -3, 0}) {
      wrong = years * YEAR;
      run(3 * 60);
      if (restarts) {
        restart();
      }
      run(2 * 60);
    }
    // Through the very minutes of three years ago.
    wrong = -3 * YEAR - 10 * MINUTE;
    run(5 * 60);
    wrong = -4 * HOUR;
    run(5 * 60);
    wrong = 0;
    run(10 * 60);
    assertHonest();
    long between = START + DAY;
    List<Interval> never =
        out.of("1m").stream()
            .filter(
                each ->
                    each.startMillis() > between && each.startMillis() < START + 5 * YEAR - HOUR)
            .toList();
    assertEquals(List.of(), never, "years that never passed");
    // Told are the minutes that were, a handful more at the steps, and the four hours of the last.
    assertTrue(out.of("1m").size() < 320, "told " + out.of("1m").size());
    assertTrue(out.of("1m").stream().anyMatch(each -> each.rev() > 0), "told again");
    assertTrue(events("agent.no_intervals").size() >= 2);
    assertEquals(Quality.MEASURED, newest(now() - 3 * MINUTE).quality());
  }

  @Test
  void aClockThatIsSetBackAndRightAfterARestartMakesNoMinuteOfThreeTimesThePower() {
    run(5 * 60);
    long stepped = now();
    wrong = -HOUR;
    run(100);
    restart();
    wrong = 0;
    run(10 * 60);
    assertHonest();
    assertEquals(Quality.SUSPECT, newest(stepped).quality());
    assertEquals(
        Quality.MEASURED, newest(stepped - 2 * MINUTE).quality(), "nothing was wrong then");
    assertEquals(Quality.MEASURED, newest(now() - 3 * MINUTE).quality());
  }

  @ParameterizedTest
  @ValueSource(longs = {590, -590})
  void aStepBelowAHundredthOfAnIntervalIsNone(long step) {
    run(5 * 60);
    wrong = step;
    run(5 * 60);
    for (Interval minute : out.of("1m").subList(1, out.of("1m").size())) {
      assertEquals(Quality.MEASURED, metric(minute, IMPORT).quality());
      assertTrue(Math.abs(value(minute, IMPORT) - IN_A_MINUTE) <= 10_000, minute.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {8_900, -8_900})
  void norDoesItMakeTheSlidingDemandDoubtful(long step) {
    fold = new Fold(Sites.microgrid().base("15m").site());
    run(40 * 60);
    wrong = step;
    run(40 * 60);
    List<Interval> told = out.of("15m");
    for (Interval quarter : told.subList(2, told.size())) {
      assertEquals(
          Quality.MEASURED,
          metric(quarter, "demand.sliding").quality(),
          "" + quarter.startMillis());
    }
  }

  @Test
  void daysThatTheClockSkippedWhileNoSampleCameHaveNoIntervals() {
    run(5 * 60);
    passed += 2 * MINUTE;
    wrong = 3 * DAY;
    assertTrue(fold.closeOverdue("boot-1", passed * 1_000_000, now(), out));
    run(5 * 60);
    assertTrue(out.of("1m").size() < 15, "told " + out.of("1m").size());
    assertEquals(1, events("agent.no_intervals").size());
  }

  @Test
  void whenItCanTellNothingBecauseTheClockWasAheadIsKnownAlsoAfterARestart() {
    run(5 * 60);
    wrong = HOUR;
    run(3 * 60);
    long end = fold.next() + MINUTE;
    assertEquals(Long.MIN_VALUE, fold.aheadUntil(now()));
    wrong = 0;
    assertEquals(end, fold.aheadUntil(now()));
    restart();
    assertEquals(end, fold.aheadUntil(now()));
    wrong = -YEAR;
    assertEquals(Long.MIN_VALUE, fold.aheadUntil(now()), "then it begins again");
    wrong = HOUR;
    assertEquals(Long.MIN_VALUE, fold.aheadUntil(now()));
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:01:10Z, 2026-07-31T15:58:10Z, 1d 1M",
    "1970-01-01T00:01:10Z, 2026-12-31T15:58:10Z, 1d 1M 1Y",
    "2026-03-10T04:01:10Z, 2026-07-31T15:58:10Z, 1d 1M",
    "2026-03-10T04:01:10Z, 2027-12-31T15:58:10Z, 1d 1M 1Y",
    "2026-07-30T15:58:10Z, 2026-07-31T15:58:10Z, 1d 1M",
    "2038-01-19T03:10:10Z, 2026-12-31T15:58:10Z, 1d 1M 1Y",
  })
  void whatBeganInTimeThatTheClockSkippedHasWhatWasCountedInIt(
      Instant before, Instant after, String ended) {
    wrong = before.toEpochMilli() - START;
    run(3 * 60);
    wrong = after.toEpochMilli() - START - passed;
    // Two minutes until the month, or the year, is over.
    run(110);
    restart();
    run(4 * 60);
    assertHonest();
    long midnight = after.toEpochMilli() + 110 * SECOND;
    for (String length : ended.split(" ")) {
      List<Interval> told =
          out.of(length).stream().filter(each -> each.endMillis() == midnight).toList();
      assertEquals(1, told.size(), length);
      Metric drawn = metric(told.getFirst(), IMPORT);
      assertNotNull(drawn.micros(), length + " is missing: " + drawn.why());
      assertTrue(drawn.quality().compareTo(Quality.PARTIAL) >= 0, "" + drawn.quality());
      // One more where the step lies in it: what was counted across it.
      long counted = drawn.micros() - 11 * IN_TEN_SECONDS;
      assertTrue(counted >= -IN_TEN_SECONDS && counted <= 19 * IN_TEN_SECONDS, "" + counted);
    }
    assertTrue(
        out.of("1M").stream()
            .allMatch(
                month ->
                    (month.startMillis() <= before.toEpochMilli()
                            && before.toEpochMilli() < month.endMillis())
                        || month.endMillis() == midnight),
        "no month that the clock skipped");
  }

  @ParameterizedTest
  @CsvSource({
    "-20, 20, running", "-20, 20, stopped", "-26, 30, restarted", "-26, 3600, running",
    "-20, 5400, restarted", "-20, 86400, running", "-26, 86400, restarted", "62, 20, running",
    "62, 90, stopped", "2, 3600, running",
  })
  void anHourADayAMonthAndAYearThatAClockLeftGoOnWhenItReturns(
      long years, long seconds, String how) {
    run(200);
    leave(years * YEAR, how);
    // Of a day nobody samples more than the beginning.
    run(Math.min(seconds, 5400));
    passed += Math.max(0, seconds - 5400) * SECOND;
    long lied = passed;
    leave(0, how);
    run(3600);
    long counted = passed / 10 / SECOND * IN_TEN_SECONDS;
    wrong = YEAR;
    run(180);
    assertHonest();
    for (String length : List.of("1h", "1d", "1M", "1Y")) {
      assertOfItsMinutes(length, START);
    }
    long told = told(0, Long.MAX_VALUE) - told(START + YEAR, START + YEAR + 3 * DAY);
    assertTrue(told <= counted, "counted twice: " + told + " of " + counted);
    if (!how.equals("restarted")) {
      assertTrue(told >= counted - 2 * IN_TEN_SECONDS, "lost: " + told + " of " + counted);
    }
    assertEquals(Quality.MEASURED, newest(START + lied + 3 * MINUTE).quality());
  }

  @ParameterizedTest
  @CsvSource({"4, running", "8, restarted", "30, stopped"})
  void whatHoldsTheTimeToWhichAClockIsSetBackGoesOn(long hours, String how) {
    run(200);
    leave(-hours * HOUR, how);
    run(900);
    wrong = YEAR;
    run(180);
    assertHonest();
    for (String length : List.of("1h", "1d", "1M", "1Y")) {
      assertOfItsMinutes(length, START);
    }
  }

  @Test
  void ofTimesThatAClockLeavesTheOldestAreGivenUpInWords() {
    run(200);
    for (long years = 1; years <= 5; years++) {
      leave(-years * YEAR, "stopped");
      run(70);
    }
    List<Event> lost = events("clock.not_resumed");
    assertEquals(4, lost.size(), "20 were left, and 16 are kept");
    assertEquals("1h", lost.getFirst().detail().get("interval"));
    long hour = START - Math.floorMod(START, HOUR);
    assertEquals(hour, lost.getFirst().detail().get("start"));
  }

  @Test
  void aCheckpointOfTheFormBeforeIsTakenUp() {
    run(200);
    byte[] written = fold.checkpoint();
    assertEquals(2 * 9, written[0]);
    written[0] = 2 * 8;
    fold = Fold.from(SITE, written);
    run(200);
    assertHonest();
    assertEquals(Quality.MEASURED, newest(START + 200 * SECOND).quality());
  }

  /** The clock is set, while the gateway runs, is stopped, or its machine is. */
  private void leave(long newWrong, String how) {
    if (!how.equals("running")) {
      restart();
    }
    if (how.equals("restarted")) {
      boot += "-again";
    }
    wrong = newWrong;
  }
}
