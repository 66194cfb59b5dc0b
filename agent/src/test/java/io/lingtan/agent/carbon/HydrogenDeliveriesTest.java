package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trailers of hydrogen, what is lost, and a station's balance. */
final class HydrogenDeliveriesTest {

  private static final String HEADER = "date,hydrogen,kg,kgco2e_per_kg,supplier,by,document\n";

  private static final Site SITE =
      Objects.requireNonNull(
          new SiteLoader().load(Path.of("../config/sites/hydrogen-depot.yaml")).site());

  private static Metric kilograms(long micros) {
    return new Metric(micros, "kg", Quality.MEASURED, 100, 0, null, null, null);
  }

  private static Meter meter(Role role) {
    return SITE.metering().meters().stream()
        .filter(meter -> meter.role() == role)
        .findFirst()
        .orElseThrow();
  }

  private static Feeds feeds(String rows) {
    List<String> problems = new ArrayList<>();
    Feeds feeds =
        FeedReader.read(
            HEADER + rows, (line, column, what) -> problems.add(line + ":" + column + ": " + what));
    return Objects.requireNonNull(feeds, problems::toString);
  }

  /** 18 June: 41.5 kg made, 380.25 given, the tank from 120 to 118.5 kg. */
  private static Map<String, Metric> day(Feeds told) {
    return new SiteFigures(SITE)
        .rollUp(
            new Counted(
                "1d",
                LocalDateTime.parse("2026-06-18T00:00")
                    .atZone(ZoneId.of("Asia/Shanghai"))
                    .toInstant()
                    .toEpochMilli(),
                List.of(
                    new Count(
                        meter(Role.ELECTROLYSER),
                        Figure.LOAD,
                        new Metric(
                            2_200_000_000L, "kW.h", Quality.MEASURED, 100, 0, null, null, null)),
                    new Count(meter(Role.ELECTROLYSER), Figure.H2_PRODUCED, kilograms(41_500_000)),
                    new Count(
                        meter(Role.H2_DISPENSER), Figure.H2_DISPENSED, kilograms(380_250_000))),
                List.of(
                    new Level(
                        meter(Role.H2_STORAGE),
                        Level.Kind.H2_MASS,
                        kilograms(120_000_000),
                        kilograms(118_500_000))),
                null,
                told),
            new LinkedHashMap<>(Map.of("co2.load.ely", kilograms(415_000_000))),
            Map.of())
        .metrics();
  }

  private static long value(Map<String, Metric> figures, String name) {
    Metric metric = Objects.requireNonNull(figures.get(name), name);
    return Objects.requireNonNull(metric.micros(), metric::toString);
  }

  @Test
  void trailersHaveTheirMassTheirCarbonAndTheirDocuments() {
    Map<String, Metric> day =
        day(
            feeds(
                """
                2026-06-18,delivered,200,9.3,蓝氢公司,Li Na,T-118
                2026-06-18,delivered,150.5,0,Green H2,Li Na,T-119
                2026-06-18,vented,1.25,,,Li Na,V-7
                2026-06-18,boil_off,2,,,Li Na,V-8
                2026-06-17,delivered,99,9.3,Green H2,Li Na,T-117
                """));
    assertEquals(350_500_000, value(day, "h2.delivered"));
    assertEquals(
        "200 kg (T-118, 蓝氢公司, Li Na); 150.5 kg (T-119, Green H2, Li Na)",
        Objects.requireNonNull(day.get("h2.delivered")).text());
    assertEquals(1_860_000_000, value(day, "h2.delivered_co2"));
    assertEquals(5_306_705, value(day, "h2.ci_delivered"));
    // 41.5 kg of the site's own with 415 kg of CO2 besides.
    assertEquals(5_803_571, value(day, "h2.supply_ci"));
    assertEquals(1_250_000, value(day, "h2.vented"));
    assertEquals(2_000_000, value(day, "h2.boil_off"));
    // 350.5 + 41.5 - 380.25 - 1.25 - 2 + 1.5
    assertEquals(10_000_000, value(day, "h2.station_residual"));
    assertEquals(
        Quality.SUBSTITUTED, Objects.requireNonNull(day.get("h2.station_residual")).quality());
    Metric all = day.get("co2.total");
    assertFalse(all != null && String.valueOf(all.text()).contains("delivered"), "elsewhere");
  }

  @Test
  void withoutAWordThereIsNoFigureAndAWordCanBeTakenBack() {
    assertTrue(
        day(Feeds.NONE).keySet().stream()
            .noneMatch(
                name ->
                    name.startsWith("h2.delivered")
                        || name.startsWith("h2.vented")
                        || name.startsWith("h2.station")));
    Map<String, Metric> day = day(feeds("2026-06-18,delivered,0,9.3,Green H2,Li Na,T-118\n"));
    assertFalse(day.containsKey("h2.delivered") || day.containsKey("h2.delivered_co2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-06-18,delivered,-1,9.3,S,Li,T-1 | 2:22: kg is a number from 0 to",
        "2026-06-18,delivered,5,,S,Li,T-1 | 2:24: a carbon intensity is 0..100 kg CO2e/kg",
        "2026-06-18,delivered,5,9.3,,Li,T-1 | 2:28: supplier is who delivered",
        "2026-06-18,delivered,5,9.3,S,,T-1 | 2:30: by is who says so",
        "2026-06-18,delivered,5,9.3,S,Li, | 2:33: document is the number",
        "2026-06-18,vented,5,9.3,,Li,V-1 | 2:21: what is vented has no such thing",
        "2026-06-18,trailer,5,9.3,S,Li,T-1 | 2:12: 'trailer' is nothing of hydrogen",
      })
  void aWrongRowIsRefusedWithItsCell(String row, String why) {
    List<String> problems = new ArrayList<>();
    assertNull(
        FeedReader.read(
            HEADER + row, (line, column, what) -> problems.add(line + ":" + column + ": " + what)));
    assertTrue(problems.getFirst().startsWith(why), problems::toString);
  }

  @Test
  void aTrailerThatIsToldTwiceIsRefused() {
    List<String> problems = new ArrayList<>();
    String row = "2026-06-18,delivered,5,9.3,S,Li,T-1\n";
    assertNull(
        FeedReader.read(
            HEADER + row + row.replace(",5,", ",6,"),
            (line, column, what) -> problems.add(line + ":" + column + ": " + what)));
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.getFirst().contains("is in line 2 already, otherwise: 5 kg"));
  }
}
