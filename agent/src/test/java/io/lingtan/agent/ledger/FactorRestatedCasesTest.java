package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A factor that comes out later, as all cases of the kind say, through a real journal. */
final class FactorRestatedCasesTest {

  private static final String BOUGHT = "elec.grid.import";
  private static final String CARBON = "co2.scope2.location";
  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long HALF_HOUR = 1_800_000;

  @TempDir private Path folder;

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("factor_restated");
    assertFalse(cases.isEmpty());
    return cases;
  }

  private static long start(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZONE).toInstant().toEpochMilli();
  }

  private static Site site(Factor... factors) {
    return new Sites()
        .base("30m")
        .meter("grid", Role.GRID, Kind.METER, 100_000, "energy_import")
        .factors("v" + factors.length, factors)
        .site();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void carbonIsToldAgainAndEnergyKeepsItsRevision(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    List<Node> given = in.at("months").list();
    YearMonth first = YearMonth.parse(given.getFirst().at("month").text());
    int year = first.getYear();
    Factor provisional =
        Sites.factor("old", "CN-JS", "location", in.at("old_factor").text(), year - 1, null);
    Factor out = Sites.factor("new", "CN-JS", "location", in.at("new_factor").text(), year, null);
    try (KeptGate gate = new KeptGate(folder, site(provisional), start(first))) {
      for (Node month : given) {
        YearMonth of = YearMonth.parse(month.at("month").text());
        gate.count(0, start(of), HALF_HOUR);
        gate.count(TruthCases.micros(month, "kWh"), start(of.plusMonths(1)), HALF_HOUR);
      }
      gate.count(0, gate.millis() + HALF_HOUR, HALF_HOUR);
      gate.settle();
      List<Node> carbon = expected.at("months").list();
      Map<String, NavigableMap<Long, Interval>> told = gate.newest();
      NavigableMap<Long, Interval> before = months(told);
      assertSaid(expected, "old", given, before);

      gate.restart(site(provisional, out));
      gate.restate();
      Map<String, NavigableMap<Long, Interval>> again = gate.newest();
      NavigableMap<Long, Interval> after = months(again);
      assertSaid(expected, "new", given, after);
      like(expected.at("delta_kg"), sum(after) - sum(before));
      for (String length : List.of("30m", "1h")) {
        NavigableMap<Long, Interval> counted = Objects.requireNonNull(again.get(length));
        assertEquals(told.get(length), counted, "what was counted is not told again");
        counted.values().forEach(one -> assertEquals(rev(expected, "energy_rev"), one.rev()));
      }
      for (int i = 0; i < carbon.size(); i++) {
        Interval month = after.get(start(YearMonth.parse(given.get(i).at("month").text())));
        Interval old = before.get(Objects.requireNonNull(month).startMillis());
        assertEquals(rev(expected, "carbon_rev"), month.rev());
        assertEquals(
            Collected.metric(Objects.requireNonNull(old), BOUGHT), Collected.metric(month, BOUGHT));
        assertEquals("new", Collected.metric(month, CARBON).factor());
        assertEquals("v2", Objects.requireNonNull(month.factors().get("new")).version());
      }
    }
  }

  private static NavigableMap<Long, Interval> months(
      Map<String, NavigableMap<Long, Interval>> told) {
    return Objects.requireNonNull(told.get("1M"));
  }

  /** The cases count from 1, records from 0. */
  private static int rev(Node expected, String of) {
    return expected.at(of).decimal().intValueExact() - 1;
  }

  private static void assertSaid(
      Node expected, String when, List<Node> given, NavigableMap<Long, Interval> months) {
    List<Node> carbon = expected.at("months").list();
    for (int i = 0; i < carbon.size(); i++) {
      Interval month = months.get(start(YearMonth.parse(given.get(i).at("month").text())));
      assertEquals(
          TruthCases.micros(given.get(i), "kWh"), value(Objects.requireNonNull(month), BOUGHT));
      like(carbon.get(i).at(when + "_kg"), value(month, CARBON));
    }
    like(expected.at("year_to_date_" + when + "_kg"), sum(months));
  }

  private static long sum(NavigableMap<Long, Interval> months) {
    return months.values().stream().mapToLong(month -> value(month, CARBON)).sum();
  }

  private static void like(Node expected, long micros) {
    assertEquals(
        expected.text(), TruthCases.like(expected, BigDecimal.valueOf(micros, 6)), expected.path());
  }
}
