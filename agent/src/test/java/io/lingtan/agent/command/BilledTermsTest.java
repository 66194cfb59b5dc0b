package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A month is billed by what was in force while it ran, or the bill says that it is not. */
final class BilledTermsTest {

  private static final long QUARTER = 900_000;
  private static final int A_DAY = 96;

  private static final String PRICES =
      """
      prices:
        - month: 2026-07
          source: "the table of July"
          floated: {purchase: 0.3957}
          fixed: {transmission: 0.1298, funds: 0.0294}
          factors: {sharp: 2.16, peak: 1.8, flat: 1, valley: 0.35, deep: 0.28}
          capacity: 32
          demand: 51.2
      """;

  private static final String SITE =
      """
      gateway: billed
      site: {region: CN-JS, zone: Asia/Shanghai}
      lines:
        - id: a
          serial: {port: /dev/ttyAMA0, baud: 9600}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
      tariffs: own
      metering:
        tariff: js
        max_interpolation: 20m
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 900}
      journal: {path: journal.db}
      bill: {class: industry, kva: 1250, basic: contract, contract_kw: 500, power_factor: 0.90, prices: prices.yaml}
      mqtt: {servers: ["mqtt://localhost:1883"]}
      """;

  @TempDir private Path folder;

  private final VirtualTime time = new VirtualTime(at("2026-06-30T23:00"));
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String tariff = "";
  private long register = 1_000_000_000L;

  private static long at(String local) {
    return Instant.parse(local + ":00Z").minus(Duration.ofHours(8)).toEpochMilli();
  }

  private void write(String site, String prices, String tariffNow) throws IOException {
    Files.createDirectories(folder.resolve("own"));
    Files.writeString(folder.resolve("site.yaml"), site);
    Files.writeString(folder.resolve("prices.yaml"), prices);
    Files.writeString(folder.resolve("own/js.yaml"), tariffNow);
  }

  private void asItWas() throws IOException {
    tariff =
        Files.readString(Path.of("../config/tariffs/jiangsu-2025.yaml"))
            .replace("name: jiangsu-2025", "name: js");
    write(SITE, PRICES, tariff);
  }

  private static String changed(String text, String part, String by) {
    String other = text.replace(part, by);
    assertTrue(part.isEmpty() || !other.equals(text), part);
    return part.isEmpty() ? text : other;
  }

  /** Starts the ledger by the files as they are, and ends it. */
  private void runUntil(String local) {
    Loaded loaded = new SiteLoader().load(folder.resolve("site.yaml"));
    Site site = loaded.site();
    assertNotNull(site, () -> loaded.problems().toString());
    Journal journal =
        Journal.open(
            new JournalOptions(site.journal().path(), 512L << 20, "m"),
            time,
            Randomness.seeded(24));
    Inbox<Arrival> inbox = new Inbox<>(4096);
    LedgerStep ledger = new LedgerStep(site, journal, inbox, time);
    try {
      for (long end = at(local); time.wall().millisAt(time.now()) <= end; ) {
        for (int i = 0; i < A_DAY && time.wall().millisAt(time.now()) <= end; i++) {
          inbox.offer(new Arrival.Recorded(sample()));
          time.advanceMillis(QUARTER);
          register += 25_000_000L;
        }
        ledger.step(time.now());
      }
    } finally {
      ledger.close();
      journal.close();
    }
  }

  private Sample sample() {
    Values.Builder values = new Values.Builder();
    for (String each : List.of("energy_import", "reactive_energy_import")) {
      values.put(Point.of(each), register);
    }
    values.put(Point.of("reactive_energy_export"), 0L);
    return Sample.of("gate", time.boot(), time.now().nanos(), values.build());
  }

  private String bill(String file) {
    out.getBuffer().setLength(0);
    CommandLine line = new CommandLine(new BillCommand(time));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String config = folder.resolve(file).toString();
    assertEquals(
        ExitCode.GOOD, line.execute("--config", config, "--month", "2026-07"), err::toString);
    return out.toString();
  }

  private static void assertQuality(String quality, String bill) {
    for (String line : bill.lines().filter(each -> each.matches("  [a-z_]+ +.*")).toList()) {
      boolean isLine = line.contains(" x ") || line.startsWith("  total");
      assertTrue(!isLine || line.endsWith(" " + quality), () -> line + "\nin\n" + bill);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "site | kva: 1250 | kva: 250 | suspect | import was put into periods by others than these",
        "site | kva: 1250 | kva: 1600 | suspect | other terms were in force (bill) than these",
        "site | contract_kw: 500 | contract_kw: 600 | suspect | other terms were in force",
        "site | contract_kw: 500 | contract_kw: 500.0 | measured | ''",
        "site | power_factor: 0.90 | power_factor: 0.85 | suspect | other terms were in force",
        "site | kva: 1250 | 'kva: 1250, purchase_factor: 1.5' | suspect | other terms were in"
            + " force",
        "site | rated_kw: 900 | rated_kw: 950 | measured | ''",
        "prices | 0.3957 | 0.4057 | substituted | the file had other prices of this month",
        "prices | the table of July | the table | measured | ''",
        "prices | 'prices:\n' | 'prices:\n  - {month: 2026-08, source: s, contract: {sharp: 1,"
            + " peak: 1, flat: 1, valley: 1, deep: 1}, demand: 48}\n' | measured | ''",
        "tariff | 'holidays: [' | 'holidays: [2026-07-20, ' | suspect | import was put into",
        "tariff | 'holidays: [' | 'holidays: [2027-10-01, ' | measured | ''",
      })
  void whatIsChangedWithinTheMonthIsSaidOfItsBill(
      String file, String part, String by, String quality, String why) throws IOException {
    asItWas();
    runUntil("2026-07-14T10:00");
    write(
        file.equals("site") ? changed(SITE, part, by) : SITE,
        file.equals("prices") ? changed(PRICES, part, by) : PRICES,
        file.equals("tariff") ? changed(tariff, part, by) : tariff);
    runUntil("2026-08-01T01:00");
    String text = bill("site.yaml");
    assertQuality(quality, text);
    assertEquals(!why.isEmpty(), text.contains("  ! "), text);
    assertTrue(
        why.isEmpty() || text.contains("  ! from 2026-07-01 00:00 to 2026-07-14 10:00 " + why),
        text);
  }

  /** The contract of August is no contract of July, for which the file of then is. */
  @Test
  void whatIsChangedAfterTheMonthIsNotTakenForIts() throws IOException {
    asItWas();
    runUntil("2026-08-02T10:00");
    Files.copy(folder.resolve("site.yaml"), folder.resolve("july.yaml"));
    write(changed(SITE, "contract_kw: 500", "contract_kw: 600"), PRICES, tariff);
    runUntil("2026-08-03T10:00");
    String now = bill("site.yaml");
    assertQuality("suspect", now);
    assertTrue(
        now.contains(
            "  ! from 2026-07-01 00:00 to 2026-08-01 00:00 other terms were in force (bill)"),
        now);
    assertQuality("measured", bill("july.yaml"));
  }

  /** What stands in a bill for the first time contradicts nothing that was said before. */
  @Test
  void termsThatAreToldForTheFirstTimeAreThoseOfTheMonth() throws IOException {
    asItWas();
    write(
        SITE.replaceFirst("bill: .*", "")
            .replace("  tariff: js", "  tariff: js\n  tariff_extras: true"),
        PRICES,
        tariff);
    runUntil("2026-08-01T10:00");
    write(SITE, PRICES, tariff);
    String text = bill("site.yaml");
    assertQuality("measured", text);
  }

  /** As of a journal that is older than this. */
  @Test
  void whereNothingTellsByWhatAMonthRanItsBillIsNotVouchedFor() throws IOException, SQLException {
    asItWas();
    runUntil("2026-07-14T10:00");
    try (Connection db =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        Statement statement = db.createStatement()) {
      assertEquals(1, statement.executeUpdate("DELETE FROM memo WHERE name = 'terms'"));
    }
    runUntil("2026-08-01T10:00");
    String text = bill("site.yaml");
    assertQuality("suspect", text);
    assertTrue(
        text.contains(
            "  ! nothing tells by which terms the time from 2026-07-01 00:00 to"
                + " 2026-07-14 10:00 was counted"),
        text);
  }
}
