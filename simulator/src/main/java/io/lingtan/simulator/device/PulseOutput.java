package io.lingtan.simulator.device;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A meter's pulse output (S0): closes for a while each time that one pulse's worth has flowed. It
 * is asked from time to time what has happened since; the pulses of such a span are spread evenly
 * over it, as their amount is known and their moments are not.
 */
public final class PulseOutput {

  /** Takes what the contact does, in the order of its times. */
  public interface Wiring {

    /**
     * @param closed whether it is closed from then on
     * @param lost whether nobody keeps this edge
     */
    void turned(long atNanos, boolean closed, boolean lost);
  }

  private static final long MILLI = 1_000_000L;

  /** Shortest that IEC 62053-31 allows is 30 ms. */
  private static final long PULSE_NANOS = 40 * MILLI;

  private static final long BOUNCE_NANOS = MILLI / 2;

  /** A hum nearer to a pulse than this would hide where it begins or ends. */
  private static final long CLEAR_NANOS = 40 * MILLI;

  private final String device;
  private final World world;
  private final WorldClock clock;
  private final FaultPlan faults;
  private final Gauge counted;
  private final long perPulse;
  private long given = -1;
  private long first;
  private long lost;
  private long sinceNanos;

  /**
   * @param counted what it counts, never falling
   * @param perPulse what one pulse stands for in the gauge's measure, ≥ 1
   */
  public PulseOutput(
      String device,
      World world,
      WorldClock clock,
      FaultPlan faults,
      Gauge counted,
      long perPulse) {
    if (perPulse < 1) {
      throw new IllegalArgumentException("a pulse is worth at least 1, was " + perPulse);
    }
    this.device = device;
    this.world = world;
    this.clock = clock;
    this.faults = faults;
    this.counted = counted;
    this.perPulse = perPulse;
  }

  public String device() {
    return device;
  }

  /** Pulses that have been given since it was asked first. */
  public long given() {
    return given - first;
  }

  /** Of these, those that a fault has lost on the way. */
  public long lost() {
    return lost;
  }

  /** Lets everything happen up to {@code now}. */
  public void run(MonotonicInstant now, Wiring wiring) {
    long millis = clock.millisAt(now);
    world.advanceTo(millis);
    long due = counted.at(world, millis) / perPulse;
    if (given < 0) {
      given = due;
      first = due;
      sinceNanos = now.nanos();
      return;
    }
    long from = sinceNanos;
    long span = now.nanos() - from;
    if (span < 4 * MILLI) {
      return;
    }
    sinceNanos = now.nanos();
    Trouble trouble = new Trouble(millis);
    long count = due - given;
    if (count == 0) {
      trouble.hum(from, span, wiring);
      return;
    }
    long slot = span / count;
    for (long i = 0; i < count; i++) {
      pulse(from + i * slot, slot, trouble, wiring);
    }
  }

  /** One pulse in the middle of its slot, so that it keeps away from its neighbours. */
  private void pulse(long at, long slot, Trouble trouble, Wiring wiring) {
    long width = Math.min(PULSE_NANOS, slot / 2);
    long rise = at + (slot - width) / 2;
    given++;
    boolean missing = trouble.loses(given);
    trouble.hum(at, (slot - width) / 2, wiring);
    trouble.edge(rise, true, missing, wiring);
    trouble.edge(rise + width, false, missing, wiring);
  }

  /** The faults of one span. */
  private final class Trouble {
    private final long millis;
    private PulseFault.@Nullable Bounce bounce;
    private PulseFault.@Nullable Hum hum;
    private PulseFault.@Nullable LostEvents losing;

    Trouble(long millis) {
      this.millis = millis;
      for (Fault fault : faults.at(device, millis)) {
        switch (fault) {
          case PulseFault.Bounce found -> bounce = found;
          case PulseFault.Hum found -> hum = found;
          case PulseFault.LostEvents found -> losing = found;
          default -> {}
        }
      }
    }

    boolean loses(long number) {
      if (losing == null || number % losing.every() != 0) {
        return false;
      }
      lost++;
      faults.count(losing, millis);
      return true;
    }

    void edge(long at, boolean closed, boolean missing, Wiring wiring) {
      wiring.turned(at, closed, missing);
      if (bounce == null || missing) {
        return;
      }
      faults.count(bounce, millis);
      for (int i = 0; i < bounce.times(); i++) {
        wiring.turned(at + (2L * i + 1) * BOUNCE_NANOS, !closed, false);
        wiring.turned(at + (2L * i + 2) * BOUNCE_NANOS, closed, false);
      }
    }

    /** Hums while the contact is open, as long as that is clear of any pulse. */
    void hum(long from, long span, Wiring wiring) {
      if (hum == null || span < 3 * CLEAR_NANOS) {
        return;
      }
      faults.count(hum, millis);
      long period = 1000 * MILLI / hum.hertz();
      for (long at = from + CLEAR_NANOS; at + period < from + span - CLEAR_NANOS; at += period) {
        wiring.turned(at, true, false);
        wiring.turned(at + period / 2, false, false);
      }
    }
  }
}
