package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.figures;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.ledger.Played.Reading;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One damaged reading: whatever it says and wherever it comes, it counts as none. */
final class SpikesTest {

  private static final long MINUTE = 60_000L;
  private static final Site SITE = Sites.microgrid().site();

  /** Where a spike is put. */
  private record Place(int index, Point point, long before, long[] after) {}

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 20_261_125L})
  void aSpikeAnywhereIsTheSameAsNoReadingThere(long seed) {
    System.out.println("SpikesTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    List<Reading> readings = new ArrayList<>();
    Played world = new Played(random, 30_000);
    while (world.millis() < Played.START + 130 * MINUTE) {
      readings.addAll(world.step());
    }
    for (int round = 0; round < 60; round++) {
      Place place = place(readings, random);
      long spike = spike(place, random);
      Collected damaged = fold(replaced(readings, place, spike));
      Collected absent = fold(replaced(readings, place, null));
      String what =
          "%s of %s at %d reads %d after %d, round %d of seed %d"
              .formatted(
                  place.point(),
                  readings.get(place.index()).sample().device(),
                  place.index(),
                  spike,
                  place.before(),
                  round,
                  seed);
      for (String length : List.of("15m", "1h")) {
        Map<Long, Interval> expected = absent.newest(length);
        Map<Long, Interval> actual = damaged.newest(length);
        assertEquals(expected.keySet(), actual.keySet(), what);
        expected.forEach(
            (start, interval) ->
                assertEquals(
                    lasting(interval), lasting(Objects.requireNonNull(actual.get(start))), what));
      }
      assertEquals(
          List.of("meter.glitch"), damaged.events.stream().map(e -> e.name()).toList(), what);
    }
  }

  /** Without the count of what was told again. */
  private static Map<String, String> lasting(Interval interval) {
    Map<String, String> figures = figures(interval);
    figures.remove(SiteFigures.LATE);
    return figures;
  }

  /** Anywhere but at the very beginning and end, where there is nothing to compare with. */
  private static Place place(List<Reading> readings, RandomGenerator random) {
    int all = Played.DEVICES.size();
    int index = random.nextInt(3 * all, readings.size() - 4 * all);
    Sample sample = readings.get(index).sample();
    Point point = sample.values().point(random.nextInt(sample.values().size()));
    long[] after = new long[3];
    for (int i = 0; i < after.length; i++) {
      after[i] = readings.get(index + (i + 1) * all).sample().values().micros(point);
    }
    return new Place(
        index, point, readings.get(index - all).sample().values().micros(point), after);
  }

  /** So far off that the readings after it contradict it: a little, a lot, or zero. */
  private static long spike(Place place, RandomGenerator random) {
    long above = place.after()[2] + 1;
    return switch (random.nextInt(4)) {
      case 0 -> above + random.nextLong(100_000);
      case 1 -> above + random.nextLong(10_000_000_000L);
      case 2 -> random.nextLong(Math.max(1, place.before() - 1));
      default -> 0;
    };
  }

  private static List<Reading> replaced(
      List<Reading> readings, Place place, @Nullable Long reading) {
    List<Reading> replaced = new ArrayList<>(readings);
    Reading good = readings.get(place.index());
    Sample sample = good.sample();
    Values.Builder values = new Values.Builder();
    for (int i = 0; i < sample.values().size(); i++) {
      Point point = sample.values().point(i);
      if (!point.equals(place.point())) {
        values.put(point, sample.values().micros(i));
      } else if (reading != null) {
        values.put(point, reading);
      }
    }
    SortedMap<Point, Reason> bad = new TreeMap<>();
    if (reading == null) {
      bad.put(place.point(), Reason.RANGE);
    }
    Sample other =
        new Sample(
            sample.device(),
            sample.boot(),
            sample.atNanos(),
            values.build(),
            new TreeMap<>(),
            bad,
            null);
    replaced.set(place.index(), new Reading(other, good.tsMillis()));
    return replaced;
  }

  private static Collected fold(List<Reading> readings) {
    Collected all = new Collected();
    Fold fold = new Fold(SITE);
    readings.forEach(reading -> fold.observe(reading.sample(), reading.tsMillis(), all));
    return all;
  }

  /** As it was seen in a simulated day: three tonnes of hydrogen, and back again. */
  @Test
  void aSpikeOfADispenserThatNobodyRatedIsNeitherHydrogenNorAReset() {
    Site site =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 400, "energy_import")
            .meter("nozzle", Role.H2_DISPENSER, Kind.SENSOR, 0, "mass")
            .site();
    Collected out = new Collected();
    Fold fold = new Fold(site);
    long start = Played.START + 10_000;
    for (int i = 0; i <= 2 * 90; i++) {
      // The first sample after the boundary is the damaged one.
      long mass = i == 90 ? 9_615_031_000L : 6_293_834_000L;
      for (String[] register : new String[][] {{"grid", "energy_import"}, {"nozzle", "mass"}}) {
        Values.Builder values = new Values.Builder();
        values.put(Point.of(register[1]), register[0].equals("grid") ? i * 1000L : mass);
        fold.observe(
            Sample.of(register[0] + "-dev", "b", i * 10_000_000_000L, values.build()),
            start + i * 10_000L,
            out);
      }
    }
    assertEquals(2, out.of("15m").size());
    for (Interval interval : out.of("15m")) {
      assertEquals(0, Collected.value(interval, "h2.dispensed"));
      assertEquals(0, interval.rev(), "it waited for the next reading");
    }
    assertEquals(List.of("meter.glitch"), out.events.stream().map(e -> e.name()).toList());
    assertTrue(out.of("15m").getFirst().metrics().containsKey("h2.dispensed"));
  }
}
