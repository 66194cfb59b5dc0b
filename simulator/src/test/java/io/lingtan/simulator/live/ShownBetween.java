package io.lingtan.simulator.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.world.World;

/** What a meter of a second world showed between two moments. */
final class ShownBetween {

  private ShownBetween() {}

  /** The value is one that the register showed in between, to a step for rounding in print. */
  static void compare(
      Meter meter, World world, long before, long after, String name, double value) {
    Point point = Point.of(name);
    long least = Long.MAX_VALUE;
    long most = Long.MIN_VALUE;
    long step = 0;
    for (long at = Math.max(before, world.stepStart()); at <= after; at++) {
      world.advanceTo(at);
      long shown = meter.shownMicros(point, world, at);
      least = Math.min(least, shown);
      most = Math.max(most, shown);
      step = meter.stepMicros(point, world, at);
    }
    double micros = value * 1e6;
    assertTrue(
        micros >= least - step && micros <= most + step,
        meter.id() + " " + name + " is " + value + ", was " + least + ".." + most + " millionths");
  }
}
