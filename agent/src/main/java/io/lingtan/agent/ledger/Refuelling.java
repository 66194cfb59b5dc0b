package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.HydrogenDensity;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.MeterChannel;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Site.Nozzle;
import io.lingtan.agent.site.Site.Place;
import java.util.function.Consumer;

/**
 * Tells each vehicle that was refuelled: the mass that a dispenser's believed counts rose by until
 * nothing was given for a while, or until the hose was vented, and how full the vehicle is then
 * where the dispenser tells the pressure and, from the vehicle, the temperature of the gas in its
 * tank. Gas that is precooled at the nozzle is hot in the tank: by its temperature there a vehicle
 * would always be full. SAE J2601 counts it as full at the density that it has at nominal pressure
 * and 15 °C. The pressure is that of the last sample in which gas flowed: afterwards the hose is
 * vented. A pause with the pressure held, as for a leak check, ends nothing.
 */
final class Refuelling {

  private static final Point PRESSURE = Point.of(Quantity.PRESSURE);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);
  private static final double KELVIN_AT_15_CELSIUS = 288.15;
  private static final double NOTHING = Double.NaN;

  private final MeterChannel channel;
  private final Place place;
  private final Nozzle nozzle;
  private boolean begun;
  private long last;
  private long lastAt;
  private boolean open;
  private long from;
  private long fromAt;
  private long until;
  private long untilAt;

  /** Gauge pressure, MPa, and temperature, °C, when gas flowed last; not a number if not known. */
  private double pressure = NOTHING;

  private double celsius = NOTHING;

  /**
   * @param channel that counts what a dispenser gives
   */
  Refuelling(MeterChannel channel, Place place) {
    this.channel = channel;
    this.place = place;
    this.nozzle = channel.meter().nozzle();
  }

  String device() {
    return channel.meter().device();
  }

  String name() {
    return channel.key();
  }

  /** After the sample was counted. */
  void observe(Sample sample, long tsMillis, Consumer<Event> events) {
    long total = channel.total();
    double now = value(sample, PRESSURE);
    boolean flows = begun && total > last;
    if (flows) {
      if (!open) {
        open = true;
        from = last;
        fromAt = lastAt;
        pressure = NOTHING;
        celsius = NOTHING;
      }
      until = total;
      untilAt = channel.knownUntil();
    }
    boolean vented = open && pressure >= nozzle.ventMpa() && now < nozzle.ventMpa();
    if (flows && !vented && !Double.isNaN(now)) {
      pressure = now;
      celsius = value(sample, TEMPERATURE);
    }
    boolean paused = tsMillis - untilAt >= nozzle.pause().toMillis() || tsMillis < untilAt;
    if (open && (vented || paused)) {
      end(vented ? now : NOTHING, events);
    }
    begun = true;
    last = total;
    lastAt = channel.knownUntil();
  }

  private static double value(Sample sample, Point point) {
    int i = sample.values().indexOf(point);
    return i < 0 ? NOTHING : sample.values().micros(i) / 1e6;
  }

  /**
   * @param left pressure in the hose that was vented, not a number if it was not
   */
  private void end(double left, Consumer<Event> events) {
    open = false;
    Event event =
        Event.of("meter.refuelled", Severity.INFO, device())
            .with("meter", channel.meter().id())
            .with("mass", new Decimal(until - from))
            .with("from", fromAt)
            .with("to", untilAt);
    double density = density(pressure);
    double full = density(KELVIN_AT_15_CELSIUS, nozzle.nominalMpa());
    if (!Double.isNaN(density) && !Double.isNaN(full)) {
      // In hundredths of a percent.
      event = event.with("soc", new Decimal(Math.round(10_000 * density / full) * 10_000));
    }
    double vented = nozzle.hoseLitres() * (density - density(left));
    if (vented > 0) {
      // Grams are thousandths of the mass's unit.
      event = event.with("vented", new Decimal(Math.round(vented * 1000)));
    }
    events.accept(event);
  }

  /** At the last temperature, kg/m³; not a number where it is not known, or there can be none. */
  private double density(double gaugeMpa) {
    return density(Place.kelvin(celsius), place.absoluteMpa(gaugeMpa));
  }

  private static double density(double kelvin, double megapascals) {
    try {
      return HydrogenDensity.kilogramsPerCubicMetre(kelvin, megapascals);
    } catch (IllegalArgumentException e) {
      return NOTHING;
    }
  }

  void checkpoint(CheckpointWriter to) {
    to.flag(begun).number(last).number(lastAt).flag(open).number(from).number(fromAt);
    to.number(until).number(untilAt);
    to.number(Double.doubleToLongBits(pressure)).number(Double.doubleToLongBits(celsius));
  }

  void restore(CheckpointReader in) {
    begun = in.flag();
    last = in.number();
    lastAt = in.number();
    open = in.flag();
    from = in.number();
    fromAt = in.number();
    until = in.number();
    untilAt = in.number();
    pressure = Double.longBitsToDouble(in.number());
    celsius = Double.longBitsToDouble(in.number());
  }
}
