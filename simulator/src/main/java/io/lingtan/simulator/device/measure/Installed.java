package io.lingtan.simulator.device.measure;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import java.math.BigDecimal;
import java.util.Map;

/**
 * A device where it stands.
 *
 * @param counted what its counters stood at when the world began, in the point's unit
 */
public record Installed(Device device, View view, Map<Point, BigDecimal> counted) {

  public Installed {
    counted = Map.copyOf(counted);
  }

  /** What the counter stood at, in {@code measure}; 0 where nobody says. */
  public long counted(Point point, Measure measure) {
    return counted
        .getOrDefault(point, BigDecimal.ZERO)
        .multiply(measure.inOne())
        .toBigInteger()
        .longValueExact();
  }

  public String id() {
    return device.id();
  }
}
