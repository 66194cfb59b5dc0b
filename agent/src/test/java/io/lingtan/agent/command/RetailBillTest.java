package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.bill.DayCharge;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.bill.MonthStatement.Line;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.terms.TermsInForce.Settings;
import io.lingtan.agent.status.report.BillForm;
import io.lingtan.agent.status.report.KeptMonths;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A month bought by a retail package, whose parts of the day are the contract's own. */
final class RetailBillTest {

  private static final YearMonth JULY = YearMonth.of(2026, 7);
  private static final String PRICES = "{night: 0.3000, day: 0.4100, evening: 0.5200}";
  private static final Map<String, BigDecimal> PRICE =
      Map.of(
          "night", new BigDecimal("0.3"),
          "day", new BigDecimal("0.41"),
          "evening", new BigDecimal("0.52"));

  private static final String CALENDAR =
      """
      name: package-a
      document: Retail contract 2026-017, annex 2
      days:
        - {dates: [2026-07-14/2026-07-15], slots: {night: [00:00-24:00]}}
        - {weekdays: [sat, sun], months: [7, 8], slots: {night: [00:00-12:00], day: [12:00-24:00]}}
        - {slots: {night: [00:00-08:00, 23:00-24:00], day: [08:00-17:00], evening: [17:00-23:00]}}
      """;

  @TempDir private Path folder;

  private static long bought(long quarter) {
    return 12_345_678L + quarter * 104_729 % 90_000_000;
  }

  /** The same rule once more, without the file. */
  private static String part(LocalDateTime at) {
    int day = at.getDayOfMonth();
    int hour = at.getHour();
    if (day == 14 || day == 15) {
      return "night";
    }
    if (at.getDayOfWeek().getValue() > 5) {
      return hour < 12 ? "night" : "day";
    }
    return hour < 8 || hour == 23 ? "night" : hour < 17 ? "day" : "evening";
  }

  private Loaded load(String calendar, String contract, String interval) throws IOException {
    Files.writeString(folder.resolve("package.yaml"), calendar);
    Files.writeString(
        folder.resolve("prices.yaml"),
        """
        prices:
          - month: 2026-07/2026-08
            source: retail contract 2026-017
            contract: %s
            calendar: package.yaml
            fixed: {transmission: 0.1298, funds: 0.0294}
        """
            .formatted(contract));
    Path file = folder.resolve("retail.yaml");
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

  private Site site(String calendar) throws IOException {
    Loaded loaded = load(calendar, PRICES, "15m");
    assertEquals(0, loaded.problems().size(), loaded.problems()::toString);
    return Objects.requireNonNull(loaded.site());
  }

  private static long fen(BigDecimal kwh, BigDecimal price) {
    return kwh.multiply(price).movePointRight(2).setScale(0, RoundingMode.HALF_UP).longValueExact();
  }

  private static long rest(BigDecimal kwh) {
    return fen(kwh, new BigDecimal("0.1298")) + fen(kwh, new BigDecimal("0.0294"));
  }

  private static Line line(MonthStatement of, String name) {
    return of.lines().stream().filter(line -> line.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void eachPartOfTheContractIsALineOfTheDayAndOfTheMonth() throws IOException {
    Site site = site(CALENDAR);
    try (KeptMonths kept = new KeptMonths(folder)) {
      kept.quarters(JULY, RetailBillTest::bought);
      MonthStatement made = kept.bill(site, JULY);
      Map<String, BigDecimal> month = new TreeMap<>();
      BigDecimal all = BigDecimal.ZERO;
      for (int day = 0; day < 31; day++) {
        Map<String, BigDecimal> parts = new TreeMap<>();
        for (int i = day * 96; i < day * 96 + 96; i++) {
          BigDecimal kwh = BigDecimal.valueOf(bought(i), 6);
          String part = part(JULY.atDay(1).atStartOfDay().plusMinutes(15L * i));
          parts.merge(part, kwh, BigDecimal::add);
          month.merge(part, kwh, BigDecimal::add);
          all = all.add(kwh);
        }
        BigDecimal kwh = parts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        long cost = rest(kwh);
        for (Map.Entry<String, BigDecimal> part : parts.entrySet()) {
          cost += fen(part.getValue(), PRICE.getOrDefault(part.getKey(), BigDecimal.ZERO));
        }
        DayCharge told = made.days().get(day);
        assertEquals(cost, told.fen(), told::toString);
        assertEquals(Quality.MEASURED, told.quality());
      }
      long total = rest(all);
      for (Map.Entry<String, BigDecimal> part : month.entrySet()) {
        long fen = fen(part.getValue(), PRICE.getOrDefault(part.getKey(), BigDecimal.ZERO));
        Line line = line(made, "purchase_" + part.getKey());
        assertEquals(fen, line.fen());
        assertEquals(0, part.getValue().compareTo(line.amount()), line::toString);
        assertEquals("elec.grid.import", line.figures());
        total += fen;
      }
      assertNotNull(made.bill(), made::toString);
      assertEquals(total, made.bill().totalFen());
      String json = BillForm.json(made);
      assertTrue(json.contains("\"calendar\":\"package-a, Retail contract 2026-017"), json);
      assertTrue(json.matches("(?s).*\"calendar_version\":\"[0-9a-f]{64}\".*"), json);
      String page = kept.report(site, "2026-07", "zh");
      assertTrue(page.contains("购电 evening") && page.contains("零售套餐时段：package-a"), page);
      anotherCalendarBillsOtherwise(kept, made);
      quartersThatWereToldOtherwise(kept, site);
    }
  }

  /** Another package is another file, and not what the month was counted by. */
  private void anotherCalendarBillsOtherwise(KeptMonths kept, MonthStatement one)
      throws IOException {
    Settings before = Settings.of(site(CALENDAR), JULY);
    Site moved = site(CALENDAR.replace("2026-07-14/2026-07-15", "2026-07-16"));
    assertTrue(
        Objects.requireNonNull(line(one, "purchase_night").fen())
            > Objects.requireNonNull(line(kept.bill(moved, JULY), "purchase_night").fen()));
    assertNotEquals(before, Settings.of(moved, JULY));
    assertEquals(before, Settings.of(site(CALENDAR + "# signed in May\n"), JULY));
  }

  /** A day without a charge, and a month without a total. */
  private static void quartersThatWereToldOtherwise(KeptMonths kept, Site site) {
    kept.again(LocalDateTime.of(2026, 7, 31, 12, 0), 1);
    MonthStatement made = kept.bill(site, JULY);
    assertNull(made.bill());
    assertNull(made.days().getLast().fen());
    assertTrue(
        String.valueOf(line(made, "purchase_day").why()).contains("2026-07-31: its intervals"),
        made::toString);
    assertNotNull(made.days().getFirst().fen());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "08:00-17:00] | 09:00-17:00] | package.yaml:6:5: error: no slot has 08:00",
        "08:00-17:00] | 07:00-17:00] | 6:55: error: 07:00-17:00 overlaps 00:00-08:00",
        "08:00-17:00] | 8-17]        | 6:55: error: a slot is such as 06:00-11:00",
        "[sat, sun]   | [sat, son]   | 5:22: error: 'son' is no weekday",
        "2026-07-15]  | 2026-06-15]  | 4:14: error: days are such as 2026-10-01",
        "months: [7, 8] | months: [13] | 5:37: error: a month is a number from 1 to 12",
        "evening:     | late:        | prices.yaml:4:5: error: nothing is given for the part late",
        "- {slots     | - {months: [7], slots | prices.yaml:5:15: error: the calendar package-a"
            + " says nothing of 2026-08-03",
        "name: package-a | nam: package-a | package.yaml:1:1: error: 'nam' is no key",
      })
  void aWrongCalendarIsToldWithItsPlaceAndBillsNothing(String part, String by, String why)
      throws IOException {
    assertTrue(CALENDAR.contains(part), part);
    Loaded loaded = load(CALENDAR.replace(part, by), PRICES, "15m");
    assertNotNull(loaded.site(), "meters are read whatever is wrong with prices");
    assertTrue(Objects.requireNonNull(loaded.site().bill()).prices().isEmpty());
    assertTrue(
        loaded.problems().stream().map(Object::toString).anyMatch(each -> each.contains(why)),
        loaded.problems()::toString);
  }

  @Test
  void aPriceOfNoPartAndAPartWithinAnIntervalAreRefused() throws IOException {
    Loaded unused = load(CALENDAR, PRICES.replace("}", ", dawn: 0.2}"), "15m");
    assertTrue(
        unused.problems().toString().contains("the calendar package-a has no part dawn"),
        unused.problems()::toString);
    Loaded within = load(CALENDAR.replace("08:00", "08:10"), PRICES, "15m");
    assertTrue(
        within.problems().toString().contains("begins within an interval of 15m"),
        within.problems()::toString);
    assertTrue(
        Objects.requireNonNull(Objects.requireNonNull(within.site()).bill()).prices().isEmpty());
  }
}
