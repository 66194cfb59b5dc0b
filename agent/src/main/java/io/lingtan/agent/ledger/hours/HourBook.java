package io.lingtan.agent.ledger.hours;

import io.lingtan.agent.carbon.sheet.HourlyMatch;
import io.lingtan.agent.carbon.sheet.HourlyMatch.Hour;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.Metric;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of clean energy is matched with the load, day by day: each day is a window of {@link
 * HourlyMatch}. Hours of days that can still be revised are kept one by one, of the others only the
 * sum, so that a year is as small as a day.
 */
public final class HourBook {

  private static final long HOUR_MILLIS = 3_600_000;

  private final long start;
  private final TreeMap<Long, Hour> open = new TreeMap<>();
  private Matched settled = Matched.NOTHING;

  /** What was bought in each hour, of a month; null where nobody asks for it. */
  private @Nullable TreeMap<Long, Long> bought;

  /** How long the base intervals are that were put in, whether their flows are known or not. */
  private long told;

  /**
   * Millionths of a kWh.
   *
   * @param covered of the load, in the very hour
   * @param unmatched clean energy of hours that needed less
   */
  public record Matched(long covered, long unmatched) {

    static final Matched NOTHING = new Matched(0, 0);

    Matched plus(Matched other) {
      return new Matched(covered + other.covered, unmatched + other.unmatched);
    }
  }

  /**
   * @param start of the interval, UTC ms, at which an hour of local time begins
   */
  public HourBook(long start) {
    this.start = start;
  }

  /** From here on it knows what was bought in each of its hours. */
  public HourBook ofMonth() {
    bought = new TreeMap<>();
    return this;
  }

  /** What was bought in each hour that anything was; null where that is not known. */
  public @Nullable SortedMap<Long, Long> bought() {
    return bought == null ? null : Collections.unmodifiableSortedMap(bought);
  }

  /**
   * Puts a base interval in, or takes it out again.
   *
   * @param at its start, UTC ms
   * @param figures of it, as they were when it was put in
   * @param sign 1, or -1 to take it out
   */
  public void add(long at, Map<String, Metric> figures, long millis, int sign) {
    told += sign * millis;
    Hour flows = Hour.of(figures);
    if (flows != null) {
      long hour = at - Math.floorMod(at - start, HOUR_MILLIS);
      open.merge(hour, Hour.NOTHING.plus(flows, sign), (one, other) -> one.plus(other, 1));
      if (bought != null) {
        bought.merge(hour, sign * Hour.bought(figures), Long::sum);
      }
    }
  }

  /** How long the base intervals are that were put in. */
  public long millis() {
    return told;
  }

  /** What lies before {@code horizon} does not change any more. */
  public void settle(long horizon, ZoneId zone) {
    while (!open.isEmpty() && dayEnd(open.firstKey(), zone) <= horizon) {
      SortedMap<Long, Hour> day = open.headMap(dayEnd(open.firstKey(), zone));
      settled = settled.plus(matched(List.copyOf(day.values())));
      day.clear();
    }
  }

  private static long dayEnd(long millis, ZoneId zone) {
    return Instant.ofEpochMilli(millis)
        .atZone(zone)
        .toLocalDate()
        .plusDays(1)
        .atStartOfDay(zone)
        .toInstant()
        .toEpochMilli();
  }

  private static Matched matched(List<Hour> day) {
    HourlyMatch match = HourlyMatch.of(day);
    return new Matched(match.covered(), match.unmatched());
  }

  /** What was matched so far. */
  public Matched matched(ZoneId zone) {
    Matched sum = settled;
    List<Hour> day = new ArrayList<>();
    @Nullable Long end = null;
    for (Map.Entry<Long, Hour> each : open.entrySet()) {
      if (end != null && each.getKey() >= end) {
        sum = sum.plus(matched(day));
        day.clear();
        end = null;
      }
      end = end == null ? dayEnd(each.getKey(), zone) : end;
      day.add(each.getValue());
    }
    return sum.plus(matched(day));
  }

  public void write(CheckpointWriter to) {
    to.number(start).number(told).number(settled.covered).number(settled.unmatched);
    to.number(open.size());
    open.forEach(
        (at, hour) -> {
          to.number(at - start).number(hour.load()).number(hour.clean());
          to.number(hour.cleanCharge()).number(hour.otherCharge()).number(hour.discharge());
        });
    if (bought != null) {
      to.number(bought.size());
      bought.forEach((at, energy) -> to.number(at - start).number(energy));
    }
  }

  /**
   * What {@link #write} wrote.
   *
   * @param ofMonth whether it knows what was bought in each hour
   * @throws IllegalArgumentException if the bytes are torn
   */
  public static HourBook read(CheckpointReader from, boolean ofMonth) {
    HourBook book = new HourBook(from.number());
    book.told = from.number();
    book.settled = new Matched(from.number(), from.number());
    for (int left = from.count(); left > 0; left--) {
      book.open.put(
          book.start + from.number(),
          new Hour(from.number(), from.number(), from.number(), from.number(), from.number()));
    }
    if (ofMonth) {
      TreeMap<Long, Long> bought = book.ofMonth().bought;
      for (int left = from.count(); left > 0 && bought != null; left--) {
        bought.put(book.start + from.number(), from.number());
      }
    }
    return book;
  }
}
