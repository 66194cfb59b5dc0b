package io.lingtan.agent.status.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.io.IOException;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A year beside the year before. */
final class YearTest {

  @TempDir private Path folder;

  private KeptMonths kept;

  @BeforeEach
  void open() throws IOException {
    kept = new KeptMonths(folder);
  }

  @AfterEach
  void close() {
    kept.close();
  }

  private static String row(String page, String name) {
    String row = page.substring(page.indexOf("<small>" + name + "</small>"));
    return row.substring(0, row.indexOf("</tr>"));
  }

  private void months(int year, int from, int to, long kilowattHours) {
    for (int month = from; month <= to; month++) {
      kept.month(YearMonth.of(year, month), kilowattHours + month, Quality.MEASURED);
    }
  }

  /** Two whole years, as far as there are months: 7 of 2026, 12 of 2027 and 2 of 2028. */
  @Test
  void onlyMonthsThatBothYearsHaveAreCompared() {
    months(2026, 6, 12, 10_000);
    months(2027, 1, 12, 11_000);
    months(2028, 1, 2, 9_900);
    String page = kept.report("2028", "en");
    assertTrue(page.contains("The year is not over"), page);
    assertTrue(page.contains("Year before (1, 2)"), page);
    String bought = row(page, "elec.grid.import");
    assertTrue(bought.contains("19\u2009803"), bought);
    assertTrue(bought.contains("22\u2009003"), bought);
    assertTrue(bought.contains(">-10.0<"), bought);
    assertTrue(page.contains("/report/2027?lang=en") && !page.contains("/report/2029"), page);
    assertTrue(page.contains("<a href=\"/report/2028-02?lang=en\">2028-02</a>"), page);
    // 2026 has no January: the sum of 2027 is of twelve months, what is compared of seven.
    String before = kept.report("2027", "zh");
    bought = row(before, "elec.grid.import");
    assertTrue(before.contains("（6, 7, 8, 9, 10, 11, 12 月）"), before);
    assertTrue(bought.contains("132\u2009078"), bought);
    assertTrue(bought.contains("70\u2009063"), bought);
    assertTrue(bought.contains(">+10.0<"), bought);
    String first = kept.report("2026", "en");
    assertTrue(first.contains("no record of the month: 2026-01, 2026-02"), first);
    assertTrue(row(first, "elec.grid.import").endsWith("—</td><td class=\"n\">—</td>"), first);
  }

  @Test
  void yearsThatAreOverAreComparedByTheirOwnRecords() {
    for (int year : new int[] {2027, 2028}) {
      months(year, 1, 12, 1000L * (year - 2026));
      kept.year(year, 24_000L * (year - 2026));
    }
    String page = kept.report("2028", "en");
    assertTrue(page.contains("✔ Complete"), page);
    assertFalse(page.contains("Year before ("), "of years");
    String bought = row(page, "elec.grid.import");
    assertTrue(bought.contains("48\u2009000"), bought);
    assertTrue(bought.contains("24\u2009000"), bought);
    assertTrue(bought.contains(">+100.0<"), bought);
    // A ratio is compared where years tell it, and is no sum.
    assertTrue(row(page, "kpi.self_sufficiency").contains("0.333333"), page);
    String csv = kept.report("2028/carbon-account.csv", "en");
    assertTrue(csv.contains("2028,2,\"Electricity, location-based\",48000,kWh,27.9696,"), csv);
  }

  @Test
  void whatGrewFromNothingHasNoPercent() {
    for (int year : new int[] {2027, 2028}) {
      LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
      metrics.put(
          "h2.produced",
          new Metric((year - 2027) * 5_000_000L, "kg", Quality.MEASURED, 100, 0, null, null, null));
      kept.month(YearMonth.of(year, 1), metrics);
    }
    assertTrue(
        row(kept.report("2028", "en"), "h2.produced")
            .endsWith("<td class=\"n\">0</td><td class=\"n\">—</td>"));
    assertEquals(2, kept.report("2028/certificates.csv", "en").lines().count());
  }

  /** The record of a year in which the site began in July is of half of it. */
  @ParameterizedTest
  @EnumSource(names = {"PARTIAL", "SUSPECT"})
  void aYearThatIsNotWholeIsMarkedAndNothingIsSaidToHaveGrownFromIt(Quality quality) {
    months(2027, 7, 12, 1000);
    kept.year(2027, 6_000, quality);
    months(2028, 1, 12, 1000);
    kept.year(2028, 12_180);
    String bought = row(kept.report("2028", "en"), "elec.grid.import");
    String word = quality == Quality.PARTIAL ? "partial" : "suspect";
    assertTrue(
        bought.endsWith("6\u2009000<small>" + word + "</small></td><td class=\"n\">—</td>"),
        bought);
  }

  @Test
  void eachFigureIsOfTheMonthsThatHaveItInBothYears() {
    for (int year : new int[] {2027, 2028}) {
      for (int month = 1; month <= 3; month++) {
        LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(
            "h2.produced",
            year == 2027 && month == 2
                ? Metric.missing("kg", "gate: timeout")
                : new Metric(
                    (year - 2026) * 10_000_000L, "kg", Quality.MEASURED, 100, 0, null, null, null));
        kept.month(YearMonth.of(year, month), metrics);
      }
    }
    String made = row(kept.report("2028", "en"), "h2.produced");
    assertTrue(made.contains(">60<"), made);
    assertTrue(
        made.endsWith("20<small>months 1, 3 only</small></td><td class=\"n\">+100.0</td>"), made);
  }
}
