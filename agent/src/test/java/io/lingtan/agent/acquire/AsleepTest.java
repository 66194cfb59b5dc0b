package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.place.Sun;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An inverter that is silent at night raises no alarm; one that is silent by day does. */
final class AsleepTest {

  private static final String SITE =
      """
      gateway: g
      lines:
        - id: roof
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: generic-modbus, unit: 1, every: 10s}
            - {id: pv, profile: sma-inverter, unit: 2, every: 10s}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 100}
          - {id: pv, device: pv, role: pv, rated_kw: 100}
      """;

  private final FakeUnits units = new FakeUnits(Framing.TCP);
  private final Bench bench = bench();

  /** Nine in the evening where the sun is 5° high ten hours later. */
  private Bench bench() {
    Site site =
        new SiteLoader().read(Path.of("site.yaml"), SITE.getBytes(StandardCharsets.UTF_8)).site();
    assertNotNull(site);
    units.unit(1).fill(0, 0x60).setFloat(18, 50);
    units.unit(2).fill(30057, 2).fill(30500, 500);
    return new Bench(site.lines().getFirst(), units, units, new Sun(31.49, 180));
  }

  private void run(Duration duration) {
    bench.run(duration);
  }

  private boolean isAsleep() {
    return bench.step.snapshot().devices().get(1).asleep();
  }

  @Test
  void oneThatNeverAnsweredSinceTheAgentWasStartedAtNightIsAlarmedInTheMorning() {
    units.unit(2).silent = true;
    run(Duration.ofHours(9));
    assertEquals(List.of("meter.asleep"), bench.eventNames());
    assertTrue(isAsleep());
    run(Duration.ofHours(2));
    assertEquals(List.of("meter.asleep", "meter.offline"), bench.eventNames());
    assertFalse(isAsleep());
  }

  @Test
  void oneThatWakesInTheMorningIsNeverAlarmed() {
    run(Duration.ofMinutes(10));
    units.unit(2).silent = true;
    run(Duration.ofHours(9));
    units.unit(2).silent = false;
    run(Duration.ofHours(2));
    units.unit(2).silent = true;
    run(Duration.ofMinutes(5));
    assertEquals(List.of("meter.asleep", "meter.online", "meter.offline"), bench.eventNames());
  }

  @Test
  void oneThatGavePowerWhenItFellSilentIsAlarmed() {
    units.unit(2).set(30775, 0, 40_000);
    run(Duration.ofMinutes(10));
    units.unit(2).silent = true;
    run(Duration.ofMinutes(10));
    assertEquals(List.of("meter.offline"), bench.eventNames());
  }
}
