package io.lingtan.agent.publish;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;

/** This machine's clocks, for tests with real brokers. */
final class RealTime implements Time {

  private final long offset = System.currentTimeMillis() - System.nanoTime() / 1_000_000L;

  @Override
  public MonotonicInstant now() {
    return new MonotonicInstant(System.nanoTime());
  }

  @Override
  public String boot() {
    return "boot-1";
  }

  @Override
  public Wall wall() {
    return new Wall(offset, true, "system");
  }
}
