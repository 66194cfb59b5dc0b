package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a meter of its rating cannot read is no reading, on the page and in its records. */
final class PlausibleTest {

  private static final String SITE =
      """
      gateway: g
      lines:
        - id: a
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: generic-modbus, unit: 1, every: 1s, record: 1s}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 60}
      """;

  private static final Point POWER = Point.of("power");
  private static final Point IMPORT = Point.of("energy_import");

  private final FakeUnits units = new FakeUnits(Framing.TCP);

  /** The sample of a poll in which the meter read this. */
  private static Sample read(Bench bench, float watts, float importKwh) {
    bench.units.unit(1).fill(0, 0x60).setFloat(0, watts).setFloat(2, importKwh).setFloat(18, 50);
    bench.run(Duration.ofSeconds(3));
    var shown = bench.step.snapshot().devices().getFirst();
    Sample sample = bench.samplesOf("gate").getLast();
    assertEquals(sample.bad(), shown.bad(), "the page shows what is recorded");
    return sample;
  }

  @Test
  void aPowerFarAboveTheRatingAndACounterBelowZeroAreOutOfRange() {
    Site site =
        new SiteLoader().read(Path.of("site.yaml"), SITE.getBytes(StandardCharsets.UTF_8)).site();
    assertNotNull(site);
    Bench bench = new Bench(site.lines().getFirst(), units, units);
    assertEquals(Map.of(), read(bench, 59_000_000, 2000).bad());
    assertEquals(59_000_000_000_000L, bench.samplesOf("gate").getLast().values().micros(POWER));
    for (float watts : new float[] {61_000_000, -61_000_000, 1e9f, 9.2e12f}) {
      Sample sample = read(bench, watts, 2000);
      assertEquals(Map.of(POWER, Reason.RANGE), sample.bad());
      assertEquals(2_000_000_000L, sample.values().micros(IMPORT));
    }
    assertEquals(Map.of(IMPORT, Reason.RANGE), read(bench, 0, -5).bad());
    assertEquals(Map.of(), read(bench, -60_000, 2000).bad());
  }

  @Test
  void aPowerFarAboveTheRatingOfASourceIsOutOfRange() {
    String roof =
        SITE.replace(
                "metering:",
                "      - {id: roof, profile: sma-inverter, unit: 2, every: 1s, record: 1s}\n"
                    + "metering:")
            + "    - {id: pv, device: roof, role: pv, rated_kw: 60}\n";
    Site site =
        new SiteLoader().read(Path.of("site.yaml"), roof.getBytes(StandardCharsets.UTF_8)).site();
    assertNotNull(site);
    Bench bench = new Bench(site.lines().getFirst(), units, units);
    units.unit(2).fill(30500, 500).set(30775, 0x7FFF, 0xFFFF);
    bench.run(Duration.ofSeconds(3));
    assertEquals(Reason.RANGE, bench.samplesOf("roof").getLast().bad().get(POWER));
    units.unit(2).set(30775, 0, 50_000);
    bench.run(Duration.ofSeconds(3));
    assertEquals(50_000_000_000L, bench.samplesOf("roof").getLast().values().micros(POWER));
  }
}
