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
import io.lingtan.agent.site.read.SiteLoader;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /**
   * Two hours of which 400 kWh each are usual; drawn are 500 and 100 in all but the reductions
   * given, of 200 kW that were agreed, at 3.1 yuan.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // All that was taken off, whatever was agreed.
        "by: event | 150.005 | 250 | 400.005 | 0 | 124002",
        // Half a fen goes up: 150.005 x 3.1 = 465.0155 and 250 x 3.1, each by itself.
        "by: hour | 150.005 | 250 | 150.005,250 | 0,0 | 124002",
        "by: hour, paid_from: 0.8, paid_to: 1.2 | 150.005 | 250 | 0,240 | 0,0 | 74400",
        "by: hour, paid_from: 0.8 | 160 | 159.999999 | 160,0 | 0,0 | 49600",
        "by: event, paid_from: 0.8, paid_to: 1.2 | 150 | 350 | 480 | 0 | 148800",
        "by: hour, charge: 0.5 | 150 | 250 | 150,250 | 50,0 | 116250",
        "by: hour, paid_from: 0.8, charge: 0.5, charged_below: 0.8 | 150 | 250 | 0,250 | 10,0"
            + " | 75950",
        // More was drawn than usual: nothing is paid, and all that was agreed is missed.
        "by: hour, charge: 1 | -30 | 200 | 0,200 | 200,0 | 0",
      })
  void whatIsPaidFollowsTheLocalRule(
      String rule, String first, String second, String paid, String missed, long fen)
      throws IOException {
    try (KeptMonths kept = new KeptMonths(folder)) {
      keep(kept, hours("2026-07-13", "400", "400"), Quality.EST_LINEAR);
      BigDecimal usual = new BigDecimal("400");
      keep(
          kept,
          hours(
              "2026-07-15",
              usual.subtract(new BigDecimal(first)).toString(),
              usual.subtract(new BigDecimal(second)).toString()));
      billed("{source: notice 7, price: 3.1, baseline: mean, " + rule + "}");
      List<String> words = List.of("--from", "2026-07-15T10:00", "--hours", "2", "--agreed", "200");
      assertEquals(ExitCode.GOOD, response(kept, words), err::toString);
      assertTrue(
          out.toString()
              .contains(
                  "settlement %s yuan, est_linear: 3.1 yuan/kWh, notice 7"
                      .formatted(BigDecimal.valueOf(fen, 2).toPlainString())),
          out::toString);
      out.getBuffer().setLength(0);
      List<String> asJson = new ArrayList<>(words);
      asJson.add("--json");
      assertEquals(ExitCode.GOOD, response(kept, asJson), err::toString);
      String settled =
          "\"q\":\"est_linear\",\"settlement\":{\"fen\":%d,\"paid\":[%s],\"missed\":[%s],\"price\":3.1,\"source\":\"notice 7\"}}"
              .formatted(fen, millionths(paid), millionths(missed));
      assertTrue(out.toString().contains(settled), () -> settled + "\n" + out);
    }
  }

  private static String millionths(String all) {
    return Stream.of(all.split(","))
        .map(each -> new BigDecimal(each).setScale(6).toPlainString())
        .collect(Collectors.joining(","));
  }

  private static Day hours(String date, String first, String second) {
    BigDecimal usual = new BigDecimal("400");
    return new Day(
        LocalDate.parse(date),
        true,
        List.of(new BigDecimal(first), new BigDecimal(second)),
        List.of(usual, usual));
  }

  /** The site file with a bill that says how demand response is settled. */
  private void billed(String rule) throws IOException {
    Path site = folder.resolve("site.yaml");
    Files.copy(Path.of("../config/prices/example.yaml"), folder.resolve("prices.yaml"));
    Files.writeString(
        site,
        Files.readString(site)
            + "bill: {class: industry, kva: 630, voltage: 10kV, prices: prices.yaml, response: "
            + rule
            + "}\n");
  }

  @Test
  void limitsOfWhatWasAgreedSettleNothingWithoutIt() throws IOException {
    try (KeptMonths kept = new KeptMonths(folder)) {
      keep(kept, day("2026-07-13", "400"));
      keep(kept, day("2026-07-15", "300"));
      billed("{source: notice 7, price: 3.1, paid_from: 0.8}");
      List<String> words = List.of("--from", "2026-07-15T10:00");
      assertEquals(ExitCode.GOOD, response(kept, words), err::toString);
      assertTrue(out.toString().contains("! the rule has limits of what was agreed"));
      assertTrue(!out.toString().contains("settlement 3"), out::toString);
      assertEquals(
          ExitCode.WRONG_USAGE,
          response(kept, List.of("--from", "2026-07-15T10:00", "--agreed", "0")));
    }
  }

  @Test
  void aRuleThatNeverPaysIsRefused() throws IOException {
    try (KeptMonths _ = new KeptMonths(folder)) {
      billed("{price: 3.1, paid_from: 0.8, paid_to: 0.7}");
      String problems = new SiteLoader().load(folder.resolve("site.yaml")).problems().toString();
      assertTrue(problems.contains("paid_to is below paid_from"), problems);
      assertTrue(problems.contains("response needs source"), problems);
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
