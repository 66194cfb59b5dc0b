package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.endtoend.WorldReadings.Counted;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A year of the demonstration site through meter, carbon and the fold of the ledger. */
class SimulatedYearIT {

  private static final Path SITE = Path.of("..", "config", "sites", "demo-microgrid.yaml");
  private static final long MINUTE = 60_000L;

  /** The year 2026 in Shanghai. */
  private static final long FROM = BilledYear.FROM;

  private static final long UNTIL = BilledYear.UNTIL;

  @TempDir private Path folder;

  static Site demo(String... replacements) throws IOException {
    String text = Files.readString(SITE).replace("interval: 1m", "interval: 15m");
    for (int i = 0; i < replacements.length; i += 2) {
      assertTrue(text.contains(replacements[i]), replacements[i]);
      text = text.replace(replacements[i], replacements[i + 1]);
    }
    var loaded = new SiteLoader().read(SITE, text.getBytes(StandardCharsets.UTF_8));
    Site site = loaded.site();
    assertNotNull(site, () -> loaded.problems().toString());
    return site;
  }

  private final Map<String, List<Interval>> told = new HashMap<>();
  private final TreeMap<String, Integer> events = new TreeMap<>();

  private Fold.Output output(BilledYear billed) {
    return new Fold.Output() {
      @Override
      public void interval(Interval interval) {
        told.computeIfAbsent(interval.length(), length -> new ArrayList<>()).add(interval);
        billed.interval(interval);
      }

      @Override
      public void event(Event event, long atNanos, long tsMillis) {
        events.merge(event.name(), 1, Integer::sum);
      }
    };
  }

  private static long micros(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    assertNotNull(metric, name);
    Long micros = metric.micros();
    assertNotNull(micros, () -> name + " " + metric);
    return micros;
  }

  @Test
  @Tag("campaign")
  @RequiresTool("python3")
  void aYearOfTheDemoSiteEndsWithTheWorldsTruthAndWithItsBills() throws Exception {
    try (BilledYear billed =
        new BilledYear(
            folder,
            "demo-microgrid",
            "class: industry, kva: 630, basic: capacity, voltage: 10kV, power_factor: 0.90")) {
      play(billed);
      String said = billed.judged();
      assertTrue(said.startsWith("0\n"), said);
      System.out.println(said);
    }
  }

  private void play(BilledYear billed) {
    Fold fold = new Fold(billed.site());
    Fold.Output output = output(billed);
    WorldReadings readings = new WorldReadings(7, FROM - 30 * MINUTE, (int) MINUTE);
    Map<Long, long[]> truth = new HashMap<>();
    long begun = System.nanoTime();
    for (long at = FROM - 15 * MINUTE; at <= BilledYear.TOLD; at += MINUTE) {
      readings.read(at, (sample, millis) -> fold.observe(sample, millis, output));
      if ((at - FROM) % (15 * MINUTE) == 0) {
        truth.put(at, truthNow(readings));
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "a simulated year: %.1f s, %d base intervals, events %s%n",
        seconds, told.getOrDefault("15m", List.of()).size(), events);
    int compared = 0;
    for (String length : List.of("15m", "1h", "1d", "1M", "1Y")) {
      for (Interval interval : told.getOrDefault(length, List.of())) {
        if (interval.startMillis() >= FROM && interval.endMillis() <= UNTIL) {
          compare(interval, truth);
          compared++;
        }
      }
    }
    assertEquals(35_040 + 8_760 + 365 + 12 + 1, compared);
    Interval year = told.getOrDefault("1Y", List.of()).getLast();
    carbon(year);
    partsAreTheWhole(year, "15m", "1h", "1d", "1M");
    assertEquals(
        Set.of("config.tariff_ends", "meter.refuelled"),
        events.keySet(),
        "no register is ever doubted");
  }

  private static long[] truthNow(WorldReadings readings) {
    long[] now = new long[WorldReadings.COUNTED.size() + 2];
    int i = 0;
    for (Counted counted : WorldReadings.COUNTED) {
      now[i++] = readings.milliwattHours(counted.wire());
    }
    long at = readings.world().stepStart();
    now[i++] = readings.world().massMilligrams(Pipe.PRODUCED, at);
    now[i] = readings.world().massMilligrams(Pipe.DISPENSED, at);
    return now;
  }

  private static void compare(Interval interval, Map<Long, long[]> truth) {
    long[] start = truth.get(interval.startMillis());
    long[] end = truth.get(interval.endMillis());
    assertNotNull(start);
    assertNotNull(end);
    int i = 0;
    for (Counted counted : WorldReadings.COUNTED) {
      long exact = end[i] - start[i++];
      long step = WorldReadings.step(counted.device());
      assertTrue(
          Math.abs(micros(interval, counted.metric()) - exact) <= step,
          () -> counted.metric() + " of " + interval + " is truly " + exact);
      Metric metric = interval.metrics().get(counted.metric());
      assertNotNull(metric);
      assertEquals(Quality.MEASURED, metric.quality());
    }
    assertTrue(
        Math.abs(micros(interval, "h2.produced") - (end[i] - start[i++])) <= WorldReadings.GRAM);
    assertTrue(
        Math.abs(micros(interval, "h2.dispensed") - (end[i] - start[i])) <= WorldReadings.GRAM);
  }

  /** Each base interval rounds once, to the milligram. */
  private static void carbon(Interval year) {
    BigDecimal exact =
        BigDecimal.valueOf(micros(year, "elec.grid.import")).multiply(new BigDecimal("0.5827"));
    long told = micros(year, "co2.scope2.location");
    assertTrue(Math.abs(told - exact.longValue()) <= 35_040 / 2 + 1, told + " for " + exact);
    assertTrue(
        year.factors().values().stream().anyMatch(Interval.FactorUsed::provisional),
        "the factor of 2026 is not out");
  }

  private void partsAreTheWhole(Interval year, String... lengths) {
    for (String length : lengths) {
      for (String name : List.of("elec.grid.import", "flow.pv_to_load", "co2.load.ely")) {
        long sum =
            told.getOrDefault(length, List.of()).stream()
                .filter(part -> part.startMillis() >= FROM && part.endMillis() <= UNTIL)
                .mapToLong(part -> micros(part, name))
                .sum();
        assertEquals(micros(year, name), sum, name + " of all " + length);
      }
    }
  }
}
