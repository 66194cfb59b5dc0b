package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A site file whose transformer ratio was wrong, and was corrected over a restart. */
final class RescaledTest {

  private static final long QUARTER = 15 * 60_000L;
  private static final long EIGHT = Instant.parse("2025-06-03T00:00:00Z").toEpochMilli();
  private static final IntervalGrid GRID = new IntervalGrid(ZoneId.of("Asia/Shanghai"), "15m");
  private static final Point IMPORT = Point.of("energy_import");

  private final List<String> events = new ArrayList<>();

  private static Meters meters(String scale) {
    RegisterPoint register =
        Parts.register(
            IMPORT,
            3,
            0,
            DeviceProfile.Type.UINT32,
            2,
            DeviceProfile.WordOrder.BIG,
            new BigDecimal(scale),
            -1,
            DeviceProfile.Ratio.NONE,
            List.of(),
            BigDecimal.valueOf(1L << 32),
            Duration.ofSeconds(1),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Map.of());
    Site.Meter hall =
        Parts.meter("hall", "dev", Role.LOAD, 200, false, null, 0, Double.NaN, 0, Double.NaN);
    return new Meters(new Sites().meter(hall, Kind.METER, List.of(register)).site(), GRID);
  }

  /** A reading so many seconds after eight o'clock. */
  private void reads(Meters meters, long second, double kwh) {
    Values values = new Values.Builder().put(IMPORT, Math.round(kwh * 1e6)).build();
    long at = EIGHT + second * 1_000;
    meters.observe(
        Sample.of("dev", "boot", second * 1_000_000_000L, values),
        new Mark(1, second * 1_000_000_000L, at),
        event -> events.add(event.name()));
  }

  /** Since the first reading, which was half a kilowatt-hour. */
  private static long counted(Meters meters) {
    return meters.channels().getFirst().total() - 500_000;
  }

  private static Meters over(Meters before, Meters after) {
    CheckpointWriter to = new CheckpointWriter();
    before.checkpoint(to);
    after.restore(new CheckpointReader(to.bytes()));
    after.resumed();
    return after;
  }

  private static Metric quarter(Meters meters, int nth) {
    return meters.channels().getFirst().between(EIGHT + nth * QUARTER, EIGHT + (nth + 1) * QUARTER);
  }

  @Test
  void whatAReadingGainsByAnotherScaleIsNoEnergy() {
    Meters half = meters("0.0005");
    for (int second = 0; second <= 500; second += 10) {
      reads(half, second, 0.5 + second * 0.001);
    }
    // Twice as much as before, and no more than the meter may have counted in a minute.
    Meters right = over(half, meters("0.001"));
    for (int second = 510; second <= 1_000; second += 10) {
      reads(right, second, 2 * (0.5 + second * 0.001));
    }
    assertEquals(List.of("meter.rescaled"), events);
    Metric told = quarter(right, 0);
    assertNotEquals(Quality.MEASURED, told.quality(), "nobody knows what was counted meanwhile");
    assertEquals(500_000 + 2 * 490_000, counted(right));
  }

  @Test
  void theSameScaleWrittenOtherwiseIsTheSame() {
    Meters before = meters("0.001");
    reads(before, 0, 1);
    reads(before, 890, 2);
    Meters after = over(before, meters("0.0010"));
    reads(after, 910, 2.02);
    assertEquals(List.of(), events);
    assertEquals(Quality.MEASURED, quarter(after, 0).quality());
  }

  @Test
  void aWrongScaleByWhichNothingWasReadCostsNothing() {
    Meters right = meters("0.001");
    reads(right, 0, 0.5);
    Meters again = over(over(right, meters("0.0005")), meters("0.001"));
    reads(again, 100, 0.6);
    assertEquals(List.of(), events);
    assertEquals(100_000, counted(again));
  }

  @Test
  void samplesOfBeforeThatAreFoldedAgainGoOnFromThoseBeforeThem() {
    Meters half = meters("0.0005");
    reads(half, 0, 0.5);
    CheckpointWriter to = new CheckpointWriter();
    half.checkpoint(to);
    Meters right = meters("0.001");
    right.restore(new CheckpointReader(to.bytes()));
    reads(right, 10, 0.6);
    right.resumed();
    reads(right, 20, 1.2);
    reads(right, 30, 1.3);
    assertEquals(List.of("meter.rescaled"), events);
    assertEquals(200_000, counted(right));
  }
}
