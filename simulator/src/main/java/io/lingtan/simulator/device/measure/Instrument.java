package io.lingtan.simulator.device.measure;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.simulator.world.Pipe;
import org.jspecify.annotations.Nullable;

/** How a value of the world is come by at a place: for any point, whatever the device. */
public record Instrument(Measure measure, Gauge gauge) {

  private static final int[] PHASE_SHARE = {340, 330, 330};

  /** What a device at its place has for {@code point}; null if there is nothing of that kind. */
  static @Nullable public Instrument of(Installed installed, Point point) {
    Instrument whole =
        installed.view().isElectric()
            ? electric(installed, point)
            : hydrogen(installed.view(), point);
    if (whole == null) {
      return null;
    }
    long before = point.quantity().isRegister() ? installed.counted(point, whole.measure) : 0;
    boolean counts =
        point.quantity() == Quantity.VOLUME
            || (point.quantity() == Quantity.MASS && installed.view().tankGroup() < 0);
    if (counts) {
      before = installed.counted(point, whole.measure);
    }
    return before == 0 ? whole : new Instrument(whole.measure, whole.gauge.plus(before));
  }

  private static @Nullable Instrument electric(Installed installed, Point point) {
    View view = installed.view();
    // A meter looks at what is behind it, a source at what it gives: the one rule of signs.
    boolean turned = view.isSource() && !installed.device().profile().kind().isSource();
    Gauge power = turned ? negative(view.power()) : view.power();
    Gauge in = turned ? view.minus() : view.plus();
    Gauge out = turned ? view.plus() : view.minus();
    int phase = phase(point);
    boolean dc = point.name().endsWith("_dc");
    if (point.name().matches(".*_t[1-4]")) {
      return null;
    }
    Gauge apparent = Gauges.apparent(power);
    return switch (point.quantity()) {
      case POWER -> watts(dc ? Gauges.share(power, 1_016) : phased(power, phase));
      case APPARENT_POWER -> watts(phased(apparent, phase));
      case REACTIVE_POWER -> watts(phased(Gauges.share(power, Gauges.REACTIVE_SHARE), phase));
      case ENERGY_IMPORT -> energy(phased(in, phase));
      case ENERGY_EXPORT -> energy(phased(out, phase));
      case ENERGY_GENERATED, ENERGY_DISCHARGED -> view.isSource() ? energy(view.plus()) : null;
      case ENERGY_CHARGED -> view == View.BATTERY ? energy(view.minus()) : null;
      case REACTIVE_ENERGY_IMPORT -> energy(Gauges.share(in, Gauges.REACTIVE_SHARE));
      case REACTIVE_ENERGY_EXPORT -> energy(Gauges.share(out, Gauges.REACTIVE_SHARE));
      case VOLTAGE ->
          new Instrument(
              Measure.MILLIVOLT,
              dc ? Gauges.constant(690_000) : Gauges.voltage(phase == 0 ? 2 : phase));
      case CURRENT ->
          new Instrument(
              Measure.MILLIAMPERE, dc ? directCurrent(power) : Gauges.phaseCurrent(apparent));
      case FREQUENCY -> new Instrument(Measure.MILLIHERTZ, Gauges.frequency());
      case POWER_FACTOR -> new Instrument(Measure.THOUSANDTH, Gauges.constant(Gauges.POWER_FACTOR));
      case TEMPERATURE -> new Instrument(Measure.MILLICELSIUS, Gauges.warm(power, 8_000));
      case SOC ->
          view == View.BATTERY
              ? new Instrument(Measure.BASIS_POINT, (world, millis) -> world.socBasisPoints())
              : null;
      case SOH ->
          view == View.BATTERY ? new Instrument(Measure.BASIS_POINT, Gauges.constant(9_840)) : null;
      case MASS ->
          view == View.ELECTROLYSER
              ? new Instrument(Measure.MILLIGRAM, Gauges.mass(Pipe.PRODUCED))
              : null;
      case VOLUME ->
          view == View.ELECTROLYSER ? new Instrument(Measure.MILLILITRE, Gauges::feedWater) : null;
      default -> null;
    };
  }

  static @Nullable public Instrument hydrogen(View view, Point point) {
    int group = view.tankGroup();
    return switch (point.quantity()) {
      case PRESSURE ->
          new Instrument(
              Measure.PASCAL, (world, millis) -> world.tankGaugePascal(Math.max(0, group), millis));
      case TEMPERATURE ->
          new Instrument(
              Measure.MILLICELSIUS, (world, millis) -> world.tankMillikelvin() - 273_150);
      case MASS ->
          new Instrument(
              Measure.MILLIGRAM,
              group >= 0
                  ? (world, millis) -> world.tankMilligrams(group, millis)
                  : Gauges.mass(Pipe.DISPENSED));
      case FLOW ->
          view == View.DISPENSER
              ? new Instrument(Measure.LITRE_PER_HOUR, Gauges::dispenserFlow)
              : null;
      default -> null;
    };
  }

  /** 1..3, 0 for the whole. */
  private static int phase(Point point) {
    String name = point.name();
    int length = name.length();
    return name.matches(".*_l[1-3]") ? name.charAt(length - 1) - '0' : 0;
  }

  private static Gauge phased(Gauge whole, int phase) {
    return phase == 0 ? whole : Gauges.share(whole, PHASE_SHARE[phase - 1]);
  }

  private static Gauge negative(Gauge gauge) {
    return (world, millis) -> -gauge.at(world, millis);
  }

  private static Gauge directCurrent(Gauge power) {
    return (world, millis) ->
        Math.abs(power.at(world, millis)) * 1_016 / 1_000 * 1_000_000L / 690_000L;
  }

  private static Instrument watts(Gauge gauge) {
    return new Instrument(Measure.WATT, gauge);
  }

  private static Instrument energy(Gauge gauge) {
    return new Instrument(Measure.MILLIJOULE, gauge);
  }
}
