package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Meters behind transformers that send the hundredths of their display as floats. */
final class FloatStepTest {

  private static final String SITE =
      """
      gateway: g
      lines:
        - id: a
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: dev, profile: chint-dtsu666, unit: 1, ct: 30}
      metering:
        meters:
          - {id: grid, device: dev, role: grid, rated_kw: 50}
      """;
  private static final long EIGHT = Instant.parse("2025-06-03T00:00:00Z").toEpochMilli();
  private static final long QUARTER = 15 * 60_000L;
  private static final double CT = 30;

  private final List<String> events = new ArrayList<>();
  private final Meters meters = new Meters(site(), grid());

  private static IntervalGrid grid() {
    return new IntervalGrid(ZoneId.of("Asia/Shanghai"), "15m");
  }

  private static Site site() {
    Site site =
        new SiteLoader().read(Path.of("site.yaml"), SITE.getBytes(StandardCharsets.UTF_8)).site();
    assertNotNull(site);
    return site;
  }

  /**
   * 40 kW, and what the display shows of what was counted, as the meter's float times the ratio.
   */
  private void reads(long second, long hundredths) {
    float sent = (float) hundredths * 0.01F;
    Values values =
        new Values.Builder()
            .put(Point.of("power"), 40_000_000_000L)
            .put(Point.of("energy_import"), Math.round((double) sent * CT * 1e6))
            .put(Point.of("energy_export"), 0)
            .build();
    meters.observe(
        Sample.of("dev", "boot", second * 1_000_000_000L, values),
        new Mark(1, second * 1_000_000_000L, EIGHT + second * 1_000),
        event -> events.add(event.name()));
  }

  private static long shown(double start, long second) {
    return (long) ((start + 40.0 / CT * second / 3600) * 100 + 1e-6);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "2, 0.5",
    "2, 1234.56",
    "5, 8000.01",
    "10, 1234.56",
    "10, 12345.67",
    "30, 54321.09",
    "60, 1234.56",
    "2, 123456.78"
  })
  void anHonestOneIsNeitherStuckNorJumpsAtAnyRecordPeriod(long record, double start) {
    for (long second = 0; second <= 3600; second += record) {
      reads(second, shown(start, second));
    }
    assertEquals(List.of(), events);
    Metric told = meters.channels().getFirst().between(EIGHT, EIGHT + 4 * QUARTER);
    assertEquals(Quality.MEASURED, told.quality());
    Long counted = told.micros();
    assertNotNull(counted);
    assertTrue(Math.abs(counted - 40_000_000L) <= 700_000, "counted " + counted);
  }

  @Test
  void oneThatStandsStillIsFoundWithinTwoOfItsSteps() {
    for (long second = 0; second <= 600; second += 10) {
      reads(second, shown(1234.56, second));
    }
    for (long second = 610; second <= 700; second += 10) {
      reads(second, shown(1234.56, 600));
    }
    assertEquals(List.of("meter.stuck"), events);
    assertTrue(meters.channels().getFirst().step() >= 300_000, "what a figure may be off by");
  }
}
