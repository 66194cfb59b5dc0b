package io.lingtan.agent.site;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.temporal.TemporalAdjusters;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Time-of-use periods of a region.
 *
 * @param name file name without ending, as in {@code metering.tariff}
 * @param validFrom first local day
 * @param validTo last local day, null if it holds on
 * @param seasons each month is in exactly one, and in each every minute of the day in one slot
 * @param extras parts of peak and valley with a price of their own
 * @param holidays days on which extras that are for holidays hold
 * @param next the tariff that takes this one's place on its first day, null for none
 */
public record Tariff(
    String name,
    String version,
    String region,
    String document,
    LocalDate validFrom,
    @Nullable LocalDate validTo,
    List<Season> seasons,
    List<Extra> extras,
    Set<LocalDate> holidays,
    @Nullable Tariff next) {

  public Tariff {
    seasons = List.copyOf(seasons);
    extras = List.copyOf(extras);
    holidays = Set.copyOf(holidays);
  }

  /** What it is for one user: without the extras of others, and with the season of their choice. */
  public Tariff of(TariffUser user) {
    List<Season> chosen =
        seasons.stream()
            .filter(season -> user.oneSeason() && season.isOpenAllYear(user))
            .map(season -> new Season(allMonths(), season.slots(), season.allYear()))
            .toList();
    return new Tariff(
        name,
        version,
        region,
        document,
        validFrom,
        validTo,
        chosen.isEmpty() ? seasons : chosen,
        extras.stream().filter(extra -> extra.users().has(user)).toList(),
        holidays,
        next == null ? null : next.of(user));
  }

  /** Whether it leaves a user, on some day, the choice of one season's periods. */
  public boolean isOneSeason(TariffUser user) {
    return seasons.stream().anyMatch(season -> season.isOpenAllYear(user))
        || (next != null && next.isOneSeason(user));
  }

  /** The same, until another one begins. */
  public Tariff until(@Nullable Tariff later) {
    return new Tariff(
        name, version, region, document, validFrom, validTo, seasons, extras, holidays, later);
  }

  /** Of it and those that follow the one that is in force on a day, if any is. */
  public Tariff on(LocalDate day) {
    return next == null || day.isBefore(next.validFrom()) ? this : next.on(day);
  }

  /**
   * The last day whose periods can be told without a gap, null if no end is in sight: the last of
   * its validity, or of the last year of which holidays are listed; of those that follow where the
   * next one has begun by then.
   *
   * @param withExtras whether sharp peak and deep valley apply
   */
  public @Nullable LocalDate lastDay(boolean withExtras) {
    LocalDate last = ownLastDay(withExtras);
    return next == null || (last != null && last.plusDays(1).isBefore(next.validFrom()))
        ? last
        : next.lastDay(withExtras);
  }

  private @Nullable LocalDate ownLastDay(boolean withExtras) {
    boolean asks = withExtras && extras.stream().anyMatch(Extra::holidaysOnly);
    LocalDate listed =
        !asks
            ? null
            : holidays.stream()
                .max(Comparator.naturalOrder())
                .map(day -> day.with(TemporalAdjusters.lastDayOfYear()))
                .orElse(validFrom.minusDays(1));
    return validTo == null || (listed != null && listed.isBefore(validTo)) ? listed : validTo;
  }

  /** The kinds of time. */
  public enum Period {
    SHARP,
    PEAK,
    FLAT,
    VALLEY,
    DEEP
  }

  /**
   * A part of a day.
   *
   * @param fromMinute first minute of the local day, 0..1439
   * @param toMinute the minute behind the last, 1..1440
   */
  public record Slot(Period period, int fromMinute, int toMinute) {
    public Slot {
      if (fromMinute < 0 || toMinute > 1440 || fromMinute >= toMinute) {
        throw new IllegalArgumentException(
            "a slot lies within a day, was " + fromMinute + " to " + toMinute);
      }
    }
  }

  /**
   * The days of some months.
   *
   * @param allYear users who may choose its periods for all the year
   */
  public record Season(Set<Month> months, List<Slot> slots, List<TariffUser.Group> allYear) {
    public Season {
      months = Set.copyOf(months);
      slots = List.copyOf(slots);
      allYear = List.copyOf(allYear);
    }

    private boolean isOpenAllYear(TariffUser user) {
      return allYear.stream().anyMatch(group -> group.has(user));
    }
  }

  /**
   * A part of peak or valley.
   *
   * @param months in which it holds
   * @param holidaysOnly whether it holds on public holidays only
   * @param users for whom it is
   */
  public record Extra(
      Set<Month> months, boolean holidaysOnly, List<Slot> slots, TariffUser.Group users) {
    public Extra {
      months = Set.copyOf(months);
      slots = List.copyOf(slots);
    }
  }

  public static Set<Month> allMonths() {
    return EnumSet.allOf(Month.class);
  }

  /**
   * The period of an instant of local time; null outside the tariff's validity.
   *
   * @param withExtras whether sharp peak and deep valley apply
   */
  public @Nullable Period period(LocalDateTime local, boolean withExtras) {
    LocalDate day = local.toLocalDate();
    if (day.isBefore(validFrom) || (validTo != null && day.isAfter(validTo))) {
      return null;
    }
    int minute = local.getHour() * 60 + local.getMinute();
    if (withExtras) {
      for (Extra extra : extras) {
        boolean holds =
            extra.months().contains(local.getMonth())
                && (!extra.holidaysOnly() || holidays.contains(day));
        Period period = holds ? periodOf(extra.slots(), minute) : null;
        if (period != null) {
          return period;
        }
      }
    }
    return period(local.getMonth(), minute);
  }

  /**
   * Why the period of an instant cannot be told: an extra for holidays may hold, and none of that
   * year are listed. Null if it can.
   */
  public @Nullable String unlisted(LocalDateTime local) {
    int minute = local.getHour() * 60 + local.getMinute();
    boolean depends =
        extras.stream()
            .anyMatch(
                extra ->
                    extra.holidaysOnly()
                        && extra.months().contains(local.getMonth())
                        && periodOf(extra.slots(), minute) != null);
    boolean listed = holidays.stream().anyMatch(day -> day.getYear() == local.getYear());
    return depends && !listed
        ? "tariff %s lists no holidays of %d".formatted(name, local.getYear())
        : null;
  }

  /** The periods that it has, and those that follow. */
  public Set<Period> periods(boolean withExtras) {
    Set<Period> periods = EnumSet.noneOf(Period.class);
    seasons.forEach(season -> season.slots().forEach(slot -> periods.add(slot.period())));
    if (withExtras) {
      extras.forEach(extra -> extra.slots().forEach(slot -> periods.add(slot.period())));
    }
    if (next != null) {
      periods.addAll(next.periods(withExtras));
    }
    return periods;
  }

  /** The period of a minute of a day, without extras; null if no season has the month. */
  public @Nullable Period period(Month month, int minuteOfDay) {
    for (Season season : seasons) {
      if (season.months().contains(month)) {
        return periodOf(season.slots(), minuteOfDay);
      }
    }
    return null;
  }

  private static @Nullable Period periodOf(List<Slot> slots, int minuteOfDay) {
    for (Slot slot : slots) {
      if (slot.fromMinute() <= minuteOfDay && minuteOfDay < slot.toMinute()) {
        return slot.period();
      }
    }
    return null;
  }
}
