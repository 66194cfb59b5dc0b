package io.lingtan.agent.meter;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.List;

/**
 * Where intervals begin and end: at multiples of their length in the site's local time,
 * left-closed. Where a clock change makes an hour longer or shorter it stays one interval, so that
 * each length divides time without gap or overlap.
 */
public final class IntervalGrid {

  /** Longest gap that is split linearly. */
  public static final long LONGEST_LINEAR_MILLIS = 2 * 3_600_000L;

  private static final long LONGEST_TOLD_MILLIS = 7 * 24 * 3_600_000L;

  /**
   * Base intervals of an outage that are told: they are all in one commit, which has to fit into
   * memory. It is seven days of 15m.
   */
  private static final int MOST_TOLD = 672;

  /** Wall and monotonic clock differ by less while the one is only slewed. */
  private static final long STEP_MILLIS = 500;

  private static final long MINUTE_MILLIS = 60_000L;
  private static final long HOUR_MILLIS = 60 * MINUTE_MILLIS;

  private final ZoneId zone;
  private final ZoneRules rules;
  private final String base;
  private final long baseMillis;
  private final long leastStepMillis;

  /**
   * @param base {@code 1m 5m 10m 15m 30m}
   */
  public IntervalGrid(ZoneId zone, String base) {
    this(zone, base, 0);
  }

  private IntervalGrid(ZoneId zone, String base, long leastStepMillis) {
    if (!List.of("1m", "5m", "10m", "15m", "30m").contains(base)) {
      throw new IllegalArgumentException("the base interval is 1m 5m 10m 15m 30m, not " + base);
    }
    this.zone = zone;
    this.rules = zone.getRules();
    this.base = base;
    this.baseMillis = Long.parseLong(base.substring(0, base.length() - 1)) * MINUTE_MILLIS;
    this.leastStepMillis = Math.max(leastStepMillis, Math.max(STEP_MILLIS, baseMillis / 100));
  }

  /** The minutes inside this one's base intervals, whose steps of the clock they are judged by. */
  IntervalGrid minutes() {
    return new IntervalGrid(zone, "1m", leastStepMillis);
  }

  /** Name of the base length. */
  public String base() {
    return base;
  }

  public long baseMillis() {
    return baseMillis;
  }

  /** A wall clock that is set by at most so much, ms, makes no interval another. */
  public long leastStepMillis() {
    return leastStepMillis;
  }

  public ZoneId zone() {
    return zone;
  }

  /** The lengths that base intervals are added up to, shortest first. */
  public static List<String> rollUps() {
    return List.of("1h", "1d", "1M", "1Y");
  }

  /** Whether the other one divides all of time in the same way, by the same names. */
  public boolean isSame(IntervalGrid other) {
    return zone.equals(other.zone) && base.equals(other.base);
  }

  /**
   * Whether base intervals of the other one are such of this one, too, though days may begin
   * elsewhere.
   *
   * @param start of any base interval of the other one
   */
  public boolean goesOnFrom(IntervalGrid other, long start) {
    return base.equals(other.base) && baseStart(start) == start;
  }

  /** Start of the base interval that holds {@code millis}. */
  public long baseStart(long millis) {
    return millis - Math.floorMod(local(millis), baseMillis);
  }

  /** Start of the next base interval after {@code millis}. */
  public long baseEnd(long millis) {
    // Offsets change by multiples of the longest base length, so this stays on the grid.
    return baseStart(millis) + baseMillis;
  }

  /**
   * Start of the oldest base interval that may still be revised at {@code now}: what a gap that
   * ends then can change, two hours and one base interval, and what is before that in the same
   * hour, so that an hour is told again with all of its base intervals or not at all.
   */
  public long horizon(long now) {
    return hourStart(baseStart(now - LONGEST_LINEAR_MILLIS) - 1);
  }

  /** How far back an outage is told interval by interval, ms. */
  public static long longestTold(long baseMillis) {
    return Math.min(LONGEST_TOLD_MILLIS, MOST_TOLD * baseMillis);
  }

  /** Start of the interval of this length that holds {@code millis}. */
  public long start(String length, long millis) {
    return switch (length) {
      case "1h" -> hourStart(millis);
      case "1d" -> date(millis).atStartOfDay(zone).toInstant().toEpochMilli();
      case "1M" -> day(date(millis).withDayOfMonth(1));
      case "1Y" -> day(date(millis).withDayOfYear(1));
      default -> baseStart(millis);
    };
  }

  /** End of the interval of this length that holds {@code millis}, exclusive. */
  public long end(String length, long millis) {
    return switch (length) {
      case "1h" -> hourEnd(millis);
      case "1d" -> day(date(millis).plusDays(1));
      case "1M" -> day(date(millis).withDayOfMonth(1).plusMonths(1));
      case "1Y" -> day(date(millis).withDayOfYear(1).plusYears(1));
      default -> baseEnd(millis);
    };
  }

  /** The local date at {@code millis}. */
  public LocalDate date(long millis) {
    return LocalDate.ofEpochDay(Math.floorDiv(local(millis), 24 * HOUR_MILLIS));
  }

  private long day(LocalDate date) {
    return date.atStartOfDay(zone).toInstant().toEpochMilli();
  }

  private long hourStart(long millis) {
    long at = baseStart(millis);
    while (!isHour(at)) {
      at = baseStart(at - 1);
    }
    return at;
  }

  private long hourEnd(long millis) {
    long at = baseEnd(millis);
    while (!isHour(at)) {
      at = baseEnd(at);
    }
    return at;
  }

  private boolean isHour(long millis) {
    return Math.floorMod(local(millis), HOUR_MILLIS) == 0;
  }

  private long local(long millis) {
    return millis + rules.getOffset(Instant.ofEpochMilli(millis)).getTotalSeconds() * 1000L;
  }
}
