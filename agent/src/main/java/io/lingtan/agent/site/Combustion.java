package io.lingtan.agent.site;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * What burning a fuel makes, from its parameters: heating value × carbon content × oxidation ×
 * 44/12 (the method of the national guidelines and of IPCC 2006, volume 2, chapter 2).
 *
 * @param heatingValue net calorific value, GJ for one unit of the fuel
 * @param carbonPerHeat carbon content, t C/GJ
 * @param oxidation share of the carbon that burns, 0..1
 * @param otherPerHeat CH4 and N2O, kg CO2e/GJ; 0 where CO2 alone is meant
 */
public record Combustion(
    BigDecimal heatingValue,
    BigDecimal carbonPerHeat,
    BigDecimal oxidation,
    BigDecimal otherPerHeat) {

  /** What a kilogram of CH4 and of N2O warms in 100 years, in kilograms of CO2. */
  public enum Potentials {
    /** IPCC AR5, WG1, table 8.A.1. */
    AR5("28", "265"),
    /** IPCC AR6, WG1, table 7.SM.7. */
    AR6("27.9", "273");

    private final BigDecimal methane;
    private final BigDecimal nitrousOxide;

    Potentials(String methane, String nitrousOxide) {
      this.methane = new BigDecimal(methane);
      this.nitrousOxide = new BigDecimal(nitrousOxide);
    }
  }

  private static final BigDecimal CO2 = BigDecimal.valueOf(44);
  private static final BigDecimal CARBON = BigDecimal.valueOf(12);

  /** A printed value is its parameters' to this, relative: five digits are usual. */
  private static final BigDecimal TOLERANCE = new BigDecimal("0.0005");

  public Combustion {
    if (heatingValue.signum() <= 0
        || carbonPerHeat.signum() <= 0
        || oxidation.signum() <= 0
        || oxidation.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException(
          "heating value and carbon are above 0, oxidation is above 0 and at most 1, were "
              + heatingValue
              + ", "
              + carbonPerHeat
              + ", "
              + oxidation);
    }
  }

  /** Of CO2 alone. */
  public Combustion(BigDecimal heatingValue, BigDecimal carbonPerHeat, BigDecimal oxidation) {
    this(heatingValue, carbonPerHeat, oxidation, BigDecimal.ZERO);
  }

  /**
   * The same with CH4 and N2O.
   *
   * @param methane kg CH4/TJ
   * @param nitrousOxide kg N2O/TJ
   */
  public Combustion with(BigDecimal methane, BigDecimal nitrousOxide, Potentials potentials) {
    return new Combustion(
        heatingValue,
        carbonPerHeat,
        oxidation,
        methane
            .multiply(potentials.methane)
            .add(nitrousOxide.multiply(potentials.nitrousOxide))
            .movePointLeft(3));
  }

  /** Where CO2 per heat is given, kg/GJ, all of it burnt (IPCC 2006). */
  public static Combustion ofHeat(BigDecimal heatingValue, BigDecimal kilogramsPerGigajoule) {
    return new Combustion(
        heatingValue,
        kilogramsPerGigajoule.multiply(CARBON).divide(CO2, MathContext.DECIMAL128).movePointLeft(3),
        BigDecimal.ONE);
  }

  /** Kilograms of CO2, or CO2e, for one unit of the fuel. */
  public BigDecimal kilograms() {
    return heatingValue
        .multiply(carbonPerHeat)
        .multiply(oxidation)
        .multiply(CO2)
        .movePointRight(3)
        .divide(CARBON, 12, RoundingMode.HALF_EVEN)
        .add(heatingValue.multiply(otherPerHeat))
        .setScale(12, RoundingMode.HALF_EVEN)
        .stripTrailingZeros();
  }

  /** The same for a litre of a liquid of so many kg/L whose unit is the kilogram. */
  public Combustion perLitre(BigDecimal density) {
    return new Combustion(heatingValue.multiply(density), carbonPerHeat, oxidation, otherPerHeat);
  }

  /** Whether a printed value can be this one, rounded: a digit that was lost shows here. */
  public boolean isAbout(BigDecimal printed) {
    BigDecimal own = kilograms();
    return own.subtract(printed).abs().compareTo(own.multiply(TOLERANCE)) <= 0;
  }
}
