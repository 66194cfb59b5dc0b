package io.lingtan.simulator.device.measure;

import io.lingtan.simulator.world.World;

/** A true value of the world at an instant of its present step, in a {@link Measure}. */
@FunctionalInterface
public interface Gauge {

  long at(World world, long millis);

  /** The same plus what had been counted before the world began. */
  default Gauge plus(long before) {
    return (world, millis) -> at(world, millis) + before;
  }
}
