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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells each vehicle that was refuelled: the mass that a dispenser's believed counts rose by
 * without a pause of two minutes, and how full it is then where the dispenser measures pressure and
 * temperature behind the nozzle. What that is worth depends on the gas being hot: SAE J2601 counts
 * it as full at the density that it has at nominal pressure and 15 °C.
 */
final class Refuelling {

  private static final long PAUSE_MILLIS = 120_000;
  private static final Point PRESSURE = Point.of(Quantity.PRESSURE);
  private static final Point TEMPERATURE = Point.of(Quantity.TEMPERATURE);
  private static final double ATMOSPHERE_MPA = 0.101325;
  private static final double KELVIN_AT_0_CELSIUS = 273.15;
  private static final double KELVIN_AT_15_CELSIUS = 288.15;

  /** More than this a vehicle of 35 MPa is never given (SAE J2601): 43.8 MPa. */
  private static final double MOST_AT_35_MPA = 43.8;

  private final MeterChannel channel;
  private boolean begun;
  private long last;
  private long lastAt;
  private boolean open;
  private long from;
  private long fromAt;
  private long until;
  private long untilAt;
  private long permille = -1;

  /**
   * @param channel that counts what a dispenser gives
   */
  Refuelling(MeterChannel channel) {
    this.channel = channel;
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
    if (begun && total > last) {
      if (!open) {
        open = true;
        from = last;
        fromAt = lastAt;
        permille = -1;
      }
      until = total;
      untilAt = channel.knownUntil();
    }
    if (open) {
      Long full = fullness(sample);
      permille = full == null ? permille : full;
      if (tsMillis - untilAt >= PAUSE_MILLIS || tsMillis < untilAt) {
        end(events);
      }
    }
    begun = true;
    last = total;
    lastAt = channel.knownUntil();
  }

  private void end(Consumer<Event> events) {
    open = false;
    Event event =
        Event.of("meter.refuelled", Severity.INFO, device())
            .with("meter", channel.meter().id())
            .with("mass", new Decimal(until - from))
            .with("from", fromAt)
            .with("to", untilAt);
    events.accept(permille < 0 ? event : event.with("soc", new Decimal(permille * 100_000)));
  }

  /** State of charge in thousandths; null where it is not measured. */
  private static @Nullable Long fullness(Sample sample) {
    if (!sample.values().has(PRESSURE) || !sample.values().has(TEMPERATURE)) {
      return null;
    }
    double absolute = sample.values().micros(PRESSURE) / 1e6 + ATMOSPHERE_MPA;
    double kelvin = sample.values().micros(TEMPERATURE) / 1e6 + KELVIN_AT_0_CELSIUS;
    try {
      double density = HydrogenDensity.kilogramsPerCubicMetre(kelvin, absolute);
      double nominal = absolute > MOST_AT_35_MPA ? 70 : 35;
      double full = HydrogenDensity.kilogramsPerCubicMetre(KELVIN_AT_15_CELSIUS, nominal);
      return Math.round(1000 * density / full);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  void checkpoint(CheckpointWriter to) {
    to.flag(begun).number(last).number(lastAt).flag(open).number(from).number(fromAt);
    to.number(until).number(untilAt).number(permille);
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
    permille = in.number();
  }
}
