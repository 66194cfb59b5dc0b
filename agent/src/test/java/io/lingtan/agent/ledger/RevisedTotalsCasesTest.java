package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of hour and day when quarters in them are revised, as all cases of corrections say:
 * both are told again also where the sum is the same and how well it is known is not.
 */
final class RevisedTotalsCasesTest {

  private static final String CARBON = "co2.scope2.location";

  /** What is added up of quarters. */
  private static final String TOTAL = "flow.grid_to_load";

  private static final long QUARTER = 900_000;
  private static final int QUARTERS_BEFORE = 23 * 4;

  /** Midnight in Shanghai. */
  private static final long MIDNIGHT = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();

  private static final long HOUR = MIDNIGHT + QUARTERS_BEFORE * QUARTER;

  private final RollUp hour = new RollUp("1h", HOUR, HOUR + 4 * QUARTER);
  private final RollUp day = new RollUp("1d", MIDNIGHT, MIDNIGHT + 96 * QUARTER);

  /** What was last told of each quarter of the hour. */
  private final List<Published> quarters = new ArrayList<>();

  private final Map<Long, Part> parts = new LinkedHashMap<>();
  private Site site = Sites.microgrid().site();
  private SiteFigures figures = new SiteFigures(site);

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("correction");
    assertFalse(cases.isEmpty());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hourAndDayAreToldAgainWithWhatIsKnownBetter(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    site =
        new Sites()
            .meter("grid", Role.GRID, Kind.METER, 100_000, "energy_import")
            .factors(
                "1",
                Sites.factor(
                    "f", "CN-JS", "location", in.at("factor_kg_per_kWh").text(), 2026, null))
            .site();
    figures = new SiteFigures(site);
    long others = TruthCases.micros(in, "other_hours_of_day_kWh");
    for (int i = 0; i < QUARTERS_BEFORE; i++) {
      long counted = others * (i + 1) / QUARTERS_BEFORE - others * i / QUARTERS_BEFORE;
      add(MIDNIGHT + i * QUARTER, counted, Quality.MEASURED);
    }
    List<Node> told = in.at("quarters").list();
    for (int i = 0; i < told.size(); i++) {
      quarters.add(
          Published.NONE.next(
              add(
                  HOUR + i * QUARTER,
                  TruthCases.micros(told.get(i), "kWh"),
                  quality(told.get(i)))));
    }
    Interval oldHour = publish(hour);
    Interval oldDay = publish(day);
    said(expected, "old", oldHour, oldDay);

    for (Node correction : in.at("corrections").list()) {
      int i = correction.at("index").decimal().intValueExact();
      long start = HOUR + i * QUARTER;
      Part old = Objects.requireNonNull(parts.get(start));
      for (RollUp rollUp : List.of(hour, day)) {
        rollUp.remove(start, old);
      }
      long digest = add(start, TruthCases.micros(correction, "kWh"), quality(correction));
      quarters.set(i, next(quarters.get(i), digest));
    }
    Interval newHour = publish(hour);
    Interval newDay = publish(day);
    said(expected, "new", newHour, newDay);
    like(expected.at("delta_kWh"), value(newDay, TOTAL) - value(oldDay, TOTAL));
    like(expected.at("CO2_delta_kg"), value(newDay, CARBON) - value(oldDay, CARBON));

    Node revs = expected.at("rev");
    assertEquals(rev(revs.at("hour")), newHour.rev());
    assertEquals(rev(revs.at("day")), newDay.rev());
    for (int i = 0; i < quarters.size(); i++) {
      int index = i;
      boolean corrected =
          in.at("corrections").list().stream()
              .anyMatch(one -> one.at("index").decimal().intValueExact() == index);
      assertEquals(
          rev(revs.at(corrected ? "corrected_quarters" : "other_quarters")), quarters.get(i).rev());
    }
  }

  /** The cases count from 1, records from 0. */
  private static int rev(Node expected) {
    return expected.decimal().intValueExact() - 1;
  }

  private static Quality quality(Node quarter) {
    return Quality.valueOf(quarter.at("quality").text().toUpperCase(Locale.ROOT));
  }

  private Count count(long micros, Quality quality) {
    boolean estimated = quality == Quality.EST_LINEAR || quality == Quality.EST_PROFILE;
    return new Count(
        site.metering().meters().getFirst(),
        Figure.GRID_IMPORT,
        new Metric(micros, "kW.h", quality, 100, estimated ? 100 : 0, null, null, null));
  }

  /** Returns what identifies its figures. */
  private long add(long start, long micros, Quality quality) {
    Figures worked =
        figures.base(new Counted("15m", start, List.of(count(micros, quality)), List.of()), null);
    Part part = Part.of(worked, QUARTER);
    parts.put(start, part);
    for (RollUp rollUp : List.of(hour, day)) {
      if (rollUp.holds(start)) {
        rollUp.add(start, part, null);
      }
    }
    return MetricsCodec.digest(interval("15m", start, start + QUARTER, 0, worked));
  }

  private static Published next(Published told, long digest) {
    return told.digest() == digest ? told : told.next(digest);
  }

  private Interval publish(RollUp rollUp) {
    long counted = 0;
    for (Map.Entry<Long, Part> part : parts.entrySet()) {
      counted +=
          rollUp.holds(part.getKey())
              ? valueOf(part.getValue().summed().get("flow.grid_to_load"))
              : 0;
    }
    Figures worked =
        figures.rollUp(
            new Counted(
                rollUp.length(),
                rollUp.start(),
                List.of(count(counted, Quality.MEASURED)),
                List.of()),
            rollUp.sums(site.place().zone()),
            rollUp.factors());
    Published before = rollUp.published();
    Interval interval = interval(rollUp.length(), rollUp.start(), rollUp.end(), 0, worked);
    Published now = next(before, MetricsCodec.digest(interval));
    rollUp.published(now);
    return interval(rollUp.length(), rollUp.start(), rollUp.end(), now.rev(), worked);
  }

  private static long valueOf(@Nullable Metric metric) {
    Long micros = metric == null ? null : metric.micros();
    return micros == null ? 0 : micros;
  }

  private static Interval interval(String length, long start, long end, int rev, Figures worked) {
    return new Interval(
        length, start, end, rev, worked.metrics(), new LinkedHashMap<>(), worked.factors());
  }

  private static void said(Node expected, String when, Interval hour, Interval day) {
    like(expected.at("hour_" + when + "_kWh"), value(hour, TOTAL));
    like(expected.at("day_" + when + "_kWh"), value(day, TOTAL));
    Metric total = metric(hour, TOTAL);
    assertEquals(expected.at("hour_quality_" + when).text(), total.quality().word());
    BigDecimal estimated = TruthCases.number(expected.at("hour_estimated_pct_" + when));
    assertEquals(
        estimated.setScale(0, RoundingMode.CEILING).intValueExact(),
        total.estimated(),
        "records have whole percents, at least what it is");
  }

  private static void like(Node expected, long micros) {
    assertEquals(
        expected.text(), TruthCases.like(expected, BigDecimal.valueOf(micros, 6)), expected.path());
  }
}
