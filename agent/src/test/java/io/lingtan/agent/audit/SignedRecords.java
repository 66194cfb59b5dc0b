package io.lingtan.agent.audit;

import io.lingtan.agent.journal.Bench;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.seal.VerifyingKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/** Interval records as a real journal numbers and signs them, over made-up quarters of an hour. */
public final class SignedRecords implements AutoCloseable {

  private static final long START = 1_764_000_000_000L;
  private static final long QUARTER = 900_000;
  private static final String FACTOR = "cn-elec/CN-JS/2023";
  private static final BigDecimal VALUE = new BigDecimal("0.5827");

  private final VirtualTime time = new VirtualTime(START);
  private final RandomGenerator random;
  private final Path folder;
  private final String machine;
  private Signing signing;
  private Journal journal;
  private long start = START;
  private long hourEnergy;
  private long hourCarbon;
  private int quarters;
  private final List<Long> energies = new ArrayList<>();

  public SignedRecords(Path folder, String machine, long seed) {
    this.folder = folder;
    this.machine = machine;
    this.random = Randomness.seeded(seed);
    open();
  }

  private void open() {
    signing = keyFile().open(random);
    journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                256L << 20,
                machine,
                Connector.sqlite(),
                folder.resolve("volatile"),
                signing),
            time,
            random);
  }

  private KeyFile keyFile() {
    return new KeyFile(folder.resolve("signing.key"), machine);
  }

  public VerifyingKey key() {
    return signing.key().open();
  }

  /** A new key in the place of the one in use, and a start of the agent. */
  public void rotate() throws java.io.IOException {
    if (journal.isKeyRotated()) {
      keyFile().forgetPrevious();
    }
    keyFile().rotate(random);
    journal.close();
    open();
  }

  /** A new epoch, and the same chain. */
  public void cutPower() {
    journal.crash();
    time.reboot(5_000);
    open();
  }

  /** Lets so many quarters of an hour pass. */
  public void skip(int quarters) {
    time.advanceMillis(quarters * QUARTER);
    start += quarters * QUARTER;
  }

  /** A new epoch, and with it a new chain. */
  public void beginAnew() {
    Bench.endEpoch(journal, "store_ahead");
    journal.begin().commit(time.wall().millisAt(time.now()), null);
  }

  /** At least so many records, each fourth quarter followed by its hour. */
  public void make(int records) {
    int made = 0;
    var batch = journal.begin();
    while (made < records) {
      time.advanceMillis(QUARTER);
      long energy = random.nextInt(20) == 0 ? 0 : random.nextLong(1, 99_999_999);
      long carbon = kilograms(energy);
      batch.interval(interval("15m", start, start + QUARTER, energy, carbon));
      made++;
      start += QUARTER;
      energies.add(energy);
      hourEnergy += energy;
      hourCarbon += carbon;
      if (++quarters == 4) {
        batch.interval(interval("1h", start - 4 * QUARTER, start, hourEnergy, hourCarbon));
        made++;
        quarters = 0;
        hourEnergy = 0;
        hourCarbon = 0;
      }
      if (batch.size() > 100 || made >= records) {
        batch.commit(time.wall().millisAt(time.now()), null);
        batch = journal.begin();
      }
    }
  }

  /**
   * The first day, of 96 quarters that have been made, and the same told again by another factor.
   *
   * @param off milligrams by which what is told again is wrong
   */
  public void dayAndAgain(String value, String version, long off) {
    List<Long> day = energies.subList(0, 96);
    long energy = day.stream().mapToLong(Long::longValue).sum();
    long end = START + 96 * QUARTER;
    var batch = journal.begin();
    batch.interval(
        interval("1d", START, end, energy, day.stream().mapToLong(e -> kilograms(e)).sum()));
    long again = day.stream().mapToLong(e -> kilograms(e, new BigDecimal(value))).sum() + off;
    Interval first = interval("1d", START, end, energy, again);
    batch.interval(
        new Interval(
            "1d",
            START,
            end,
            9,
            first.metrics(),
            first.registers(),
            new LinkedHashMap<>(
                Map.of(FACTOR, new FactorUsed(value, "kg/(kW.h)", version, false)))));
    batch.commit(time.wall().millisAt(time.now()), null);
  }

  private static long kilograms(long energy) {
    return kilograms(energy, VALUE);
  }

  private static long kilograms(long energy, BigDecimal value) {
    return BigDecimal.valueOf(energy)
        .multiply(value)
        .setScale(0, RoundingMode.HALF_EVEN)
        .longValueExact();
  }

  private Interval interval(String length, long from, long to, long energy, long carbon) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put(
        "elec.grid.import", new Metric(energy, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    metrics.put(
        "elec.pv.generation", Metric.missing("kW.h", "pv1: 无应答 \"timeout\" \u0007 \ud83c\udf1e"));
    metrics.put(
        "co2.scope2.location",
        new Metric(carbon, "kg", Quality.MEASURED, 100, 0, "elec.grid.import", FACTOR, null));
    metrics.put(
        "co2.total",
        new Metric(carbon, "kg", Quality.MEASURED, 100, 0, null, null, null)
            .saying("co2.scope2.location"));
    SequencedMap<String, Span> registers = new LinkedHashMap<>();
    long register = random.nextLong(0, 4_000_000_000_000_000L);
    registers.put("grid/energy_import", new Span(register, register + energy));
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    factors.put(FACTOR, new FactorUsed(VALUE.toString(), "kg/(kW.h)", "2025-47", true));
    return new Interval(length, from, to, random.nextInt(3), metrics, registers, factors);
  }

  /** Everything in the journal, as a subscriber gets it: oldest epoch first. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    try (Outbox outbox = journal.outbox()) {
      journal.state().previous().forEach(previous -> read(outbox, previous.epoch(), lines));
      read(outbox, journal.state().epoch(), lines);
    }
    return lines;
  }

  private static void read(Outbox outbox, String epoch, List<String> to) {
    long next = 1;
    List<JournalRecord> some;
    do {
      some = outbox.read(epoch, EnumSet.allOf(JournalRecord.Kind.class), next, 100);
      for (JournalRecord record : some) {
        to.add(RecordJson.of(record));
        next = record.seq() + 1;
      }
    } while (!some.isEmpty());
  }

  @Override
  public void close() {
    journal.close();
  }
}
