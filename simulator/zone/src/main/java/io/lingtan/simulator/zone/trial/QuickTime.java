package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import java.util.List;

/** The machine's clocks from now on, several times as fast: an hour of gateways in some minutes. */
final class QuickTime implements Time {

  private final Time real = new SystemTime(List.of("system"));
  private final long speed;
  private final long beganNanos;
  private final Wall wall;

  /**
   * @param speed how many times as fast, ≥ 1
   */
  QuickTime(long speed) {
    this.speed = speed;
    this.beganNanos = real.now().nanos();
    this.wall = new Wall(real.wall().offsetMillis(), true, "system");
  }

  @Override
  public MonotonicInstant now() {
    return new MonotonicInstant(beganNanos + (real.now().nanos() - beganNanos) * speed);
  }

  @Override
  public String boot() {
    return real.boot();
  }

  @Override
  public Wall wall() {
    return wall;
  }
}
