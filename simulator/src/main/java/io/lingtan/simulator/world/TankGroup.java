package io.lingtan.simulator.world;

/**
 * Hydrogen tanks that are filled and emptied as one.
 *
 * @param microCubicMetres geometric volume of them all, 1 or more
 * @param fullMpa greatest working pressure at 25 °C, gauge, 1..100 MPa; banks of a depot have 20
 *     and 45
 */
public record TankGroup(long microCubicMetres, double fullMpa) {

  /** Of the tanks that a site has unless it says otherwise. */
  public static final double USUAL_MPA = 45;

  public TankGroup {
    if (microCubicMetres < 1 || !(fullMpa >= 1 && fullMpa <= 100)) {
      throw new IllegalArgumentException(
          "tanks have a volume and 1..100 MPa, had " + microCubicMetres + " and " + fullMpa);
    }
  }
}
