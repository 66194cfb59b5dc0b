package io.lingtan.simulator.fleet;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.List;

/** One meter under the same power always, which counts by how often it was read. */
final class SteadyMeter implements Meters {

  private static final Point POWER = Point.of("power");
  private static final Point ENERGY = Point.of("energy_import");
  private static final long WATTS = 3_600;
  private static final long MICROS = 1_000_000;

  private final String device;
  private final String boot;
  private final long periodNanos;
  private long readings;

  SteadyMeter(String device, String boot, long periodNanos) {
    this.device = device;
    this.boot = boot;
    this.periodNanos = periodNanos;
  }

  @Override
  public List<Sample> read(MonotonicInstant at) {
    readings++;
    Values values =
        new Values.Builder()
            .put(POWER, WATTS * MICROS)
            .put(ENERGY, readings * WATTS * periodNanos / 3_600_000_000L / 1_000)
            .build();
    return List.of(Sample.of(device, boot, at.nanos(), values));
  }
}
