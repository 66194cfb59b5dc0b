package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.bill.DemandResponse;
import io.lingtan.agent.bill.DemandResponse.Day;
import io.lingtan.agent.bill.DemandResponse.Rule;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.status.report.KeptMonths;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** {@code lingtan response}: by the cases of measured truths, from a journal's hours. */
final class ResponseCommandTest {

  /** The hour of the day at which all events of the cases begin. */
  private static final int HOUR = 10;

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  static List<Node> cases() {
    return TruthCases.of("dr_baseline");
  }

  private static List<BigDecimal> list(Node in, String name) {
    return in.has(name) ? in.at(name).list().stream().map(TruthCases::number).toList() : List.of();
  }

  private static List<Day> days(Node in) {
    return in.at("days").list().stream()
        .map(
            day ->
                new Day(
                    LocalDate.parse(day.at("date").text()),
                    day.at("kind").text().equals("workday"),
                    list(day, "event_hours_kWh"),
                    list(day, "before_kWh")))
        .toList();
  }

  private static Day event(Node in) {
    return new Day(
        LocalDate.parse(in.at("event_date").text()),
        false,
        list(in, "event_actual_kWh"),
        list(in, "event_before_kWh"));
  }

  private static Rule rule(Node in) {
    List<BigDecimal> limits = list(in, "adjustment_limits");
    return limits.isEmpty()
        ? Rule.USUAL
        : new Rule(Rule.USUAL.days(), limits.getFirst(), limits.getLast());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theBaselineIsOfTheLastDaysLikeIt(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    DemandResponse made = Objects.requireNonNull(DemandResponse.of(days(in), event(in), rule(in)));
    assertEquals(
        expected.at("days_used").list().stream().map(Node::text).toList(),
        made.used().stream().map(LocalDate::toString).toList());
    expect(expected.at("baseline_kWh").list(), made.baseline());
    expect(expected.at("adjusted_baseline_kWh").list(), made.adjusted());
    expect(expected.at("reduction_kWh"), made.reduction());
    expect(expected.at("adjustment"), made.adjustment());
    expect(expected.at("adjusted_reduction_kWh"), made.adjustedReduction());
    String wrong = "WRONG_event_day_in_baseline_kWh";
    if (expected.has(wrong)) {
      List<Node> nodes = expected.at(wrong).list();
      assertNotEquals(
          nodes.stream().map(Node::text).toList(),
          List.of(
              TruthCases.like(nodes.getFirst(), made.baseline().getFirst()),
              TruthCases.like(nodes.getLast(), made.baseline().getLast())));
    }
  }

  private static void expect(List<Node> nodes, List<BigDecimal> values) {
    assertEquals(nodes.size(), values.size());
    for (int i = 0; i < nodes.size(); i++) {
      expect(nodes.get(i), values.get(i));
    }
  }

  private static void expect(Node node, BigDecimal value) {
    assertEquals(node.text(), TruthCases.like(node, value), node.path());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theCommandReadsTheHoursOfTheJournal(Node given) throws IOException {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    try (KeptMonths kept = new KeptMonths(folder)) {
      List<String> without = new ArrayList<>();
      List<String> workdays = new ArrayList<>();
      for (Day day : days(in)) {
        keep(kept, day);
        boolean weekend =
            Set.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY).contains(day.date().getDayOfWeek());
        if (!day.isComparable() && !weekend) {
          without.add(day.date().toString());
        } else if (day.isComparable() && weekend) {
          workdays.add(day.date().toString());
        }
      }
      Day event = event(in);
      keep(kept, event);
      List<String> words =
          new ArrayList<>(
              List.of(
                  "--from",
                  event.date() + "T" + HOUR + ":00",
                  "--hours",
                  String.valueOf(event.hours().size()),
                  "--before",
                  String.valueOf(event.before().size()),
                  "--limits",
                  rule(in).least() + "," + rule(in).most()));
      words.addAll(without.isEmpty() ? List.of() : List.of("--without", String.join(",", without)));
      words.addAll(
          workdays.isEmpty() ? List.of() : List.of("--workdays", String.join(",", workdays)));
      assertEquals(ExitCode.GOOD, response(kept, words), err::toString);
      for (String name : List.of("reduction_kWh", "adjusted_reduction_kWh")) {
        assertTrue(
            out.toString().contains(expected.at(name).text() + " kWh"), () -> name + "\n" + out);
      }
      for (Node day : expected.at("days_used").list()) {
        assertTrue(out.toString().contains(day.text()), out::toString);
      }
      // Of an hour that the journal does not have nothing is said.
      err.getBuffer().setLength(0);
      assertEquals(
          ExitCode.FAILED, response(kept, List.of("--from", event.date().plusDays(1) + "T10:00")));
      assertTrue(
          err.toString().contains("has no elec.grid.import that is good of all hours"),
          err::toString);
    }
  }

  @Test
  void whatIsNoEventIsRefused() throws IOException {
    try (KeptMonths kept = new KeptMonths(folder)) {
      for (List<String> wrong :
          List.of(
              List.of("--from", "2026-07-14T10:30"),
              List.of("--from", "2026-07-14T01:00"),
              List.of("--from", "2026-07-14T23:00", "--hours", "2"),
              List.of("--from", "2026-07-14T10:00", "--days", "0"),
              List.of("--from", "2026-07-14T10:00", "--limits", "1.2,0.8"))) {
        err.getBuffer().setLength(0);
        assertEquals(ExitCode.WRONG_USAGE, response(kept, wrong), wrong::toString);
        assertTrue(!err.toString().isBlank(), wrong::toString);
      }
    }
  }

  @Test
  void anHourInDoubtIsInNoBaseline() throws IOException {
    try (KeptMonths kept = new KeptMonths(folder)) {
      keep(kept, day("2026-07-13", "400"), Quality.MEASURED);
      keep(kept, day("2026-07-14", "90000"), Quality.SUSPECT);
      keep(kept, day("2026-07-15", "300"), Quality.MEASURED);
      assertEquals(ExitCode.GOOD, response(kept, List.of("--from", "2026-07-15T10:00")));
      assertTrue(out.toString().contains("baseline of 2026-07-13\n"), out::toString);
      assertTrue(out.toString().contains("reduction 100.00 kWh"), out::toString);
      assertEquals(ExitCode.FAILED, response(kept, List.of("--from", "2026-07-14T10:00")));
    }
  }

  /** The tariff of now may be another than that of then: it is not taken to know all holidays. */
  @Test
  void whereNoHolidaysAreListedThatIsSaid() throws IOException {
    String said = "! no tariff of the site lists holidays of 2026: name those";
    try (KeptMonths kept = new KeptMonths(folder)) {
      keep(kept, day("2026-07-13", "400"));
      keep(kept, day("2026-07-15", "300"));
      assertEquals(ExitCode.GOOD, response(kept, List.of("--from", "2026-07-15T10:00")));
      assertTrue(out.toString().contains(said), out::toString);
      Path site = folder.resolve("site.yaml");
      String with = "metering:\n  tariff: jiangsu-2025\n";
      Files.writeString(site, Files.readString(site).replace("metering:\n", with));
      out.getBuffer().setLength(0);
      assertEquals(ExitCode.GOOD, response(kept, List.of("--from", "2026-07-15T10:00")));
      assertTrue(!out.toString().contains("!"), out::toString);
    }
  }

  private static Day day(String date, String kilowattHours) {
    BigDecimal energy = new BigDecimal(kilowattHours);
    return new Day(LocalDate.parse(date), true, List.of(energy), List.of(energy, energy));
  }

  private static void keep(KeptMonths kept, Day day) {
    keep(kept, day, Quality.MEASURED);
  }

  private static void keep(KeptMonths kept, Day day, Quality quality) {
    List<BigDecimal> all = new ArrayList<>(day.before());
    all.addAll(day.hours());
    for (int i = 0; i < all.size(); i++) {
      SequencedMap<String, Metric> figures = new LinkedHashMap<>();
      long micros = all.get(i).movePointRight(6).longValueExact();
      figures.put(
          "elec.grid.import", new Metric(micros, "kW.h", quality, 100, 0, null, null, null));
      kept.hour(day.date().atTime(HOUR - day.before().size() + i, 0), figures);
    }
  }

  private int response(KeptMonths kept, List<String> more) {
    CommandLine line = new CommandLine(new ResponseCommand(new VirtualTime(kept.now() + 1000)));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> words =
        new ArrayList<>(List.of("--config", folder.resolve("site.yaml").toString()));
    words.addAll(more);
    return line.execute(words.toArray(String[]::new));
  }
}
