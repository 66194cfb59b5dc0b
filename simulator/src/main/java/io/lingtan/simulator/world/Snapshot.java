package io.lingtan.simulator.world;

import java.util.List;

/**
 * A world at the start of a step, for other threads.
 *
 * @param millis UTC ms
 * @param watts by {@link Wire}
 * @param millijoules by {@link Wire}, since the world began
 * @param milligrams by {@link Pipe}, since the world began
 * @param socPercent of the battery
 * @param tankMilligrams in all groups of tanks
 * @param tankMpa of the first group, absolute
 */
public record Snapshot(
    long millis,
    List<Integer> watts,
    List<Long> millijoules,
    List<Long> milligrams,
    double socPercent,
    long tankMilligrams,
    double tankMpa,
    boolean fuelling,
    List<BusState> buses) {

  public Snapshot {
    watts = List.copyOf(watts);
    millijoules = List.copyOf(millijoules);
    milligrams = List.copyOf(milligrams);
    buses = List.copyOf(buses);
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
