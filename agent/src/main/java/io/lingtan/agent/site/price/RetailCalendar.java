package io.lingtan.agent.site.price;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The calendar of a retail package: which of the contract's own parts holds at a time, in place of
 * the administrative periods, whose factors are never put on top (发改能源规〔2025〕1656号, 35).
 *
 * @param sha256 of the file's text, hex: the version
 * @param days kinds of days; of those that have a day the first holds
 */
public record RetailCalendar(String name, String document, String sha256, List<Days> days) {

  private static final int MINUTES = 24 * 60;

  public RetailCalendar {
    days = List.copyOf(days);
  }

  /**
   * A part of a day.
   *
   * @param part the contract's name for it
   * @param fromMinute first minute of the local day
   * @param toMinute the minute behind the last, up to 1440
   */
  public record Slot(String part, int fromMinute, int toMinute) {}

  /**
   * Days that are alike. What is empty restricts nothing.
   *
   * @param slots each minute once
   */
  public record Days(
      Set<LocalDate> dates, Set<DayOfWeek> weekdays, Set<Month> months, List<Slot> slots) {

    /**
     * @throws IllegalArgumentException if a minute of the day is in no slot or in two
     */
    public Days {
      dates = Set.copyOf(dates);
      weekdays = Set.copyOf(weekdays);
      months = Set.copyOf(months);
      slots = slots.stream().sorted(Comparator.comparingInt(Slot::fromMinute)).toList();
      int minute = 0;
      for (Slot slot : slots) {
        if (slot.fromMinute != minute || slot.toMinute <= minute) {
          throw new IllegalArgumentException(
              "a day has each minute once, but at minute %d begins %s".formatted(minute, slot));
        }
        minute = slot.toMinute;
      }
      if (minute != MINUTES) {
        throw new IllegalArgumentException(
            "a day has each minute once, but ends at minute " + minute);
      }
    }

    private boolean has(LocalDate day) {
      return (dates.isEmpty() || dates.contains(day))
          && (weekdays.isEmpty() || weekdays.contains(day.getDayOfWeek()))
          && (months.isEmpty() || months.contains(day.getMonth()));
    }
  }

  /** What a day is like; null where nothing is said of it. */
  public @Nullable Days on(LocalDate day) {
    return days.stream().filter(each -> each.has(day)).findFirst().orElse(null);
  }

  /** The part of a local time; null where nothing is said of its day. */
  public @Nullable String part(LocalDateTime local) {
    Days of = on(local.toLocalDate());
    int minute = local.getHour() * 60 + local.getMinute();
    return of == null
        ? null
        : of.slots.stream()
            .filter(slot -> slot.fromMinute <= minute && minute < slot.toMinute)
            .findFirst()
            .orElseThrow()
            .part;
  }

  /** The names of its parts. */
  public Set<String> parts() {
    Set<String> parts = new TreeSet<>();
    days.forEach(each -> each.slots.forEach(slot -> parts.add(slot.part)));
    return parts;
  }

  /** Whether each part begins and ends with an interval of so many minutes. */
  public boolean fits(long minutes) {
    return days.stream()
        .flatMap(each -> each.slots.stream())
        .allMatch(slot -> slot.fromMinute % minutes == 0);
  }
}
