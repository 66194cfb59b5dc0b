package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.terms.TermsInForce;
import io.lingtan.agent.status.report.BillForm;
import io.lingtan.agent.status.report.Reports;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The year 2026 of a site that comes with the simulator, with prices for its electricity and fuels
 * that no meter sees: intervals as they are told go into a journal, months are billed from it, and
 * {@code year/year.py}, which shares nothing with the agent, works all of it out again.
 */
final class BilledYear implements Fold.Output, AutoCloseable {

  /** In Shanghai. */
  static final long FROM = Instant.parse("2025-12-31T16:00:00Z").toEpochMilli();

  static final long UNTIL = Instant.parse("2026-12-31T16:00:00Z").toEpochMilli();

  /** By then the last month is told: days wait three days for what people tell. */
  static final long TOLD = UNTIL + 4 * 86_400_000L;

  private static final Path CONFIG = Path.of("..", "config");
  private static final Path GIVEN =
      Path.of("src/test/resources/io/lingtan/simulator/endtoend/year");
  private static final List<String> ENERGIES =
      List.of("elec.grid.import", "elec.grid.export", "reactive.import", "reactive.export");

  /** Records that are committed together. */
  private static final int COMMIT = 200;

  private final Path folder;
  private final Site site;
  private final Journal journal;
  private final StringBuilder quarters =
      new StringBuilder("start," + String.join(",", ENERGIES) + "\n");
  private final StringBuilder records = new StringBuilder();
  private @Nullable Batch batch;
  private int waiting;

  /**
   * @param name of the site
   * @param terms what the site file says under {@code bill}, but for where prices are
   */
  BilledYear(Path folder, String name, String terms) throws IOException {
    this.folder = folder;
    for (String each : List.of("prices.yaml", "fuel.csv", "gas.csv")) {
      Files.copy(GIVEN.resolve(each), folder.resolve(each));
      Files.setLastModifiedTime(folder.resolve(each), FileTime.fromMillis(TOLD));
    }
    Files.writeString(folder.resolve("spot.csv"), spot());
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        Files.readString(CONFIG.resolve("sites").resolve(name + ".yaml"))
                .replace("interval: 1m", "interval: 15m")
                .replace(
                    "metering:\n", "metering:\n  tariff: jiangsu-2025\n  max_interpolation: 20m\n")
                .replace(
                    "{factors: [cn-electricity], ",
                    "{factors: [cn-electricity, cn-fuels, ipcc-gwp-ar5],"
                        + " feeds: [fuel.csv, gas.csv], ")
            + "bill: {prices: prices.yaml, "
            + terms
            + "}\n");
    Loaded loaded = new SiteLoader().load(file);
    assertEquals(List.of(), loaded.problems());
    Site read = loaded.site();
    assertNotNull(read);
    site = read;
    journal =
        Journal.open(
            new JournalOptions(folder.resolve("year.db"), 1L << 30, "m"),
            new VirtualTime(FROM),
            Randomness.seeded(24));
    Batch begun = journal.begin();
    begun.memo(TermsInForce.MEMO, TermsInForce.begun().bytes());
    begun.commit(FROM, null);
  }

  Site site() {
    return site;
  }

  /** A price of July for each quarter of an hour, some below nothing. */
  private static String spot() {
    StringBuilder table = new StringBuilder("start,yuan_per_kwh\n");
    LocalDateTime at = LocalDateTime.of(2026, 7, 1, 0, 0);
    for (int i = 0; i < 31 * 96; i++) {
      BigDecimal price = BigDecimal.valueOf(i * 7919L % 7000 - 500, 4);
      table.append(at.plusMinutes(15L * i)).append(',').append(price).append('\n');
    }
    return table.toString();
  }

  @Override
  public void interval(Interval interval) {
    if (batch == null) {
      batch = journal.begin();
    }
    batch.interval(interval);
    switch (interval.length()) {
      case "15m" -> quarter(interval);
      case "1M", "1Y" ->
          records.append(RecordJson.interval("e", 1, 0, 0, interval, null)).append('\n');
      default -> {}
    }
    if (++waiting == COMMIT) {
      commit(interval.endMillis());
    }
  }

  private void quarter(Interval interval) {
    quarters.append(interval.startMillis());
    for (String name : ENERGIES) {
      Metric metric = interval.metrics().get(name);
      Long micros = metric == null ? null : metric.micros();
      quarters.append(',').append(micros == null ? "" : Micros.text(micros));
    }
    quarters.append('\n');
  }

  private void commit(long millis) {
    if (batch != null) {
      batch.commit(millis, null);
      batch = null;
      waiting = 0;
    }
  }

  @Override
  public void event(Event event, long atNanos, long tsMillis) {}

  /** How {@code year.py} ended, and what it said. */
  String judged() throws IOException, InterruptedException {
    commit(TOLD);
    Files.writeString(folder.resolve("quarters.csv"), quarters);
    Files.writeString(folder.resolve("records.ndjson"), records);
    bills();
    return judge();
  }

  private void bills() throws IOException {
    List<String> bills = new ArrayList<>();
    try (History history = journal.history()) {
      Reports reports = new Reports(site, SiteFigures.LISTED, history, journal::chain);
      for (int month = 1; month <= 12; month++) {
        MonthStatement made = reports.bill(YearMonth.of(2026, month), TOLD);
        assertNotNull(made);
        assertEquals(List.of(), made.wanting());
        assertEquals(Quality.MEASURED, made.quality());
        bills.add(BillForm.json(made));
      }
    }
    Files.write(folder.resolve("bills.ndjson"), bills);
  }

  /** The same of what lies in the folder as it is. */
  String judge() throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(
                "/usr/bin/python3",
                GIVEN.resolve("year.py").toAbsolutePath().toString(),
                folder.toString(),
                CONFIG.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return python.waitFor() + "\n" + said;
  }

  @Override
  public void close() {
    journal.close();
  }
}
