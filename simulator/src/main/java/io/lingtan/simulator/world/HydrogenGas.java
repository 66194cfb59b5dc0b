package io.lingtan.simulator.world;

/**
 * Hydrogen as a real gas (Lemmon, Huber and Leachman, Revised Standardized Equation for Hydrogen
 * Gas Densities for Fuel Consumption Applications, J. Res. NIST 113, 2008): 0.01 % for 220..1000 K
 * up to 70 MPa. Pressures are absolute.
 */
public final class HydrogenGas {

  private static final double[] A = {
    0.05888460,
    -0.06136111,
    -0.002650473,
    0.002731125,
    0.001802374,
    -0.001150707,
    0.9588528e-4,
    -0.1109040e-6,
    0.1264403e-9
  };
  private static final double[] B = {1.325, 1.87, 2.5, 2.8, 2.938, 3.14, 3.37, 3.75, 4.0};
  private static final double[] C = {1.0, 1.0, 2.0, 2.0, 2.42, 2.63, 3.0, 4.0, 5.0};

  /** J/(mol K), as used by the equation's authors. */
  private static final double GAS_CONSTANT = 8.314472;

  private static final double GRAMS_PER_MOL = 2.01588;

  private final double[] terms = new double[A.length];
  private double kelvin = Double.NaN;

  /** Compressibility factor at {@code mpa} MPa and {@code atKelvin} K. */
  public double compressibility(double mpa, double atKelvin) {
    at(atKelvin);
    return series(mpa, false);
  }

  /** Density in kg/m³. */
  public double density(double mpa, double atKelvin) {
    return mpa * GRAMS_PER_MOL * 1_000 / (compressibility(mpa, atKelvin) * GAS_CONSTANT * atKelvin);
  }

  /**
   * Pressure in MPa at which the gas has this density (kg/m³), by Newton's method.
   *
   * @param guess where to begin, such as the last pressure
   */
  public double pressure(double density, double atKelvin, double guess) {
    at(atKelvin);
    double ideal = density * GAS_CONSTANT * atKelvin / (GRAMS_PER_MOL * 1_000);
    double mpa = guess > 0 ? guess : ideal;
    for (int i = 0; i < 20; i++) {
      double error = mpa - ideal * series(mpa, false);
      double change = error / (1 - ideal * series(mpa, true));
      mpa = Math.max(1e-6, mpa - change);
      if (Math.abs(change) < 1e-9 * mpa) {
        return mpa;
      }
    }
    throw new IllegalStateException("no pressure for " + density + " kg/m3 at " + atKelvin + " K");
  }

  private void at(double atKelvin) {
    if (atKelvin != kelvin) {
      kelvin = atKelvin;
      for (int i = 0; i < A.length; i++) {
        terms[i] = A[i] * StrictMath.pow(100 / atKelvin, B[i]);
      }
    }
  }

  /** The series in {@code mpa} at the temperature set, or its slope. */
  private double series(double mpa, boolean slope) {
    double sum = slope ? 0 : 1;
    for (int i = 0; i < A.length; i++) {
      sum += slope ? terms[i] * C[i] * power(mpa, C[i] - 1) : terms[i] * power(mpa, C[i]);
    }
    return sum;
  }

  private static double power(double mpa, double exponent) {
    int whole = (int) exponent;
    if (whole != exponent) {
      return StrictMath.pow(mpa, exponent);
    }
    double product = 1;
    for (int i = 0; i < whole; i++) {
      product *= mpa;
    }
    return product;
  }
}
