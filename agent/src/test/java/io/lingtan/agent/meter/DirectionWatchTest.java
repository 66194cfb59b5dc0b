package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

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

/** Loads whose meter counts, or not, the way that a load has to. */
final class DirectionWatchTest {

  private static final String SITE =
      """
      gateway: g
      lines:
        - id: a
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: generic-modbus, unit: 1}
            - {id: shop, profile: generic-modbus, unit: 2}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 100}
          - {id: shop, device: shop, role: load, rated_kw: 100}
      """;
  private static final long EIGHT = Instant.parse("2025-06-03T00:00:00Z").toEpochMilli();
  private static final long QUARTER = 15 * 60_000L;

  private final List<String> events = new ArrayList<>();
  private Meters meters = meters();
  private long second;
  private double imported = 100;
  private double exported = 50;

  private static Meters meters() {
    Site site =
        new SiteLoader().read(Path.of("site.yaml"), SITE.getBytes(StandardCharsets.UTF_8)).site();
    assertNotNull(site);
    return new Meters(site, new IntervalGrid(ZoneId.of("Asia/Shanghai"), "15m"));
  }

  /** Minutes at a power, in kW, with what registers make of it. */
  private void runs(int minutes, double kilowatts) {
    for (int i = 0; i < 6 * minutes; i++) {
      Values values =
          new Values.Builder()
              .put(Point.of("power"), Math.round(kilowatts * 1e9))
              .put(Point.of("energy_import"), Math.round(imported * 1e6))
              .put(Point.of("energy_export"), Math.round(exported * 1e6))
              .build();
      meters.observe(
          Sample.of("shop", "boot", second * 1_000_000_000L, values),
          new Mark(1, second * 1_000_000_000L, EIGHT + second * 1_000),
          event -> events.add(event.name() + " " + event.detail().get("over")));
      second += 10;
      imported += Math.max(0, kilowatts) / 360;
      exported += Math.max(0, -kilowatts) / 360;
    }
  }

  private Quality quarter(int nth) {
    MeterChannel shop =
        meters.channels().stream()
            .filter(channel -> channel.meter().id().equals("shop"))
            .findFirst()
            .orElseThrow();
    return shop.between(EIGHT + nth * QUARTER, EIGHT + (nth + 1) * QUARTER).quality();
  }

  @Test
  void aLoadThatOnlyCountsItsExportIsToldAndIsNotBelieved() {
    runs(14, -40);
    assertEquals(List.of(), events);
    runs(17, -40);
    assertEquals(List.of("meter.against_role false"), events);
    assertEquals(Quality.SUSPECT, quarter(0));
    // The agent is started again, the load pauses, and then the transformer is turned.
    CheckpointWriter to = new CheckpointWriter();
    meters.checkpoint(to);
    meters = meters();
    meters.restore(new CheckpointReader(to.bytes()));
    meters.resumed();
    runs(15, 0);
    assertEquals(List.of("meter.against_role false"), events);
    runs(30, 40);
    assertEquals(List.of("meter.against_role false", "meter.against_role true"), events);
    assertEquals(Quality.SUSPECT, quarter(1));
    assertEquals(Quality.MEASURED, quarter(4));
  }

  /** Whoever turns the transformer may put another meter there: what it was before it stays. */
  @Test
  void whatCountedAgainstItsRoleIsNotBelievedAfterAResetEither() {
    runs(31, -40);
    assertEquals(Quality.SUSPECT, quarter(0));
    imported = 0;
    runs(35, 40);
    assertEquals("meter.against_role true", events.getLast(), events::toString);
    assertEquals(Quality.SUSPECT, quarter(0));
    assertEquals(Quality.SUSPECT, quarter(1));
    assertEquals(Quality.MEASURED, quarter(3));
  }

  @Test
  void aLoadThatGivesBackNowAndThenOrNextToNothingIsBelieved() {
    for (int i = 0; i < 4; i++) {
      runs(10, -40);
      runs(2, 5);
    }
    runs(60, -0.5);
    runs(10, 20);
    assertEquals(List.of(), events);
    assertEquals(Quality.MEASURED, quarter(0));
  }
}
