package io.lingtan.simulator.world;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;

/**
 * What a world is made of: its place, its machines, its weather and when it begins.
 *
 * @param seed where all chance comes from
 * @param startMillis UTC ms at which the world is handed over; it has run since the local midnight
 *     before, so that tanks, buses and registers are in the middle of a day
 * @param zone the site's local time
 * @param lat degrees north
 * @param lon degrees east
 * @param stepMillis length of a step; divides a minute
 * @param cloudCover share of the time in which clouds stand before the sun, 0..0.95
 * @param pvWatts the inverters' AC rating
 * @param batteryMillijoules usable capacity between 0 and 100 % state of charge
 * @param batteryWatts greatest charging and discharging power
 * @param electrolyserWatts rated AC power of the electrolyser system
 * @param tanks groups of hydrogen tanks, 1..3
 * @param buses vehicles of the line
 * @param buildingsPercent size of the buildings, 100 as usual, 0..10000
 * @param chargerWatts rating of all charging points together, at most 2 MW
 */
public record Plant(
    long seed,
    long startMillis,
    ZoneId zone,
    double lat,
    double lon,
    int stepMillis,
    double cloudCover,
    int pvWatts,
    long batteryMillijoules,
    int batteryWatts,
    int electrolyserWatts,
    List<TankGroup> tanks,
    int buses,
    int buildingsPercent,
    int chargerWatts) {

  public static final long MILLIJOULES_PER_KWH = 3_600_000_000L;

  /** Most groups of tanks. */
  public static final int MOST_TANKS = 3;

  public Plant {
    tanks = List.copyOf(tanks);
    if (tanks.isEmpty() || tanks.size() > MOST_TANKS) {
      throw new IllegalArgumentException("groups of tanks are 1..3, were " + tanks.size());
    }
    if (stepMillis < 1 || 60_000 % stepMillis != 0) {
      throw new IllegalArgumentException("a step divides 60000 ms, was " + stepMillis);
    }
    if (Math.floorMod(startMillis, stepMillis) != 0) {
      throw new IllegalArgumentException("the start is a whole number of steps: " + startMillis);
    }
    if (!(cloudCover >= 0 && cloudCover <= 0.95)) {
      throw new IllegalArgumentException("cloudCover is 0..0.95, was " + cloudCover);
    }
    if (!(lat >= -66 && lat <= 66 && lon >= -180 && lon <= 180)) {
      throw new IllegalArgumentException(
          "lat is -66..66 and lon -180..180, were " + lat + " and " + lon);
    }
    if (pvWatts < 0 || batteryWatts < 0 || electrolyserWatts < 0 || buses < 0 || buses > 20) {
      throw new IllegalArgumentException("ratings are not negative, buses 0..20");
    }
    if (buildingsPercent < 0 || buildingsPercent > 10_000) {
      throw new IllegalArgumentException("buildings are 0..10000 %, were " + buildingsPercent);
    }
    if (chargerWatts < 0 || chargerWatts > 2_000_000) {
      throw new IllegalArgumentException("chargers are 0..2000000 W, were " + chargerWatts);
    }
    if (batteryMillijoules < MILLIJOULES_PER_KWH) {
      throw new IllegalArgumentException("the battery holds at least 1 kWh");
    }
  }

  /**
   * The demonstration microgrid in Wuxi at 10:30 on a part-cloudy June day: PV 160 kW, battery 500
   * kWh/250 kW, electrolyser 200 kW, 12 m³ of tanks, five buses of line 760.
   */
  public static Plant demo(long seed) {
    ZoneId zone = ZoneId.of("Asia/Shanghai");
    return new Plant(
        seed,
        LocalDateTime.of(2026, 6, 17, 10, 30).atZone(zone).toInstant().toEpochMilli(),
        zone,
        31.49,
        120.31,
        1_000,
        0.45,
        160_000,
        500 * MILLIJOULES_PER_KWH,
        250_000,
        200_000,
        List.of(new TankGroup(12_000_000L, TankGroup.USUAL_MPA)),
        5,
        100,
        0);
  }

  /** The same site, started at another instant. */
  public Plant startingAt(long millis) {
    return with(millis, stepMillis);
  }

  /** The same site in steps of another length. */
  public Plant inStepsOf(int millis) {
    return with(startMillis, millis);
  }

  private Plant with(long start, int step) {
    return new Plant(
        seed,
        start,
        zone,
        lat,
        lon,
        step,
        cloudCover,
        pvWatts,
        batteryMillijoules,
        batteryWatts,
        electrolyserWatts,
        tanks,
        buses,
        buildingsPercent,
        chargerWatts);
  }
}
