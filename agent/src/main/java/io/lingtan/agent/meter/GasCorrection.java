package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Place;
import org.jspecify.annotations.Nullable;

/**
 * What makes of a volume of gas as it flows, or at another pressure, the one at the meter's
 * reference temperature and 101.325 kPa: by the law of ideal gases, whose error is below about 0.5
 * % at 0.2 MPa. Gauges read less than absolute pressure by the air's.
 */
final class GasCorrection implements MeterCheck {

  private static final Point PRESSURE = Point.of(Quantity.PRESSURE);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);

  /** How old a temperature or pressure may be, besides what a deadband holds back. */
  private static final long LONGEST_HELD_MILLIS = 2 * 3_600_000L;

  private final Meter meter;
  private final Place place;
  private final long longestHeld;
  private final State celsius;
  private final State gauge;

  private GasCorrection(Meter meter, Device device, Place place) {
    this.meter = meter;
    this.place = place;
    this.longestHeld =
        LONGEST_HELD_MILLIS + (device.maxInterval() == null ? 0 : device.maxInterval().toMillis());
    this.celsius = new State(device, TEMPERATURE, meter.gas().celsius());
    this.gauge = new State(device, PRESSURE, meter.gas().gaugeKilopascals() / 1000);
  }

  /** Null where the meter counts at 101.325 kPa already. */
  static @Nullable GasCorrection of(Meter meter, Device device, Place place) {
    return meter.gas().isRaw() || meter.gas().kilopascals() != Place.STANDARD_KPA
        ? new GasCorrection(meter, device, place)
        : null;
  }

  /** Takes what any sample of the device tells of the gas's state, with a volume or without. */
  void observe(Sample sample, Mark at) {
    celsius.observe(sample, at);
    gauge.observe(sample, at);
  }

  /** How much volume at reference one that was counted until then is; NaN if not known. */
  double factor(Mark at) {
    if (!meter.gas().isRaw()) {
      return meter.gas().kilopascals() / Place.STANDARD_KPA;
    }
    double factor =
        1000
            * place.absoluteMpa(gauge.value(at))
            / Place.STANDARD_KPA
            * Place.kelvin(meter.gasCelsius())
            / Place.kelvin(celsius.value(at));
    // A sensor that is broken makes no volume.
    return factor > 0 && factor < 1000 ? factor : Double.NaN;
  }

  @Override
  public void checkpoint(CheckpointWriter to) {
    celsius.checkpoint(to);
    gauge.checkpoint(to);
  }

  @Override
  public void restore(CheckpointReader from) {
    celsius.restore(from);
    gauge.restore(from);
  }

  /** One measure of the gas: as its device told it last, or as written where it measures none. */
  private final class State {

    private final Point point;
    private final boolean isMeasured;
    private final double written;
    private long micros;

    /** When the device told it; null before. */
    private @Nullable Mark toldAt;

    State(Device device, Point point, double written) {
      this.point = point;
      this.isMeasured = RegisterSpec.find(device, point) != null;
      this.written = written;
    }

    void observe(Sample sample, Mark at) {
      int i = sample.values().indexOf(point);
      if (i >= 0) {
        micros = sample.values().micros(i);
        toldAt = at;
      }
    }

    double value(Mark at) {
      if (!isMeasured) {
        return written;
      }
      long age = toldAt == null ? -1 : at.millisSince(toldAt);
      return age >= 0 && age <= longestHeld ? micros / 1e6 : Double.NaN;
    }

    void checkpoint(CheckpointWriter to) {
      to.flag(toldAt != null);
      if (toldAt != null) {
        toldAt.write(to);
        to.number(micros);
      }
    }

    void restore(CheckpointReader from) {
      toldAt = from.flag() ? Mark.read(from) : null;
      micros = toldAt == null ? 0 : from.number();
    }
  }
}
