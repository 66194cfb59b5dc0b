package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Three lists of figures: those that a site of this kind must be able to report, those that {@code
 * config/README.md} explains with what each needs, and those that come out.
 */
class DemoMetricsTest {

  private static final Path README = Path.of("..", "config", "README.md");

  /** From before a month and a year end in Shanghai, until after that. */
  private static final long FROM = Instant.parse("2026-11-30T15:00:00Z").toEpochMilli();

  private static final long UNTIL = Instant.parse("2026-12-31T16:30:00Z").toEpochMilli();

  /** What comes out of the demonstration site, with everything that a site file can add. */
  private static final Map<String, Set<String>> OUT = new TreeMap<>();

  private static final Map<String, Set<String>> FULL_OUT = new TreeMap<>();
  private static final Set<String> HAS = new TreeSet<>();
  private static final Set<String> FULL_HAS = new TreeSet<>();

  /**
   * A row of the README's table.
   *
   * @param lengths in which it is told
   * @param needs all of these
   */
  private record Row(String metric, List<String> lengths, List<String> needs) {

    boolean isOf(String name) {
      String pattern =
          Arrays.stream(metric.split("\\{[a-z]+\\}", -1))
              .map(Pattern::quote)
              .reduce((a, b) -> a + "[A-Za-z0-9_-]+" + b)
              .orElse("");
      return name.matches(pattern);
    }
  }

  @BeforeAll
  static void play() throws IOException {
    play(SimulatedYearIT.demo(), OUT, HAS);
    play(
        SimulatedYearIT.demo(
            "allocation: priority",
            "allocation: priority\n  tariff: jiangsu-2025\n  tariff_extras: true",
            "{factors: [cn-electricity], method: [location]}",
            "{factors: [cn-electricity, cn-fuels, cn-tce], method: [location, market],"
                + " fleet: {diesel_l_per_100km: 35}}"),
        FULL_OUT,
        FULL_HAS);
  }

  private static void play(Site site, Map<String, Set<String>> out, Set<String> has) {
    Fold fold = new Fold(site);
    boolean fed = site.carbon().dieselLitresPer100Km() != null;
    if (fed) {
      fold.tell(Feeding.of("date,bus,km,kg\n2026-12-05,b1,250,10\n"));
      fold.tell(
          Feeding.of(
              "month,output_cny,denominator,price_basis\n2026-12,1000000,revenue,current\n"));
      has.addAll(Set.of("buses", "output", "fleet"));
    }
    WorldReadings readings = new WorldReadings(7, FROM - 3_600_000, 60_000);
    for (long at = FROM; at <= UNTIL; at += 300_000) {
      readings.read(
          at,
          (sample, millis) ->
              fold.observe(
                  sample,
                  millis,
                  new Fold.Output() {
                    @Override
                    public void interval(Interval interval) {
                      out.computeIfAbsent(interval.length(), length -> new TreeSet<>())
                          .addAll(interval.metrics().keySet());
                    }

                    @Override
                    public void event(Event event, long atNanos, long tsMillis) {}
                  }));
    }
    assertEquals(Set.of("15m", "1h", "1d", "1M", "1Y"), out.keySet());
    inputs(site, has);
  }

  /** What the site has, in the README's words. */
  private static void inputs(Site site, Set<String> has) {
    for (Meter meter : site.metering().meters()) {
      has.add(meter.role().word());
      if (Set.of(Role.LOAD, Role.ELECTROLYSER, Role.COMPRESSOR, Role.CHARGER)
          .contains(meter.role())) {
        has.add("load");
      }
    }
    has.add("reactive");
    has.add("soh");
    for (FactorTable table : site.carbon().tables()) {
      table.factors().forEach(factor -> has.add(factor.basis()));
    }
    if (site.carbon().isWorkedOut("market")) {
      has.add("market");
    }
    if (site.metering().tariff() != null) {
      has.add("tariff");
    }
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(README)) {
      if (line.startsWith("## ")) {
        inside = line.equals("## Figures");
      }
      if (!inside || !line.startsWith("| `")) {
        continue;
      }
      String[] cells = line.split("\\|");
      List<String> needs =
          Arrays.stream(cells[3].replace("`", "").strip().split("[ ,]+"))
              .filter(word -> !word.isEmpty())
              .toList();
      for (String metric : cells[1].replace("`", "").strip().split("[ ,]+")) {
        rows.add(new Row(metric, Arrays.asList(cells[2].strip().split(" ")), needs));
      }
    }
    assertTrue(rows.size() > 60, "rows: " + rows.size());
    return rows;
  }

  /** The specification's own list. */
  private static List<String> wanted() throws IOException {
    try (InputStream in = DemoMetricsTest.class.getResourceAsStream("metrics.txt")) {
      assertNotNull(in);
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }

  @Test
  void everyFigureThatIsWantedIsExplained() throws IOException {
    List<String> explained = rows().stream().map(Row::metric).toList();
    List<String> missing = new ArrayList<>(wanted());
    missing.removeAll(explained);
    assertEquals(List.of(), missing);
    assertTrue(wanted().size() > 60);
  }

  @Test
  void everyFigureWhoseInputsTheSiteHasComesOut() throws IOException {
    assertComesOut(OUT, HAS);
    assertComesOut(FULL_OUT, FULL_HAS);
  }

  private static void assertComesOut(Map<String, Set<String>> out, Set<String> has)
      throws IOException {
    Map<String, List<String>> missing = new LinkedHashMap<>();
    int looked = 0;
    for (Row row : rows()) {
      if (!has.containsAll(row.needs())) {
        continue;
      }
      for (String length : row.lengths()) {
        Set<String> names = out.getOrDefault(length, Set.of());
        if (out.containsKey(length)) {
          looked++;
          if (names.stream().noneMatch(row::isOf)) {
            missing.computeIfAbsent(row.metric(), metric -> new ArrayList<>()).add(length);
          }
        }
      }
    }
    assertEquals(Map.of(), missing, () -> "with " + has);
    assertTrue(looked > 150, "looked for " + looked);
  }

  @Test
  void nothingComesOutThatIsNotExplained() throws IOException {
    List<Row> rows = rows();
    FULL_OUT.forEach(
        (length, names) -> {
          List<String> strangers =
              names.stream()
                  .filter(
                      name ->
                          rows.stream()
                              .noneMatch(
                                  row ->
                                      row.isOf(name)
                                          && row.lengths().contains(length)
                                          && FULL_HAS.containsAll(row.needs())))
                  .toList();
          assertEquals(List.of(), strangers, "in " + length);
        });
    assertFalse(FULL_OUT.isEmpty());
  }
}
