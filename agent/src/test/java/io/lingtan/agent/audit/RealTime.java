package io.lingtan.agent.audit;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;

/** This machine's clocks, for tests with a real broker. */
public final class RealTime implements Time {

  @Override
  public MonotonicInstant now() {
    return new MonotonicInstant(System.nanoTime());
  }

  @Override
  public String boot() {
    return "test";
  }

  @Override
  public Wall wall() {
    return new Wall(System.currentTimeMillis() - System.nanoTime() / 1_000_000, true, "system");
  }
}
