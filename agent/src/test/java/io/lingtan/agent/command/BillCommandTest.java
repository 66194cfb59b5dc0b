package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.report.KeptMonths;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code lingtan bill}: a month from the journal and a file of prices. */
final class BillCommandTest {

  private static final String PRICES =
      """
      prices:
        - month: 2026-07
          source: "the table of July"
          floated: {purchase: 0.3957}
          fixed: {line_loss: 0.0115, system_operation: 0.0736, transmission: 0.1298, funds: 0.0294}
          factors: {sharp: 2.16, peak: 1.8, flat: 1, valley: 0.35, deep: 0.28}
          row: {peak: 0.9566, flat: 0.6400, valley: 0.3828}
          capacity: 32
          demand: 51.2
      """;

  private static final String BILL =
      "{class: industry, kva: 1250, prices: prices.yaml, basic: contract, contract_kw: 1000,"
          + " power_factor: 0.90}";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Path site(String bill) throws IOException {
    Path file = folder.resolve("billed.yaml");
    Files.writeString(
        file,
        """
        gateway: wx-htz-017
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: roof
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - {id: gate, profile: eastron-sdm630, unit: 1, every: 1s}
        metering:
          tariff: jiangsu-2025
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 400}
        journal: {path: journal.db}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        bill: %s
        """
            .formatted(bill));
    return file;
  }

  private int bill(Path site, String... more) {
    CommandLine line = new CommandLine(new BillCommand(new SystemTime(List.of("system"))));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> words = new java.util.ArrayList<>(List.of("--config", site.toString()));
    words.addAll(List.of(more));
    return line.execute(words.toArray(String[]::new));
  }

  private static Metric kilo(long value) {
    return new Metric(value * 1_000_000, "kW.h", Quality.MEASURED, 100, 0, null, null, null);
  }

  private static SequencedMap<String, Metric> july() {
    SequencedMap<String, Metric> figures = new LinkedHashMap<>();
    figures.put("elec.grid.import", kilo(386_000));
    figures.put("elec.grid.import.sharp", kilo(48_000));
    figures.put("elec.grid.import.peak", kilo(80_000));
    figures.put("elec.grid.import.flat", kilo(128_000));
    figures.put("elec.grid.import.valley", kilo(130_000));
    figures.put("reactive.import", kilo(165_000));
    figures.put("reactive.export", kilo(0));
    figures.put(
        "demand.month_max",
        new Metric(1_085_500_000L, "kW", Quality.MEASURED, 100, 0, null, null, null));
    return figures;
  }

  @Test
  void aMonthOfTheJournalIsBilledToTheFen() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.month(YearMonth.of(2026, 7), july());
      Path site = site(BILL);
      assertEquals(ExitCode.GOOD, bill(site, "--month", "2026-07"), err::toString);
      String text = out.toString();
      for (String each :
          List.of(
              "prices.yaml:2: the table of July",
              "purchase_sharp",
              "41026.18",
              "contract",
              "49351.68",
              "-896.89",
              "309415.52",
              "1071 kW   x 46.08 ",
              "greatest demand 1085.5 kW; agreed 1000 kW, beyond 105 % of it 35.5 kW",
              "cheapest: capacity",
              "capacity 40000.00",
              "equal at 868.1 kW")) {
        assertTrue(text.contains(each), () -> each + " is not in\n" + text);
      }
      out.getBuffer().setLength(0);
      assertEquals(ExitCode.GOOD, bill(site, "--month", "2026-07", "--json"));
      assertTrue(out.toString().contains("\"total_fen\":30941552"), out::toString);
      assertTrue(out.toString().contains("\"break_even_kw\":868.055556,"), out::toString);
      assertTrue(!out.toString().matches(".*[0-9]\\.[0-9]{7}.*"), out::toString);
      assertTrue(
          out.toString()
              .contains(
                  "\"demand\":{\"kw\":1085.5,\"agreed_kw\":1000,\"beyond_kw\":35.5,"
                      + "\"q\":\"measured\"},\"cheapest\":[\"capacity\"]"),
          out::toString);
      assertEquals(ExitCode.WRONG_USAGE, bill(site, "--month", "2026-08"));
      assertTrue(
          err.toString().contains("no prices of 2026-08, only of 2026-07 at "), err::toString);
      assertTrue(err.toString().contains("add an entry"), err::toString);
      assertEquals(ExitCode.WRONG_USAGE, bill(site, "--month", "2026-13"));
      assertTrue(err.toString().contains("'2026-13' is no month, such as 2026-07"), err::toString);
    }
  }

  @Test
  void theMonthlyReportHasTheSameBill() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.month(YearMonth.of(2026, 7), july());
      Site site = Objects.requireNonNull(new SiteLoader().load(site(BILL)).site());
      String page = kept.report(site, "2026-07", "zh");
      for (String each :
          List.of(
              "电费",
              "购电 尖峰",
              "基本电费（合同需量）",
              "309\u2009415.52",
              "均价 0.8016",
              "超过其 105 % 的 35.5 kW",
              "最省：基本电费（容量）")) {
        assertTrue(page.contains(each), () -> each + " is not in\n" + page);
      }
      assertTrue(page.contains("购电 尖峰<small>分时下网电量 尖峰</small>"), page);
      String csv = kept.report(site, "2026-07.csv", "en");
      assertTrue(
          csv.contains("bill,power_factor,power factor adjustment,-896.89,{CNY},measured"), csv);
      assertTrue(csv.contains("bill,demand_kw,greatest demand,1085.5,kW,measured"), csv);
      assertTrue(csv.contains("bill,total,total,309415.52,{CNY},measured"), csv);
    }
  }

  @Test
  void aMonthWithoutAFigureHasNoTotal() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    try (KeptMonths kept = new KeptMonths(folder)) {
      SequencedMap<String, Metric> figures = july();
      figures.put("elec.grid.import.peak", Metric.missing("kW.h", "gate: timeout"));
      kept.month(YearMonth.of(2026, 7), figures);
      assertEquals(ExitCode.FAILED, bill(site(BILL), "--month", "2026-07"));
      String text = out.toString();
      assertTrue(text.contains("missing: gate: timeout"), text);
      assertTrue(text.matches("(?s).*total yuan +— .*"), text);
    }
  }

  /** As of a gateway that began within it: each line would be too little. */
  @Test
  void aMonthOfWhichAPartWasCountedHasNoTotal() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    try (KeptMonths kept = new KeptMonths(folder)) {
      SequencedMap<String, Metric> figures = july();
      figures.put(
          "elec.grid.import",
          new Metric(386_000_000_000L, "kW.h", Quality.PARTIAL, 50, 0, null, null, null));
      kept.month(YearMonth.of(2026, 7), figures);
      assertEquals(ExitCode.FAILED, bill(site(BILL), "--month", "2026-07"), out::toString);
      assertTrue(
          out.toString()
              .contains("! elec.grid.import is of a part of the month alone: it has no total"),
          out::toString);
      assertTrue(out.toString().matches("(?s).*total yuan +—  .*"), out::toString);
    }
  }

  /**
   * Capacity is paid for the whole month: with the energy of some days it is no bill of anything.
   */
  @Test
  void aMonthThatIsNotWholeHasNoTotal() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    Site site =
        Objects.requireNonNull(
            new SiteLoader()
                .load(site("{class: industry, kva: 1250, prices: prices.yaml, basic: capacity}"))
                .site());
    YearMonth month = YearMonth.of(2026, 7);
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.day(month.atDay(1), july());
      kept.day(month.atDay(2), july());
      MonthStatement made = kept.bill(site, month);
      assertNull(made.bill());
      assertEquals(List.of("the month is not over: it has no total yet"), made.wanting());
      assertEquals(Quality.PARTIAL, made.quality());
      String page = kept.report(site, "2026-07", "zh");
      assertTrue(page.contains("⚠ 本月尚未结束，暂不合计。"), page);
      for (int day = 4; day <= 31; day++) {
        kept.day(month.atDay(day), july());
      }
      made = kept.bill(site, month);
      assertNull(made.bill());
      assertEquals(
          List.of(
              "there is no record of the month: its days are added up",
              "1 days have no record: without them no total"),
          made.wanting());
      kept.month(month, july());
      made = kept.bill(site, month);
      assertNotNull(made.bill());
      assertEquals(List.of(), made.wanting());
    }
  }

  @Test
  void anOldRevisionIsNoBillWhileTheNewestIsUnread() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    Site site = Objects.requireNonNull(new SiteLoader().load(site(BILL)).site());
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.month(YearMonth.of(2026, 7), july());
      for (int more = 0; more < 40; more++) {
        kept.month(YearMonth.of(2026, 7), july());
      }
      kept.slow(31_000);
      MonthStatement made = kept.bill(site, YearMonth.of(2026, 7));
      assertNull(made.bill());
      assertTrue(
          made.wanting()
              .contains("the history could not be read to its end in time: try again for a total"),
          () -> made.wanting().toString());
    }
  }

  @Test
  void pricesByPeriodWithoutATariffAreToldOf() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    Path file = site(BILL);
    Files.writeString(file, Files.readString(file).replace("  tariff: jiangsu-2025\n", ""));
    List<String> told =
        new SiteLoader().load(file).problems().stream().map(Object::toString).toList();
    assertTrue(
        told.stream().anyMatch(each -> each.contains("all is billed as flat")), told::toString);
  }

  @Test
  void theVoltagesThatThereAreAreNamed() throws IOException {
    Files.writeString(
        folder.resolve("prices.yaml"),
        PRICES.replace("    source", "    voltage: 10kV\n    source"));
    List<String> told = told(BILL.replace("}", ", voltage: 35kV}"));
    assertTrue(told.getFirst().contains("the voltage 35kV; "), told::toString);
    assertTrue(told.getFirst().contains("10kV"), told::toString);
    assertTrue(
        told(BILL).getFirst().contains("bill.voltage, one of 10kV"), () -> told(BILL).toString());
  }

  /** Each with the file, the line and what is wrong there. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "purchase: 0.3957 | purchase: -0.3957 | 4:25: error: purchase is a number from 0 to 10",
        "funds: 0.0294 | funds: 39.57 | 5:87: error: funds is a number from 0 to 10",
        "capacity: 32 | capazity: 32 | 8:5: error: 'capazity' is no key of prices[]; did you mean"
            + " 'capacity'",
        "valley: 0.35, | 'valley: 0,' | 6:56: error: the factor of valley is above 0",
        "deep: 0.28 | deeper: 0.28 | 6:62: error: 'deeper' is no period; did you mean 'deep'",
        ", deep: 0.28 | '' | 6:5: error: nothing is given for the period deep",
        "month: 2026-07 | month: 2026-13 | 2:12: error: a month is such as 2026-08",
        "month: 2026-07 | month: 2026-07/2026-06 | 2:12: error: a month is such as 2026-08",
        "funds: 0.0294 | purchase: 0.0294 | error: purchase is floated, too",
        "funds: 0.0294 | capacity: 0.0705 | 5:80: error: capacity is a line of the bill that is no",
        "funds: 0.0294 | power_factor: 0.01 | 5:80: error: power_factor is a line of the bill that",
        "purchase: 0.3957 | demand: 0.3957 | 4:15: error: demand is a line of the bill that is no",
        "funds: 0.0294 | purchase_peak: 0.0294 | 5:12: error: purchase_peak is the line of"
            + " purchase",
        "'    demand: 51.2\n' | '' | 2:5: error: demand is missing",
        "peak: 0.9566,  | '' | good",
        "'flat: 0.6400,' | '' | 7:10: error: a row has the period with the factor 1"
      })
  void aWrongFileOfPricesIsRefusedWhereItIsWrong(String part, String by, String why)
      throws IOException {
    String wrong = PRICES.replace(part.replace("\\n", "\n"), by);
    assertTrue(!wrong.equals(PRICES), part);
    Files.writeString(folder.resolve("prices.yaml"), wrong);
    List<String> told = told(BILL);
    assertTrue(
        why.equals("good")
            ? told.isEmpty()
            : told.stream().anyMatch(each -> each.contains(why) && each.contains("prices.yaml:")),
        told::toString);
  }

  @Test
  void aMonthThatIsThereTwiceIsRefused() throws IOException {
    Files.writeString(
        folder.resolve("prices.yaml"), PRICES + PRICES.substring(PRICES.indexOf('\n') + 1));
    assertTrue(
        told(BILL).getFirst().contains("prices.yaml:10:12: error: these months have prices at"),
        () -> told(BILL).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kva: 1250 | kva: -1 | kva is a number from 1",
        "class: industry | class: farm | farm' is no class",
        ", contract_kw: 1000 | '' | bill needs contract_kw",
        "power_factor: 0.90 | power_factor: 0.95 | 0.95' is no power_factor",
        "prices: prices.yaml | prices: other.yaml | other.yaml does not exist; config/prices/",
        "power_factor: 0.90 | one_season: true | leaves no such choice",
        "power_factor: 0.90 | outside: [fund] | fund' is no part of the prices; did you mean"
            + " 'funds'",
        "power_factor: 0.90 | outside: [capacity] | capacity' is no part of the prices",
        "power_factor: 0.90 | powerfactor: 0.90 | powerfactor' is no key of bill"
      })
  void wrongTermsAreRefused(String part, String by, String why) throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    List<String> told = told(BILL.replace(part, by));
    assertTrue(
        told.stream().anyMatch(each -> each.contains("billed.yaml:14") && each.contains(why)),
        told::toString);
  }

  @Test
  void metersAreReadWhateverIsWrongWithThePrices() throws IOException {
    Files.writeString(
        folder.resolve("prices.yaml"), PRICES.replace("purchase: 0.3957", "purchase: 3957"));
    Path file = site(BILL);
    Site site = new SiteLoader().load(file).site();
    assertNotNull(site, "a slip in a table of prices must not keep a gateway from its start");
    assertNotNull(site.bill());
    assertEquals(List.of(), site.bill().prices());
    assertEquals(ExitCode.WRONG_USAGE, bill(file, "--month", "2026-07"));
    assertEquals("", out.toString());
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    site = new SiteLoader().load(site(BILL.replace("}", ", outside: [fund]}"))).site();
    assertNotNull(site);
    assertEquals(List.of(), Objects.requireNonNull(site.bill()).prices());
    Files.delete(folder.resolve("prices.yaml"));
    assertNotNull(new SiteLoader().load(file).site());
  }

  @Test
  void termsThatCanNeverGiveABillAreTold() throws IOException {
    Files.writeString(folder.resolve("prices.yaml"), PRICES);
    Path file = site(BILL);
    String good = Files.readString(file);
    Files.writeString(file, good.replace("  tariff:", "  interval: 5m\n  tariff:"));
    String told = new SiteLoader().load(file).problems().toString();
    assertTrue(told.contains("known with metering.interval: 15m alone, not 5m"), told);
    assertEquals(ExitCode.WRONG_USAGE, bill(file, "--month", "2026-07"));
    Files.writeString(
        file,
        good.replace("  tariff:", "  interval: 5m\n  tariff:")
            .replace("basic: contract", "demand: sliding, basic: contract"));
    assertEquals(List.of(), new SiteLoader().load(file).problems());
    Files.writeString(file, good.replace("eastron-sdm630", "chint-dtsu666"));
    Loaded loaded = new SiteLoader().load(file);
    assertNotNull(loaded.site());
    told = loaded.problems().toString();
    assertTrue(told.contains("warning: no gate meter counts reactive energy"), told);
  }

  private List<String> told(String bill) {
    try {
      Loaded loaded = new SiteLoader().load(site(bill));
      return loaded.problems().stream().map(Object::toString).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
