package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SlidingDemandTest {

  private static final long MINUTE = 60_000L;
  private static final long START = 1_764_000_000_000L;

  private final EnergyLine line =
      new EnergyLine(new IntervalGrid(ZoneId.of("Asia/Shanghai"), "1m"), 5 * MINUTE, 0);
  private final SlidingDemand sliding = new SlidingDemand(line);
  private long total;

  private static Mark mark(long minute) {
    return new Mark(1, minute * MINUTE * 1_000_000, START + minute * MINUTE);
  }

  private void counts(long minute, long micros) {
    total += micros;
    line.count(mark(minute), micros, total);
  }

  private Metric greatest(long from, long to) {
    return sliding.greatest(START + from * MINUTE, START + to * MINUTE, "why");
  }

  @Test
  void aSlidingWindowFindsMoreThanBlocksInS01() {
    Node example = WorkedExamples.cases("S01").get(1);
    Node in = example.at("inputs");
    assertEquals(15, in.at("window_min").decimal().intValueExact());
    assertEquals(1, in.at("step_min").decimal().intValueExact());
    List<Node> minutes = in.at("kWh_per_min").list();
    line.start(mark(0), 0);
    for (int i = 0; i < minutes.size(); i++) {
      counts(i + 1, minutes.get(i).micros());
    }
    Node expected = example.at("expected");
    assertEquals(expected.at("sliding_max_kW").micros(), greatest(15, 30).micros());
    assertEquals(Quality.MEASURED, greatest(15, 30).quality());
    long block = 0;
    for (int from = 0; from < 30; from += 15) {
      long start = START + from * MINUTE;
      Long energy = line.between(start, start + 15 * MINUTE, "", false, "").micros();
      assertNotNull(energy);
      block = Math.max(block, 4 * energy);
    }
    assertEquals(expected.at("block_max_kW").micros(), block);
    assertEquals(Quality.PARTIAL, greatest(0, 15).quality(), "fourteen windows began before it");
  }

  @Test
  void whereNobodyLookedThereIsNoDemand() {
    line.start(mark(0), 0);
    counts(200, 1_000_000);
    assertEquals(Metric.missing("kW", "why"), greatest(60, 75));
  }
}
