package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import java.util.List;

/**
 * The machine's clocks from some time on, several times as fast: an hour of gateways in some
 * minutes. Processes of one machine that are given the same beginning have the same time.
 */
final class QuickTime implements Time {

  private final Time real = new SystemTime(List.of("system"));
  private final long speed;
  private final long beganNanos;
  private final Wall wall;

  /**
   * @param speed how many times as fast, ≥ 1
   * @param beganNanos when both clocks showed the same, by the machine's monotonic one
   * @param offsetMillis of the wall clock then
   */
  QuickTime(long speed, long beganNanos, long offsetMillis) {
    this.speed = speed;
    this.beganNanos = beganNanos;
    this.wall = new Wall(offsetMillis, true, "system");
  }

  /** From now on. */
  static QuickTime from(Time machine, long speed) {
    return new QuickTime(speed, machine.now().nanos(), machine.wall().offsetMillis());
  }

  @Override
  public MonotonicInstant now() {
    return new MonotonicInstant(beganNanos + (real.now().nanos() - beganNanos) * speed);
  }

  /** As words of a command line. */
  String beginning() {
    return beganNanos + "," + wall.offsetMillis();
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
