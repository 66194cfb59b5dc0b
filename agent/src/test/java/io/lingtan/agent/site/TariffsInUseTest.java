package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Tariff.Period;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The next year's rules come as one file. */
final class TariffsInUseTest {

  @TempDir private Path folder;

  private void file(String name, String from, String more) throws IOException {
    Files.writeString(
        Files.createDirectories(folder.resolve("own")).resolve(name + ".yaml"),
        """
        name: %s
        version: "1"
        region: CN-JS
        document: "the next rules"
        valid_from: %s
        seasons:
          - {months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], peak: [08:00-24:00], valley: [00:00-08:00]}
        deep_valley:
          - {days: holidays, slots: [00:00-08:00]}
        %s
        """
            .formatted(name, from, more));
  }

  private Loaded load(String tariff, boolean extras) {
    return new SiteLoader()
        .read(
            folder.resolve("site.yaml"),
            """
            gateway: g1
            site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
            lines:
              - id: a
                modbus-tcp: {host: 192.168.1.20}
                devices:
                  - {id: gate, profile: eastron-sdm630, unit: 1}
            metering:
              tariff: %s
              tariff_extras: %s
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 60}
            mqtt: {servers: ["mqtt://localhost:1883"]}
            tariffs: own
            """
                .formatted(tariff, extras)
                .getBytes(StandardCharsets.UTF_8));
  }

  private Tariff tariff(String tariff, boolean extras) {
    Loaded loaded = load(tariff, extras);
    Site site = loaded.site();
    assertNotNull(site, () -> "" + loaded.problems());
    Tariff read = site.metering().tariff();
    assertNotNull(read);
    return read;
  }

  private List<String> errors(String tariff) {
    return load(tariff, true).problems().stream()
        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
        .map(problem -> problem.line() + ":" + problem.column() + ": " + problem.message())
        .toList();
  }

  @Test
  void eachHoldsUntilTheFirstDayOfTheNext() throws IOException {
    file("jiangsu-2027", "2027-01-01", "holidays: [2027-10-01/2027-10-07]");
    for (String order : List.of("[jiangsu-2025, jiangsu-2027]", "[jiangsu-2027, jiangsu-2025]")) {
      Tariff read = tariff(order, true);
      assertEquals("jiangsu-2025", read.on(LocalDate.of(2026, 12, 31)).name());
      LocalDateTime next = LocalDateTime.parse("2027-01-01T01:00");
      Tariff later = read.on(next.toLocalDate());
      assertEquals("jiangsu-2027", later.name());
      assertEquals(Period.VALLEY, later.period(next, true));
      assertNull(later.unlisted(next));
      assertEquals(LocalDate.of(2027, 12, 31), read.lastDay(true));
    }
  }

  /** Holidays up to 2026, and new rules from June 2027: in between no holidays are listed. */
  @Test
  void itEndsWhereNobodyListsHolidaysUntilTheNextBegins() throws IOException {
    file("jiangsu-2027", "2027-06-01", "holidays: [2027-10-01/2027-10-07]");
    Tariff read = tariff("[jiangsu-2025, jiangsu-2027]", true);
    assertEquals(LocalDate.of(2026, 12, 31), read.lastDay(true));
    assertEquals(LocalDate.of(2027, 12, 31), read.on(LocalDate.of(2027, 6, 1)).lastDay(true));
    assertNull(tariff("[jiangsu-2025, jiangsu-2027]", false).lastDay(false));
  }

  @Test
  void itEndsWithTheLastYearOfHolidaysWhereThesePartsApply() throws IOException {
    Files.createDirectories(folder.resolve("own"));
    assertEquals(LocalDate.of(2026, 12, 31), tariff("jiangsu-2025", true).lastDay(true));
    assertNull(tariff("jiangsu-2025", false).lastDay(false));
    file("short", "2026-01-01", "holidays: [2027-10-01]\nvalid_to: 2027-03-31");
    assertEquals(LocalDate.of(2027, 3, 31), tariff("short", true).lastDay(true));
    assertEquals(LocalDate.of(2027, 3, 31), tariff("short", false).lastDay(false));
  }

  @Test
  void holidaysYearsAfterTheOthersAreDoubted() throws IOException {
    file("odd", "2026-01-01", "holidays: [2026-10-01, 2027-10-01, 2062-10-01/2062-10-07]");
    List<String> told =
        load("odd", true).problems().stream()
            .filter(problem -> problem.message().startsWith("holidays"))
            .map(problem -> problem.severity() + " " + problem.message())
            .toList();
    assertEquals(
        List.of(
            "WARNING holidays of 2062 follow those of 2027, and there are none in between: a wrong"
                + " year?"),
        told);
  }

  /** A copy with more days takes the built-in one's place: then no name changes. */
  @Test
  void aFileOfOnesOwnWinsOverTheBuiltInOne() throws IOException {
    file("jiangsu-2025", "2025-06-01", "holidays: [2027-10-01]");
    assertEquals(LocalDate.of(2027, 12, 31), tariff("jiangsu-2025", true).lastDay(true));
  }

  @Test
  void twoThatBeginTogetherOrLeaveDaysOutAreRefused() throws IOException {
    file("a", "2026-01-01", "valid_to: 2026-06-30");
    file("b", "2027-01-01", "");
    file("c", "2027-01-01", "");
    assertEquals(List.of("9:11: c and b both begin on 2027-01-01"), errors("[b, c]"));
    assertEquals(
        List.of("9:11: no tariff holds from 2026-07-01 to 2026-12-31, between a and b"),
        errors("[a, b]"));
    assertEquals(
        List.of("9:15: no tariff is called 'jiangsu-2052'; did you mean 'jiangsu-2025'?"),
        errors("[a, jiangsu-2052]"));
  }

  /** Each minute of the day has one price: a gap and an overlap are told with their line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peak: [08:00-24:00] | peak: [08:00-23:00] | :7:5: error: no slot has 23:00",
        "peak: [08:00-24:00] | peak: [07:45-24:00] | error: 00:00-08:00 overlaps 07:45-24:00",
        "10, 11, 12] | 10, 11] | error: month 12 is in no season",
        "2, 3, 4 | 2, 2, 3, 4 | :7:21: error: month 2 is here twice",
        "peak: [ | peek: [ | :7:55: error: 'peek' is no key of seasons[]"
      })
  void aTariffWithMissingOrDoubledHoursIsRefused(String part, String by, String why)
      throws IOException {
    file("odd", "2027-01-01", "holidays: [2027-01-01]");
    Path file = folder.resolve("own/odd.yaml");
    Files.writeString(file, Files.readString(file).replace(part, by));
    List<String> told =
        Catalogue.tariffs(folder.resolve("own")).load("odd").problems().stream()
            .map(Problem::toString)
            .toList();
    assertTrue(
        told.stream().anyMatch(each -> each.contains("odd.yaml:") && each.contains(why)),
        told::toString);
  }
}
