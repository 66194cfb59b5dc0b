package io.lingtan.agent.command;

import io.lingtan.agent.bill.DemandResponse;
import io.lingtan.agent.bill.DemandResponse.Day;
import io.lingtan.agent.bill.DemandResponse.Rule;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Tariff;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lingtan response}: what an event of demand response took off the load at the gate, worked
 * out from the journal on this machine.
 */
@Command(
    name = "response",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Works out the baseline and the reduction of a demand-response event.",
    footer = {
      "",
      "The baseline is the mean of the same hours of the last workdays, Monday to Friday, but for",
      "holidays of the tariff and those left out; the adjustment scales it to the energy before the"
          + " event. The rule of the",
      "province replaces days, hours and limits. Reads the journal beside a running agent.",
      "",
      "Exit codes: 0 a baseline, 1 none, 2 wrong usage or configuration."
    })
public final class ResponseCommand implements Callable<Integer> {

  private static final String IMPORT = "elec.grid.import";
  private static final long HOUR_MILLIS = 3_600_000;

  /** Days before the event that are looked at. */
  private static final int LOOKED_AT = 60;

  private static final int MOST_RECORDS = 10_000;

  @Spec private CommandSpec spec;

  @Option(names = "--config", required = true, paramLabel = "site.yaml", description = "The site.")
  private Path config;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "2026-07-14T10:00",
      description = "Local time at which the event begins, a full hour.")
  private LocalDateTime from;

  @Option(names = "--hours", defaultValue = "1", description = "How long it is; 1 without it.")
  private int hours;

  @Option(
      names = "--without",
      split = ",",
      paramLabel = "DATE",
      description = "Days that are not like it: other events, holidays that the tariff lacks.")
  private Set<LocalDate> without = Set.of();

  @Option(
      names = "--workdays",
      split = ",",
      paramLabel = "DATE",
      description = "Days of weekends and holidays at which people work.")
  private Set<LocalDate> workdays = Set.of();

  @Option(names = "--days", defaultValue = "5", description = "Days of the baseline; 5.")
  private int days;

  @Option(names = "--before", defaultValue = "2", description = "Hours that adjust it; 2.")
  private int before;

  @Option(
      names = "--limits",
      split = ",",
      arity = "1",
      paramLabel = "LEAST,MOST",
      description = "Of the adjustment; 0.8,1.2.")
  private List<BigDecimal> limits = List.of(Rule.USUAL.least(), Rule.USUAL.most());

  private final Time time;

  /** Whose holidays are no workdays. */
  private @Nullable Tariff tariff;

  ResponseCommand(Time time) {
    this.time = time;
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    String wrong = wrong();
    Site site = wrong == null ? SiteFile.load(config, System.err) : null;
    if (wrong != null || site == null) {
      if (wrong != null) {
        err.println(wrong);
      }
      return ExitCode.WRONG_USAGE;
    }
    try (History history = History.readOnly(site.journal().path(), time, Randomness.system())) {
      tariff = site.metering().tariff();
      return told(energies(history, site.place().zone()), site.place().zone());
    } catch (JournalUnavailable e) {
      err.println(e.getMessage());
      return ExitCode.FAILED;
    }
  }

  private @Nullable String wrong() {
    if (!from.equals(from.truncatedTo(ChronoUnit.HOURS)) || hours < 1) {
      return "an event begins at a full hour and has at least one: --from 2026-07-14T10:00"
          + " --hours 2";
    }
    if (before < 0 || from.getHour() < before || from.getHour() + hours > 24) {
      return "the event and the hours before it are on one day";
    }
    if (days < 1 || limits.size() != 2 || limits.getFirst().compareTo(limits.getLast()) > 0) {
      return "--days is 1 or more, --limits two numbers, the least first";
    }
    return null;
  }

  /** What was drawn in each hour, by its start, as its newest revision has it. */
  private Map<Long, BigDecimal> energies(History history, ZoneId zone) {
    long first = millis(from.toLocalDate().minusDays(LOOKED_AT).atStartOfDay(), zone);
    long now = time.wall().millisAt(time.now()) + HOUR_MILLIS;
    Map<Long, Interval> newest = new HashMap<>();
    History.Found<IntervalRecord> found = history.intervals(Set.of("1h"), first, now, MOST_RECORDS);
    if (!found.complete()) {
      spec.commandLine()
          .getErr()
          .println("not all of the journal since then was read: days and revisions may be missing");
    }
    for (IntervalRecord record : found.records()) {
      Interval hour = IntervalText.of(record);
      newest.merge(hour.startMillis(), hour, Interval::orNewer);
    }
    Map<Long, BigDecimal> energies = new HashMap<>();
    newest.forEach(
        (start, interval) -> {
          Metric drawn = interval.metrics().get(IMPORT);
          Long micros =
              drawn == null || !drawn.isWhole() || drawn.quality() == Quality.SUSPECT
                  ? null
                  : drawn.micros();
          if (micros != null) {
            energies.put(start, BigDecimal.valueOf(micros, 6));
          }
        });
    return energies;
  }

  private int told(Map<Long, BigDecimal> energies, ZoneId zone) {
    LocalDate day = from.toLocalDate();
    Day event = day(day, energies, zone);
    if (event == null) {
      spec.commandLine()
          .getErr()
          .println("the journal has no " + IMPORT + " that is good of all hours of " + day);
      return ExitCode.FAILED;
    }
    List<Day> known = new ArrayList<>();
    for (int i = LOOKED_AT; i > 0; i--) {
      Day each = day(day.minusDays(i), energies, zone);
      if (each != null) {
        known.add(each);
      }
    }
    DemandResponse made =
        DemandResponse.of(known, event, new Rule(days, limits.getFirst(), limits.getLast()));
    if (made == null) {
      spec.commandLine()
          .getErr()
          .println(
              "no workday of the %d days before %s is known in full: there is no baseline"
                  .formatted(LOOKED_AT, day));
      return ExitCode.FAILED;
    }
    print(event, made);
    unlisted(made.used().getFirst(), day);
    return ExitCode.GOOD;
  }

  /** Null where an hour is not known. */
  private @Nullable Day day(LocalDate date, Map<Long, BigDecimal> energies, ZoneId zone) {
    List<BigDecimal> all = new ArrayList<>();
    for (int i = -before; i < hours; i++) {
      BigDecimal energy = energies.get(millis(date.atTime(from.toLocalTime()).plusHours(i), zone));
      if (energy == null) {
        return null;
      }
      all.add(energy);
    }
    boolean weekend =
        date.getDayOfWeek() == DayOfWeek.SATURDAY || date.getDayOfWeek() == DayOfWeek.SUNDAY;
    boolean holiday = tariff != null && tariff.on(date).holidays().contains(date);
    boolean comparable =
        !without.contains(date) && ((!weekend && !holiday) || workdays.contains(date));
    return new Day(date, comparable, all.subList(before, all.size()), all.subList(0, before));
  }

  /** The tariff of now may tell nothing of the holidays of then. */
  private void unlisted(LocalDate from, LocalDate to) {
    Set<Integer> years = new TreeSet<>();
    for (LocalDate date = from; date.isBefore(to); date = date.plusDays(1)) {
      int year = date.getYear();
      boolean listed =
          tariff != null
              && tariff.on(date).holidays().stream().anyMatch(each -> each.getYear() == year);
      if (!listed) {
        years.add(year);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    for (int year : years) {
      out.println(
          "! no tariff of the site lists holidays of %d: name those of these days with --without"
              .formatted(year));
    }
    out.flush();
  }

  private static long millis(LocalDateTime local, ZoneId zone) {
    return local.atZone(zone).toInstant().toEpochMilli();
  }

  private void print(Day event, DemandResponse made) {
    PrintWriter out = spec.commandLine().getOut();
    String used = made.used().stream().map(LocalDate::toString).collect(Collectors.joining(" "));
    out.println("baseline of " + used);
    if (made.used().size() < days) {
      out.println("only %d of %d days are known".formatted(made.used().size(), days));
    }
    out.println("hour   drawn kWh  baseline  adjusted");
    for (int i = 0; i < hours; i++) {
      out.println(
          "%s  %9s %9s %9s"
              .formatted(
                  from.toLocalTime().plusHours(i),
                  event.hours().get(i).setScale(2, RoundingMode.HALF_UP),
                  made.baseline().get(i).setScale(2, RoundingMode.HALF_UP),
                  made.adjusted().get(i).setScale(2, RoundingMode.HALF_UP)));
    }
    out.println("reduction " + made.reduction().setScale(2, RoundingMode.HALF_UP) + " kWh");
    out.println(
        "adjusted by %s: %s kWh"
            .formatted(
                made.adjustment().setScale(4, RoundingMode.HALF_UP),
                made.adjustedReduction().setScale(2, RoundingMode.HALF_UP)));
    out.flush();
  }
}
