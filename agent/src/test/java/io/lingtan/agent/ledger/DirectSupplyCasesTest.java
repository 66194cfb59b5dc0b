package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shares of green direct supply: by the cases of measured truths, and from a site file. */
final class DirectSupplyCasesTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final List<String> FIGURES =
      List.of("self_of_available", "self_of_use", "export_of_available");
  private static final List<String> VERDICTS =
      List.of("meets_60", "meets_use_share", "meets_export");

  static List<Node> cases() {
    return TruthCases.of("direct_supply");
  }

  /** MWh of all months, as millionths of a kWh; none where the case has no such list. */
  private static long sum(Node in, String name) {
    long sum = 0;
    if (in.has(name)) {
      for (Node each : in.at(name).list()) {
        sum += TruthCases.number(each).movePointRight(9).longValueExact();
      }
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theYearToDateIsTheSumOfItsMonths(Node given) {
    Node in = given.at("inputs");
    Node expected = given.at("expected");
    Node limits = in.at("limits_pct");
    Site site =
        site(
            "direct_supply: {self_of_available_min: %s, self_of_use_min: %s, export_max: %s}"
                .formatted(
                    limits.at("self_of_available_min").text(),
                    limits.at("self_of_use_min").text(),
                    limits.at("export_max").text()));
    SiteFigures figures = new SiteFigures(site);
    long curtailed = sum(in, "curtailed_MWh");
    List<Meter> meters = site.metering().meters();
    List<Count> counts =
        List.of(
            count(meters.getFirst(), Figure.GRID_IMPORT, sum(in, "import_MWh")),
            count(meters.getFirst(), Figure.GRID_EXPORT, sum(in, "export_MWh")),
            count(meters.getLast(), Figure.PV_GENERATION, sum(in, "available_MWh") - curtailed));
    Map<String, Metric> year =
        figures
            .rollUp(
                new Counted("1Y", at("2026-01-01T00:00"), counts, List.of(), null, told(in)),
                new LinkedHashMap<>(),
                Map.of())
            .metrics();
    expect(expected.at("self_used_MWh"), year, "direct.self_used", 9);
    expect(expected.at("self_of_available_pct"), year, "direct.self_of_available", 6);
    expect(expected.at("self_of_use_pct"), year, "direct.self_of_use", 6);
    expect(expected.at("export_of_available_pct"), year, "direct.export_of_available", 6);
    assertEquals(
        TruthCases.number(expected.at("total_use_MWh")).movePointRight(9).longValueExact(),
        value(year, "direct.self_used") + value(year, "elec.grid.import"));
    for (String wrong :
        List.of(
            "WRONG_of_generated_pct",
            "WRONG_mean_of_months_pct",
            "WRONG_export_subtracted_twice_pct")) {
      if (expected.has(wrong)) {
        Node node = expected.at(wrong);
        assertNotEquals(node.text(), like(node, value(year, "direct.self_of_available"), 6));
      }
    }
    List<String> missed = Objects.requireNonNull(figures.missedShares(year));
    for (int i = 0; i < FIGURES.size(); i++) {
      String verdict = expected.at(VERDICTS.get(i)).text();
      assertEquals(verdict.equals("no"), missed.contains(FIGURES.get(i)), FIGURES.get(i));
    }
  }

  /** As people tell it: a row for each month, in kWh. */
  private static Feeds told(Node in) {
    StringBuilder text = new StringBuilder("date,curtailed,kwh,by,document\n");
    int month = 0;
    for (Node each : in.has("curtailed_MWh") ? in.at("curtailed_MWh").list() : List.<Node>of()) {
      text.append("2026-%02d-15,pv,".formatted(++month))
          .append(TruthCases.number(each).movePointRight(3).toPlainString())
          .append(",operator,C-")
          .append(month)
          .append('\n');
    }
    return month == 0 ? Feeds.NONE : feeds(text.toString());
  }

  private static Feeds feeds(String text) {
    List<String> problems = new ArrayList<>();
    Feeds feeds =
        FeedReader.read(text, (line, column, what) -> problems.add(line + ":" + column + what));
    return Objects.requireNonNull(feeds, problems::toString);
  }

  @Test
  void aWrongRowOfCurtailedEnergyIsRefusedWithItsCell() {
    List<String> problems = new ArrayList<>();
    assertNull(
        FeedReader.read(
            "date,curtailed,kwh,by,document\n2026-01-15,pv,-5,me,C-1\n2026-01-16,p v,5,me,C-2\n",
            (line, column, what) -> problems.add(line + ":" + column + ": " + what)));
    assertEquals(
        List.of(
            "2:15: kwh is a number from 0 to 10000000, not '-5'",
            "3:12: 'p v' is no id of a plant: 1 to 64 of A-Z a-z 0-9 _ -"),
        problems);
  }

  /** 60.00 % that is a hair below 60 % does not keep the limit. */
  @Test
  void sharesAreComparedUnrounded() {
    Site site = site("direct_supply: {}");
    SiteFigures figures = new SiteFigures(site);
    List<Meter> meters = site.metering().meters();
    for (long export : new long[] {400_000_000_000L, 400_000_000_001L}) {
      List<Count> counts =
          List.of(
              count(meters.getFirst(), Figure.GRID_IMPORT, 0),
              count(meters.getFirst(), Figure.GRID_EXPORT, export),
              count(meters.getLast(), Figure.PV_GENERATION, 1_000_000_000_000L));
      Map<String, Metric> year =
          figures
              .rollUp(
                  new Counted("1Y", at("2026-01-01T00:00"), counts, List.of()),
                  new LinkedHashMap<>(),
                  Map.of())
              .metrics();
      assertEquals(60_000_000, value(year, "direct.self_of_available"));
      List<String> missed = Objects.requireNonNull(figures.missedShares(year));
      assertEquals(export > 400_000_000_000L, missed.contains("self_of_available"));
    }
  }

  private static Count count(Meter meter, Figure figure, long micros) {
    return new Count(
        meter, figure, new Metric(micros, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
  }

  private static long value(Map<String, Metric> figures, String name) {
    Metric metric = Objects.requireNonNull(figures.get(name), name);
    return Objects.requireNonNull(metric.micros(), metric::toString);
  }

  private static String like(Node node, long micros, int places) {
    return TruthCases.like(node, BigDecimal.valueOf(micros, places));
  }

  private static void expect(Node node, Map<String, Metric> figures, String name, int places) {
    assertEquals(node.text(), like(node, value(figures, name), places), node.path());
  }

  private static long at(String local) {
    return LocalDateTime.parse(local).atZone(ZONE).toInstant().toEpochMilli();
  }

  // From a site file to records.

  private final Map<String, Long> registers = new TreeMap<>();

  @Test
  void aYearThatMissesAShareIsToldAtTheEndOfAMonthAndWhenItIsOver() {
    Fold fold = new Fold(site("direct_supply: {}"));
    Collected out = new Collected();
    assertNull(fold.tell(feeds("date,curtailed,kwh,by,document\n2026-01-15,pv,1000,me,C-1\n")));
    // In January half of what is made is exported, in February nothing is.
    play(fold, out, "2026-01-01T00:00", 31, 100, 50);
    fold = Fold.from(site("direct_supply: {}"), fold.checkpoint());
    play(fold, out, "2026-02-01T02:00", 28, 400, 0);
    List<Event> told =
        out.events.stream().filter(each -> each.name().equals("supply.share_missed")).toList();
    assertEquals(2, told.size(), told::toString);
    assertEquals("self_of_available export_of_available", told.getFirst().detail().get("missed"));
    // 31 days of 100 kWh and 1000 kWh curtailed: 1550 of 4100 kWh are used here.
    assertEquals(
        "Decimal[micros=37804878]",
        String.valueOf(told.getFirst().detail().get("self_of_available")));
    assertEquals(false, told.getFirst().detail().get("over"));
    assertEquals(true, told.getLast().detail().get("over"));
    Interval january = out.of("1M").getFirst();
    assertEquals(4_100_000_000L, Collected.value(january, "direct.available"));
    assertEquals("generated curtailed", Collected.metric(january, "direct.available").text());
    Interval february = out.of("1M").getLast();
    assertEquals(100_000_000, Collected.value(february, "direct.self_of_available"));
    assertEquals("generated", Collected.metric(february, "direct.available").text());
    assertTrue(
        out.intervals.stream()
            .filter(each -> !List.of("1M", "1Y").contains(each.length()))
            .allMatch(
                each -> each.metrics().keySet().stream().noneMatch(n -> n.startsWith("direct."))));
  }

  @Test
  void nothingIsToldWhereItIsNotDeclared() {
    Fold fold = new Fold(site(""));
    Collected out = new Collected();
    play(fold, out, "2026-01-01T00:00", 31, 100, 50);
    assertTrue(out.events.stream().noneMatch(each -> each.name().startsWith("supply.")));
    Interval january = out.of("1M").getFirst();
    assertTrue(january.metrics().keySet().stream().noneMatch(name -> name.startsWith("direct.")));
    assertNotNull(january.metrics().get("elec.pv.generation"));
  }

  /** So many kWh are made and exported on each day, by noon, and 60 bought. */
  private void play(Fold fold, Collected out, String from, int days, long made, long sold) {
    for (int hour = 0; hour <= 24 * days + 1; hour++) {
      if (hour % 24 == 12) {
        registers.merge("roof-", 1_000_000 * made, Long::sum);
        registers.merge("gate-", 1_000_000 * sold, Long::sum);
        registers.merge("gate+", 60_000_000L, Long::sum);
      }
      long at = at(from) + hour * 3_600_000L;
      read(fold, out, at, "gate");
      read(fold, out, at, "roof");
    }
  }

  private void read(Fold fold, Collected out, long at, String device) {
    Values.Builder values = new Values.Builder();
    values.put(Point.of("energy_import"), registers.getOrDefault(device + "+", 0L));
    values.put(Point.of("energy_export"), registers.getOrDefault(device + "-", 0L));
    fold.observe(Sample.of(device, "b", at * 1_000_000L, values.build()), at, out);
  }

  private static Site site(String carbon) {
    byte[] text =
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: a
            modbus-tcp: {host: 192.168.1.20}
            devices:
              - {id: gate, profile: eastron-sdm630, unit: 1}
              - {id: roof, profile: eastron-sdm630, unit: 2}
        metering:
          interval: 30m
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 1000}
            - {id: pv, device: roof, role: pv, rated_kw: 1000}
        carbon: {%s}
        """
            .formatted(carbon)
            .getBytes(StandardCharsets.UTF_8);
    return Objects.requireNonNull(new SiteLoader().read(Path.of("site.yaml"), text).site());
  }
}
