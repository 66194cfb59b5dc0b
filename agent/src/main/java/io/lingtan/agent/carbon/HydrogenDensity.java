package io.lingtan.agent.carbon;

/**
 * Density of hydrogen from pressure and temperature: E. W. Lemmon, M. L. Huber, J. W. Leachman,
 * "Revised Standardized Equation for Hydrogen Gas Densities for Fuel Consumption Applications", J.
 * Res. Natl. Inst. Stand. Technol. 113(6), 341–350 (2008). Within 0.01 % from 255 to 1000 K up to
 * 120 MPa, 0.1 % from 200 to 1000 K up to 200 MPa.
 */
public final class HydrogenDensity {

  private static final double GAS_CONSTANT = 8.314472;
  private static final double GRAMS_PER_MOL = 2.01588;

  /** Rows of the paper's table: a, b, c of {@code a·(100/T)^b·p^c}. */
  private static final double[][] TERMS = {
    {0.05888460, 1.325, 1.0},
    {-0.06136111, 1.87, 1.0},
    {-0.002650473, 2.5, 2.0},
    {0.002731125, 2.8, 2.0},
    {0.001802374, 2.938, 2.42},
    {-0.001150707, 3.14, 2.63},
    {0.9588528e-4, 3.37, 3.0},
    {-0.1109040e-6, 3.75, 4.0},
    {0.1264403e-9, 4.0, 5.0},
  };

  private HydrogenDensity() {}

  /**
   * How much less dense it is than an ideal gas.
   *
   * @param kelvin 200..1000
   * @param megapascals absolute pressure (a gauge reads about 0.101 less), 0..200
   * @throws IllegalArgumentException outside of what the equation covers
   */
  public static double compressibility(double kelvin, double megapascals) {
    // Written so that NaN is refused too.
    if (!(kelvin >= 200 && kelvin <= 1000 && megapascals >= 0 && megapascals <= 200)) {
      throw new IllegalArgumentException(
          "hydrogen density is known for 200..1000 K and 0..200 MPa, not for %s K and %s MPa"
              .formatted(kelvin, megapascals));
    }
    double z = 1;
    for (double[] term : TERMS) {
      z += term[0] * StrictMath.pow(100 / kelvin, term[1]) * StrictMath.pow(megapascals, term[2]);
    }
    return z;
  }

  /**
   * Moles per litre.
   *
   * @throws IllegalArgumentException as {@link #compressibility}
   */
  public static double molesPerLitre(double kelvin, double megapascals) {
    double z = compressibility(kelvin, megapascals);
    return 1000 * megapascals / (z * GAS_CONSTANT * kelvin);
  }

  /**
   * Kilograms per cubic metre.
   *
   * @throws IllegalArgumentException as {@link #compressibility}
   */
  public static double kilogramsPerCubicMetre(double kelvin, double megapascals) {
    return molesPerLitre(kelvin, megapascals) * GRAMS_PER_MOL;
  }
}
