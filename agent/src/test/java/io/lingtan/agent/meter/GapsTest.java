package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.place.Sun;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Long gaps, registers that stand still, and sources that sleep. */
final class GapsTest {

  private static final long QUARTER = 15 * 60_000L;
  private static final long DAY = 96 * QUARTER;

  /** A Tuesday, 08:00 in Shanghai. */
  private static final long EIGHT = Instant.parse("2025-06-03T00:00:00Z").toEpochMilli();

  private static final IntervalGrid GRID = new IntervalGrid(ZoneId.of("Asia/Shanghai"), "15m");

  private static Mark mark(long at) {
    return new Mark(1, (at - EIGHT) * 1_000_000, at);
  }

  @Test
  void theGapOfE06IsSplitByTheReferenceProfile() {
    Node example = WorkedExamples.cases("E06").get(1);
    Node in = example.at("inputs");
    Node expected = example.at("expected");
    List<Node> profile = in.at("reference_profile_kWh").list();
    LikeDays likeDays = new LikeDays(GRID);
    for (int i = 0; i < profile.size(); i++) {
      likeDays.learn(EIGHT - DAY + i * QUARTER, profile.get(i).micros());
    }
    long counted = in.at("E_0900").micros() - in.at("E_0800").micros();
    LikeDays.Split split = likeDays.split(EIGHT, EIGHT + 4 * QUARTER, counted);
    assertNotNull(split);
    List<Long> parts = new ArrayList<>();
    for (int i = 0; i < profile.size(); i++) {
      long end = i == profile.size() - 1 ? counted : split.before(EIGHT + (i + 1) * QUARTER);
      parts.add(end - split.before(EIGHT + i * QUARTER));
      assertEquals(
          Quality.EST_PROFILE.name(), expected.at("flags").list().get(i).text(), "as in records");
      assertEquals(
          expected
              .at("scale")
              .decimal()
              .multiply(profile.get(i).decimal())
              .movePointRight(6)
              .compareTo(BigDecimal.valueOf(parts.get(i))),
          0);
    }
    assertEquals(expected.at("intervals_kWh").list().stream().map(Node::micros).toList(), parts);
    assertEquals(expected.at("sum_kWh").micros(), parts.stream().mapToLong(Long::longValue).sum());
    assertNull(likeDays.split(EIGHT, EIGHT + 5 * QUARTER, counted), "09:00 was never seen");
  }

  /** Each hour counts nothing in its first quarter, 0.3 kWh in the second, then 0.6 and 0.9. */
  private static EnergyLine aDayOf(long from) {
    EnergyLine line = new EnergyLine(GRID, 5 * 60_000L, 0);
    line.start(mark(from), 0);
    long total = 0;
    for (int i = 1; i <= 96 * 3; i++) {
      long counted = (i - 1) / 3 % 4 * 100_000L;
      total += counted;
      line.count(mark(from + i * QUARTER / 3), counted, total);
      line.forget(from + i * QUARTER / 3 - 8 * QUARTER, List.of());
    }
    return line;
  }

  @Test
  void aGapThatIsTooLongForALineIsSplitLikeTheDayBeforeOrLeftMissing() {
    Node example = WorkedExamples.cases("E06").get(2);
    assertTrue(example.at("expected").at("method").text().contains("never straight line"));
    long quarters = example.at("inputs").at("gap_min").decimal().longValueExact() / 15;
    long from = EIGHT + 2 * QUARTER;
    EnergyLine line = aDayOf(from - DAY);
    long reading = 0;
    line.count(mark(from + quarters * QUARTER), 1_000_000, reading + 1_000_000);
    long sum = 0;
    List<Long> parts = new ArrayList<>();
    for (long i = 0; i < quarters; i++) {
      Metric part = line.between(from + i * QUARTER, from + (i + 1) * QUARTER, "kW.h", false, "?");
      assertEquals(Quality.EST_PROFILE, part.quality());
      Long micros = part.micros();
      assertNotNull(micros);
      assertEquals(micros > 0 ? 100 : 0, part.estimated());
      parts.add(micros);
      sum += micros;
    }
    assertEquals(1_000_000, sum, "the total is measured");
    assertEquals(List.of(0L, 76_923L, 153_846L, 230_769L), parts.subList(0, 4));
    EnergyLine stranger = new EnergyLine(GRID, 5 * 60_000L, 0);
    stranger.start(mark(from), 0);
    stranger.count(mark(from + quarters * QUARTER), 1_000_000, 1_000_000);
    assertNull(stranger.between(from, from + QUARTER, "kW.h", false, "?").micros());
  }

  @Test
  void likeDaysSurviveACheckpointAndAreForgottenOnAnotherGrid() {
    EnergyLine line = aDayOf(EIGHT - DAY);
    CheckpointWriter written = new CheckpointWriter();
    line.checkpoint(written);
    for (boolean same : new boolean[] {true, false}) {
      EnergyLine restored = new EnergyLine(GRID, 5 * 60_000L, 0);
      restored.restore(new CheckpointReader(written.bytes()), same);
      restored.count(mark(EIGHT + 12 * QUARTER), 1_000_000, 1_000_000);
      assertEquals(
          same ? Quality.EST_PROFILE : Quality.MISSING,
          restored.between(EIGHT, EIGHT + QUARTER, "kW.h", false, "?").quality());
    }
  }

  @Test
  void equalRegistersProveZeroInEveryPartOfALongGap() {
    EnergyLine line = new EnergyLine(GRID, 5 * 60_000L, 0);
    line.start(mark(EIGHT), 500);
    line.count(mark(EIGHT + 3 * DAY), 0, 500);
    for (long at = EIGHT; at < EIGHT + 3 * DAY; at += QUARTER) {
      Metric part = line.between(at, at + QUARTER, "kW.h", false, "?");
      assertEquals(Long.valueOf(0), part.micros());
      assertEquals(Quality.MEASURED, part.quality());
    }
  }

  // A register that stands still

  private static Sample sample(long at, long power) {
    Values values = new Values.Builder().put(Point.of("power"), power).build();
    return Sample.of("d", "b", (at - EIGHT) * 1_000_000, values);
  }

  @Test
  void theStuckRegisterOfE06IsNoticed() {
    Node example = WorkedExamples.cases("E06").get(3);
    Node in = example.at("inputs");
    long step = in.at("interval_min").decimal().longValueExact() * 60_000L;
    long power = in.at("power_kW_mean").decimal().movePointRight(9).longValueExact();
    StuckWatch watch =
        new StuckWatch(Roles.POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 100_000_000L));
    boolean told = false;
    List<Node> readings = in.at("register").list();
    for (int i = 0; i < readings.size(); i++) {
      long at = EIGHT + i * step;
      told |= watch.observe(readings.get(i).micros(), sample(at, power), mark(at));
    }
    assertTrue(told);
    assertEquals("STUCK_REGISTER", example.at("expected").at("flag").text());
    assertEquals(
        example.at("expected").at("would_be_energy_from_power_kWh").micros(),
        watch.missedMilliwattHours());
    assertTrue(watch.isStuckIn(EIGHT, EIGHT + step));
    long moved = EIGHT + 9 * step;
    watch.observe(7_001_000_000L, sample(moved, power), mark(moved));
    assertFalse(watch.isStuckIn(moved, moved + step));
    assertTrue(watch.isStuckIn(moved - step, moved), "what it said then is still doubtful");
  }

  @Test
  void aRegisterThatHadNothingToCountIsDoubtedFromWhenItHad() {
    StuckWatch watch =
        new StuckWatch(Roles.POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 100_000_000L));
    long minute = 60_000L;
    for (int i = 0; i <= 120; i++) {
      long at = EIGHT + i * minute;
      assertFalse(watch.observe(5, sample(at, 0), mark(at)));
    }
    long began = EIGHT + 120 * minute;
    boolean told = false;
    for (int i = 1; i < 60 && !told; i++) {
      long at = began + i * minute;
      told = watch.observe(5, sample(at, 5_000_000_000L), mark(at));
    }
    assertTrue(told);
    assertFalse(watch.isStuckIn(EIGHT, began), "it was right while nothing flowed");
    assertTrue(watch.isStuckIn(began, began + 2 * minute));
  }

  @Test
  void aRegisterThatNobodyLookedAtForLongIsDoubtedFromBeforeThat() {
    StuckWatch watch =
        new StuckWatch(Roles.POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 100_000_000L));
    long minute = 60_000L;
    watch.observe(5, sample(EIGHT, 0), mark(EIGHT));
    long back = EIGHT + 60 * minute;
    boolean told = watch.observe(5, sample(back, 0), mark(back));
    for (int i = 1; i < 60 && !told; i++) {
      long at = back + i * minute;
      told = watch.observe(5, sample(at, 5_000_000_000L), mark(at));
    }
    assertTrue(told);
    assertTrue(watch.isStuckIn(EIGHT, back), "something may have flowed meanwhile");
  }

  @Test
  void aPowerThatBeganWhileNobodyLookedHasNotBeenMissed() {
    StuckWatch watch =
        new StuckWatch(Roles.POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 100_000_000L));
    long away = 19 * 60_000L;
    assertFalse(watch.observe(5, sample(EIGHT, 0), mark(EIGHT)));
    assertFalse(watch.observe(5, sample(EIGHT + away, 90_000_000_000L), mark(EIGHT + away)));
    long twice = EIGHT + 2 * away;
    assertTrue(watch.observe(5, sample(twice, 90_000_000_000L), mark(twice)), "it stands still");
  }

  @Test
  void aLoadThatIsOffStandsStillRightly() {
    StuckWatch watch =
        new StuckWatch(Roles.POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 100_000_000L));
    for (int i = 0; i < 1000; i++) {
      long at = EIGHT + i * 60_000L;
      assertFalse(watch.observe(5, sample(at, i % 2 == 0 ? 0 : -4_000_000_000L), mark(at)));
    }
  }

  // Night

  @Test
  void theSunRisesInWuxiAtFiveInJuneAndAtSevenInJanuary() {
    Sun sun = new Sun(31.49, 120.31);
    assertTrue(sun.isDown(Instant.parse("2026-06-17T20:45:00Z").toEpochMilli()));
    assertFalse(sun.isDown(Instant.parse("2026-06-17T21:05:00Z").toEpochMilli()));
    assertTrue(sun.isDown(Instant.parse("2026-01-09T22:50:00Z").toEpochMilli()));
    assertFalse(sun.isDown(Instant.parse("2026-01-09T23:10:00Z").toEpochMilli()));
    assertEquals(
        90 - 31.49 + 23.4,
        sun.elevationDegrees(Instant.parse("2026-06-21T04:00:00Z").toEpochMilli()),
        0.3);
    assertFalse(new Sun(Double.NaN, 120).isDown(EIGHT), "nobody knows");
  }
}
