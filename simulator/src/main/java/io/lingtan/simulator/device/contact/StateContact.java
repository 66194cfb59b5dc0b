package io.lingtan.simulator.device.contact;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.measure.Gauge;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.World;
import java.util.List;

/**
 * An auxiliary contact of a breaker: closed while power flows through what it sees. It turns when
 * somebody looks, which is when an input would have noticed it. Used on the thread that drives the
 * world.
 */
public final class StateContact implements Contact, Measuring {

  private final String id;
  private final World world;
  private final FaultPlan faults;
  private final Gauge power;
  private boolean closed;
  private boolean begun;

  public StateContact(String id, World world, FaultPlan faults, Gauge power) {
    this.id = id;
    this.world = world;
    this.faults = faults;
    this.power = power;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String profile() {
    return "contact";
  }

  @Override
  public List<Point> points() {
    return List.of(Point.of(Quantity.STATE));
  }

  /** A million while it is closed. */
  @Override
  public long trueMicros(Point point, World of, long millis) {
    if (point.quantity() != Quantity.STATE) {
      throw new IllegalArgumentException(id + " has no " + point);
    }
    return power.at(of, millis) != 0 ? 1_000_000L : 0;
  }

  @Override
  public long resolutionMicros(Point point, World of, long millis) {
    return 0;
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
    world.advanceTo(millis);
    boolean flows = power.at(world, millis) != 0;
    if (flows != closed || !begun) {
      begun = true;
      closed = flows;
      wiring.turned(now.nanos(), closed, false);
    }
  }

  @Override
  public MonotonicInstant next(MonotonicInstant now, WorldClock clock) {
    return MonotonicInstant.NEVER;
  }
}
