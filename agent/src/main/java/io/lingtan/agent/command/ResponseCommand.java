package io.lingtan.agent.command;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.bill.DemandResponse;
import io.lingtan.agent.bill.DemandResponse.Day;
import io.lingtan.agent.bill.DemandResponse.Rule;
import io.lingtan.agent.bill.Fen;
import io.lingtan.agent.bill.ResponseSettlement;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.BillTerms.Response;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Tariff;
import java.io.IOException;
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
      "province replaces days, hours and limits, and bill.response of the site file says what is",
      "paid. Reads the journal beside a running agent.",
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

  @Option(
      names = "--agreed",
      paramLabel = "KW",
      description = "Power that was agreed to be taken off, for the settlement.")
  private @Nullable BigDecimal agreed;

  @Option(names = "--json", description = "One line of JSON, money in fen.")
  private boolean json;

  private final Time time;

  /** By which the event is settled; null where the site file says nothing of it. */
  private @Nullable Response rule;

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
      rule = site.bill() == null ? null : site.bill().response();
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
    return agreed != null && agreed.signum() <= 0 ? "--agreed is a power above 0, in kW" : null;
  }

  /** What was drawn in each hour, by its start, as its newest revision has it. */
  private Map<Long, Metric> energies(History history, ZoneId zone) {
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
    Map<Long, Metric> energies = new HashMap<>();
    newest.forEach(
        (start, interval) -> {
          Metric drawn = interval.metrics().get(IMPORT);
          if (drawn != null
              && drawn.isWhole()
              && drawn.quality() != Quality.SUSPECT
              && drawn.micros() != null) {
            energies.put(start, drawn);
          }
        });
    return energies;
  }

  private int told(Map<Long, Metric> energies, ZoneId zone) {
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
    Response by = rule;
    ResponseSettlement settled =
        by == null || (agreed == null && by.asksAgreed())
            ? null
            : ResponseSettlement.of(
                reductions(event, by.adjusted() ? made.adjusted() : made.baseline()), agreed, by);
    Quality quality = quality(made, energies, zone);
    if (json) {
      spec.commandLine().getOut().println(json(event, made, settled, quality));
      return ExitCode.GOOD;
    }
    print(event, made);
    if (settled != null && by != null) {
      print(settled, by, quality);
    } else if (by != null) {
      spec.commandLine()
          .getOut()
          .println("! the rule has limits of what was agreed: no settlement without --agreed");
    }
    unlisted(made.used().getFirst(), day);
    return ExitCode.GOOD;
  }

  /** Null where an hour is not known. */
  private @Nullable Day day(LocalDate date, Map<Long, Metric> energies, ZoneId zone) {
    List<BigDecimal> all = new ArrayList<>();
    for (int i = -before; i < hours; i++) {
      Metric energy = energies.get(millis(date.atTime(from.toLocalTime()).plusHours(i), zone));
      Long micros = energy == null ? null : energy.micros();
      if (micros == null) {
        return null;
      }
      all.add(BigDecimal.valueOf(micros, 6));
    }
    boolean weekend =
        date.getDayOfWeek() == DayOfWeek.SATURDAY || date.getDayOfWeek() == DayOfWeek.SUNDAY;
    boolean holiday = tariff != null && tariff.on(date).holidays().contains(date);
    boolean comparable =
        !without.contains(date) && ((!weekend && !holiday) || workdays.contains(date));
    return new Day(date, comparable, all.subList(before, all.size()), all.subList(0, before));
  }

  private List<BigDecimal> reductions(Day event, List<BigDecimal> baseline) {
    List<BigDecimal> reductions = new ArrayList<>();
    for (int i = 0; i < hours; i++) {
      reductions.add(baseline.get(i).subtract(event.hours().get(i)));
    }
    return reductions;
  }

  /** The worst of all hours that it rests on. */
  private Quality quality(DemandResponse made, Map<Long, Metric> energies, ZoneId zone) {
    Quality worst = Quality.MEASURED;
    List<LocalDate> days = new ArrayList<>(made.used());
    days.add(from.toLocalDate());
    for (LocalDate day : days) {
      for (int i = -before; i < hours; i++) {
        Metric hour = energies.get(millis(day.atTime(from.toLocalTime()).plusHours(i), zone));
        worst = hour == null ? Quality.MISSING : worst.worse(hour.quality());
      }
    }
    return worst;
  }

  private void print(ResponseSettlement settled, Response by, Quality quality) {
    PrintWriter out = spec.commandLine().getOut();
    for (ResponseSettlement.Line line : settled.lines()) {
      out.println(
          "%s kWh%s: paid %s, missed %s, %s yuan"
              .formatted(
                  rounded(line.reduction()),
                  line.agreed() == null ? "" : " of " + rounded(line.agreed()) + " agreed",
                  rounded(line.paid()),
                  rounded(line.missed()),
                  Fen.yuan(line.fen()).toPlainString()));
    }
    out.println(
        "settlement %s yuan, %s: %s yuan/kWh, %s"
            .formatted(
                Fen.yuan(settled.fen()).toPlainString(),
                quality.word(),
                by.price().toPlainString(),
                by.source()));
    out.flush();
  }

  private static BigDecimal rounded(BigDecimal energy) {
    return energy.setScale(2, RoundingMode.HALF_UP);
  }

  private String json(
      Day event, DemandResponse made, @Nullable ResponseSettlement settled, Quality quality) {
    return Json.text(
        to -> {
          to.writeStartObject();
          to.writeStringField("from", from.toString());
          to.writeNumberField("hours", hours);
          to.writeArrayFieldStart("days");
          for (LocalDate day : made.used()) {
            to.writeString(day.toString());
          }
          to.writeEndArray();
          numbers("drawn", event.hours(), to);
          numbers("baseline", made.baseline(), to);
          numbers("adjusted", made.adjusted(), to);
          numbers("reduction", List.of(made.reduction(), made.adjustedReduction()), to);
          to.writeStringField("q", quality.word());
          Response by = rule;
          if (settled != null && by != null) {
            to.writeObjectFieldStart("settlement");
            to.writeNumberField("fen", settled.fen());
            numbers("paid", settled.lines().stream().map(line -> line.paid()).toList(), to);
            numbers("missed", settled.lines().stream().map(line -> line.missed()).toList(), to);
            to.writeNumberField("price", by.price());
            to.writeStringField("source", by.source());
            to.writeEndObject();
          }
          to.writeEndObject();
        });
  }

  /** To millionths, as all energies are. */
  private static void numbers(String name, List<BigDecimal> all, JsonGenerator to)
      throws IOException {
    to.writeArrayFieldStart(name);
    for (BigDecimal each : all) {
      to.writeNumber(each.setScale(6, RoundingMode.HALF_UP).toPlainString());
    }
    to.writeEndArray();
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
