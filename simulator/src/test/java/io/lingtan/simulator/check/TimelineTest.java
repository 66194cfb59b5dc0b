package io.lingtan.simulator.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TimelineTest {

  @Test
  void itFindsWhatALookAtEveryFaultFinds() {
    long seed = 20261127;
    RandomGenerator random = Randomness.seeded(seed);
    Timeline timeline = new Timeline();
    List<Fault> all = new ArrayList<>();
    int found = 0;
    for (int i = 0; i < 2_000; i++) {
      if (i % 10 == 0) {
        long begins = random.nextLong(10_000);
        long lasts = 1 + random.nextLong(random.nextInt(20) == 0 ? 5_000 : 30);
        Fault fault =
            random.nextBoolean()
                ? new HostFault.Killed(begins, begins + lasts)
                : new HostFault.DiskFull(begins, begins + lasts);
        timeline.add(fault);
        all.add(fault);
      }
      long from = random.nextLong(10_000);
      long until = from + random.nextLong(40);
      boolean expected =
          all.stream()
              .anyMatch(
                  fault ->
                      fault instanceof HostFault.Killed
                          && fault.fromMillis() < until
                          && fault.untilMillis() > from);
      assertEquals(
          expected,
          timeline.any(HostFault.Killed.class::isInstance, from, until),
          "seed %d, %d to %d".formatted(seed, from, until));
      found += expected ? 1 : 0;
    }
    assertTrue(found > 200 && found < 1_900, "found " + found + ", seed " + seed);
  }
}
