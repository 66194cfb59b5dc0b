package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.bill.DayCharge;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.report.BillForm;
import io.lingtan.agent.status.report.KeptMonths;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A month bought on the spot market: a price for each quarter of an hour. */
final class SpotBillTest {

  private static final YearMonth JULY = YearMonth.of(2026, 7);
  private static final int QUARTERS = 31 * 96;

  @TempDir private Path folder;

  /** Ten thousandths of a yuan: from -0.0500 to 0.6499. */
  private static int price(int quarter) {
    return quarter * 7919 % 7000 - 500;
  }

  private static long bought(long quarter) {
    return 12_345_678L + quarter * 104_729 % 90_000_000;
  }

  private String table() {
    StringBuilder table = new StringBuilder("start,yuan_per_kwh\n");
    LocalDateTime at = JULY.atDay(1).atStartOfDay();
    for (int i = 0; i < QUARTERS; i++) {
      table.append("%s,%s\n".formatted(at.plusMinutes(15L * i), BigDecimal.valueOf(price(i), 4)));
    }
    return table.toString();
  }

  private Loaded load(String table) throws IOException {
    return load(table, "15m");
  }

  private Loaded load(String table, String interval) throws IOException {
    Files.writeString(folder.resolve("july.csv"), table);
    Files.writeString(
        folder.resolve("prices.yaml"),
        """
        prices:
          - month: 2026-07
            source: spot market of the province
            spot: july.csv
            fixed: {transmission: 0.1298, funds: 0.0294}
        """);
    Path file = folder.resolve("spot.yaml");
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
          interval: %s
          tariff: jiangsu-2025
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 400}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        bill: {class: industry, kva: 1250, prices: prices.yaml}
        """
            .formatted(interval));
    return new SiteLoader().load(file);
  }

  private static long fen(BigDecimal yuan) {
    return yuan.movePointRight(2).setScale(0, RoundingMode.HALF_UP).longValueExact();
  }

  @Test
  void eachDayIsClearedByItselfAndTheMonthIsTheirSum() throws IOException {
    Site site = Objects.requireNonNull(load(table()).site());
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.quarters(JULY, SpotBillTest::bought);
      MonthStatement made = kept.bill(site, JULY);
      long purchase = 0;
      BigDecimal all = BigDecimal.ZERO;
      for (int day = 0; day < 31; day++) {
        BigDecimal yuan = BigDecimal.ZERO;
        BigDecimal kwh = BigDecimal.ZERO;
        for (int i = day * 96; i < day * 96 + 96; i++) {
          BigDecimal of = BigDecimal.valueOf(bought(i), 6);
          kwh = kwh.add(of);
          yuan = yuan.add(of.multiply(BigDecimal.valueOf(price(i), 4)));
        }
        long rest =
            fen(kwh.multiply(new BigDecimal("0.1298")))
                + fen(kwh.multiply(new BigDecimal("0.0294")));
        DayCharge told = made.days().get(day);
        assertEquals(fen(yuan) + rest, told.fen(), told::toString);
        assertEquals(Quality.MEASURED, told.quality());
        purchase += fen(yuan);
        all = all.add(kwh);
      }
      assertEquals(
          purchase,
          made.lines().stream()
              .filter(line -> line.name().equals("purchase_spot"))
              .findFirst()
              .orElseThrow()
              .fen());
      assertNotNull(made.bill(), made::toString);
      assertEquals(
          purchase
              + fen(all.multiply(new BigDecimal("0.1298")))
              + fen(all.multiply(new BigDecimal("0.0294"))),
          made.bill().totalFen());
      String json = BillForm.json(made);
      assertTrue(json.contains("\"days\":[{\"day\":\"2026-07-01\",\"kwh\":"), json);
      assertTrue(json.matches("(?s).*\"spot_version\":\"[0-9a-f]{64}\".*"), json);
      String page = kept.report(site, "2026-07", "zh");
      assertTrue(page.contains("购电 现货") && page.contains("每日电量电费"), page);
      assertTrue(
          kept.report(site, "2026-07.csv", "en")
              .contains("bill,energy_2026-07-31,energy of the day"));
    }
  }

  @Test
  void aDayWhoseQuartersWereToldOtherwiseHasNoCharge() throws IOException {
    Site site = Objects.requireNonNull(load(table()).site());
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.quarters(JULY, SpotBillTest::bought);
      kept.again(LocalDateTime.of(2026, 7, 31, 12, 0), 1);
      MonthStatement made = kept.bill(site, JULY);
      assertNull(made.bill());
      DayCharge last = made.days().getLast();
      assertNull(last.fen());
      assertTrue(String.valueOf(last.why()).contains("do not add up to the day"), last::toString);
      assertNotNull(made.days().getFirst().fen());
    }
  }

  /** An interval of ten minutes has parts of two quarters, each with a price of its own. */
  @ParameterizedTest
  @CsvSource({"1m,true", "5m,true", "10m,false", "15m,true", "30m,false"})
  void anIntervalThatCrossesQuartersHasNoPrice(String interval, boolean billed) throws IOException {
    Loaded loaded = load(table(), interval);
    Site site = Objects.requireNonNull(loaded.site(), loaded.problems()::toString);
    assertEquals(billed, !Objects.requireNonNull(site.bill()).prices().isEmpty());
    assertEquals(
        !billed,
        loaded.problems().toString().contains("which intervals of " + interval + " cross"),
        loaded.problems()::toString);
  }

  /** The meter was dark over the month's end: what it counted is told when it is read again. */
  @Test
  void aRevisionOfDaysLaterCountsWithTheDayThatItIsTold() throws IOException {
    Site site = Objects.requireNonNull(load(table()).site());
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.quarters(JULY, SpotBillTest::bought);
      kept.pass(10 * 86_400_000L);
      LocalDateTime noon = LocalDateTime.of(2026, 7, 31, 12, 0);
      long before = bought(30 * 96 + 48);
      kept.again(noon, before + 7_000_000);
      kept.dayAgain(noon.toLocalDate(), sum(30) + 7_000_000);
      kept.monthAgain(JULY, sum() + 7_000_000);
      MonthStatement made = kept.bill(site, JULY);
      assertNull(made.days().getLast().why(), made.days().getLast()::toString);
      assertNotNull(made.bill(), made::toString);
    }
  }

  /** However often they were told: of each the newest is kept, and no more. */
  @Test
  void quartersThatWereToldManyTimesAreAllRead() throws IOException {
    Site site = Objects.requireNonNull(load(table()).site());
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.quarters(JULY, SpotBillTest::bought, 4);
      MonthStatement made = kept.bill(site, JULY);
      assertEquals(List.of(), made.wanting());
      assertNotNull(made.bill(), made.days()::toString);
    }
  }

  @Test
  void aTableThatEndsWithinItsLastLineIsDoubted() throws IOException {
    assertEquals(List.of(), load(table()).problems());
    Loaded cut = load(table().replaceFirst("[0-9]\n$", ""));
    Site site = Objects.requireNonNull(cut.site());
    assertEquals(1, Objects.requireNonNull(site.bill()).prices().size());
    assertEquals(1, cut.problems().size(), cut.problems()::toString);
    String told = cut.problems().getFirst().toString();
    assertTrue(
        told.contains("july.csv:%d:1: warning: the last line has no end".formatted(QUARTERS + 1)),
        told);
  }

  private static long sum(int day) {
    long sum = 0;
    for (int i = day * 96; i < day * 96 + 96; i++) {
      sum += bought(i);
    }
    return sum;
  }

  private static long sum() {
    long sum = 0;
    for (int day = 0; day < 31; day++) {
      sum += sum(day);
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "start,yuan_per_kwh | from,price | 1:1: error: the first line is start,yuan_per_kwh",
        "2026-07-01T00:15, | 2026-06-01T00:15, | 3:1: error: 2026-06-01T00:15 is not in 2026-07",
        "2026-07-01T00:15, | 2026-07-01T00:00, | 3:1: error: 2026-07-01T00:00 has a price in line"
            + " 2",
        "2026-07-01T00:15, | 2026-07-01T00:20, | 3:1: error: a line is such as",
        "2026-07-01T00:15,0 | 2026-07-01T00:15,99 | 3:18: error: a price is a number from -10",
        "2026-07-01T00:15,0 | 2026-07-01T00:15,x0 | 3:18: error: a price is a number from -10",
        "2026-07-01T00:15,0.0419 | '' | 2026-07-01T00:15 has no price: each quarter of an hour",
      })
  void aWrongPriceSpoilsTheTableAndIsToldWithItsPlace(String part, String by, String why)
      throws IOException {
    String table = table();
    assertTrue(table.contains(part), table.substring(0, 200));
    Loaded loaded = load(table.replaceFirst(part, by));
    assertNotNull(loaded.site(), "meters are read whatever is wrong with prices");
    assertTrue(Objects.requireNonNull(loaded.site().bill()).prices().isEmpty());
    assertTrue(
        loaded.problems().stream()
            .map(Object::toString)
            .anyMatch(each -> each.contains("july.csv:") && each.contains(why)),
        loaded.problems()::toString);
  }
}
