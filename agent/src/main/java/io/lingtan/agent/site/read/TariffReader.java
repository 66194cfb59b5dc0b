package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.Tariff.Extra;
import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.Tariff.Season;
import io.lingtan.agent.site.Tariff.Slot;
import io.lingtan.agent.site.TariffUser;
import io.lingtan.agent.site.TariffUser.Trade;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Month;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Tariff} of a tariff file's keys. */
final class TariffReader {

  private static final int DAY = 1440;
  private static final int LONGEST_HOLIDAY = 31;
  static final String MOST_KVA = "10000000";
  static final Map<String, @Nullable Trade> TRADES =
      Map.of("industry", Trade.INDUSTRY, "commerce", Trade.COMMERCE);
  private static final Pattern SLOT =
      Pattern.compile("([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])");

  private final Fields file;
  private final Problems problems;
  private final Map<Month, Season> seasonOf = new HashMap<>();

  TariffReader(Fields file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The tariff; to be used only if no error was told. */
  Tariff read(String name) {
    if (file.require("name", "the same as the file's name")
        && !name.equals(file.text("name", name))) {
      problems.error(
          file.valueAt("name"),
          "name is '" + file.text("name") + "', but the file is called '" + name + ".yaml'");
    }
    file.require("version", "it names this state of the tariff");
    file.require("region", "where it holds");
    file.require("document", "the publication");
    file.require("valid_from", "the first day");
    file.choice("status", Map.of("official", true, "unconfirmed", false), true);
    file.text("url");
    LocalDate from = file.day("valid_from");
    LocalDate to = file.day("valid_to");
    if (from != null && to != null && to.isBefore(from)) {
      problems.error(file.at("valid_to"), "valid_to is before valid_from");
    }
    List<Season> seasons = seasons();
    List<Extra> extras = new ArrayList<>();
    extras.addAll(extras("sharp_peak", Period.SHARP, Period.PEAK));
    extras.addAll(extras("deep_valley", Period.DEEP, Period.VALLEY));
    return new Tariff(
        name,
        file.text("version", ""),
        file.text("region", ""),
        file.text("document", ""),
        from == null ? LocalDate.EPOCH : from,
        to,
        seasons,
        extras,
        holidays(extras),
        null);
  }

  /** Days, and spans of days such as 2025-10-01/2025-10-08. */
  private Set<LocalDate> holidays(List<Extra> extras) {
    Set<LocalDate> days = new HashSet<>();
    SortedMap<Integer, Yaml> years = new TreeMap<>();
    for (Yaml.Text word : file.words("holidays")) {
      String[] ends = word.text().split("/", 2);
      try {
        LocalDate last = LocalDate.parse(ends[ends.length - 1]);
        LocalDate first = LocalDate.parse(ends[0]);
        if (last.isBefore(first) || last.isAfter(first.plusDays(LONGEST_HOLIDAY))) {
          problems.error(
              word, "holidays last from 1 to " + LONGEST_HOLIDAY + " days, not " + word.text());
          continue;
        }
        first.datesUntil(last.plusDays(1)).forEach(days::add);
        years.putIfAbsent(first.getYear(), word);
      } catch (DateTimeException e) {
        problems.error(
            word, "a holiday is such as 2025-10-01 or 2025-10-01/2025-10-08, not " + word.kind());
      }
    }
    Integer before = null;
    for (Map.Entry<Integer, Yaml> year : years.entrySet()) {
      if (before != null && year.getKey() > before + 1) {
        problems.warning(
            year.getValue(),
            new Sentence(
                "holidays of %d follow those of %d, and there are none in between: a wrong year?"
                    .formatted(year.getKey(), before),
                "节假日 %d 年之后就是 %d 年，中间没有：年份是否写错".formatted(before, year.getKey())));
      }
      before = year.getKey();
    }
    if (days.isEmpty() && extras.stream().anyMatch(Extra::holidaysOnly)) {
      problems.warning(
          file.at("deep_valley"), "is for holidays, but holidays lists none: it never applies");
    }
    return days;
  }

  private List<Season> seasons() {
    List<Season> seasons = new ArrayList<>();
    file.require("seasons", "months with their peak, flat and valley");
    for (Fields fields : file.groups("seasons", Section.SEASON)) {
      fields.require("months", "numbers from 1 to 12");
      List<Slot> slots = new ArrayList<>();
      slots(fields, "peak", Period.PEAK, slots);
      slots(fields, "flat", Period.FLAT, slots);
      slots(fields, "valley", Period.VALLEY, slots);
      wholeDay(fields, slots);
      Season season =
          new Season(
              months(fields),
              slots,
              fields.groups("all_year", Section.TARIFF_USERS).stream()
                  .map(TariffReader::users)
                  .toList());
      for (Month month : season.months()) {
        if (seasonOf.putIfAbsent(month, season) != null) {
          problems.error(
              fields.valueAt("months"), "month " + month.getValue() + " is in two seasons");
        }
      }
      seasons.add(season);
    }
    for (Month month : Month.values()) {
      if (!seasonOf.containsKey(month) && file.has("seasons")) {
        problems.error(file.at("seasons"), "month " + month.getValue() + " is in no season");
      }
    }
    return seasons;
  }

  private Set<Month> months(Fields fields) {
    Set<Month> months = EnumSet.noneOf(Month.class);
    for (Yaml.Text word : fields.words("months")) {
      Long number = Words.whole(word.text());
      if (number == null || number < 1 || number > 12) {
        problems.error(word, "a month is a number from 1 to 12, not " + word.kind());
      } else if (!months.add(Month.of(Math.toIntExact(number)))) {
        problems.error(word, "month " + number + " is here twice");
      }
    }
    return months;
  }

  private void slots(Fields fields, String key, Period period, List<Slot> slots) {
    for (Yaml.Text word : fields.words(key)) {
      Slot slot = slot(word, period);
      if (slot == null) {
        problems.error(word, "a slot is such as 06:00-11:00, up to 24:00, not " + word.kind());
        continue;
      }
      for (Slot other : slots) {
        if (slot.fromMinute() < other.toMinute() && other.fromMinute() < slot.toMinute()) {
          problems.error(
              word,
              word.text() + " overlaps " + text(other.fromMinute()) + "-" + text(other.toMinute()));
        }
      }
      slots.add(slot);
    }
  }

  private static @Nullable Slot slot(Yaml.Text word, Period period) {
    Matcher matcher = SLOT.matcher(word.text());
    if (!matcher.matches()) {
      return null;
    }
    int from = minute(matcher.group(1), matcher.group(2));
    int to = minute(matcher.group(3), matcher.group(4));
    return from < to && to <= DAY ? new Slot(period, from, to) : null;
  }

  private static int minute(String hour, String minute) {
    return Integer.parseInt(hour) * 60 + Integer.parseInt(minute);
  }

  private static String text(int minute) {
    return String.format("%02d:%02d", minute / 60, minute % 60);
  }

  private void wholeDay(Fields fields, List<Slot> slots) {
    int minute = 0;
    while (minute < DAY) {
      int at = minute;
      Slot covering =
          slots.stream()
              .filter(slot -> slot.fromMinute() <= at && at < slot.toMinute())
              .findFirst()
              .orElse(null);
      if (covering == null) {
        problems.error(fields.at(), "no slot has " + text(minute));
        return;
      }
      minute = covering.toMinute();
    }
  }

  private List<Extra> extras(String key, Period period, Period within) {
    List<Extra> extras = new ArrayList<>();
    for (Fields fields : file.groups(key, Section.TARIFF_EXTRA)) {
      fields.require("slots", "such as [14:00-15:00]");
      List<Slot> slots = new ArrayList<>();
      slots(fields, "slots", period, slots);
      boolean holidays = fields.choice("days", Map.of("holidays", true, "all", false), false);
      Set<Month> months = fields.isWritten("months") ? months(fields) : Tariff.allMonths();
      within(fields, slots, months, within, holidays);
      extras.add(new Extra(months, holidays, slots, users(fields)));
    }
    return extras;
  }

  private static TariffUser.Group users(Fields fields) {
    BigDecimal from = fields.decimal("from_kva", "0", MOST_KVA);
    BigDecimal below = fields.decimal("below_kva", "0", MOST_KVA);
    return new TariffUser.Group(
        fields.choice("class", TRADES, null), from == null ? BigDecimal.ZERO : from, below);
  }

  /** On a holiday another calendar may hold; on all other days the part must lie in its whole. */
  private void within(
      Fields fields, List<Slot> slots, Set<Month> months, Period whole, boolean holidays) {
    if (holidays) {
      return;
    }
    for (Month month : months) {
      Season season = seasonOf.get(month);
      for (Slot slot : slots) {
        boolean inside =
            season != null
                && season.slots().stream()
                    .anyMatch(
                        other ->
                            other.period() == whole
                                && other.fromMinute() <= slot.fromMinute()
                                && slot.toMinute() <= other.toMinute());
        if (!inside) {
          problems.error(
              fields.valueAt("slots"),
              text(slot.fromMinute())
                  + "-"
                  + text(slot.toMinute())
                  + " is not within "
                  + whole.name().toLowerCase(java.util.Locale.ROOT)
                  + " of month "
                  + month.getValue());
          return;
        }
      }
    }
  }
}
