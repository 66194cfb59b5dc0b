package io.lingtan.agent.site.price;

import io.lingtan.agent.site.price.RetailCalendar.Days;
import io.lingtan.agent.site.price.RetailCalendar.Slot;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Month;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RetailCalendar} of its file's keys. */
public final class RetailCalendarReader {

  private static final Pattern SLOT =
      Pattern.compile("([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])");
  private static final List<String> WEEKDAYS =
      List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  private static final int DAY = 24 * 60;
  private static final int MOST_KINDS = 40;
  private static final int LONGEST = 366;

  private final Fields file;
  private final Problems problems;

  public RetailCalendarReader(Fields file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /**
   * The calendar; null if a problem was told.
   *
   * @param sha256 of the file's text, hex
   */
  public @Nullable RetailCalendar read(String sha256) {
    file.require("name", "what the retailer calls it");
    file.require("document", "the contract and its annex");
    file.require("days", "kinds of days with their slots");
    List<Days> days = new ArrayList<>();
    List<Fields> groups = file.groups("days", Section.CALENDAR_DAYS);
    if (groups.size() > MOST_KINDS) {
      problems.error(file.valueAt("days"), "there are at most " + MOST_KINDS + " kinds of days");
      return null;
    }
    for (Fields each : groups) {
      Days read = days(each);
      if (read != null) {
        days.add(read);
      }
    }
    return problems.errors() > 0
        ? null
        : new RetailCalendar(file.text("name", ""), file.text("document", ""), sha256, days);
  }

  private @Nullable Days days(Fields fields) {
    Set<LocalDate> dates = dates(fields);
    Set<DayOfWeek> weekdays = new HashSet<>();
    for (Yaml.Text word : fields.words("weekdays")) {
      int day = WEEKDAYS.indexOf(word.text());
      if (day < 0) {
        problems.error(
            word, "'" + word.text() + "' is no weekday" + Words.instead(word.text(), WEEKDAYS));
      } else {
        weekdays.add(DayOfWeek.of(day + 1));
      }
    }
    Set<Month> months = new HashSet<>();
    for (Yaml.Text word : fields.words("months")) {
      Long month = Words.whole(word.text());
      if (month == null || month < 1 || month > 12) {
        problems.error(word, "a month is a number from 1 to 12, not " + word.kind());
      } else {
        months.add(Month.of(month.intValue()));
      }
    }
    fields.require("slots", "such as {day: [08:00-20:00], night: [00:00-08:00, 20:00-24:00]}");
    List<Slot> slots = slots(fields);
    return slots == null ? null : new Days(dates, weekdays, months, slots);
  }

  private Set<LocalDate> dates(Fields fields) {
    Set<LocalDate> dates = new HashSet<>();
    for (Yaml.Text word : fields.words("dates")) {
      String[] ends = word.text().split("/", 2);
      try {
        LocalDate first = LocalDate.parse(ends[0]);
        LocalDate last = LocalDate.parse(ends[ends.length - 1]);
        if (!last.isBefore(first) && last.isBefore(first.plusDays(LONGEST))) {
          first.datesUntil(last.plusDays(1)).forEach(dates::add);
          continue;
        }
      } catch (DateTimeException e) {
        // Told below with what it should be.
      }
      problems.error(
          word, "days are such as 2026-10-01 or 2026-10-01/2026-10-07, not " + word.kind());
    }
    return dates;
  }

  /** In their order; null if a problem was told. */
  private @Nullable List<Slot> slots(Fields fields) {
    List<Slot> slots = new ArrayList<>();
    boolean good = fields.isWritten("slots");
    for (Yaml.Entry entry : fields.entries("slots")) {
      String part = entry.key().text();
      if (!Words.isId(part) || !(entry.value() instanceof Yaml.Items items)) {
        problems.error(
            entry.key(), "a part has a name and a list of slots, such as night: [00:00-08:00]");
        return null;
      }
      for (Yaml item : items.items()) {
        Slot slot = item instanceof Yaml.Text text ? slot(part, text.text()) : null;
        if (slot == null) {
          problems.error(item, "a slot is such as 06:00-11:00, up to 24:00, not " + item.kind());
          good = false;
          continue;
        }
        for (Slot other : slots) {
          if (slot.fromMinute() < other.toMinute() && other.fromMinute() < slot.toMinute()) {
            problems.error(item, "%s overlaps %s".formatted(text(slot), text(other)));
            good = false;
          }
        }
        slots.add(slot);
      }
    }
    if (!good) {
      return null;
    }
    slots.sort(Comparator.comparingInt(Slot::fromMinute));
    int minute = 0;
    for (Slot slot : slots) {
      if (slot.fromMinute() == minute) {
        minute = slot.toMinute();
      }
    }
    if (minute < DAY) {
      problems.error(fields.at(), "no slot has " + text(minute));
      return null;
    }
    return slots;
  }

  private static @Nullable Slot slot(String part, String text) {
    Matcher matcher = SLOT.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    int from = Integer.parseInt(matcher.group(1)) * 60 + Integer.parseInt(matcher.group(2));
    int to = Integer.parseInt(matcher.group(3)) * 60 + Integer.parseInt(matcher.group(4));
    return from < to && to <= DAY ? new Slot(part, from, to) : null;
  }

  private static String text(Slot slot) {
    return text(slot.fromMinute()) + "-" + text(slot.toMinute());
  }

  private static String text(int minute) {
    return "%02d:%02d".formatted(minute / 60, minute % 60);
  }
}
