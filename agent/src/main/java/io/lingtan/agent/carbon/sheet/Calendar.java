package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.site.activity.Activity;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Which local days an interval of days holds. */
public final class Calendar {

  private final ZoneId zone;

  public Calendar(ZoneId zone) {
    this.zone = zone;
  }

  /**
   * Days from the first to before the end.
   *
   * @param end the first day that is not among them
   */
  public record Days(LocalDate first, LocalDate end) {

    /** How many. */
    public long count() {
      return ChronoUnit.DAYS.between(first, end);
    }

    public YearMonth firstMonth() {
      return YearMonth.from(first);
    }

    public YearMonth endMonth() {
      return YearMonth.from(end);
    }

    @Override
    public String toString() {
      return first.plusDays(1).equals(end) ? first.toString() : first + " to " + end.minusDays(1);
    }
  }

  /** Whether an interval of this length consists of whole days. */
  public boolean isDays(String length) {
    return length.equals("1d") || isMonths(length);
  }

  /** Whether it consists of whole months. */
  public boolean isMonths(String length) {
    return length.equals("1M") || length.equals("1Y");
  }

  /** When a day begins, UTC ms. */
  public long startMillis(LocalDate day) {
    return day.atStartOfDay(zone).toInstant().toEpochMilli();
  }

  /** The days of an interval of days. */
  public Days days(String length, long startMillis) {
    LocalDate first = LocalDate.ofInstant(Instant.ofEpochMilli(startMillis), zone);
    return switch (length) {
      case "1M" -> new Days(first, first.plusMonths(1));
      case "1Y" -> new Days(first, first.plusYears(1));
      default -> new Days(first, first.plusDays(1));
    };
  }

  /** What people told of the days of a sheet that is of days, and did not take back. */
  public List<Activity> told(Sheet sheet) {
    Days days = days(sheet.length(), sheet.startMillis());
    return sheet.feeds().activities(days.first(), days.end()).stream()
        .filter(row -> !row.isWithdrawal())
        .toList();
  }
}
