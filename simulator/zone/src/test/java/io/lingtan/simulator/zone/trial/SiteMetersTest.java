package io.lingtan.simulator.zone.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.simulator.zone.trial.SitePlan.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A gateway makes one record each period, whatever it has. */
final class SiteMetersTest {
  private final VirtualTime time = new VirtualTime(1_764_000_000_000L);

  private List<String> readings(SiteMeters meters, int count) {
    List<String> devices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MonotonicInstant at = time.now().plusMillis(i * SitePlan.PERIOD_MILLIS);
      meters.read(at).forEach(sample -> devices.add(sample.device()));
    }
    return devices;
  }

  @Test
  void metersOfASiteAreReadInTurn() {
    for (SitePlan plan : SitePlan.draw(4, 0, new Random(3))) {
      List<String> expected =
          switch (plan.kind()) {
            case BUS_DEPOT -> List.of("gate", "gate", "gate", "gate", "gate");
            case STORAGE -> List.of("gate", "bat1", "gate", "bat1", "gate");
            case ROOFTOP -> List.of("gate", "pv1", "gate", "pv1", "gate");
          };
      assertEquals(expected, readings(new SiteMeters(plan, time), 5));
    }
  }

  @Test
  void whatIsJudgedBeginsAndEndsWithBothMeters() {
    SitePlan roof =
        SitePlan.draw(4, 0, new Random(3)).stream()
            .filter(plan -> plan.kind() == Kind.ROOFTOP)
            .findFirst()
            .orElseThrow();
    SiteMeters meters = new SiteMeters(roof, time);
    readings(meters, 1);
    assertEquals(Long.MAX_VALUE, meters.firstMillis());
    assertEquals(Long.MIN_VALUE, meters.lastMillis());
    meters.read(time.now().plusMillis(10_000));
    meters.read(time.now().plusMillis(20_000));
    assertEquals(10_000, meters.lastMillis() - (meters.firstMillis() - 10_000));
    meters.read(time.now().plusMillis(30_000));
    assertEquals(10_000, meters.lastMillis() - meters.firstMillis());
  }
}
