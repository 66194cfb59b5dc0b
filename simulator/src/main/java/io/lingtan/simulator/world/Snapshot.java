package io.lingtan.simulator.world;

import java.util.List;

/**
 * A world at the start of a step, for other threads.
 *
 * @param millis UTC ms
 * @param watts by {@link Wire}
 * @param millijoules by {@link Wire}, since the world began
 * @param milligrams by {@link Pipe}, since the world began
 */
public record Snapshot(
    long millis, List<Integer> watts, List<Long> millijoules, List<Long> milligrams) {

  public Snapshot {
    watts = List.copyOf(watts);
    millijoules = List.copyOf(millijoules);
    milligrams = List.copyOf(milligrams);
  }

  public int watts(Wire wire) {
    return watts.get(wire.index());
  }

  public long millijoules(Wire wire) {
    return millijoules.get(wire.index());
  }

  public long milligrams(Pipe pipe) {
    return milligrams.get(pipe.index());
  }
}
