package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RollUpTest {

  private static final long QUARTER = 900_000L;
  private static final String PEAK = "elec.grid.import.peak";

  private static Map<String, Metric> peak(long micros) {
    return Map.of(PEAK, new Metric(micros, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
  }

  private static Quality quality(RollUp rollUp) {
    Metric sum = rollUp.sums().get(PEAK);
    assertNotNull(sum);
    return sum.quality();
  }

  @Test
  void aTariffPeriodOfATimeThatWasNeverToldIsNotWhole() {
    RollUp hour = new RollUp("1h", 0, 4 * QUARTER);
    hour.add(peak(5), Map.of(), QUARTER);
    hour.add(Map.of(), Map.of(), QUARTER);
    assertEquals(Quality.PARTIAL, quality(hour));
    hour.add(Map.of(), Map.of(), QUARTER);
    hour.add(peak(7), Map.of(), QUARTER);
    assertEquals(Quality.MEASURED, quality(hour));
    hour.remove(peak(7), QUARTER);
    assertEquals(Quality.PARTIAL, quality(hour));
  }
}
