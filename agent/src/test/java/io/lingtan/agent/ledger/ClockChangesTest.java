package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.testing.Sites;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Days that are longer or shorter than others lose nothing and count nothing twice. */
final class ClockChangesTest {

  private static final List<String> ADDED =
      List.of("elec.grid.import", "elec.load.hall", "flow.pv_to_load", "co2.scope2.location");

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2025-03-30, 23, PRIORITY",
    "Europe/Berlin, 2025-10-26, 25, PROPORTIONAL",
    "America/New_York, 2025-11-02, 25, PRIORITY",
    "Australia/Lord_Howe, 2025-04-06, 24.5, PROPORTIONAL",
    "Australia/Lord_Howe, 2025-10-05, 23.5, PRIORITY",
    "Asia/Shanghai, 2025-10-26, 24, PROPORTIONAL",
    "Asia/Kathmandu, 2025-10-26, 24, PRIORITY"
  })
  void rollUpsAreTheSumOfTheirPartsAndTheDayIsAsLongAsItIs(
      String zone, LocalDate day, double hours, Allocation rule) {
    ZoneId id = ZoneId.of(zone);
    Site site = Sites.microgrid().zone(zone).allocation(rule).site();
    long midnight = day.atStartOfDay(id).toInstant().toEpochMilli();
    long next = day.plusDays(1).atStartOfDay(id).toInstant().toEpochMilli();
    assertEquals(hours, (next - midnight) / 3_600_000.0);
    Played world = new Played(Randomness.seeded(41), 60_000, midnight - 3_600_000);
    Collected out = new Collected();
    Fold fold = new Fold(site);
    while (world.millis() < next + 3_600_000) {
      world.step().forEach(r -> fold.observe(r.sample(), r.tsMillis(), out));
    }
    Interval whole = out.newest("1d").get(midnight);
    assertNotNull(whole, "the day of " + Instant.ofEpochMilli(midnight));
    assertEquals(next, whole.endMillis());
    for (String length : List.of("15m", "1h")) {
      SequencedMap<Long, Interval> newest = out.newest(length);
      var parts = new TreeMap<>(newest).subMap(midnight, next);
      assertEquals(
          length.equals("15m") ? Math.round(hours * 4) : (long) Math.ceil(hours - 0.5),
          parts.size(),
          length);
      long end = midnight;
      for (Interval part : parts.values()) {
        assertEquals(end, part.startMillis(), "without a hole");
        end = part.endMillis();
      }
      assertEquals(next, end);
      for (String name : ADDED) {
        long sum = parts.values().stream().mapToLong(part -> value(part, name)).sum();
        assertEquals(value(whole, name), sum, name + " of " + length);
      }
    }
    conserved(out);
  }

  /** What the sources gave is what went to loads, battery and grid, in every interval. */
  private static void conserved(Collected out) {
    int looked = 0;
    for (Interval interval : out.of("15m")) {
      if (Collected.metric(interval, "elec.load.total").quality() != Quality.MEASURED) {
        continue;
      }
      long flows =
          interval.metrics().keySet().stream()
              .filter(name -> name.startsWith("flow."))
              .mapToLong(name -> value(interval, name))
              .sum();
      long sources =
          value(interval, "elec.grid.import")
              + value(interval, "elec.pv.generation")
              + value(interval, "elec.battery.discharge");
      assertEquals(sources, flows, interval.toString());
      looked++;
    }
    assertTrue(looked > 90, "looked at " + looked);
  }
}
