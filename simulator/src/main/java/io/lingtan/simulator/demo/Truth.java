package io.lingtan.simulator.demo;

import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Snapshot;
import io.lingtan.simulator.world.Wire;
import java.util.ArrayList;
import java.util.List;

/**
 * What truly flowed, at any instant of wall time since the demo began. Exact, because power is
 * constant within a step of the world. Holds one {@link Snapshot} for each step, at most {@value
 * #MOST_STEPS}; further ones are not kept and not known. One thread.
 */
final class Truth {

  private static final int MOST_STEPS = 100_000;

  private final long wallMinusWorld;
  private final int stepMillis;
  private final List<Snapshot> steps = new ArrayList<>();

  /**
   * @param wallMinusWorld how far the wall clock is ahead of the world's, ms
   * @param stepMillis length of the world's steps
   */
  Truth(long wallMinusWorld, int stepMillis) {
    this.wallMinusWorld = wallMinusWorld;
    this.stepMillis = stepMillis;
  }

  /** Takes in the steps one after the other. */
  void take(Snapshot step) {
    if (!steps.isEmpty() && step.millis() != steps.getLast().millis() + stepMillis) {
      throw new IllegalArgumentException("a step was left out before " + step.millis());
    }
    if (steps.size() < MOST_STEPS) {
      steps.add(step);
    }
  }

  /** Whether the instant lies within the known steps. */
  boolean knows(long wallMillis) {
    int at = index(wallMillis);
    return at >= 0 && at < steps.size() - 1;
  }

  /** First instant that is known, UTC ms of wall time. */
  long firstMillis() {
    return steps.isEmpty() ? Long.MAX_VALUE : steps.getFirst().millis() + wallMinusWorld;
  }

  /** End of the last whole step, UTC ms of wall time. */
  long lastMillis() {
    return steps.isEmpty() ? Long.MIN_VALUE : steps.getLast().millis() + wallMinusWorld;
  }

  long millijoules(Wire wire, long wallMillis) {
    Snapshot step = at(wallMillis);
    long into = wallMillis - wallMinusWorld - step.millis();
    return step.millijoules(wire) + step.watts(wire) * into;
  }

  /** Hydrogen; within a step it flows evenly. */
  long milligrams(Pipe pipe, long wallMillis) {
    int index = index(wallMillis);
    Snapshot step = at(wallMillis);
    long into = wallMillis - wallMinusWorld - step.millis();
    long inStep = steps.get(index + 1).milligrams(pipe) - step.milligrams(pipe);
    return step.milligrams(pipe) + inStep * into / stepMillis;
  }

  int watts(Wire wire, long wallMillis) {
    return at(wallMillis).watts(wire);
  }

  private Snapshot at(long wallMillis) {
    if (!knows(wallMillis)) {
      throw new IllegalArgumentException("nothing is known of " + wallMillis);
    }
    return steps.get(index(wallMillis));
  }

  private int index(long wallMillis) {
    return steps.isEmpty()
        ? -1
        : Math.toIntExact(Math.floorDiv(wallMillis - firstMillis(), (long) stepMillis));
  }
}
