package io.lingtan.simulator.world;

/** The hydrogen tanks as one group: mass in, mass out, pressure by the real gas. */
final class Tanks {

  static final double AMBIENT_MPA = 0.101325;

  /** Greatest working pressure, gauge. */
  private static final double FULL_MPA = 45;

  private static final double FULL_KELVIN = 298.15;

  private final HydrogenGas gas = new HydrogenGas();
  private final double cubicMetres;
  private final long fullMilligrams;
  private final long initial;
  private long mass;

  private long solvedMass = -1;
  private int solvedMillikelvin;
  private double solvedMpa;

  Tanks(Plant plant) {
    this.cubicMetres = plant.tankMicroCubicMetres() / 1e6;
    this.fullMilligrams =
        (long) (gas.density(FULL_MPA + AMBIENT_MPA, FULL_KELVIN) * cubicMetres * 1e6);
    this.initial = fullMilligrams * 6 / 10;
    this.mass = initial;
  }

  void settle(long in, long out) {
    mass += in - out;
  }

  long milligrams() {
    return mass;
  }

  long gainedMilligrams() {
    return mass - initial;
  }

  /** Mass as a share of what 45 MPa at 25 °C holds. */
  double fill() {
    return (double) mass / fullMilligrams;
  }

  /** Absolute pressure that {@code milligrams} have in the tanks. */
  double pressureMpa(long milligrams, int millikelvin) {
    if (milligrams != solvedMass || millikelvin != solvedMillikelvin) {
      double density = milligrams / 1e6 / cubicMetres;
      solvedMpa = gas.pressure(density, millikelvin / 1_000.0, solvedMpa);
      solvedMass = milligrams;
      solvedMillikelvin = millikelvin;
    }
    return solvedMpa;
  }
}
