package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RollUpTest {

  private static final long QUARTER = 900_000L;
  private static final String PEAK = "elec.grid.import.peak";

  private static Map<String, Metric> peak(long micros) {
    return Map.of(PEAK, new Metric(micros, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
  }

  private static Quality quality(RollUp rollUp) {
    Metric sum = rollUp.sums(ZoneOffset.UTC).get(PEAK);
    assertNotNull(sum);
    return sum.quality();
  }

  @Test
  void aTariffPeriodOfATimeThatWasNeverToldIsNotWhole() {
    RollUp hour = new RollUp("1h", 0, 4 * QUARTER);
    hour.add(0, peak(5), Map.of(), QUARTER);
    hour.add(QUARTER, Map.of(), Map.of(), QUARTER);
    assertEquals(Quality.PARTIAL, quality(hour));
    hour.add(2 * QUARTER, Map.of(), Map.of(), QUARTER);
    hour.add(3 * QUARTER, peak(7), Map.of(), QUARTER);
    assertEquals(Quality.MEASURED, quality(hour));
    hour.remove(3 * QUARTER, peak(7), QUARTER);
    assertEquals(Quality.PARTIAL, quality(hour));
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
    month.add(0, demand(80), Map.of(), QUARTER);
    month.add(QUARTER, demand(126), Map.of(), QUARTER);
    month.add(2 * QUARTER, demand(300), Map.of(), QUARTER);
    assertEquals("300 1970-01-01T08:30+08:00", greatest(month));
    month.remove(2 * QUARTER, demand(300), QUARTER);
    month.add(2 * QUARTER, demand(112), Map.of(), QUARTER);
    assertEquals("126 1970-01-01T08:15+08:00", greatest(month));
    month.settle(2 * QUARTER);
    CheckpointWriter written = new CheckpointWriter();
    month.write(written);
    RollUp restored = RollUp.read(new CheckpointReader(written.bytes()));
    restored.add(3 * QUARTER, demand(100), Map.of(), QUARTER);
    assertEquals("126 1970-01-01T08:15+08:00", greatest(restored));
  }
}
