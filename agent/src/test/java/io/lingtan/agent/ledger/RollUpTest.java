package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RollUpTest {

  private static final long QUARTER = 900_000L;
  private static final String PEAK = "elec.grid.import.peak";

  private static Map<String, Metric> peak(long micros) {
    return Map.of(PEAK, new Metric(micros, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
  }

  private static Part part(Map<String, Metric> summed, Map<String, FactorUsed> factors) {
    return new Part(new LinkedHashMap<>(summed), factors, Set.of(), QUARTER, true);
  }

  private static Quality quality(RollUp rollUp) {
    Metric sum = rollUp.sums(ZoneOffset.UTC).get(PEAK);
    assertNotNull(sum);
    return sum.quality();
  }

  @Test
  void aTariffPeriodOfATimeThatWasNeverToldIsNotWhole() {
    RollUp hour = new RollUp("1h", 0, 4 * QUARTER);
    hour.add(0, part(peak(5), Map.of()), null);
    hour.add(QUARTER, part(Map.of(), Map.of()), null);
    assertEquals(Quality.PARTIAL, quality(hour));
    hour.add(2 * QUARTER, part(Map.of(), Map.of()), null);
    hour.add(3 * QUARTER, part(peak(7), Map.of()), null);
    assertEquals(Quality.MEASURED, quality(hour));
    hour.remove(3 * QUARTER, part(peak(7), Map.of()));
    assertEquals(Quality.PARTIAL, quality(hour));
  }

  private static Map<String, Metric> emitted(long micros, String factor) {
    return Map.of(
        "co2.scope2.location",
        new Metric(micros, "kg", Quality.MEASURED, 100, 0, "elec.grid.import", factor, null));
  }

  private static FactorUsed used(String value, boolean provisional) {
    return new FactorUsed(value, "kg/(kW.h)", "1", provisional);
  }

  private static Metric emitted(RollUp rollUp) {
    Metric metric = rollUp.sums(ZoneOffset.UTC).get("co2.scope2.location");
    assertNotNull(metric);
    return metric;
  }

  @Test
  void aSumNamesEachFactorOfItsPartsAndForgetsOneThatWasTakenOut() {
    RollUp day = new RollUp("1d", 0, 4 * QUARTER);
    day.add(0, part(emitted(1, "old"), Map.of("old", used("0.6", false))), null);
    assertEquals("old", emitted(day).factor());
    day.add(QUARTER, part(emitted(2, "new"), Map.of("new", used("0.5", true))), null);
    day.add(2 * QUARTER, part(emitted(4, "new"), Map.of("new", used("0.5", false))), null);
    assertNull(emitted(day).factor());
    assertEquals(List.of("old", "new"), emitted(day).factors());
    assertEquals(Long.valueOf(7), emitted(day).micros());
    assertEquals(
        Map.of("old", used("0.6", false), "new", used("0.5", true)),
        day.factors(),
        "provisional where it was once");
    CheckpointWriter written = new CheckpointWriter();
    day.write(written);
    RollUp restored = RollUp.read(new CheckpointReader(written.bytes()));
    assertEquals(emitted(day), emitted(restored));
    restored.remove(0, part(emitted(1, "old"), Map.of()));
    assertEquals("new", emitted(restored).factor());
    assertEquals(List.of(), emitted(restored).factors());
  }

  private static Map<String, Metric> demand(long micros) {
    return Map.of(
        "demand.block", new Metric(micros, "kW", Quality.MEASURED, 100, 0, null, null, null));
  }

  private static String greatest(RollUp month) {
    Metric metric = month.sums(ZoneOffset.ofHours(8)).get("demand.block");
    assertNotNull(metric);
    return metric.micros() + " " + metric.text();
  }

  @Test
  void aMonthKnowsItsGreatestDemandAndWhenThoughItIsRevisedAndWrittenDown() {
    RollUp month = new RollUp("1M", 0, 96 * QUARTER);
    month.add(0, part(demand(80), Map.of()), null);
    month.add(QUARTER, part(demand(126), Map.of()), null);
    month.add(2 * QUARTER, part(demand(300), Map.of()), null);
    assertEquals("300 1970-01-01T08:30+08:00", greatest(month));
    month.remove(2 * QUARTER, part(demand(300), Map.of()));
    month.add(2 * QUARTER, part(demand(112), Map.of()), null);
    assertEquals("126 1970-01-01T08:15+08:00", greatest(month));
    month.settle(2 * QUARTER, ZoneOffset.UTC);
    CheckpointWriter written = new CheckpointWriter();
    month.write(written);
    RollUp restored = RollUp.read(new CheckpointReader(written.bytes()));
    restored.add(3 * QUARTER, part(demand(100), Map.of()), null);
    assertEquals("126 1970-01-01T08:15+08:00", greatest(restored));
  }
}
