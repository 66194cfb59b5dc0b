package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What people put in place of what a meter counted, as all cases of the kinds say, through a real
 * journal and a restart.
 */
final class CorrectionCasesTest {

  private static final String BOUGHT = "elec.grid.import";
  private static final String CARBON = "co2.scope2.location";
  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final String HEADER =
      "id,meter,figure,from,to,value,factor,reason,document,proposed,approved\n";
  private static final String PEOPLE = "check meter,protocol 7,Li Na,Wang Wei\n";
  private static final Correction BY =
      new Correction("C1", "check meter", "protocol 7", "Li Na", "Wang Wei");
  private static final long QUARTER = 900_000;
  private static final long DAY = 96 * QUARTER;

  /** The first of June in Shanghai. */
  private static final long MIDNIGHT = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();

  @TempDir private Path folder;

  /**
   * Those that a meter can show: measured quarters, and jumps. {@link RevisedTotalsCasesTest} has
   * all.
   */
  static List<Node> substituted() {
    return TruthCases.of("correction").stream().filter(CorrectionCasesTest::isShown).toList();
  }

  private static boolean isShown(Node each) {
    Node in = each.at("inputs");
    BigDecimal most = BigDecimal.ZERO;
    for (Node quarter : in.at("quarters").list()) {
      boolean measured = quarter.at("quality").text().equals("measured");
      most = measured ? most.max(TruthCases.number(quarter.at("kWh"))) : most;
    }
    BigDecimal jump = most.multiply(BigDecimal.valueOf(40));
    return in.at("corrections").list().stream()
            .allMatch(one -> one.at("quality").text().equals("substituted"))
        && in.at("quarters").list().stream()
            .allMatch(
                quarter ->
                    switch (quarter.at("quality").text()) {
                      case "measured" -> true;
                      case "suspect" -> TruthCases.number(quarter.at("kWh")).compareTo(jump) > 0;
                      default -> false;
                    });
  }

  static List<Node> transformers() {
    List<Node> cases = TruthCases.of("ct_corrected");
    assertFalse(cases.isEmpty());
    return cases;
  }

  /** With a gate that may take so much. */
  private static Site site(double ratedKw, String factor) {
    return new Sites()
        .meter("grid", Role.GRID, Kind.METER, ratedKw, "energy_import")
        .factors("1", Sites.factor("f", "CN-JS", "location", factor, 2026, null))
        .site();
  }

  private static Site corrected(Site site, String lines) {
    return site.correctedBy(
        Objects.requireNonNull(
            CorrectionReader.read(
                "corrections.csv",
                HEADER + lines,
                site.metering().grounds(ZONE),
                (line, column, message) -> {
                  throw new AssertionError(line + ":" + column + " " + message);
                })));
  }

  private static String local(long millis) {
    return Instant.ofEpochMilli(millis).atZone(ZONE).toLocalDateTime().toString();
  }

  private static Interval of(
      Map<String, NavigableMap<Long, Interval>> told, String length, long start) {
    return Objects.requireNonNull(Objects.requireNonNull(told.get(length)).get(start), length);
  }

  /** The cases count from 1, records from 0. */
  private static int rev(Node expected) {
    return expected.decimal().intValueExact() - 1;
  }

  private static void like(Node expected, long micros) {
    assertEquals(
        expected.text(), TruthCases.like(expected, BigDecimal.valueOf(micros, 6)), expected.path());
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("substituted")
  void aValueOfAnotherMeterIsARevisionOfAllThatItIsIn(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    List<Node> quarters = in.at("quarters").list();
    // Of a meter of which nobody says what it may take at most, a jump is counted, and doubted.
    Site site = site(Double.NaN, in.at("factor_kg_per_kWh").text());
    long hour = MIDNIGHT + 40 * QUARTER;
    long others = TruthCases.micros(in, "other_hours_of_day_kWh");
    try (KeptGate gate = new KeptGate(folder, site, MIDNIGHT)) {
      gate.count(others * 40 / 92 / 10_000 * 10_000, hour, QUARTER / 5);
      for (int i = 0; i < quarters.size(); i++) {
        gate.count(
            TruthCases.micros(quarters.get(i), "kWh"),
            hour + (i + 1) * QUARTER,
            quarters.get(i).at("quality").text().equals("suspect") ? QUARTER : QUARTER / 5);
      }
      gate.count(others - others * 40 / 92 / 10_000 * 10_000, MIDNIGHT + DAY, QUARTER / 5);
      gate.count(0, MIDNIGHT + DAY + 12 * QUARTER, QUARTER / 5);
      gate.settle();
      Map<String, NavigableMap<Long, Interval>> before = gate.newest();
      said(expected, "old", before, hour);

      StringBuilder lines = new StringBuilder();
      List<Long> starts = new ArrayList<>();
      for (Node correction : in.at("corrections").list()) {
        long start = hour + correction.at("index").decimal().intValueExact() * QUARTER;
        starts.add(start);
        lines
            .append("C1,grid,elec.grid.import,")
            .append(local(start))
            .append(",,")
            .append(correction.at("kWh").text())
            .append(",,")
            .append(PEOPLE);
      }
      gate.restart(corrected(site, lines.toString()));
      gate.restate();
      Map<String, NavigableMap<Long, Interval>> after = gate.newest();
      said(expected, "new", after, hour);
      Node revs = expected.at("rev");
      assertEquals(rev(revs.at("hour")), of(after, "1h", hour).rev());
      assertEquals(rev(revs.at("day")), of(after, "1d", MIDNIGHT).rev());
      for (long start = hour; start < hour + 4 * QUARTER; start += QUARTER) {
        Interval quarter = of(after, "15m", start);
        boolean isCorrected = starts.contains(start);
        assertEquals(
            rev(revs.at(isCorrected ? "corrected_quarters" : "other_quarters")), quarter.rev());
        assertEquals(isCorrected ? Map.of("C1", BY) : Map.of(), quarter.corrections());
        assertEquals(of(before, "15m", start).registers(), quarter.registers());
      }
      assertEquals(Map.of("C1", BY), of(after, "1h", hour).corrections());
      assertEquals(Map.of("C1", BY), of(after, "1d", MIDNIGHT).corrections());
      Interval oldDay = of(before, "1d", MIDNIGHT);
      Interval day = of(after, "1d", MIDNIGHT);
      like(expected.at("delta_kWh"), value(day, BOUGHT) - value(oldDay, BOUGHT));
      like(expected.at("CO2_delta_kg"), value(day, CARBON) - value(oldDay, CARBON));
      assertEquals(1, gate.events("config.corrected").size());
    }
  }

  private static void said(
      Node expected, String when, Map<String, NavigableMap<Long, Interval>> told, long hour) {
    Interval of = of(told, "1h", hour);
    like(expected.at("hour_" + when + "_kWh"), value(of, BOUGHT));
    assertEquals(expected.at("hour_quality_" + when).text(), metric(of, BOUGHT).quality().word());
    BigDecimal estimated = TruthCases.number(expected.at("hour_estimated_pct_" + when));
    assertEquals(0, estimated.compareTo(BigDecimal.valueOf(metric(of, BOUGHT).estimated())));
    like(expected.at("day_" + when + "_kWh"), value(of(told, "1d", MIDNIGHT), BOUGHT));
  }

  @ParameterizedTest
  @MethodSource("transformers")
  void aRatioIsPutRightFromTheExchangeOn(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    List<Node> daysBefore = in.at("day_kWh_before").list();
    List<Node> daysAfter = in.at("day_kWh_after").list();
    Site site = site(1_000, "0.5827");
    try (KeptGate gate = new KeptGate(folder, site, MIDNIGHT)) {
      List<Node> days = new ArrayList<>(daysBefore);
      days.addAll(daysAfter);
      for (Node day : days) {
        gate.count(
            TruthCases.number(day).movePointRight(6).longValueExact(),
            gate.millis() + DAY,
            QUARTER);
      }
      long exchange = MIDNIGHT + daysBefore.size() * DAY;
      long end = MIDNIGHT + days.size() * DAY;
      long month = Instant.parse("2026-06-30T16:00:00Z").toEpochMilli();
      gate.count(0, month + QUARTER, QUARTER);
      gate.settle();
      Map<String, NavigableMap<Long, Interval>> before = gate.newest();
      like(expected.at("month_old_kWh"), value(of(before, "1M", MIDNIGHT), BOUGHT));

      String ratio = in.at("ct_right").text() + "/" + in.at("ct_configured").text();
      gate.restart(
          corrected(
              site,
              "C1,grid,elec.grid.import,"
                  + local(exchange)
                  + ","
                  + local(end)
                  + ",,"
                  + ratio
                  + ","
                  + PEOPLE));
      gate.restate();
      Map<String, NavigableMap<Long, Interval>> after = gate.newest();
      Interval told = of(after, "1M", MIDNIGHT);
      like(expected.at("month_new_kWh"), value(told, BOUGHT));
      for (String name : expected.names()) {
        if (name.startsWith("WRONG_")) {
          BigDecimal bought = BigDecimal.valueOf(value(told, BOUGHT), 6);
          assertNotEquals(
              expected.at(name).text(), TruthCases.like(expected.at(name), bought), name);
        }
      }
      int revised = 0;
      for (int i = 0; i < days.size(); i++) {
        Interval day = of(after, "1d", MIDNIGHT + i * DAY);
        revised += day.rev();
        boolean isBefore = i < daysBefore.size();
        assertEquals(isBefore ? 0 : 1, day.rev());
        like(
            isBefore
                ? daysBefore.get(i)
                : expected.at("day_kWh_new").list().get(i - daysBefore.size()),
            value(day, BOUGHT));
      }
      assertEquals(expected.at("days_revised").decimal().intValueExact(), revised);
      for (Interval quarter : Objects.requireNonNull(after.get("15m")).values()) {
        boolean isCorrected = quarter.startMillis() >= exchange && quarter.startMillis() < end;
        assertEquals(isCorrected ? 1 : 0, quarter.rev());
        assertTrue(!isCorrected || quarter.corrections().equals(Map.of("C1", BY)));
      }
    }
  }
}
