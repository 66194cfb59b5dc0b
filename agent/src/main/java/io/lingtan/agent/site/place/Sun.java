package io.lingtan.agent.site.place;

/**
 * Where the sun stands, to about a quarter of a degree until 2050: the low-precision formulas of
 * the Astronomical Almanac (section C, "Low precision formulas for the Sun").
 *
 * @param latitude degrees, north positive
 * @param longitude degrees, east positive
 */
public record Sun(double latitude, double longitude) {

  /** 2000-01-01 12:00 UTC, ms. */
  private static final long J2000_MILLIS = 946_728_000_000L;

  private static final double DAY_MILLIS = 86_400_000.0;

  /** Refraction and the sun's radius: it rises before its centre is at the horizon. */
  private static final double RISE_DEGREES = -0.833;

  /** Below it an inverter may have too little light to run: half an hour from the horizon. */
  private static final double LOW_DEGREES = 5;

  /** Of a site whose place nobody says. */
  public static final Sun UNKNOWN = new Sun(Double.NaN, Double.NaN);

  /** Whether it is known where the site is. */
  boolean isKnown() {
    return !Double.isNaN(latitude) && !Double.isNaN(longitude);
  }

  /** Whether it is below the horizon; false where the site's place is not known. */
  public boolean isDown(long millis) {
    return isKnown() && elevationDegrees(millis) < RISE_DEGREES;
  }

  /** Whether it is down or nearly so; false where the site's place is not known. */
  public boolean isLow(long millis) {
    return isKnown() && elevationDegrees(millis) < LOW_DEGREES;
  }

  /** Height above the horizon, degrees, without refraction. */
  public double elevationDegrees(long millis) {
    double days = (millis - J2000_MILLIS) / DAY_MILLIS;
    double meanLongitude = 280.460 + 0.9856474 * days;
    double anomaly = StrictMath.toRadians(357.528 + 0.9856003 * days);
    double ecliptic =
        StrictMath.toRadians(
            meanLongitude + 1.915 * StrictMath.sin(anomaly) + 0.020 * StrictMath.sin(2 * anomaly));
    double obliquity = StrictMath.toRadians(23.439 - 0.0000004 * days);
    double declination = StrictMath.asin(StrictMath.sin(obliquity) * StrictMath.sin(ecliptic));
    double rightAscension =
        StrictMath.atan2(
            StrictMath.cos(obliquity) * StrictMath.sin(ecliptic), StrictMath.cos(ecliptic));
    double siderealDegrees = 280.46061837 + 360.98564736629 * days + longitude;
    double hourAngle = StrictMath.toRadians(siderealDegrees) - rightAscension;
    double north = StrictMath.toRadians(latitude);
    double sine =
        StrictMath.sin(north) * StrictMath.sin(declination)
            + StrictMath.cos(north) * StrictMath.cos(declination) * StrictMath.cos(hourAngle);
    return StrictMath.toDegrees(StrictMath.asin(sine));
  }
}
