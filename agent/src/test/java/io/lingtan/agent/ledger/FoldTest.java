package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.figures;
import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.ledger.Played.Reading;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FoldTest {

  private static final long MINUTE = 60_000L;
  private static final Site SITE = Sites.microgrid().site();

  private final Collected out = new Collected();
  private final Fold fold = new Fold(SITE);
  private final Played world = new Played(Randomness.seeded(7), 10_000);

  /** Plays until {@code minutes} after the start; {@code silent} devices do not answer. */
  private void play(long minutes, Set<String> silent) {
    while (world.millis() < Played.START + 10_000 + minutes * MINUTE) {
      for (Reading reading : world.step()) {
        boolean answers = !silent.contains(reading.sample().device());
        observe(answers ? reading : Played.failed(reading));
      }
    }
  }

  /** As if each sample were a commit of its own. */
  private void observe(Reading reading) {
    fold.observe(reading.sample(), reading.tsMillis(), out);
    fold.revise(out);
  }

  private Interval base(int index) {
    return out.of("15m").get(index);
  }

  @Test
  void anIntervalClosesAsSoonAsEveryRegisterHasBeenReadAtItsEnd() {
    play(14, Set.of());
    long before = world.reads("grid-dev", "energy_import");
    play(15, Set.of());
    assertEquals(1, out.of("15m").size());
    Interval interval = base(0);
    assertEquals(Played.START + 10_000, interval.startMillis());
    assertEquals(0, interval.rev());
    assertEquals(Quality.MEASURED, metric(interval, "elec.grid.import").quality());
    assertEquals(100, metric(interval, "elec.load.total").coverage());
    assertTrue(
        Objects.requireNonNull(interval.registers().get("grid/energy_import")).end() >= before);
    assertEquals(0, value(interval, "balance.residual"), "the world is balanced");
  }

  @Test
  void theFirstIntervalIsPartialWhenTheAgentCameInTheMiddle() {
    Fold late = new Fold(SITE);
    play(5, Set.of());
    while (world.millis() < Played.START + 10_000 + 15 * MINUTE) {
      for (Reading reading : world.step()) {
        late.observe(reading.sample(), reading.tsMillis(), out);
      }
    }
    Interval interval = base(0);
    assertEquals(Quality.PARTIAL, metric(interval, "elec.pv.generation").quality());
    assertEquals(65, metric(interval, "elec.pv.generation").coverage());
    assertTrue(interval.registers().isEmpty());
  }

  @Test
  void slidingDemandSaysWhenItsFirstWindowIsOver() {
    Fold late = new Fold(SITE);
    play(5, Set.of());
    while (world.millis() < Played.START + 10_000 + 30 * MINUTE) {
      for (Reading reading : world.step()) {
        late.observe(reading.sample(), reading.tsMillis(), out);
      }
    }
    String why = String.valueOf(metric(base(0), "demand.sliding").why());
    assertTrue(
        why.matches("grid-dev: its first 15 minutes are over at \\S+ \\d\\d:[25][0-9]"), why);
    assertEquals(null, metric(base(1), "demand.sliding").why());
  }

  @Test
  void aDeadMeterDelaysAnIntervalByCloseAfterAndIsMissingWithItsReason() {
    play(15, Set.of("pv-dev"));
    assertEquals(0, out.of("15m").size());
    play(16, Set.of("pv-dev"));
    Interval interval = base(0);
    assertEquals("pv-dev: timeout", metric(interval, "elec.pv.generation").why());
    assertEquals("pv-dev: timeout", metric(interval, "flow.pv_to_load").why());
    assertEquals(Quality.MEASURED, metric(interval, "elec.grid.import").quality());
    assertEquals(Quality.MEASURED, metric(interval, "co2.scope2.location").quality());
  }

  @Test
  void aGapThatEndsRevisesEachIntervalInItOnce() {
    play(20, Set.of());
    play(50, Set.of("pv-dev"));
    assertEquals(3, out.of("15m").size());
    assertEquals(Quality.PARTIAL, metric(base(1), "elec.pv.generation").quality());
    assertEquals(Quality.MISSING, metric(base(2), "elec.pv.generation").quality());
    play(51, Set.of());
    List<Interval> revised = out.of("15m").stream().filter(i -> i.rev() == 1).toList();
    assertEquals(2, revised.size());
    assertEquals(Quality.EST_LINEAR, metric(revised.get(0), "elec.pv.generation").quality());
    assertEquals(Quality.EST_LINEAR, metric(revised.get(1), "elec.load.total").quality());
    assertEquals(100, metric(revised.get(1), "elec.pv.generation").estimated());
    play(121, Set.of());
    assertTrue(out.intervals.stream().allMatch(i -> i.rev() <= 1));
  }

  @Test
  void whatComesLateAllAtOnceIsOneRevisionOfEachInterval() {
    play(20, Set.of());
    List<Reading> late = new ArrayList<>();
    while (world.millis() < Played.START + 10_000 + 50 * MINUTE) {
      for (Reading reading : world.step()) {
        if (reading.sample().device().equals("pv-dev")) {
          late.add(reading);
        } else {
          observe(reading);
        }
      }
    }
    int before = out.intervals.size();
    late.forEach(reading -> fold.observe(reading.sample(), reading.tsMillis(), out));
    assertTrue(late.size() > 100, "late samples " + late.size());
    assertEquals(before, out.intervals.size(), "nothing before the commit");
    assertTrue(fold.revise(out));
    assertFalse(fold.revise(out), "there is nothing left to be told");
    List<Interval> revised = out.intervals.subList(before, out.intervals.size());
    assertEquals(
        List.of(1, 1), revised.stream().map(Interval::rev).toList(), "of the two with a hole");
    revised.forEach(
        interval ->
            assertEquals(Quality.MEASURED, metric(interval, "elec.pv.generation").quality()));
  }

  @Test
  void theHourOverAGapIsMeasuredThoughItsPartsAreEstimated() {
    play(20, Set.of());
    play(50, Set.of("pv-dev"));
    play(61, Set.of());
    Interval hour = out.of("1h").getFirst();
    assertEquals(Quality.MEASURED, metric(hour, "elec.pv.generation").quality());
    long parts =
        out.newest("15m").values().stream()
            .mapToLong(part -> value(part, "elec.pv.generation"))
            .sum();
    assertEquals(parts, value(hour, "elec.pv.generation"));
    assertEquals(Quality.MEASURED, metric(hour, "co2.scope2.location").quality());
    assertEquals(Quality.EST_LINEAR, metric(hour, "flow.pv_to_load").quality());
  }

  @Test
  void aRollUpIsRevisedAtMostOncePerBaseInterval() {
    play(50, Set.of());
    play(65, Set.of("pv-dev", "hall-dev"));
    assertEquals(1, out.of("1h").size());
    play(66, Set.of("hall-dev"));
    play(67, Set.of());
    assertEquals(1, out.of("1h").size(), "revised only when the next base interval closes");
    play(75, Set.of());
    assertEquals(2, out.of("1h").size());
    assertEquals(1, out.of("1h").getLast().rev());
    assertEquals(Quality.EST_LINEAR, metric(out.of("1h").getLast(), "elec.load.hall").quality());
  }

  @Test
  void aResetIsToldAndCostsOnlyWhatNobodyKnows() {
    play(7, Set.of());
    Reading reading = world.step().get(1);
    var zero = new io.lingtan.agent.reading.Values.Builder();
    for (int i = 0; i < 2; i++) {
      zero.put(io.lingtan.agent.reading.Point.of("energy_generated"), i * 1000L);
      observe(
          new Reading(
              io.lingtan.agent.reading.Sample.of(
                  "pv-dev",
                  reading.sample().boot(),
                  reading.sample().atNanos() + i * 1_000_000_000L,
                  zero.build()),
              reading.tsMillis() + i * 1000L));
    }
    assertEquals("meter.reset", out.events.getFirst().name());
    assertEquals("pv-dev", out.events.getFirst().device());
    assertEquals(1, out.events.size());
  }

  @Test
  void whatNobodyReadsIsClosedByTimeAloneAndThatIsSaid() {
    play(5, Set.of());
    long end = Played.START + 10_000 + 15 * MINUTE;
    assertEquals(end + 30_000, fold.closesAt());
    assertFalse(fold.closeOverdue("", 0, end + 29_999, out));
    assertTrue(out.intervals.isEmpty());
    assertTrue(fold.closeOverdue("", 0, end + 30_000, out));
    assertEquals(1, out.of("15m").size());
    assertFalse(fold.closeOverdue("", 0, end + 30_000, out));
  }

  @Test
  void afterASilenceOfEverythingEachDeviceHasItsSayBeforeIntervalsClose() {
    play(5, Set.of());
    for (int i = 0; i < 6 * 60; i++) {
      world.step();
    }
    world.reboot();
    play(66, Set.of());
    assertTrue(out.intervals.stream().allMatch(i -> i.rev() == 0), "nothing needed revising");
    assertEquals(4, out.of("15m").size());
    assertEquals(Quality.EST_LINEAR, metric(base(1), "elec.grid.import").quality());
    assertTrue(
        Math.abs(value(base(1), "balance.residual")) <= 4, "what rounding each register leaves");
  }

  /** Time passes and everything counts on, but nothing is read. */
  private void away(long minutes) {
    for (int i = 0; i < 6 * minutes; i++) {
      world.step();
    }
    world.reboot();
  }

  /** Each interval follows the one before it, and none is told a second time. */
  private static void assertWithoutHoles(List<Interval> intervals) {
    for (int i = 1; i < intervals.size(); i++) {
      assertEquals(intervals.get(i - 1).endMillis(), intervals.get(i).startMillis());
      assertEquals(0, intervals.get(i).rev());
    }
  }

  private static boolean saysNoReadings(Interval interval) {
    return interval.registers().isEmpty()
        && interval.metrics().entrySet().stream()
            .filter(m -> SiteFigures.isObserved(m.getKey()))
            .allMatch(m -> "no readings".equals(m.getValue().why()));
  }

  @Test
  void afterHoursAwayEveryIntervalOfThemIsToldAsMissing() {
    play(5, Set.of());
    away(5 * 60);
    play(6 * 60 + 16, Set.of());
    List<Interval> told = out.of("15m");
    assertEquals(25, told.size());
    assertWithoutHoles(told);
    assertEquals(Quality.PARTIAL, metric(base(0), "elec.grid.import").quality());
    for (Interval inside : told.subList(1, 20)) {
      for (var metric : inside.metrics().entrySet()) {
        if (SiteFigures.isObserved(metric.getKey())) {
          assertEquals(Quality.MISSING, metric.getValue().quality(), metric + " of " + inside);
        }
      }
    }
    assertEquals(base(0).metrics().keySet(), base(1).metrics().keySet());
    assertTrue(told.subList(1, 8).stream().allMatch(FoldTest::saysNoReadings), "too old");
    assertEquals(6, out.of("1h").size());
    assertWithoutHoles(out.of("1h"));
    assertTrue(saysNoReadings(out.of("1h").get(1)), "wholly in it and too old to be revised");
    Interval third = out.of("1h").get(2);
    assertTrue(
        third.metrics().entrySet().stream()
            .filter(m -> SiteFigures.isObserved(m.getKey()))
            .allMatch(m -> m.getValue().micros() == null));
    assertTrue(out.events.isEmpty(), "nothing was left out: " + out.events);
  }

  @Test
  void theDayOverAnOutageHasAllOfItsEnergy() {
    play(0, Set.of());
    long first = world.reads("grid-dev", "energy_import");
    play(2, Set.of());
    away(5 * 60);
    play(14 * 60, Set.of());
    long last = world.reads("grid-dev", "energy_import");
    play(14 * 60 + 1, Set.of());
    Interval day = out.of("1d").getFirst();
    assertEquals(last - first, value(day, "elec.grid.import"));
    assertEquals(Quality.PARTIAL, metric(day, "flow.grid_to_load").quality());
  }

  @Test
  void afterManyDaysAwayTheLastSevenAreToldAndTheOthersAreNamed() {
    play(5, Set.of());
    away(9 * 24 * 60);
    play(9 * 24 * 60 + 20, Set.of());
    Interval open = base(0);
    assertEquals(Quality.PARTIAL, metric(open, "elec.grid.import").quality());
    List<Interval> told = out.of("15m").subList(1, out.of("15m").size());
    assertWithoutHoles(told);
    assertEquals(7 * 96, told.stream().filter(FoldTest::saysNoReadings).count());
    assertEquals(1, out.events.size());
    var event = out.events.getFirst();
    assertEquals("agent.no_intervals", event.name());
    long from = open.endMillis();
    long to = told.getFirst().startMillis();
    assertEquals(
        Map.of("from", from, "to", to, "count", (to - from) / (15 * MINUTE)), event.detail());
    Interval day = out.of("1d").getFirst();
    assertEquals(Quality.PARTIAL, metric(day, "elec.grid.import").quality());
    assertEquals(
        value(open, "elec.grid.import"), value(day, "elec.grid.import"), "and no more than that");
    assertTrue(out.of("1d").stream().skip(1).allMatch(FoldTest::saysNoReadings));
    assertEquals(8, out.of("1d").size(), "the first, and those of the last seven");
  }

  @ParameterizedTest
  @ValueSource(longs = {5 * 60, 9 * 24 * 60})
  void anOutageIsToldTheSameThoughTheFoldIsTakenUpInTheMiddleOfTellingIt(long minutes) {
    List<Reading> readings = new ArrayList<>();
    Played played = new Played(Randomness.seeded(3), 10_000);
    while (played.millis() < Played.START + 40 * MINUTE) {
      readings.addAll(played.step());
    }
    for (int i = 0; i < 6 * minutes; i++) {
      played.step();
    }
    played.reboot();
    long end = played.millis() + 40 * MINUTE;
    while (played.millis() < end) {
      readings.addAll(played.step());
    }
    Collected straight = fold(readings);
    Collected parted = new Collected();
    Fold broken = new Fold(SITE);
    for (Reading reading : readings) {
      broken.observe(reading.sample(), reading.tsMillis(), parted);
      broken = Fold.from(SITE, broken.checkpoint());
    }
    assertEquals(straight.lines(), parted.lines());
    assertTrue(straight.of("15m").size() > 20);
  }

  @Test
  void aClockThatWasWrongByYearsDoesNotStopTheIntervals() {
    play(20, Set.of());
    Reading reading = world.step().getFirst();
    observe(new Reading(reading.sample(), reading.tsMillis() + Duration.ofDays(3650).toMillis()));
    int before = out.of("15m").size();
    play(60, Set.of());
    assertTrue(out.of("15m").size() >= before + 2);
    assertEquals(Quality.MEASURED, metric(out.of("15m").getLast(), "elec.pv.generation").quality());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20_261_125L})
  void rollUpsAreTheSumOfTheirPartsToTheMilliwattHour(long seed) {
    System.out.println("FoldTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    Collected all = new Collected();
    Fold randomly = new Fold(SITE);
    for (Reading reading : withGaps(random, 3 * 24 * 60, 20_000)) {
      randomly.observe(reading.sample(), reading.tsMillis(), all);
    }
    int compared = 0;
    for (Map.Entry<String, String> pair : Map.of("1h", "15m", "1d", "1h").entrySet()) {
      var parts = new TreeMap<>(all.newest(pair.getValue()));
      for (Interval whole : all.newest(pair.getKey()).values()) {
        if (whole.startMillis() < Played.START) {
          continue; // Began before the first reading: its first part is not there to be added.
        }
        var inside = parts.subMap(whole.startMillis(), whole.endMillis()).values();
        for (String name : whole.metrics().keySet()) {
          if (!isCounted(whole, name)) {
            continue;
          }
          long sum =
              inside.stream()
                  .mapToLong(p -> p.metrics().containsKey(name) ? value(p, name) : 0)
                  .sum();
          assertEquals(sum, value(whole, name), name + " of " + whole);
          compared++;
        }
      }
    }
    assertTrue(compared > 1000, "compared " + compared);
  }

  /** Whether a figure is an amount, and not a ratio, a level or a budget. */
  private static boolean isCounted(Interval interval, String name) {
    var metric = interval.metrics().get(name);
    return metric != null
        && Set.of("kW.h", "kg").contains(metric.ucum())
        && !name.endsWith("_budget");
  }

  /** Readings with devices silent for up to an hour and a half now and then. */
  static List<Reading> withGaps(RandomGenerator random, long minutes, long stepMillis) {
    Played world = new Played(random, stepMillis);
    List<Reading> readings = new ArrayList<>();
    TreeMap<String, Long> silentUntil = new TreeMap<>();
    while (world.millis() < Played.START + minutes * MINUTE) {
      for (Reading reading : world.step()) {
        String device = reading.sample().device();
        boolean starts = random.nextInt(3000) == 0;
        if (starts && silentUntil.getOrDefault(device, 0L) < world.millis()) {
          silentUntil.put(device, world.millis() + random.nextLong(90 * MINUTE));
        }
        boolean silent = silentUntil.getOrDefault(device, 0L) > world.millis();
        readings.add(silent ? Played.failed(reading) : reading);
      }
    }
    return readings;
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 20_261_126L})
  void aFoldTakenUpFromAnyCheckpointGoesOnTheSame(long seed) {
    System.out.println("FoldTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    List<Reading> readings = withGaps(random, 26 * 60, 30_000);
    Collected whole = new Collected();
    Fold straight = new Fold(SITE);
    Collected parted = new Collected();
    Fold broken = new Fold(SITE);
    for (Reading reading : readings) {
      straight.observe(reading.sample(), reading.tsMillis(), whole);
      broken.observe(reading.sample(), reading.tsMillis(), parted);
      if (random.nextInt(50) == 0) {
        byte[] checkpoint = broken.checkpoint();
        broken = Fold.from(SITE, checkpoint);
        org.junit.jupiter.api.Assertions.assertArrayEquals(checkpoint, broken.checkpoint());
      }
    }
    assertEquals(whole.lines(), parted.lines());
    assertTrue(whole.lines().size() > 130, "put out " + whole.lines().size());
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 20_261_127L})
  void aLateDeviceEndsInTheSameValues(long seed) {
    System.out.println("FoldTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    List<Reading> inOrder = withGaps(random, 6 * 60, 30_000);
    // One device's samples all come up to 40 minutes late, in their own order.
    String late = Played.DEVICES.get(random.nextInt(Played.DEVICES.size()));
    long delay = random.nextLong(5 * MINUTE, 40 * MINUTE);
    List<Reading> shuffled = new ArrayList<>(inOrder);
    shuffled.sort(
        java.util.Comparator.comparingLong(
            r -> r.tsMillis() + (r.sample().device().equals(late) ? delay : 0)));
    Collected straight = fold(inOrder);
    Collected delayed = fold(shuffled);
    for (String length : List.of("15m", "1h")) {
      var expected = straight.newest(length);
      var actual = delayed.newest(length);
      assertEquals(expected.keySet(), actual.keySet());
      // The newest ones may still be waiting for a revision at the end of the play.
      long settled = inOrder.getLast().tsMillis() - delay - 15 * MINUTE;
      expected.forEach(
          (start, interval) -> {
            Interval other = Objects.requireNonNull(actual.get(start));
            if (interval.endMillis() < settled) {
              assertEquals(lasting(interval), lasting(other), late + " " + interval);
            }
          });
    }
    assertTrue(delayed.intervals.stream().anyMatch(i -> i.rev() > 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 20_261_128L})
  void anyOrderOfLateArrivalsOverSeveralDevicesEndsInTheSameValues(long seed) {
    System.out.println("FoldTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    List<Reading> inOrder = withGaps(random, 8 * 60, 30_000);
    // Each device is late by itself, now more and now less, but never out of its own order.
    IdentityHashMap<Reading, Long> arrivals = new IdentityHashMap<>();
    for (String device : Played.DEVICES) {
      long delay = 0;
      long last = Long.MIN_VALUE;
      for (Reading reading : inOrder) {
        if (reading.sample().device().equals(device)) {
          delay = random.nextInt(60) == 0 ? random.nextLong(50 * MINUTE) : delay;
          last = Math.max(last, reading.tsMillis() + delay);
          arrivals.put(reading, last);
        }
      }
    }
    List<Reading> shuffled = new ArrayList<>(inOrder);
    shuffled.sort(
        java.util.Comparator.comparingLong(
            reading -> Objects.requireNonNull(arrivals.get(reading))));
    Collected straight = fold(inOrder);
    Collected late = fold(shuffled);
    long settled = inOrder.getLast().tsMillis() - 65 * MINUTE;
    int compared = 0;
    for (String length : List.of("15m", "1h")) {
      var actual = late.newest(length);
      for (Map.Entry<Long, Interval> entry : straight.newest(length).entrySet()) {
        if (entry.getValue().endMillis() < settled) {
          Interval other = Objects.requireNonNull(actual.get(entry.getKey()));
          assertEquals(lasting(entry.getValue()), lasting(other), () -> entry.toString());
          compared++;
        }
      }
    }
    assertTrue(compared > 25, compared + " compared");
    assertTrue(late.intervals.stream().anyMatch(i -> i.rev() > 1));
  }

  /** Without the count of what came late. */
  private static Map<String, String> lasting(Interval interval) {
    Map<String, String> figures = figures(interval);
    figures.remove(SiteFigures.LATE);
    return figures;
  }

  private static Collected fold(List<Reading> readings) {
    Collected all = new Collected();
    Fold fold = new Fold(SITE);
    readings.forEach(r -> fold.observe(r.sample(), r.tsMillis(), all));
    fold.revise(all);
    return all;
  }

  /** Days, from the second on with a gap of one device or of all. */
  private List<Reading> withAGap(Set<String> silent, long fromMinute, long toMinute, long until) {
    Played played = new Played(Randomness.seeded(17), 60_000);
    List<Reading> readings = new ArrayList<>();
    while (played.millis() < Played.START + until * MINUTE) {
      List<Reading> step = played.step();
      long minute = (played.millis() - Played.START) / MINUTE;
      for (Reading reading : step) {
        boolean gap = minute >= fromMinute && minute < toMinute;
        boolean answers = !silent.contains(reading.sample().device());
        if (!gap || answers) {
          readings.add(reading);
        } else if (silent.size() == 1) {
          readings.add(Played.failed(reading));
        }
      }
    }
    return readings;
  }

  private static void assertSplitLikeDays(Collected told, long from, long to) {
    int checked = 0;
    long parts = 0;
    for (Interval interval : told.newest("15m").values()) {
      if (interval.startMillis() >= from && interval.endMillis() <= to) {
        assertEquals(
            Quality.EST_PROFILE, metric(interval, "elec.load.hall").quality(), "" + interval);
        assertEquals(100, metric(interval, "elec.load.hall").estimated());
        parts += value(interval, "elec.load.hall");
        checked++;
      }
    }
    assertTrue(checked > 15, "checked " + checked);
    assertTrue(parts > 0);
  }

  @Test
  void aLongGapOfOneDeviceIsToldAgainLikeTheDaysBefore() {
    // Monday to Thursday; on Thursday the hall's meter is silent for five hours.
    long gap = 3 * 24 * 60;
    Collected told = fold(withAGap(Set.of("hall-dev"), gap, gap + 300, gap + 600));
    long from = Played.START + gap * MINUTE + 15 * MINUTE;
    assertSplitLikeDays(told, from, from + 270 * MINUTE);
    assertTrue(told.of("15m").stream().allMatch(i -> i.rev() <= 1), "each is told again once");
    for (Interval hour : told.newest("1h").values()) {
      if (hour.startMillis() > Played.START) {
        long sum =
            told.newest("15m").values().stream()
                .filter(part -> part.startMillis() >= hour.startMillis())
                .filter(part -> part.endMillis() <= hour.endMillis())
                .mapToLong(part -> value(part, "elec.load.hall"))
                .sum();
        assertEquals(sum, value(hour, "elec.load.hall"));
      }
    }
  }

  @Test
  void anOutageOfEverythingIsToldLikeTheDaysBefore() {
    long gap = 3 * 24 * 60;
    Collected told = fold(withAGap(Set.copyOf(Played.DEVICES), gap, gap + 300, gap + 600));
    long from = Played.START + gap * MINUTE + 15 * MINUTE;
    assertSplitLikeDays(told, from, from + 270 * MINUTE);
    assertTrue(told.intervals.stream().allMatch(i -> i.rev() == 0), "nothing needed revising");
  }

  @Test
  void aGapThatIsOpenGoesOnTheSameFromACheckpoint() {
    long gap = 2 * 24 * 60;
    List<Reading> readings = withAGap(Set.of("hall-dev"), gap, gap + 300, gap + 400);
    Collected parted = new Collected();
    Fold broken = new Fold(SITE);
    int longest = 0;
    for (int i = 0; i < readings.size(); i++) {
      broken.observe(readings.get(i).sample(), readings.get(i).tsMillis(), parted);
      if (i % 601 == 0) {
        byte[] checkpoint = broken.checkpoint();
        longest = Math.max(longest, checkpoint.length);
        broken = Fold.from(SITE, checkpoint);
      }
    }
    broken.revise(parted);
    assertEquals(fold(readings).lines(), parted.lines());
    assertTrue(longest < 43_000, "a checkpoint of " + longest + " bytes");
  }

  private static Feeds told(String csv) {
    Feeds feeds = FeedReader.read(csv, (line, column, message) -> {});
    return Objects.requireNonNull(feeds);
  }

  @Test
  void whatIsToldOfYesterdayIsInItsRecordAfterwardsAlsoOverARestart() {
    fold.tell(told("date,bus,km\n2025-05-30,b1,100\n"));
    play(15 * 60, Set.of());
    Interval day = out.of("1d").getFirst();
    assertEquals(
        "no kilometres were told of 2025-06-01", metric(day, "bus.km").why(), "never zero");
    Fold later = Fold.from(SITE, fold.checkpoint());
    assertEquals(null, later.tell(told("date,bus,km,kg\n2025-06-01,b1,250,10\n")));
    Collected after = new Collected();
    Fold again = Fold.from(SITE, later.checkpoint());
    while (world.millis() < Played.START + 16 * 60 * MINUTE) {
      world.step().forEach(r -> again.observe(r.sample(), r.tsMillis(), after));
    }
    Interval revised = after.of("1d").getFirst();
    assertEquals(1, revised.rev());
    assertEquals(day.startMillis(), revised.startMillis());
    assertEquals(250_000_000, value(revised, "bus.km"));
    assertEquals(4_000_000, value(revised, "bus.kg_per_100km"));
    assertEquals(Quality.SUBSTITUTED, metric(revised, "bus.km.b1").quality());
  }

  @Test
  void aCertificateThatIsClaimedASecondTimeIsNotTaken() {
    String header = "month,certificates,vintage,reference\n";
    assertEquals(null, fold.tell(told(header + "2025-06,10,2025-05,G-1\n")));
    assertEquals(null, fold.tell(told(header + "2025-06,10,2025-05,G-1\n")), "the same again");
    assertEquals(
        "G-1 was claimed before, otherwise: energy claimed twice",
        fold.tell(told(header + "2025-07,10,2025-05,G-1\n")));
  }

  @Test
  void aSiteThatChangedKeepsWhatItsMetersHaveInCommon() {
    play(70, Set.of());
    Site other =
        Sites.microgrid()
            .meter(
                "shed",
                io.lingtan.agent.site.Role.LOAD,
                io.lingtan.agent.site.DeviceProfile.Kind.METER,
                10,
                "energy_import")
            .base("5m")
            .site();
    Fold changed = Fold.from(other, fold.checkpoint());
    Collected after = new Collected();
    while (world.millis() < Played.START + 10_000 + 80 * MINUTE) {
      world.step().forEach(r -> changed.observe(r.sample(), r.tsMillis(), after));
    }
    assertTrue(after.events.isEmpty(), "no register was lost: " + after.events);
    assertEquals(Set.of("5m"), Set.copyOf(after.intervals.stream().map(Interval::length).toList()));
    assertEquals(Quality.MEASURED, metric(after.of("5m").getLast(), "elec.grid.import").quality());
    assertEquals("shed-dev: no reading", metric(after.of("5m").getLast(), "elec.load.shed").why());
  }

  @Test
  void aMonthAcrossAChangeOfFactorNamesEachFactorThatWasUsed() {
    String location = "co2.scope2.location";
    Site site =
        Sites.microgrid()
            .factors(
                "1",
                Sites.factor("first", "CN-JS", "location", "0.7", 2025, LocalDate.of(2025, 6, 14)),
                new FactorTable.Factor(
                    "second",
                    "electricity",
                    "CN-JS",
                    "location",
                    "CO2",
                    "0.5",
                    "kg/(kW.h)",
                    2025,
                    LocalDate.of(2025, 6, 15),
                    null,
                    "a document",
                    "",
                    "official",
                    null))
            .site();
    Collected all = new Collected();
    Fold across = new Fold(site);
    Played played = new Played(Randomness.seeded(5), 300_000);
    while (all.of("1M").isEmpty()) {
      played.step().forEach(r -> across.observe(r.sample(), r.tsMillis(), all));
    }
    for (Interval day : all.of("1d")) {
      String used = metric(day, location).factor();
      boolean before = day.startMillis() < Played.START + 13 * 86_400_000L;
      assertEquals(before ? "first" : "second", used, day.toString());
      assertEquals(Set.of(String.valueOf(used)), day.factors().keySet());
    }
    Interval month = all.of("1M").getFirst();
    assertEquals(Set.of("first", "second"), month.factors().keySet());
    assertEquals(List.of("first", "second"), metric(month, location).factors());
    assertNull(metric(month, location).factor());
    assertEquals("several factors were in force", metric(month, "grid.factor").why());
    assertEquals(
        all.of("1d").stream().mapToLong(day -> value(day, location)).sum(), value(month, location));
    String json = all.lines().getLast();
    assertTrue(json.contains("\"factors\":[\"first\",\"second\"]"), json);
  }

  @Test
  void aTornCheckpointIsRefused() {
    play(70, Set.of());
    byte[] checkpoint = fold.checkpoint();
    for (int length = 0; length < checkpoint.length; length += 7) {
      byte[] torn = java.util.Arrays.copyOf(checkpoint, length);
      assertThrows(IllegalArgumentException.class, () -> Fold.from(SITE, torn));
    }
  }

  @Test
  void aYearOfEightMetersFoldsInSeconds() {
    Sites sites = new Sites().jiangsu();
    for (int i = 0; i < 8; i++) {
      sites.meter(
          "m" + i,
          i == 0 ? io.lingtan.agent.site.Role.GRID : io.lingtan.agent.site.Role.LOAD,
          io.lingtan.agent.site.DeviceProfile.Kind.METER,
          100,
          "energy_import");
    }
    Fold year = new Fold(sites.site());
    long start = java.time.Instant.parse("2024-12-31T16:00:00Z").toEpochMilli();
    int[] count = new int[1];
    Map<String, Integer> lengths = new TreeMap<>();
    Fold.Output counting =
        new Fold.Output() {
          @Override
          public void interval(Interval interval) {
            lengths.merge(interval.length(), 1, Integer::sum);
          }

          @Override
          public void event(io.lingtan.agent.reading.Event event, long atNanos, long tsMillis) {
            count[0]++;
          }
        };
    long steps = Duration.ofDays(365).toMillis() / (5 * MINUTE);
    for (long step = 0; step <= steps; step++) {
      for (int i = 0; i < 8; i++) {
        var values = new io.lingtan.agent.reading.Values.Builder();
        // The gate has more than its loads together.
        values.put(
            io.lingtan.agent.reading.Point.of("energy_import"), step * 1000 * (i == 0 ? 50 : i));
        year.observe(
            io.lingtan.agent.reading.Sample.of(
                "m" + i + "-dev", "b", step * 5 * MINUTE * 1_000_000, values.build()),
            start + step * 5 * MINUTE,
            counting);
      }
    }
    assertEquals(Map.of("15m", 35_040, "1h", 8_760, "1d", 365, "1M", 12, "1Y", 1), lengths);
    assertEquals(0, count[0]);
  }
}
