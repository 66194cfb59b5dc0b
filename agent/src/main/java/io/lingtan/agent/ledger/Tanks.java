package io.lingtan.agent.ledger;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.meter.Mark;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The hydrogen in the site's tanks at the end of an interval: {@code h2.storage_mass}. */
final class Tanks {

  private static final String NAME = "h2.storage_mass";

  private final List<Tank> tanks = new ArrayList<>();

  Tanks(Site site, IntervalGrid grid) {
    long maxInterpolation = site.metering().maxInterpolation().toMillis();
    for (Meter meter : site.metering().meters()) {
      for (Device device : site.devices()) {
        if (meter.role() == Role.H2_STORAGE && device.id().equals(meter.device())) {
          Tank tank = Tank.of(meter, device, grid, maxInterpolation);
          if (tank != null) {
            tanks.add(tank);
          }
        }
      }
    }
  }

  void observe(Sample sample, Mark at) {
    for (Tank tank : tanks) {
      if (tank.device().equals(sample.device())) {
        tank.observe(sample, at);
      }
    }
  }

  boolean isEmpty() {
    return tanks.isEmpty();
  }

  boolean isKnownUntil(long end) {
    return tanks.stream().allMatch(tank -> tank.knownUntil() >= end);
  }

  /** Adds what is in the tanks at {@code end}: the sum, and each one where there are several. */
  void addTo(Map<String, Metric> metrics, long end) {
    if (tanks.isEmpty()) {
      return;
    }
    long sum = 0;
    Quality quality = Quality.MEASURED;
    String why = null;
    for (Tank tank : tanks) {
      Metric mass = tank.at(end);
      Long milligrams = mass.micros();
      if (milligrams == null) {
        why = mass.why();
      } else {
        sum += milligrams;
        quality = quality.worse(mass.quality());
      }
    }
    metrics.put(
        NAME,
        why != null
            ? Metric.missing("kg", why)
            : new Metric(sum, "kg", quality, 100, 0, null, null, null));
    if (tanks.size() > 1) {
      tanks.forEach(tank -> metrics.put(NAME + "." + tank.id(), tank.at(end)));
    }
  }

  void forget(long horizon, Collection<Long> pins) {
    tanks.forEach(tank -> tank.forget(horizon, pins));
  }

  void checkpoint(CheckpointWriter to) {
    to.number(tanks.size());
    for (Tank tank : tanks) {
      CheckpointWriter own = new CheckpointWriter();
      tank.checkpoint(own);
      to.text(tank.id()).bytes(own.bytes());
    }
  }

  /** Takes up what {@link #checkpoint} wrote, of the tanks that are still there. */
  void restore(CheckpointReader from) {
    for (int left = from.count(); left > 0; left--) {
      String id = from.text();
      byte[] own = from.bytes();
      for (Tank tank : tanks) {
        if (tank.id().equals(id)) {
          tank.restore(new CheckpointReader(own));
        }
      }
    }
  }
}
