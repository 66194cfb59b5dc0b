package io.lingtan.simulator.check;

import static io.lingtan.simulator.check.Bench.HOUR;
import static io.lingtan.simulator.check.Bench.MINUTE;
import static io.lingtan.simulator.check.Bench.START;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.fault.Belief;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A fault touches what it may spoil, and nothing beside it. */
class TouchedTest {

  private final Bench bench = new Bench();
  private final Touched touched = new Touched();

  private boolean isTouched(String device, String point) {
    Measuring meter = Objects.requireNonNull(bench.meters.get(device));
    return touched.isTouched(
        new Counter(meter, Point.of(point)), START + 10 * MINUTE, START + 20 * MINUTE);
  }

  @Test
  void aFaultOfOnePointLeavesTheOthersOfItsDevice() {
    touched.device("gate/energy_import", START, START + HOUR, Belief.TELLING);
    assertTrue(isTouched("gate", "energy_import"));
    assertFalse(isTouched("gate", "energy_export"));
    assertFalse(isTouched("house", "energy_import"));
  }

  @Test
  void aFaultOfADeviceTouchesAllOfIt() {
    touched.device("gate", START, START + HOUR, Belief.TRUE);
    assertTrue(isTouched("gate", "energy_import"));
    assertTrue(isTouched("gate", "energy_export"));
    assertFalse(isTouched("house", "energy_import"));
  }

  @Test
  void aPointThatHadNoNumberTouchesItselfAlone() {
    touched.absent("gate", "energy_export", START + 15 * MINUTE);
    assertFalse(isTouched("gate", "energy_import"));
    assertTrue(isTouched("gate", "energy_export"));
  }
}
