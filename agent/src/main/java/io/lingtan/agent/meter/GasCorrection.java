package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Site.Gas;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Place;
import org.jspecify.annotations.Nullable;

/**
 * What makes of a volume of gas as it flows, or at another pressure, the one at the meter's
 * reference temperature and 101.325 kPa: by the law of ideal gases, whose error is below about 0.5
 * % at 0.2 MPa. Gauges read less than absolute pressure by the air's.
 */
final class GasCorrection {

  private static final double KELVIN_AT_0_CELSIUS = 273.15;
  private static final Point PRESSURE = Point.of(Quantity.PRESSURE);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);

  private final Meter meter;
  private final Place place;

  private GasCorrection(Meter meter, Place place) {
    this.meter = meter;
    this.place = place;
  }

  /** Null where the meter counts at 101.325 kPa already. */
  static @Nullable GasCorrection of(Meter meter, Place place) {
    return meter.gas().isRaw() || meter.gas().kilopascals() != Place.STANDARD_KPA
        ? new GasCorrection(meter, place)
        : null;
  }

  /** How much volume at reference one that was counted by this sample is; NaN if not known. */
  double factor(Sample sample) {
    Gas gas = meter.gas();
    if (!gas.isRaw()) {
      return gas.kilopascals() / Place.STANDARD_KPA;
    }
    double celsius = value(sample, TEMPERATURE, 1, gas.celsius());
    double gauge = value(sample, PRESSURE, 1000, gas.gaugeKilopascals());
    double factor =
        1000
            * place.absoluteMpa(gauge / 1000)
            / Place.STANDARD_KPA
            * (meter.gasCelsius() + KELVIN_AT_0_CELSIUS)
            / (celsius + KELVIN_AT_0_CELSIUS);
    // A sensor that is broken makes no volume.
    return factor > 0 && factor < 1000 ? factor : Double.NaN;
  }

  /** What the device says, or else what was written down; not an old value of a device. */
  private static double value(Sample sample, Point point, double times, double written) {
    int i = sample.values().indexOf(point);
    return i >= 0 && Double.isNaN(written) ? sample.values().micros(i) / 1e6 * times : written;
  }
}
