package io.lingtan.agent.carbon.sheet;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * In which hours of its month a certificate covers what was bought: it says of which month its
 * electricity is and not of which hour, so that it is spread evenly over the hours of a part of
 * each day. What an hour has too much is not carried to another one.
 *
 * @param from first hour of the local day, 0..23
 * @param to the hour behind the last, 1..24
 */
public record CertificateHours(int from, int to) {

  /** All hours. */
  public static final CertificateHours ALL = new CertificateHours(0, 24);

  private static final long HOUR_MILLIS = 3_600_000;

  public CertificateHours {
    if (from < 0 || to > 24 || from >= to) {
      throw new IllegalArgumentException(
          "certificates are of hours within a day, were from " + from + " to " + to);
    }
  }

  /**
   * What they cover, hour by hour.
   *
   * @param bought by the hour's first millisecond, some or all of the month
   * @param milliwattHours of all certificates of the month
   */
  public long covered(
      SortedMap<Long, Long> bought, long milliwattHours, YearMonth month, ZoneId zone) {
    List<Long> hours = hours(month, zone);
    long each = milliwattHours / hours.size();
    long more = milliwattHours % hours.size();
    long covered = 0;
    for (int i = 0; i < hours.size(); i++) {
      long there = each + (i < more ? 1 : 0);
      covered += Math.min(bought.getOrDefault(hours.get(i), 0L), there);
    }
    return covered;
  }

  private List<Long> hours(YearMonth month, ZoneId zone) {
    List<Long> hours = new ArrayList<>();
    long end = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
    long at = month.atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
    for (; at < end; at += HOUR_MILLIS) {
      int hour = Instant.ofEpochMilli(at).atZone(zone).getHour();
      if (from <= hour && hour < to) {
        hours.add(at);
      }
    }
    return hours;
  }
}
