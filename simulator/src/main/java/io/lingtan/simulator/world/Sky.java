package io.lingtan.simulator.world;

import java.time.LocalDate;
import java.util.random.RandomGenerator;

/**
 * Sun and clouds over a flat PV roof.
 *
 * <p>Position of the sun: Spencer's Fourier series for declination and equation of time (1971).
 * Clear-sky irradiance: Haurwitz (1945), {@code 1098 cos z exp(-0.059 / cos z)} W/m². Clouds come
 * and go as an alternating process with edges some ten seconds wide.
 */
final class Sky {

  /** AC power per rated power at 1000 W/m²: module temperature, wiring and inverter together. */
  private static final double PERFORMANCE = 0.86;

  /** Mean time from one cloud to the next. */
  private static final double CYCLE_SECONDS = 240;

  private static final double SHORTEST_SECONDS = 15;
  private static final double EDGE_SECONDS = 12;
  private static final long MINUTE = 60_000L;
  private static final long DAY = 86_400_000L;

  private final RandomGenerator dice;
  private final double sinLat;
  private final double cosLat;
  private final double lon;
  private final double cover;
  private final int ratedWatts;
  private final double edge;

  private long day = Long.MIN_VALUE;
  private double sinDeclination;
  private double cosDeclination;
  private double equationMinutes;

  private long minute = Long.MIN_VALUE;
  private double clearNow;
  private double clearNext;

  private boolean cloudy;
  private long changeAt = Long.MIN_VALUE;
  private double passing = 1.0;
  private double transmission = 1.0;

  Sky(Plant plant, RandomGenerator dice) {
    this.dice = dice;
    double lat = plant.lat() * StrictMath.PI / 180;
    this.sinLat = StrictMath.sin(lat);
    this.cosLat = StrictMath.cos(lat);
    this.lon = plant.lon();
    this.cover = plant.cloudCover();
    this.ratedWatts = plant.pvWatts();
    double seconds = plant.stepMillis() / 1_000.0;
    this.edge = seconds / (EDGE_SECONDS + seconds);
  }

  /** AC power of the roof in the step that begins at {@code millis}. */
  int pvWatts(long millis) {
    clouds(millis);
    double irradiance = clearSky(millis) * transmission;
    double watts = irradiance / 1_000.0 * PERFORMANCE * ratedWatts;
    return (int) Math.min(ratedWatts, watts);
  }

  private void clouds(long millis) {
    if (millis >= changeAt) {
      cloudy = !cloudy && cover > 0;
      double mean = CYCLE_SECONDS * (cloudy ? cover : 1 - cover);
      double length = SHORTEST_SECONDS - mean * StrictMath.log(1 - dice.nextDouble());
      changeAt = millis + (long) (1_000 * length);
      passing = cloudy ? 0.25 + 0.5 * dice.nextDouble() : 0.97 + 0.03 * dice.nextDouble();
    }
    transmission += (passing - transmission) * edge;
  }

  /**
   * Global irradiance on the flat under a clear sky in W/m², interpolated between whole minutes.
   */
  double clearSky(long millis) {
    long now = Math.floorDiv(millis, MINUTE);
    if (now != minute) {
      clearNow = now == minute + 1 ? clearNext : irradiance(now * MINUTE);
      clearNext = irradiance((now + 1) * MINUTE);
      minute = now;
    }
    double part = Math.floorMod(millis, MINUTE) / (double) MINUTE;
    return clearNow + (clearNext - clearNow) * part;
  }

  private double irradiance(long millis) {
    season(Math.floorDiv(millis, DAY));
    double solarMinutes = Math.floorMod(millis, DAY) / (double) MINUTE + 4 * lon + equationMinutes;
    double hourAngle = (solarMinutes / 4 - 180) * StrictMath.PI / 180;
    double cosZenith =
        sinLat * sinDeclination + cosLat * cosDeclination * StrictMath.cos(hourAngle);
    return cosZenith <= 0.001 ? 0 : 1_098 * cosZenith * StrictMath.exp(-0.059 / cosZenith);
  }

  private void season(long utcDay) {
    if (utcDay == day) {
      return;
    }
    day = utcDay;
    LocalDate date = LocalDate.ofEpochDay(utcDay);
    double g = 2 * StrictMath.PI * (date.getDayOfYear() - 1) / date.lengthOfYear();
    double s1 = StrictMath.sin(g);
    double c1 = StrictMath.cos(g);
    double s2 = StrictMath.sin(2 * g);
    double c2 = StrictMath.cos(2 * g);
    double declination =
        0.006918
            - 0.399912 * c1
            + 0.070257 * s1
            - 0.006758 * c2
            + 0.000907 * s2
            - 0.002697 * StrictMath.cos(3 * g)
            + 0.00148 * StrictMath.sin(3 * g);
    sinDeclination = StrictMath.sin(declination);
    cosDeclination = StrictMath.cos(declination);
    equationMinutes =
        229.18 * (0.000075 + 0.001868 * c1 - 0.032077 * s1 - 0.014615 * c2 - 0.040849 * s2);
  }
}
