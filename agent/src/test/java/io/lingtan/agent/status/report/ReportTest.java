package io.lingtan.agent.status.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {

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

  private static void assertContains(String page, String... texts) {
    for (String text : texts) {
      assertTrue(page.contains(text), () -> text + " is not in " + page);
    }
  }

  @Test
  void aMonthThatHasJustBegunIsNoCatastrophe() {
    String page = kept.report("2026-06", "zh");
    String sums = page.substring(page.indexOf("class=\"sums\""), page.indexOf("报表下载"));
    assertTrue(sums.contains("还没有整日的数据"), sums);
    assertFalse(sums.contains("poor"), sums);
  }

  @Test
  void aWholeMonthIsCompleteAndShowsEachFactorBesideItsFigure() {
    kept.june();
    String page = kept.report("2026-06", "en");
    assertContains(page, "state whole", "Complete", "30\u2009465", "cn-elec/CN-JS/2023");
    // The figure's own row has value, year and source of the factor.
    String row = page.substring(page.indexOf("<small>co2.scope2.location"));
    row = row.substring(0, row.indexOf("</tr>"));
    assertContains(row, "0.5827 kg/kWh", "provisional", "2023 data", "announcement 2025 No. 47");
    row = page.substring(page.indexOf("<small>co2.scope2.market"));
    row = row.substring(0, row.indexOf("</tr>"));
    assertContains(row, "0.6096 kg/kWh", "cn-elec/CN/2023/residual");
    assertContains(page, kept.head(), "class=\"qr\"", "<svg class=\"plot\"");
    assertFalse(page.contains("Incomplete"));
    assertContains(kept.report("2026-06", "zh"), "数据完整", "下网电量", "外购电力（基于市场）");
  }

  @Test
  void whatWasCorrectedIsListedWithBothPeople() {
    kept.june();
    assertFalse(kept.report("2026-06", "en").contains("Corrections"));
    Correction by = new Correction("C1", "jump <of> the meter", "protocol 7", "李娜", "Wang Wei");
    kept.corrected(LocalDate.of(2026, 6, 3), by);
    kept.corrected(LocalDate.of(2026, 6, 4), by);
    String page = kept.report("2026-06", "en");
    page = page.substring(page.indexOf("<h2>Corrections"));
    assertContains(
        page,
        "<td>C1</td><td class=\"n\">2</td><td>jump &lt;of&gt; the meter</td><td>protocol 7</td>",
        "<td>李娜</td><td>Wang Wei</td>");
    assertContains(kept.report("2026-06", "zh"), "数据更正", "提出人", "批准人");
  }

  /** As ten restatements in a year are of each of its days. */
  @Test
  void aMonthIsReadWholeHoweverOftenItWasToldAnew() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("co2.total", figure("kg"));
    kept.month(YearMonth.of(2026, 6), metrics, 4_100);
    assertTrue(kept.month(YearMonth.of(2026, 6)).isRead());
    assertFalse(kept.report("2026", "en").contains("could not be read"));
  }

  @Test
  void fuelHasItsNameItsFactorAndItsDocuments() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("fuel.mass.diesel", figure("kg").saying("1250 L × 0.84 kg/L (INV-1, Wang)"));
    metrics.put("co2.scope1.diesel", figure("kg"));
    metrics.put("co2.scope1.refrigerants", figure("kg").saying("GWP100 AR5"));
    metrics.put("co2.total", figure("kg").saying("co2.scope1.diesel co2.scope1.refrigerants"));
    kept.month(YearMonth.of(2026, 6), metrics);
    assertContains(
        kept.report("2026-06", "zh"),
        "燃料用量 diesel",
        "1250 L × 0.84 kg/L (INV-1, Wang)",
        "GWP100 AR5",
        "只含：燃料燃烧 diesel、制冷剂与六氟化硫逸散");
    assertContains(kept.report("2026-06", "en"), "only: burnt: diesel, refrigerants and SF6");
  }

  /** A class has a word alone; of a mass the number comes first. */
  @Test
  void aWordBesideAValueDoesNotHideIt() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("co2.scope2.location", figure("kg"));
    metrics.put("co2.total", figure("kg").saying("co2.scope2.location"));
    metrics.put("bus.avoided", figure("kg").saying("diesel at 35 L/100 km"));
    kept.month(YearMonth.of(2026, 6), metrics);
    String value = "<td class=\"n\">1";
    assertContains(
        row(kept.report("2026-06", "en"), "co2.total"),
        value,
        "<small>only: electricity, location-based</small>");
    assertContains(row(kept.report("2026-06", "zh"), "co2.total"), "<small>只含：外购电力（基于位置）</small>");
    assertContains(
        row(kept.report("2026-06", "en"), "bus.avoided"),
        value,
        "<small>diesel at 35 L/100 km</small>");
  }

  private static String row(String page, String name) {
    String row = page.substring(page.indexOf("<small>" + name + "</small>"));
    return row.substring(0, row.indexOf("</tr>"));
  }

  @Test
  void namesOfTheSiteCannotBecomeMarkup() {
    kept.june();
    String page = kept.report("2026-06", "zh");
    assertContains(page, "无锡高新区 &lt;示范&gt; 站");
    assertFalse(page.contains("<示范>"));
    assertFalse(page.contains("<script"), "the page needs no script");
    assertFalse(page.contains("style="), "the policy allows no style but the file's");
  }

  @Test
  void aMonthWithHolesNeverLooksComplete() {
    kept.juneWithHoles();
    String page = kept.report("2026-06", "en");
    assertContains(
        page,
        "state wanting",
        "Incomplete",
        "3 days have no record: 10, 11, 12",
        "figures are partial",
        "tr class=\"poor\"",
        "fill=\"url(#energy-gap)\"");
    assertFalse(page.contains("state whole"));
    assertContains(kept.report("2026-06", "zh"), "数据不完整", "缺少 3 天的记录：10、11、12");
    assertContains(kept.report("2026-06.csv", "en"), "report,complete,,false");
  }

  @Test
  void aMonthThatIsNotOverAddsUpItsDaysAndSaysSo() {
    kept.day(LocalDate.of(2026, 6, 1), Quality.MEASURED);
    kept.day(LocalDate.of(2026, 6, 2), Quality.MEASURED);
    String page = kept.report("2026-06", "en");
    assertContains(page, "Incomplete", "The month is not over", "2\u2009003");
    // What cannot be added up is not made up.
    assertFalse(page.contains("kpi.self_sufficiency"));
    assertFalse(page.contains("co2.scope2.market"));
  }

  @Test
  void aMissingFigureHasNoNumber() {
    kept.day(LocalDate.of(2026, 6, 1), Quality.MISSING);
    String page = kept.report("2026-06", "en");
    assertContains(page, "figures are missing", "—", "no day has it");
    assertFalse(page.contains("<td class=\"n\">0<"), "absent is never zero");
    String csv = kept.report("2026-06.csv", "en");
    assertContains(csv, "energy,elec.grid.import,bought from the grid,,kW.h,missing,0,,");
  }

  @Test
  void aMonthOfWhichNothingIsKeptIsIncomplete() {
    kept.june();
    String page = kept.report("2026-05", "en");
    assertContains(page, "Incomplete", "There is no record of the month", "31 days have no record");
  }

  @Test
  void theTableHasEachFigureWithItsFactor() {
    kept.june();
    String csv = kept.report("2026-06.csv", "en");
    String[] lines = csv.split("\r\n");
    assertTrue(lines[0].startsWith("\ufeffchapter,metric,name,value,unit,quality"));
    assertContains(csv, "report,complete,,true", "report,chain_head,," + kept.head());
    String line =
        csv.lines().filter(l -> l.startsWith("scope2,co2.scope2.location,")).findFirst().get();
    assertContains(
        line,
        "17751.9555",
        "kg,measured,100,0,,cn-elec/CN-JS/2023,0.5827,kg/(kW.h),2025-47,2023,true");
    assertEquals(
        lines.length, csv.lines().filter(l -> cells(l) == 19).count(), "each line has 19 cells");
  }

  @Test
  void everyFigureThatAMonthCanHaveIsInTheReport() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    for (Indicator indicator : SiteFigures.LISTED.all()) {
      if (indicator.isIn("1M")) {
        metrics.put(indicator.name().replaceAll("\\{.*\\}", "peak"), figure(indicator.ucum()));
      }
    }
    // Told by a version that is not this one.
    metrics.put("moon.shine", figure("lx"));
    kept.month(YearMonth.of(2026, 6), metrics);
    String page = kept.report("2026-06", "en");
    String csv = kept.report("2026-06.csv", "zh");
    for (String name : metrics.keySet()) {
      assertContains(page, "<small>" + name + "</small>");
      assertContains(csv, "," + name + ",");
    }
    assertContains(page, "Demand and power factor", "grid factor in force", "<h2>Other</h2>");
    assertContains(csv, "demand,demand.month_max,月最大需量（区块）", "other,moon.shine,moon.shine");
    assertTrue(metrics.size() > 70, metrics.keySet()::toString);
  }

  @Test
  void howSureAFigureIsStandsBesideIt() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("co2.total", figure("kg").within(1_204_198_185L));
    metrics.put("co2.scope2.location", figure("kg"));
    kept.month(YearMonth.of(2026, 6), metrics);
    String page = kept.report("2026-06", "en");
    assertContains(row(page, "co2.total"), "<small>± 1\u2009300 (95 %)</small>");
    assertFalse(row(page, "co2.scope2.location").contains("±"));
    String csv = kept.report("2026-06.csv", "zh");
    assertContains(csv, "factor_url,status,pm\r\n", ",official,1204.198185\r\n");
    for (String line : csv.lines().skip(1).toList()) {
      assertEquals(19, line.split(",", -1).length, line);
    }
  }

  @Test
  void eachReferenceStandsByItselfWithWhatItIsDividedBy() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("tce.total", figure("t{ce}"));
    metrics.put("tce.intensity", intensity("revenue"));
    metrics.put("tce.intensity.revenue", intensity("revenue"));
    kept.month(YearMonth.of(2026, 6), metrics);
    metrics.put("tce.intensity.gdp", intensity("gdp"));
    kept.month(YearMonth.of(2026, 7), metrics);
    String page = kept.report("2026-06", "en");
    assertContains(
        page,
        "<strong>0.205 tce/10⁴ CNY</strong> Wuxi High-tech Zone, 2020, per unit of GDP; at which"
            + " prices is not published; the site has no figure with this denominator.",
        "<strong>0.464 tce/10⁴ CNY</strong> industrial enterprises in national high-tech zones,"
            + " 2019; not per GDP, and whether per output or per value added is not published; the"
            + " site has no figure with this denominator.");
    assertContains(
        kept.report("2026-07", "en"),
        "prices is not published; the site has 0.25 (gdp, prices of 2020, electricity equivalent)",
        "value added is not published; the site has no figure");
    String csv = kept.report("2026-06.csv", "zh");
    assertContains(csv, "reference,tce.intensity.gdp,", "无锡高新区 2020 年单位 GDP 能耗", ",0.205,");
    assertTrue(
        Pattern.compile("(?s)<svg.*?</svg>")
            .matcher(page)
            .results()
            .noneMatch(plot -> plot.group().contains("0.205") || plot.group().contains("0.464")),
        "no plot has it");
    kept.june();
    assertFalse(
        kept.report("2026-06", "en").contains("0.205"), "without standard coal there is none");
  }

  private static Metric intensity(String denominator) {
    return new Metric(
            250_000L, "t{ce}/(10*4.{CNY})", Quality.SUBSTITUTED, 100, 0, "tce.total", null, null)
        .saying(denominator + ", prices of 2020, electricity equivalent");
  }

  private static Metric figure(String ucum) {
    return new Metric(1_000_000L, ucum, Quality.MEASURED, 100, 0, null, null, null);
  }

  private static int cells(String line) {
    int cells = 1;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      quoted ^= c == '"';
      cells += c == ',' && !quoted ? 1 : 0;
    }
    return cells;
  }

  @Test
  void whatIsNoMonthIsNoReport() {
    for (String name : List.of("2026-13", "../etc/passwd", "2026-06-01", "x.csv", "26", "20260")) {
      assertThrows(IllegalArgumentException.class, () -> kept.report(name, "zh"));
    }
  }
}
