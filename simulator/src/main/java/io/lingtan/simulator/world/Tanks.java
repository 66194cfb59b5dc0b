package io.lingtan.simulator.world;

import java.util.List;

/**
 * The groups of hydrogen tanks: mass in, mass out, pressure by the real gas. At a time one of them
 * is filled, that with the most room for its size, and one is emptied, that with the least.
 */
final class Tanks {

  static final double AMBIENT_MPA = 0.101325;

  private static final double FULL_KELVIN = 298.15;

  private final HydrogenGas gas = new HydrogenGas();
  private final List<Group> groups;
  private int filled;
  private int emptied;

  Tanks(Plant plant) {
    this.groups = plant.tanks().stream().map(group -> new Group(group, gas)).toList();
  }

  private static final class Group {
    private final double cubicMetres;
    private final long fullMilligrams;
    private final long initial;
    private long mass;

    private long solvedMass = -1;
    private int solvedMillikelvin;
    private double solvedMpa;

    Group(TankGroup group, HydrogenGas gas) {
      this.cubicMetres = group.microCubicMetres() / 1e6;
      this.fullMilligrams =
          (long) (gas.density(group.fullMpa() + AMBIENT_MPA, FULL_KELVIN) * cubicMetres * 1e6);
      this.initial = fullMilligrams * 6 / 10;
      this.mass = initial;
    }

    double fill() {
      return (double) mass / fullMilligrams;
    }
  }

  /** Chooses which group is filled and which is emptied from now on. Between two steps. */
  void choose() {
    filled = 0;
    emptied = 0;
    for (int i = 1; i < groups.size(); i++) {
      filled = groups.get(i).fill() < groups.get(filled).fill() ? i : filled;
      emptied = groups.get(i).fill() > groups.get(emptied).fill() ? i : emptied;
    }
  }

  /** The group that is filled now. */
  int filled() {
    return filled;
  }

  /** The group that is emptied now. */
  int emptied() {
    return emptied;
  }

  void settle(long in, long out) {
    groups.get(filled).mass += in;
    groups.get(emptied).mass -= out;
  }

  /** In all groups. */
  long milligrams() {
    return groups.stream().mapToLong(group -> group.mass).sum();
  }

  long milligrams(int group) {
    return groups.get(group).mass;
  }

  long gainedMilligrams() {
    return groups.stream().mapToLong(group -> group.mass - group.initial).sum();
  }

  /** Mass as a share of what all groups hold at their greatest pressure and 25 °C. */
  double fill() {
    return (double) milligrams() / groups.stream().mapToLong(group -> group.fullMilligrams).sum();
  }

  /** Absolute pressure that {@code milligrams} have in a group. */
  double pressureMpa(int group, long milligrams, int millikelvin) {
    Group tanks = groups.get(group);
    if (milligrams != tanks.solvedMass || millikelvin != tanks.solvedMillikelvin) {
      double density = milligrams / 1e6 / tanks.cubicMetres;
      tanks.solvedMpa = gas.pressure(density, millikelvin / 1_000.0, tanks.solvedMpa);
      tanks.solvedMass = milligrams;
      tanks.solvedMillikelvin = millikelvin;
    }
    return tanks.solvedMpa;
  }
}
