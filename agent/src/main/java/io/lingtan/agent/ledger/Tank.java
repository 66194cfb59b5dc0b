package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.HydrogenDensity;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.meter.LevelLine;
import io.lingtan.agent.meter.Mark;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site.Meter;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Hydrogen in a tank: its volume times the density at its pressure and temperature where the volume
 * is declared and both are measured, else what the tank's own device says.
 */
final class Tank {

  /** Gauges read this much less than absolute pressure, MPa: the standard atmosphere. */
  private static final double ATMOSPHERE_MPA = 0.101325;

  private static final double KELVIN_AT_0_CELSIUS = 273.15;
  private static final Point PRESSURE = Point.of(Quantity.PRESSURE);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);
  private static final Point MASS = Point.of(Quantity.MASS);

  private final Meter meter;
  private final boolean computed;
  private final LevelLine mass;
  private String trouble = "no reading";

  private Tank(Meter meter, boolean computed, LevelLine mass) {
    this.meter = meter;
    this.computed = computed;
    this.mass = mass;
  }

  /** A tank, or null if its device measures nothing that tells what is in it. */
  static @Nullable Tank of(Meter meter, Device device, IntervalGrid grid, long maxInterpolation) {
    boolean computed =
        meter.volumeM3() > 0 && offers(device, PRESSURE) && offers(device, TEMPERATURE);
    return computed || offers(device, MASS)
        ? new Tank(meter, computed, new LevelLine(grid, maxInterpolation))
        : null;
  }

  private static boolean offers(Device device, Point point) {
    return device.profile().allPoints().stream().anyMatch(r -> r.point() == point);
  }

  String id() {
    return meter.id();
  }

  String device() {
    return meter.device();
  }

  long knownUntil() {
    return mass.knownUntil();
  }

  void observe(Sample sample, Mark at) {
    Values values = sample.values();
    if (computed ? !values.has(PRESSURE) || !values.has(TEMPERATURE) : !values.has(MASS)) {
      Reason reason = sample.failed();
      if (reason == null) {
        reason = sample.bad().get(computed ? PRESSURE : MASS);
      }
      trouble = reason == null ? trouble : reason.code();
      return;
    }
    if (!computed) {
      mass.observe(at, values.micros(MASS));
      return;
    }
    double kelvin = values.micros(TEMPERATURE) / 1e6 + KELVIN_AT_0_CELSIUS;
    double absolute = values.micros(PRESSURE) / 1e6 + ATMOSPHERE_MPA;
    try {
      double density = HydrogenDensity.kilogramsPerCubicMetre(kelvin, absolute);
      mass.observe(at, Math.round(density * meter.volumeM3() * 1e6));
    } catch (IllegalArgumentException e) {
      // Too cold, or a pressure no tank holds: a sensor that is broken, not hydrogen.
      trouble = Reason.RANGE.code();
    }
  }

  /** What is in it at a boundary. */
  Metric at(long boundary) {
    Long milligrams = mass.at(boundary);
    return milligrams == null
        ? Metric.missing("kg", meter.device() + ": " + trouble)
        : new Metric(
            milligrams,
            "kg",
            computed ? Quality.DERIVED : Quality.MEASURED,
            100,
            0,
            null,
            null,
            null);
  }

  void forget(long horizon, Collection<Long> pins) {
    mass.forget(horizon, pins);
  }

  void checkpoint(CheckpointWriter to) {
    mass.checkpoint(to);
    to.text(trouble);
  }

  void restore(CheckpointReader from) {
    mass.restore(from);
    trouble = from.text();
  }
}
