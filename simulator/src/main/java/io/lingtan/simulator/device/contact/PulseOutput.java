package io.lingtan.simulator.device.contact;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.measure.Gauge;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.world.World;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A meter's pulse output (S0): closes for a while each time that one pulse's worth has flowed, a
 * moment after it has. It is asked from time to time what has happened since; between two such
 * times the flow is taken for even. What flows while nobody asks for longer than {@value
 * #LONGEST_MILLIS} ms is only added up. Used on the thread that drives the world.
 */
public final class PulseOutput implements Contact, Measuring {

  /** Told of each pulse. */
  @FunctionalInterface
  public interface Log {

    /**
     * A pulse was given.
     *
     * @param millis time of the world at which the contact closed
     * @param number of the pulse since the meter was made
     * @param lost whether a fault keeps it from being seen
     */
    void pulsed(PulseOutput output, long millis, long number, boolean lost);
  }

  private static final long MILLI = 1_000_000L;
  private static final long LONGEST_MILLIS = 5_000;

  /** Shortest pulse and shortest pause that IEC 62053-31 allows are 30 ms. */
  private static final long PULSE_NANOS = 40 * MILLI;

  /** From the moment at which a pulse is due to its edge. */
  private static final long DELAY_NANOS = 50 * MILLI;

  private static final long BOUNCE_NANOS = MILLI / 2;

  /** A hum nearer to a pulse than this would hide where it begins or ends. */
  private static final long CLEAR_NANOS = 40 * MILLI;

  private final String id;
  private final World world;
  private final FaultPlan faults;
  private final Gauge counted;
  private final long perPulse;
  private final @Nullable Point point;
  private final Measure measure;
  private final Deque<Edge> coming = new ArrayDeque<>();
  private Log log = (output, millis, number, lost) -> {};
  private long due = -1;
  private long given;
  private long lost;
  private long seenMillis;
  private long seenValue;
  private long freeNanos = Long.MIN_VALUE;
  private long hummedNanos;
  private boolean closed;

  /** What will happen, at this time of the world in nanoseconds. */
  private record Edge(long at, boolean closed, boolean lost) {}

  /**
   * @param point what it counts; null for pulses as such
   * @param measure of the gauge
   * @param counted what it counts, never falling
   * @param perPulse what one pulse stands for in the gauge's measure, ≥ 1
   */
  public PulseOutput(
      String id,
      World world,
      FaultPlan faults,
      @Nullable Point point,
      Measure measure,
      Gauge counted,
      long perPulse) {
    if (perPulse < 1) {
      throw new IllegalArgumentException("a pulse is worth at least 1, was " + perPulse);
    }
    this.id = id;
    this.world = world;
    this.faults = faults;
    this.point = point;
    this.measure = measure;
    this.counted = counted;
    this.perPulse = perPulse;
  }

  /**
   * The pulse output of a device where it stands.
   *
   * @throws IllegalArgumentException if there is nothing to count
   */
  public static PulseOutput of(
      Installed installed, GpioInput.Pulses pulses, World world, FaultPlan faults) {
    Point point = pulses.point();
    Instrument instrument = point == null ? null : Instrument.of(installed, point);
    if (point == null || instrument == null) {
      throw new IllegalArgumentException(
          installed.id() + " sees nothing that pulses could be of at " + installed.view());
    }
    Device device = installed.device();
    long perPulse =
        pulses
            .perPulse()
            .multiply(device.ct())
            .multiply(device.pt())
            .multiply(instrument.measure().inOne())
            .longValueExact();
    return new PulseOutput(
        installed.id(), world, faults, point, instrument.measure(), instrument.gauge(), perPulse);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String profile() {
    return "s0";
  }

  /** Who is told of each pulse. Before the first. */
  public void log(Log newLog) {
    log = newLog;
  }

  @Override
  public List<Point> points() {
    Point pulses = Point.of(Quantity.PULSES);
    return point == null ? List.of(pulses) : List.of(point, pulses);
  }

  /** What one pulse is worth, in millionths of the unit of what it counts. */
  public long perPulseMicros() {
    return measure.micros(perPulse);
  }

  @Override
  public long trueMicros(Point asked, World of, long millis) {
    long value = counted.at(of, millis);
    if (asked.equals(point)) {
      return measure.micros(value);
    }
    if (asked.quantity() == Quantity.PULSES) {
      return Math.multiplyExact(value / perPulse, 1_000_000L);
    }
    throw new IllegalArgumentException(id + " has no " + asked);
  }

  /** Two pulses: one may be just over or just due at either end. */
  @Override
  public long resolutionMicros(Point asked, World of, long millis) {
    return asked.equals(point) ? 2 * perPulseMicros() : 2_000_000L;
  }

  /** Pulses for which the contact has closed while somebody looked. */
  public long given() {
    return given;
  }

  /** Of these, those that a fault has lost on the way. */
  public long lost() {
    return lost;
  }

  @Override
  public FaultPlan faults() {
    return faults;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void run(MonotonicInstant now, WorldClock clock, Wiring wiring) {
    long millis = clock.millisAt(now);
    long nowNanos = millis * MILLI + now.nanos() % MILLI;
    long clockNanos = nowNanos - now.nanos();
    if (millis > seenMillis) {
      world.advanceTo(millis);
      long value = counted.at(world, millis);
      if (due < 0 || millis - seenMillis > LONGEST_MILLIS) {
        skip(value, nowNanos);
      } else {
        flow(value, millis);
      }
      seenMillis = millis;
      seenValue = value;
    }
    Edge next;
    while ((next = coming.peek()) != null && next.at <= nowNanos) {
      hum(next.at - CLEAR_NANOS, clockNanos, wiring);
      coming.remove();
      turn(next, clockNanos, wiring);
    }
    hum(next == null ? nowNanos : Math.min(nowNanos, next.at - CLEAR_NANOS), clockNanos, wiring);
  }

  @Override
  public MonotonicInstant next(MonotonicInstant now, WorldClock clock) {
    Edge next = coming.peek();
    return next == null
        ? MonotonicInstant.NEVER
        : new MonotonicInstant(
            Math.max(0, next.at - clock.millisAt(now) * MILLI + now.nanos() / MILLI * MILLI));
  }

  private void skip(long value, long nowNanos) {
    due = value / perPulse;
    coming.clear();
    closed = false;
    hummedNanos = nowNanos;
  }

  /** What has flowed since it was looked at last becomes pulses. */
  private void flow(long value, long millis) {
    while ((due + 1) * perPulse <= value) {
      due++;
      double share = (double) (due * perPulse - seenValue) / (value - seenValue);
      long crossed = seenMillis * MILLI + Math.round(share * (millis - seenMillis) * MILLI);
      pulse(Math.max(crossed + DELAY_NANOS, freeNanos), crossed / MILLI);
    }
  }

  private void pulse(long rise, long millis) {
    boolean missing = loses(millis);
    freeNanos = rise + 2 * PULSE_NANOS;
    log.pulsed(this, rise / MILLI, due, missing);
    coming.add(new Edge(rise, true, missing));
    coming.add(new Edge(rise + PULSE_NANOS, false, missing));
  }

  private boolean loses(long millis) {
    for (Fault fault : faults.at(id, millis)) {
      if (fault instanceof PulseFault.LostEvents losing && due % losing.every() == 0) {
        faults.count(losing, millis);
        return true;
      }
    }
    return false;
  }

  private void turn(Edge edge, long clockNanos, Wiring wiring) {
    closed = edge.closed;
    given += closed ? 1 : 0;
    lost += closed && edge.lost ? 1 : 0;
    wiring.turned(edge.at - clockNanos, closed, edge.lost);
    long millis = edge.at / MILLI;
    for (Fault fault : edge.lost ? List.<Fault>of() : faults.at(id, millis)) {
      if (fault instanceof PulseFault.Bounce bounce) {
        faults.count(bounce, millis);
        for (int i = 0; i < bounce.times(); i++) {
          long back = edge.at - clockNanos + (2L * i + 1) * BOUNCE_NANOS;
          wiring.turned(back, !closed, false);
          wiring.turned(back + BOUNCE_NANOS, closed, false);
        }
      }
    }
    hummedNanos = edge.at + CLEAR_NANOS;
  }

  /** Hums while the contact is open, as long as that is clear of any pulse. */
  private void hum(long until, long clockNanos, Wiring wiring) {
    long from = hummedNanos;
    if (until <= from) {
      return;
    }
    hummedNanos = until;
    if (closed) {
      return;
    }
    long millis = until / MILLI;
    for (Fault fault : faults.at(id, millis)) {
      if (fault instanceof PulseFault.Hum hum) {
        faults.count(hum, millis);
        long period = 1_000 * MILLI / hum.hertz();
        long at = from;
        for (; at + period <= until; at += period) {
          wiring.turned(at - clockNanos, true, false);
          wiring.turned(at + period / 2 - clockNanos, false, false);
        }
        hummedNanos = at;
      }
    }
  }
}
