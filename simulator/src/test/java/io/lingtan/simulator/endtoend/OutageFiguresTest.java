package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/**
 * A day in which nobody read anything for hours, and no day before it says what such hours are
 * like. Registers know all of its energy, and nobody knows who fed whom: a quotient of the one by
 * the other would be wrong, and a class too good.
 */
class OutageFiguresTest {

  private static final long DAY = Instant.parse("2026-06-09T16:00:00Z").toEpochMilli();
  private static final long HOUR = 3_600_000;

  private static Interval day(LongPredicate isRead) throws IOException {
    Site site =
        SimulatedYearIT.demo(
            "{factors: [cn-electricity], method: [location]}",
            "{factors: [cn-electricity, cn-fuels, cn-tce], method: [location, market]}");
    Fold fold = new Fold(site);
    Map<Long, Interval> days = new LinkedHashMap<>();
    Fold.Output output =
        new Fold.Output() {
          @Override
          public void interval(Interval interval) {
            if (interval.length().equals("1d")) {
              days.put(interval.startMillis(), interval);
            }
          }

          @Override
          public void event(Event event, long atNanos, long tsMillis) {}
        };
    WorldReadings readings = new WorldReadings(7, DAY - HOUR, 60_000);
    for (long at = DAY - HOUR / 2; at <= DAY + 25 * HOUR; at += 300_000) {
      if (isRead.test(at)) {
        readings.read(at, (sample, millis) -> fold.observe(sample, millis, output));
      }
    }
    Interval day = days.get(DAY);
    assertNotNull(day);
    return day;
  }

  @Test
  void aQuotientIsWhatItIsWithoutTheOutageOrMissing() throws IOException {
    Interval undisturbed = day(at -> true);
    Set<String> given = new TreeSet<>();
    Set<String> missing = new TreeSet<>();
    for (int hour = 1; hour < 20; hour += 3) {
      long from = DAY + hour * HOUR;
      Interval day = day(at -> at <= from || at > from + 4 * HOUR);
      for (Map.Entry<String, Metric> entry : day.metrics().entrySet()) {
        Indicator listed = SiteFigures.LISTED.find(entry.getKey());
        assertNotNull(listed, entry.getKey());
        Long micros = entry.getValue().micros();
        Metric without = undisturbed.metrics().get(entry.getKey());
        if (listed.rolling() != Rolling.ANEW || without == null || without.micros() == null) {
          continue;
        }
        if (micros == null) {
          missing.add(entry.getKey());
          assertEquals(
              "what it compares is known of different parts of the time", entry.getValue().why());
        } else {
          given.add(entry.getKey());
          double truth = without.micros();
          assertEquals(truth, micros, Math.abs(truth) / 100, hour + " o'clock, " + entry);
        }
      }
    }
    assertTrue(
        given.containsAll(List.of("h2.sec", "h2.eta_lhv", "storage.rte_raw")), given::toString);
    assertTrue(
        missing.containsAll(List.of("h2.ci", "kpi.self_consumption", "kpi.self_sufficiency")),
        missing::toString);
  }

  @Test
  void hydrogenHasNoClassWhereNobodyKnowsWhatSomeOfItWasMadeOf() throws IOException {
    int outages = 0;
    for (int hour = 1; hour < 20; hour += 3) {
      long from = DAY + hour * HOUR;
      Interval day = day(at -> at <= from || at > from + 4 * HOUR);
      for (String name : List.of("h2.class", "h2.ci_footprint", "h2.class_lower_bound")) {
        Metric metric = day.metrics().get(name);
        assertNotNull(metric, name);
        assertEquals(Quality.MISSING, metric.quality(), () -> name + " " + metric);
        outages++;
      }
    }
    assertEquals(21, outages);
    for (String name : List.of("h2.class", "h2.class_lower_bound")) {
      Metric metric = day(at -> true).metrics().get(name);
      assertNotNull(metric, name);
      assertNotNull(metric.text(), name);
    }
  }
}
