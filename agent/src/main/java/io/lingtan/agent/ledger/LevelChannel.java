package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.HydrogenDensity;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.carbon.sheet.Level.Kind;
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
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level of one meter. Hydrogen in a tank is its volume times the density at its pressure and
 * temperature where both are measured, else what the tank's own device says.
 */
final class LevelChannel {

  private static final Point PRESSURE = Point.of(Quantity.PRESSURE);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);
  private static final Point MASS = Point.of(Quantity.MASS);

  private final Meter meter;
  private final Place place;
  private final Kind kind;
  private final List<Point> needed;
  private final boolean computed;
  private final LevelLine line;
  private String trouble = "no reading";

  private LevelChannel(
      Meter meter,
      Place place,
      Kind kind,
      List<Point> needed,
      IntervalGrid grid,
      long maxInterpolation) {
    this.meter = meter;
    this.place = place;
    this.kind = kind;
    this.needed = needed;
    this.computed = needed.size() > 1;
    this.line = new LevelLine(grid, maxInterpolation);
  }

  /** The levels that a meter's device tells. */
  static List<LevelChannel> of(
      Meter meter, Place place, Device device, IntervalGrid grid, long maxInterpolation) {
    List<LevelChannel> channels = new ArrayList<>();
    if (meter.role() == Role.H2_STORAGE) {
      boolean computed =
          meter.volumeM3() > 0 && offers(device, PRESSURE) && offers(device, TEMPERATURE);
      if (computed || offers(device, MASS)) {
        List<Point> needed = computed ? List.of(PRESSURE, TEMPERATURE) : List.of(MASS);
        channels.add(new LevelChannel(meter, place, Kind.H2_MASS, needed, grid, maxInterpolation));
      }
    }
    if (meter.role() == Role.BATTERY) {
      if (offers(device, Point.of(Quantity.SOC))) {
        List<Point> needed = List.of(Point.of(Quantity.SOC));
        channels.add(new LevelChannel(meter, place, Kind.SOC, needed, grid, maxInterpolation));
      }
      if (offers(device, Point.of(Quantity.SOH))) {
        List<Point> needed = List.of(Point.of(Quantity.SOH));
        channels.add(new LevelChannel(meter, place, Kind.SOH, needed, grid, maxInterpolation));
      }
    }
    return channels;
  }

  private static boolean offers(Device device, Point point) {
    return device.profile().allPoints().stream().anyMatch(r -> point.equals(r.point()));
  }

  /** Names it in a checkpoint. */
  String name() {
    return meter.id() + "/" + kind.metric();
  }

  String device() {
    return meter.device();
  }

  long knownUntil() {
    return line.knownUntil();
  }

  void observe(Sample sample, Mark at) {
    Values values = sample.values();
    for (Point point : needed) {
      if (!values.has(point)) {
        Reason reason = sample.failed() == null ? sample.bad().get(point) : sample.failed();
        trouble = reason == null ? trouble : reason.code();
        return;
      }
    }
    Long level = computed ? mass(values) : (Long) values.micros(needed.getFirst());
    if (level == null) {
      trouble = Reason.RANGE.code();
    } else if (line.observe(at, level)) {
      trouble = "the clock was set";
    }
  }

  /** Milligrams in a tank; null if there can be no such hydrogen, so that a sensor is broken. */
  private @Nullable Long mass(Values values) {
    double kelvin = Place.kelvin(values.micros(TEMPERATURE) / 1e6);
    double absolute = place.absoluteMpa(values.micros(PRESSURE) / 1e6);
    try {
      double density = HydrogenDensity.kilogramsPerCubicMetre(kelvin, absolute);
      return Math.round(density * meter.volumeM3() * 1e6);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  Level between(long start, long end) {
    return new Level(meter, kind, at(start), at(end));
  }

  /**
   * Of what is not over yet: until the newest reading, if that is not from before {@code since}.
   */
  Level soFar(long start, long since) {
    return new Level(meter, kind, at(start), metric(line.newest(since)));
  }

  private Metric at(long boundary) {
    return metric(line.at(boundary));
  }

  private Metric metric(@Nullable Long level) {
    return level == null
        ? Metric.missing(kind.ucum(), meter.device() + ": " + trouble)
        : new Metric(level, kind.ucum(), computed ? Quality.DERIVED : Quality.MEASURED, 100, 0);
  }

  void forget(long horizon, Collection<Long> pins) {
    line.forget(horizon, pins);
  }

  void checkpoint(CheckpointWriter to) {
    line.checkpoint(to);
    to.text(trouble);
  }

  void restore(CheckpointReader from) {
    line.restore(from);
    trouble = from.text();
  }
}
