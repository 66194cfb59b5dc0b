package io.lingtan.simulator.world;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** Local time of day, without making objects: the calendar is asked once a day. */
final class LocalDay {

  private final ZoneId zone;
  private long start;
  private long end;
  private boolean weekend;

  LocalDay(ZoneId zone, long millis) {
    this.zone = zone;
    begin(millis);
  }

  /** UTC ms of the local midnight at or before {@code millis}. */
  static long midnight(ZoneId zone, long millis) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone)
        .atStartOfDay(zone)
        .toInstant()
        .toEpochMilli();
  }

  private void begin(long millis) {
    LocalDate date = LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone);
    start = date.atStartOfDay(zone).toInstant().toEpochMilli();
    end = date.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli();
    weekend = date.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) >= 0;
  }

  /** Moves on to the day of {@code millis}; returns whether it is another one. */
  boolean advanceTo(long millis) {
    if (millis < end) {
      return false;
    }
    begin(millis);
    return true;
  }

  /** Hour of the day with its fraction, 0..24 (25 where clocks go back). */
  double hour(long millis) {
    return (millis - start) / 3_600_000.0;
  }

  long start() {
    return start;
  }

  boolean isWeekend() {
    return weekend;
  }
}
