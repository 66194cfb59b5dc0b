package io.lingtan.agent.status.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.terms.TermsInForce;
import io.lingtan.agent.status.HistoryPages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A journal with the days and months of a site whose energies are easy to know. */
public final class KeptMonths implements AutoCloseable {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final String LOCATION = "cn-elec/CN-JS/2023";
  private static final String COAL = "cn-tce/electricity";
  private static final String RESIDUAL = "cn-elec/CN/2023/residual";

  private final VirtualTime time = new VirtualTime(millis(LocalDate.of(2026, 6, 1)));

  /** The same, by which each look at the clock may take a while. */
  private final Time looked =
      new Time() {
        @Override
        public MonotonicInstant now() {
          time.advanceMillis(lookMillis);
          return time.now();
        }

        @Override
        public String boot() {
          return time.boot();
        }

        @Override
        public Wall wall() {
          return time.wall();
        }
      };

  private long lookMillis;
  private final Journal journal;
  private final History history;
  private final Signing signing;
  final Site site;

  public KeptMonths(Path folder) throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: wx-htz-017
        site: {name: "无锡高新区 <示范> 站", zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: roof
            modbus-tcp: {host: 127.0.0.1}
            devices:
              - {id: gate, profile: eastron-sdm630, unit: 1, every: 1s}
        metering:
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 400}
        carbon: {factors: [cn-electricity], method: [location, market]}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        """);
    Loaded loaded = new SiteLoader().load(file);
    Site read = loaded.site();
    if (read == null) {
      throw new IllegalStateException(loaded.problems().toString());
    }
    site = read;
    signing = new KeyFile(folder.resolve("signing.key"), "m").open(Randomness.seeded(1));
    journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                64L << 20,
                "m",
                Connector.sqlite(),
                folder.resolve("volatile"),
                signing),
            looked,
            Randomness.seeded(2));
    Batch batch = journal.begin();
    batch.memo(TermsInForce.MEMO, TermsInForce.begun().bytes());
    batch.commit(now(), null);
    history = journal.history();
  }

  private static long millis(LocalDate day) {
    return day.atStartOfDay(ZONE).toInstant().toEpochMilli();
  }

  public long now() {
    return time.wall().millisAt(time.now());
  }

  /** From now on the card is so slow that each look at the clock finds so much later. */
  public void slow(long millis) {
    lookMillis = millis;
  }

  /** A day of 24 h in which 1000 kWh and as many more as its number were bought. */
  void day(LocalDate day, Quality quality) {
    keep("1d", day, day.plusDays(1), (1000L + day.getDayOfMonth()) * 1_000_000, quality);
  }

  void month(YearMonth month, long kilowattHours, Quality quality) {
    keep("1M", month.atDay(1), month.plusMonths(1).atDay(1), kilowattHours * 1_000_000, quality);
  }

  /**
   * A month with a record of each quarter of an hour, each day and itself.
   *
   * @param bought kWh of a quarter by its number, millionths
   */
  public void quarters(YearMonth month, LongUnaryOperator bought) {
    quarters(month, bought, 1);
  }

  /** The same with so many revisions of each quarter. */
  public void quarters(YearMonth month, LongUnaryOperator bought, int revisions) {
    long number = 0;
    long all = 0;
    for (LocalDate day = month.atDay(1); YearMonth.from(day).equals(month); day = day.plusDays(1)) {
      long end = millis(day.plusDays(1));
      time.advanceMillis(Math.max(1000, end + 60_000 - now()));
      Batch batch = journal.begin();
      long sum = 0;
      for (long from = millis(day); from < end; from += 900_000) {
        long of = bought.applyAsLong(number++);
        sum += of;
        for (int rev = 0; rev < revisions; rev++) {
          batch.interval(imported("15m", from, from + 900_000, rev, of));
        }
      }
      batch.interval(imported("1d", millis(day), end, 0, sum));
      batch.commit(now(), null);
      all += sum;
    }
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(
        imported("1M", millis(month.atDay(1)), millis(month.plusMonths(1).atDay(1)), 0, all));
    batch.commit(now(), null);
  }

  private static Interval imported(String length, long from, long to, int rev, long micros) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("elec.grid.import", figure(micros, "kW.h", Quality.MEASURED, null, null));
    return new Interval(length, from, to, rev, metrics, new LinkedHashMap<>(), factors());
  }

  /** Another revision of a quarter of an hour. */
  public void again(LocalDateTime from, long micros) {
    long start = from.atZone(ZONE).toInstant().toEpochMilli();
    again("15m", start, start + 900_000, micros);
  }

  /** Another revision of a day. */
  public void dayAgain(LocalDate day, long micros) {
    again("1d", millis(day), millis(day.plusDays(1)), micros);
  }

  /** Another revision of a month. */
  public void monthAgain(YearMonth month, long micros) {
    again("1M", millis(month.atDay(1)), millis(month.plusMonths(1).atDay(1)), micros);
  }

  private void again(String length, long from, long to, long micros) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(imported(length, from, to, 1, micros));
    batch.commit(now(), null);
  }

  void year(int year, long kilowattHours) {
    year(year, kilowattHours, Quality.MEASURED);
  }

  void year(int year, long kilowattHours, Quality quality) {
    keep(
        "1Y",
        LocalDate.of(year, 1, 1),
        LocalDate.of(year + 1, 1, 1),
        kilowattHours * 1_000_000,
        quality);
  }

  /** A month with just these figures. */
  public void month(YearMonth month, SequencedMap<String, Metric> metrics) {
    month(month, metrics, 1);
  }

  /** So many revisions of a month. */
  public void month(YearMonth month, SequencedMap<String, Metric> metrics, int revisions) {
    keep("1M", month.atDay(1), month.plusMonths(1).atDay(1), metrics, revisions);
  }

  /** A day with just these figures. */
  public void day(LocalDate day, SequencedMap<String, Metric> metrics) {
    keep("1d", day, day.plusDays(1), metrics, 1);
  }

  /** An hour with just these figures. */
  public void hour(LocalDateTime from, SequencedMap<String, Metric> metrics) {
    long start = from.atZone(ZONE).toInstant().toEpochMilli();
    time.advanceMillis(Math.max(1000, start + 3_660_000 - now()));
    Batch batch = journal.begin();
    batch.interval(
        new Interval("1h", start, start + 3_600_000, 0, metrics, new LinkedHashMap<>(), factors()));
    batch.commit(now(), null);
  }

  private void keep(String length, LocalDate from, LocalDate to, long bought, Quality quality) {
    keep(length, from, to, metrics(bought, quality, length.equals("1M")), 1);
  }

  private void keep(
      String length,
      LocalDate from,
      LocalDate to,
      SequencedMap<String, Metric> metrics,
      int revisions) {
    long end = millis(to);
    time.advanceMillis(Math.max(1000, end + 60_000 - now()));
    Batch batch = journal.begin();
    for (int revision = 0; revision < revisions; revision++) {
      batch.interval(
          new Interval(
              length, millis(from), end, revision, metrics, new LinkedHashMap<>(), factors()));
    }
    batch.commit(now(), null);
  }

  /**
   * One reading of the gate's power, so much later than what was kept last.
   *
   * @param micros W, millionths; null where the meter did not answer
   */
  public void power(long laterMillis, @Nullable Long micros) {
    time.advanceMillis(laterMillis);
    Batch batch = journal.begin();
    String boot = time.boot();
    long nanos = time.now().nanos();
    batch.data(
        micros == null
            ? Sample.failed("gate", boot, nanos, Reason.TIMEOUT)
            : Sample.of(
                "gate", boot, nanos, new Values.Builder().put(Point.of("power"), micros).build()),
        now());
    batch.commit(now(), null);
  }

  /** Time in which nothing is kept. */
  public void pass(long millis) {
    time.advanceMillis(millis);
  }

  /** An event, a second later. */
  public void event(Event event) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.event(event, time.now().nanos(), now());
    batch.commit(now(), null);
  }

  private static SequencedMap<String, Metric> metrics(
      long bought, Quality quality, boolean market) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("elec.grid.import", figure(bought, "kW.h", quality, null, null));
    metrics.put("elec.pv.generation", figure(bought / 2, "kW.h", quality, null, null));
    metrics.put("elec.load.total", figure(bought + bought / 2, "kW.h", quality, null, null));
    metrics.put("kpi.self_sufficiency", figure(333_333, "1", quality, null, null));
    metrics.put(
        "co2.scope2.location",
        figure(bought / 10_000 * 5_827, "kg", quality, "elec.grid.import", LOCATION));
    metrics.put(
        "co2.total",
        figure(bought / 10_000 * 5_827, "kg", quality, null, null).saying("co2.scope2.location"));
    metrics.put("h2.produced", figure(12_345_678, "kg", quality, null, null));
    if (market) {
      metrics.put(
          "co2.scope2.market",
          figure(bought / 10_000 * 6_096, "kg", quality, "elec.grid.import", RESIDUAL));
      metrics.put("cert.applied", figure(0, "1", quality, null, null));
    }
    return metrics;
  }

  private static Metric figure(
      long micros, String unit, Quality quality, @Nullable String of, @Nullable String factor) {
    boolean whole = quality == Quality.MEASURED;
    return quality == Quality.MISSING
        ? new Metric(null, unit, quality, 0, 0, of, factor, "gate: timeout")
        : new Metric(micros, unit, quality, whole ? 100 : 56, whole ? 0 : 7, of, factor, null);
  }

  private static SequencedMap<String, FactorUsed> factors() {
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    factors.put(LOCATION, new FactorUsed("0.5827", "kg/(kW.h)", "2025-47", true));
    factors.put(COAL, new FactorUsed("0.1229", "kg{ce}/(kW.h)", "GB-T-2589-2020", false));
    factors.put(RESIDUAL, new FactorUsed("0.6096", "kg/(kW.h)", "2025-47", true));
    return factors;
  }

  /** June 2026, whole; its energy is 30 × 1000 + (1 + … + 30) kWh. */
  public void june() {
    for (int day = 1; day <= 30; day++) {
      day(LocalDate.of(2026, 6, day), Quality.MEASURED);
    }
    month(YearMonth.of(2026, 6), 30_465, Quality.MEASURED);
  }

  /** June 2026 without its days 10 to 12, and half of the 20th. */
  public void juneWithHoles() {
    for (int day = 1; day <= 30; day++) {
      if (day < 10 || day > 12) {
        day(LocalDate.of(2026, 6, day), day == 20 ? Quality.PARTIAL : Quality.MEASURED);
      }
    }
    month(YearMonth.of(2026, 6), 27_000, Quality.PARTIAL);
  }

  /** A revision of a day in which so much was bought, a second later than what was kept last. */
  void revision(LocalDate day, int rev, long bought) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(
        new Interval(
            "1d",
            millis(day),
            millis(day.plusDays(1)),
            rev,
            metrics(bought, Quality.MEASURED, false),
            new LinkedHashMap<>(),
            factors()));
    batch.commit(now(), null);
  }

  /** The second revision of a day, with a value in place of what was counted. */
  void corrected(LocalDate day, Correction by) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(
        new Interval(
            "1d",
            millis(day),
            millis(day.plusDays(1)),
            1,
            metrics(1_000_000_000, Quality.SUBSTITUTED, false),
            new LinkedHashMap<>(),
            factors(),
            new TreeMap<>(Map.of(by.id(), by))));
    batch.commit(now(), null);
  }

  /** What a month comes to. */
  Month month(YearMonth month) {
    return Month.of(site, SiteFigures.LISTED, history, month, now(), null);
  }

  /** A page or table. */
  public String report(String name, String language) {
    return report(site, name, language);
  }

  /** The same of a site that says more than this journal's. */
  public String report(Site of, String name, String language) {
    return new String(made(of, name, language).body(), UTF_8);
  }

  /** The same, or a form, as it is served. */
  Reports.Made made(Site of, String name, String language) {
    Reports.Made made =
        new Reports(of, SiteFigures.LISTED, history, journal::chain).of(name, language, now());
    if (made == null) {
      throw new IllegalArgumentException(name + " is no month");
    }
    return made;
  }

  /** The bill of a month, as it is now. */
  public MonthStatement bill(Site of, YearMonth month) {
    return Objects.requireNonNull(
        new Reports(of, SiteFigures.LISTED, history, journal::chain).bill(month, now()));
  }

  /** The pages of this journal. */
  public HistoryPages pages() {
    return new HistoryPages(site, SiteFigures.LISTED, history, history, journal::chain, null, time);
  }

  public History history() {
    return history;
  }

  public VirtualTime time() {
    return time;
  }

  public Signing signing() {
    return signing;
  }

  /** The records of months and days, as they are published. */
  public List<String> lines() {
    return history.intervals(Set.of("1d", "1M"), 0, now() + 1, 4_000).records().stream()
        .map(RecordJson::of)
        .toList();
  }

  /** The second revision of a month, with a value in place of what was counted. */
  public void monthCorrected(YearMonth month, SequencedMap<String, Metric> metrics, Correction by) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(
        new Interval(
            "1M",
            millis(month.atDay(1)),
            millis(month.plusMonths(1).atDay(1)),
            1,
            metrics,
            new LinkedHashMap<>(),
            factors(),
            new TreeMap<>(Map.of(by.id(), by))));
    batch.commit(now(), null);
  }

  public Site site() {
    return site;
  }

  /** Number of the newest record. */
  public long last() {
    return journal.state().last();
  }

  public String head() {
    var chain = journal.chain();
    return chain == null ? "" : chain.head();
  }

  @Override
  public void close() {
    history.close();
    journal.close();
  }
}
