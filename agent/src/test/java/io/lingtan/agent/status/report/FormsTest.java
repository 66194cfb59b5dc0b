package io.lingtan.agent.status.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked for in fixed columns, as tables and workbooks. */
final class FormsTest {

  private static final String COAL = "cn-tce/electricity";

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

  /** June: 123456.789 kWh bought, 400 given, 5000 of PV; 1250 kg of diesel. */
  private void june() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    put(metrics, "elec.grid.import", "kW.h", 123_456_789_000L, null);
    put(metrics, "elec.grid.export", "kW.h", 400_000_000L, null);
    put(metrics, "elec.pv.generation", "kW.h", 5_000_000_000L, null);
    put(metrics, "fuel.mass.diesel", "kg", 1_250_000_000L, null);
    put(metrics, "tce.by_carrier.electricity", "t{ce}", 15_123_679L, COAL);
    put(metrics, "tce.by_carrier.pv", "t{ce}", 614_500L, COAL);
    put(metrics, "tce.by_carrier.diesel", "t{ce}", 1_821_375L, null);
    put(metrics, "tce.total", "t{ce}", 17_559_554L, COAL);
    put(metrics, "tce.equal_value", "t{ce}", 38_762_889L, null);
    put(metrics, "co2.scope2.location", "kg", 71_938_270_950L, null);
    put(metrics, "co2.scope1.diesel", "kg", 3_870_000_000L, null);
    put(metrics, "co2.total", "kg", 75_808_270_950L, null);
    kept.month(YearMonth.of(2026, 6), metrics);
  }

  private static void put(
      Map<String, Metric> to, String name, String unit, long micros, @Nullable String factor) {
    to.put(name, new Metric(micros, unit, Quality.MEASURED, 100, 0, null, factor, null));
  }

  private Site site(String more) throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.writeString(file, Files.readString(file) + more);
    var loaded = new SiteLoader().load(file);
    return Objects.requireNonNull(loaded.site(), loaded.problems()::toString);
  }

  private static List<String> row(String csv, String begin) {
    return csv.lines()
        .filter(line -> line.contains(begin))
        .findFirst()
        .map(line -> Arrays.asList(line.split(",", -1)))
        .orElseThrow(() -> new AssertionError(begin + " is not in " + csv));
  }

  @Test
  void energiesHaveTheirCodesTheirUnitsAndStandardCoalByBothValues() {
    june();
    String csv = kept.report("2026-06/energy-stock.csv", "zh");
    assertTrue(csv.startsWith("\ufeff能源名称,计量单位,代码,期初库存量,购进量,"), csv);
    assertEquals(
        List.of(
            "电力",
            "万千瓦时",
            "33",
            "",
            "12.3456789",
            "",
            "12.8056789",
            "",
            "",
            "",
            "15.738179",
            "39.377389",
            "0.1229 kgce/kWh",
            "实测"),
        row(csv, "电力"));
    assertEquals("1.25", row(csv, "柴油").get(4));
    // What nobody measured is no zero.
    assertEquals(List.of("", ""), row(csv, "汽油").subList(4, 6));
    List<String> all = row(csv, "能源合计");
    assertEquals("40", all.get(2));
    assertEquals("17.559554", all.get(10), "as the report has it");
    assertEquals("41.198764", all.get(11), "the grid's by the other coefficient, and the rest");
  }

  /** The invoice has gas at 20 °C; its coefficient is of the cubic metre at 0 °C. */
  @Test
  void boughtGasIsWhatItsMeterCounted() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    put(metrics, "fuel.gas.volume", "m3", 10_000_000_000L, null);
    put(metrics, "fuel.gas.normal", "m3", 9_317_755_415L, null);
    kept.month(YearMonth.of(2026, 6), metrics);
    List<String> stock = row(kept.report("2026-06/energy-stock.csv", "zh"), "天然气（气态）");
    assertEquals(List.of("1", "", "0.9317755415"), stock.subList(4, 7));
    List<String> user = row(kept.report("2026-06/key-energy-user.csv", "zh"), "天然气,");
    assertEquals(List.of("1", "", "0.9317755415"), user.subList(4, 7));
  }

  /** Heat of the site's own fuel is in no form, which has the fuel. */
  @Test
  void boughtHeatIsWithoutTheSitesOwn() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    put(metrics, "heat.energy", "GJ", 5_220_000L, null);
    put(metrics, "heat.own", "GJ", 1_620_000L, null);
    kept.month(YearMonth.of(2026, 6), metrics);
    assertEquals("3.6", row(kept.report("2026-06/energy-stock.csv", "zh"), "热力").get(4));
    assertEquals("3.6", row(kept.report("2026-06/key-energy-user.csv", "zh"), "热力").get(4));
    assertEquals("3.6", row(kept.report("2026-06/carbon-account.csv", "zh"), "外购热力").get(3));
  }

  @Test
  void theAccountHasPurchasedLessExportedBesideItsTotals() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    put(metrics, "elec.grid.import", "kW.h", 1_000_000_000L, null);
    put(metrics, "elec.grid.export", "kW.h", 400_000_000L, null);
    put(metrics, "co2.scope2.location", "kg", 582_700_000L, null);
    put(metrics, "co2.purchased_net", "kg", 349_620_000L, null);
    put(metrics, "co2.total", "kg", 582_700_000L, null);
    kept.month(YearMonth.of(2026, 6), metrics);
    String csv = kept.report("2026-06/carbon-account.csv", "zh");
    assertEquals(List.of("600", "kWh", "0.34962"), row(csv, "净购入电力").subList(3, 6));
    assertEquals("0.5827", row(csv, "合计（基于位置）").get(5), "it is in no total");
  }

  /** What is not known of a part is not known of the whole. */
  @Test
  void withoutAnEqualValueTheWholeHasNoneEither() {
    LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
    put(metrics, "tce.by_carrier.electricity", "t{ce}", 15_000_000L, COAL);
    put(metrics, "tce.total", "t{ce}", 15_000_000L, COAL);
    metrics.put("tce.equal_value", Metric.missing("t{ce}", "gate: timeout"));
    kept.month(YearMonth.of(2026, 6), metrics);
    List<String> all = row(kept.report("2026-06/key-energy-user.csv", "en"), "Comprehensive");
    assertEquals(List.of("15", "", "0.1229 kgce/kWh", "missing"), all.subList(7, 11));
  }

  @Test
  void theAccountHasScopesByLocationAndByMarketApart() {
    june();
    String csv = kept.report("2026-06/carbon-account.csv", "en");
    assertEquals("3.87", row(csv, "Diesel").get(5));
    assertEquals("71.93827095", row(csv, "\"Electricity, location-based\"").get(6));
    assertEquals("75.80827095", row(csv, "\"All, location-based\"").get(6));
    assertEquals("", row(csv, "\"All, market-based\"").get(6));
  }

  /** With 12 and 9 certificates that are applied to June, and 7 to May. */
  private Site certified() throws IOException {
    Files.writeString(
        folder.resolve("gec.csv"),
        """
        month,certificates,vintage,reference
        2026-06,12,2026-05,GEC-2026-0001
        2026-05,7,2026-05,GEC-2026-0002
        2026-06,9,2026-06,GEC-2026-0003
        """);
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file, Files.readString(file).replace("market]}", "market], certificates: gec.csv}"));
    return site("");
  }

  @Test
  void eachCertificateIsARowInKilowattHoursAndStandardCoal() throws IOException {
    june();
    Site with = certified();
    String csv = kept.report(with, "2026-06/certificates.csv", "en");
    assertEquals(4, csv.lines().count(), csv);
    assertEquals(
        List.of("2026-06", "GEC-2026-0001", "2026-05", "12", "12000", "1.4748", ""),
        row(csv, "GEC-2026-0001"));
    assertEquals(5, kept.report(with, "2026/certificates.csv", "en").lines().count());
  }

  @Test
  void theReportLeadsToEachFormAndWhatIsNoFormIsNoPage() {
    june();
    for (String span : List.of("2026-06", "2026")) {
      String page = kept.report(span, "zh");
      for (String form :
          List.of("carbon-account", "certificates", "energy-stock", "key-energy-user")) {
        assertTrue(page.contains("/report/" + span + "/" + form + ".xlsx?lang=zh"), page);
        assertTrue(page.contains("/report/" + span + "/" + form + ".csv?lang=zh"), page);
      }
    }
    for (String none :
        List.of(
            "2026-06/moon.csv",
            "2026-06/energy-stock",
            "june/energy-stock.csv",
            "/x.csv",
            "2026-06/../energy-stock.csv")) {
      assertNull(
          new Reports(kept.site(), SiteFigures.LISTED, kept.history(), () -> null)
              .of(none, "zh", kept.now()),
          none);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "spent: {elec.grid.import: 1} | 7:5: error: 'spent' is no column of this form; known: used",
        "used: {elec.grid.imports: 1} | 7:12: error: 'elec.grid.imports' is no figure; did you mean"
            + " 'elec.grid.import'?",
        "used: {elec.grid.import: much} | 7:30: error: elec.grid.import is multiplied by a number",
        "used: {elec.grid.import: 0} | 7:30: error: elec.grid.import is multiplied by a number",
        "used: {certificate.kwh: 1} | 7:12: error: 'certificate.kwh' is no figure",
        "used: {zh: 一} | 7:11: error: write a text, {zh: ..., en: ...}, or figures",
        "used: [1] | 7:11: error: write a text, {zh: ..., en: ...}, or figures",
      })
  void whatIsWrongInAFileIsToldWithItsPlaceAndNothingIsFilledIn(String row, String why)
      throws IOException {
    june();
    Path own = Files.createDirectory(folder.resolve("forms"));
    Files.writeString(
        own.resolve("mine.yaml"),
        """
        name: mine
        title: Mine
        source: nobody
        columns:
          - {name: used, zh: 用, en: Used, digits: 2}
        rows:
          - %s
        """
            .formatted(row));
    Site with = site("reports: forms\n");
    String told = own.resolve("mine.yaml") + ":" + why;
    String problems = new Forms(with, SiteFigures.LISTED).problems().toString();
    assertTrue(problems.contains(told), problems);
    Reports.Made made = kept.made(with, "2026-06/mine.xlsx", "en");
    assertEquals(422, made.code());
    assertTrue(new String(made.body(), UTF_8).startsWith(told), new String(made.body(), UTF_8));
    String page = kept.report(with, "2026-06", "en");
    assertTrue(page.contains("⚠ " + Html.escaped(told)), page);
  }

  @Test
  void aFormOfOnesOwnTakesThePlaceOfTheBuiltInOne() throws IOException {
    june();
    Path own = Files.createDirectory(folder.resolve("forms"));
    Files.writeString(
        own.resolve("certificates.yaml"),
        """
        name: certificates
        title: {zh: 我的, en: Mine}
        source: nobody
        columns:
          - {name: who, zh: 谁, en: Who}
          - {name: used, zh: 用, en: Used, digits: 2}
        rows:
          - {who: "={site} {gateway} {period}", used: {elec.grid.import: 0.0001}}
        """);
    Site with = site("reports: forms\n");
    assertEquals(List.of(), new Forms(with, SiteFigures.LISTED).problems());
    String csv = kept.report(with, "2026-06/certificates.csv", "en");
    assertEquals(
        "\ufeffWho,Used\r\n'=无锡高新区 <示范> 站 wx-htz-017 2026-06,12.35\r\nincomplete: see the"
            + " report,\r\n",
        csv);
  }

  private static final String BOUGHT = "\"Electricity, location-based\"";

  private static String last(String csv) {
    return csv.lines().toList().getLast().replaceFirst(",+$", "");
  }

  /** June without a record of its own: its days make it up, if none of them is missing. */
  @Test
  void aSumThatLacksADayFillsNoCell() {
    for (int day = 1; day <= 30; day++) {
      kept.day(LocalDate.of(2026, 6, day), Quality.MEASURED);
    }
    kept.pass(86_400_000L);
    String csv = kept.report("2026-06/carbon-account.csv", "en");
    assertEquals("30465", row(csv, BOUGHT).get(4), csv);
    assertEquals("incomplete: see the report", last(csv));
    for (int day = 1; day <= 31; day++) {
      kept.day(LocalDate.of(2026, 7, day), day == 9 ? Quality.MISSING : Quality.MEASURED);
    }
    kept.pass(86_400_000L);
    csv = kept.report("2026-07/carbon-account.csv", "en");
    assertEquals("", row(csv, BOUGHT).get(4), csv);
    assertEquals("missing", row(csv, BOUGHT).getLast(), csv);
    for (int day = 1; day <= 31; day++) {
      if (day != 9) {
        kept.day(LocalDate.of(2026, 8, day), Quality.MEASURED);
      }
    }
    kept.pass(86_400_000L);
    csv = kept.report("2026-08/carbon-account.csv", "en");
    assertEquals("", row(csv, BOUGHT).get(4), csv);
    // A year whose first months nobody recorded.
    kept.month(YearMonth.of(2026, 6), 30_465, Quality.MEASURED);
    csv = kept.report("2026/carbon-account.csv", "en");
    assertEquals("", row(csv, BOUGHT).get(4), csv);
  }

  @Test
  void aMonthThatGoesOnHasTheSumSoFarAndSaysSo() {
    for (int day = 1; day <= 3; day++) {
      kept.day(LocalDate.of(2026, 6, day), Quality.MEASURED);
    }
    String csv = kept.report("2026-06/carbon-account.csv", "en");
    assertEquals("3006", row(csv, BOUGHT).get(4), csv);
    assertEquals("not over yet; the sum so far: see the report", last(csv));
    kept.day(LocalDate.of(2026, 6, 5), Quality.MEASURED);
    csv = kept.report("2026-06/carbon-account.csv", "en");
    assertEquals("", row(csv, BOUGHT).get(4), csv);
  }

  /** Each form of a month and of its year, opened by the program that people open it with. */
  @Test
  @RequiresTool("soffice")
  void aSpreadsheetProgramReadsWhatTheTableSays() throws Exception {
    june();
    Site with = certified();
    Path books = Files.createDirectory(folder.resolve("books"));
    Map<String, String> tables = new LinkedHashMap<>();
    for (String span : List.of("2026-06", "2026")) {
      for (String form :
          List.of("carbon-account", "certificates", "energy-stock", "key-energy-user")) {
        Reports.Made made = kept.made(with, span + "/" + form + ".xlsx", "zh");
        Files.write(books.resolve(span + "-" + form + ".xlsx"), made.body());
        tables.put(span + "-" + form, kept.report(with, span + "/" + form + ".csv", "zh"));
      }
    }
    convert(books);
    for (Map.Entry<String, String> table : tables.entrySet()) {
      List<String> read = Files.readAllLines(books.resolve(table.getKey() + ".csv"));
      // Above the columns stand the title and where the form is from.
      assertEquals(
          table.getValue().replace("\ufeff", "").lines().toList(), read.subList(2, read.size()));
    }
    String stock = Files.readString(books.resolve("2026-06-energy-stock.csv"));
    assertEquals(List.of("17.559554", "41.198764"), row(stock, "能源合计").subList(10, 12), stock);
    String account = Files.readString(books.resolve("2026-06-carbon-account.csv"));
    assertEquals("75.80827095", row(account, "合计（基于位置）").get(5), account);
    // 21 certificates of 1000 kWh are applied to June, at 0.1229 kgce/kWh; 28 to the year.
    String june = Files.readString(books.resolve("2026-06-certificates.csv"));
    assertEquals(0, new BigDecimal("21").compareTo(sum(june, 3)), june);
    assertEquals(0, new BigDecimal("21000").compareTo(sum(june, 4)), june);
    assertEquals(0, new BigDecimal("2.5809").compareTo(sum(june, 5)), june);
    String year = Files.readString(books.resolve("2026-certificates.csv"));
    assertEquals(0, new BigDecimal("28000").compareTo(sum(year, 4)), year);
  }

  /** Of a column of the rows of certificates. */
  private static BigDecimal sum(String csv, int column) {
    return csv.lines()
        .filter(line -> line.contains("GEC-"))
        .map(line -> new BigDecimal(line.split(",", -1)[column]))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** Numbers as they are, not as they are shown. */
  private void convert(Path books) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "soffice",
                "-env:UserInstallation=" + folder.resolve("office").toUri(),
                "--headless",
                "--convert-to",
                "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false",
                "--outdir",
                books.toString()));
    try (var files = Files.list(books)) {
      files.map(Path::toString).forEach(words::add);
    }
    Process office =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("office.log").toFile())
            .start();
    boolean ended = office.waitFor(2, TimeUnit.MINUTES);
    office.descendants().forEach(ProcessHandle::destroyForcibly);
    office.destroyForcibly().waitFor();
    String said = Files.readString(folder.resolve("office.log"));
    assertTrue(ended && office.exitValue() == 0, said);
  }

  /** Read by a program that is not ours. */
  @Test
  @RequiresTool("python3")
  void aWorkbookHasTheSameNumbersForAForeignReader() throws Exception {
    june();
    Path book = folder.resolve("form.xlsx");
    byte[] body = kept.made(kept.site(), "2026-06/energy-stock.xlsx", "zh").body();
    Files.write(book, body);
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        body, kept.made(kept.site(), "2026-06/energy-stock.xlsx", "zh").body());
    Process python =
        new ProcessBuilder(
                "/usr/bin/python3",
                "-c",
                """
                import openpyxl, sys
                sheet = openpyxl.load_workbook(sys.argv[1]).active
                for row in sheet.iter_rows(values_only=True):
                    print("|".join("" if v is None else repr(v) for v in row))
                """,
                book.toString())
            .redirectErrorStream(true)
            .start();
    String read = new String(python.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, python.waitFor(), read);
    List<String> lines = read.lines().toList();
    assertEquals("'能源购进、消费与库存'", lines.get(0).replaceAll("\\|+$", ""));
    assertTrue(lines.get(2).startsWith("'能源名称'|'计量单位'|'代码'|"), read);
    assertTrue(
        read.contains("'电力'|'万千瓦时'|'33'||12.3456789||12.8056789||||15.738179|39.377389|"), read);
    assertTrue(read.contains("'能源合计'|'吨标准煤'|'40'||||||||17.559554|41.198764|"), read);
    assertEquals(3 + 8 + 1, lines.size(), read);
  }
}
