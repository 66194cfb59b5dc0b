package io.lingtan.agent.journal;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A journal on a real file, a clock to move, and plausible things to put in. */
public final class Bench implements AutoCloseable {
  public static final long START = 1_764_060_000_000L;
  public static final String MACHINE = "machine-1";
  public static final Set<Kind> ALL = EnumSet.allOf(Kind.class);
  public static final long LARGE = 64L << 20;

  final VirtualTime time;
  public final RandomGenerator random;
  public final Path file;
  private final Path memory;
  private Journal journal;

  private Bench(Path folder, Path memory, long maxSize, long seed) {
    this.time = new VirtualTime(START);
    this.random = Randomness.seeded(seed);
    this.file = folder.resolve("journal.db");
    this.memory = memory;
    this.journal = open(maxSize, MACHINE);
  }

  public Bench(Path folder, long maxSize, long seed) {
    this(folder, folder.resolve("volatile"), maxSize, seed);
  }

  /** With a folder of its own for what outlives a process in memory. */
  public Bench(Path folder, Path memory) {
    this(folder, memory, LARGE, 1);
  }

  public Bench(Path folder) {
    this(folder, LARGE, 1);
  }

  public Journal journal() {
    return journal;
  }

  private Journal open(long maxSize, String machine) {
    return Journal.open(
        new JournalOptions(file, maxSize, machine, Connector.sqlite(), memory, null), time, random);
  }

  /** Like kill -9 and a new start in the same boot. */
  public void killed() {
    journal.crash();
    journal = open(LARGE, MACHINE);
  }

  public void restarted() {
    restarted(LARGE, MACHINE);
  }

  public void restarted(long maxSize, String machine) {
    journal.close();
    journal = open(maxSize, machine);
  }

  public void powerCut() {
    journal.crash();
    time.reboot(5_000);
    journal = open(LARGE, MACHINE);
  }

  long now() {
    return time.wall().millisAt(time.now());
  }

  Sample sample(String device) {
    return Sample.of(
        device,
        time.boot(),
        time.now().nanos(),
        new Values.Builder()
            .put(Point.of("power"), random.nextLong(0, 50_000) * 1_000_000L)
            .put(Point.of("energy_import"), 100_000_000L + time.now().millis() * 10)
            .build());
  }

  /** As when the broker's {@code store} is ahead. */
  public static void endEpoch(Journal journal, String reason) {
    try (Outbox outbox = journal.outbox()) {
      outbox.endEpoch(reason, Map.of());
    }
    journal.begin().commit(JournalRecord.UNDATED, null);
  }

  /** Commits one sample of each device, one second after the last commit. */
  public void commit(String... devices) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    for (String device : devices) {
      batch.data(sample(device), now());
    }
    batch.commit(now(), null);
  }

  /** Commits one sample of each of so many devices, with 20 values that hardly deflate. */
  public void commitWide(int devices) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    for (int device = 0; device < devices; device++) {
      Values.Builder values = new Values.Builder();
      for (int i = 0; i < 20; i++) {
        values.put(Point.all().get(i), random.nextLong(0, 1_000_000_000_000L));
      }
      batch.data(
          Sample.of("dev-" + device, time.boot(), time.now().nanos(), values.build()), now());
    }
    batch.commit(now(), null);
  }

  public void event(String name) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.event(Event.of(name, Event.Severity.WARNING), time.now().nanos(), now());
    batch.commit(now(), null);
  }

  public void interval(String length) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(quarter(length, now()));
    batch.commit(now(), null);
  }

  public static Interval quarter(String length, long end) {
    var metrics = new LinkedHashMap<String, Metric>();
    metrics.put(
        "elec.grid.import",
        new Metric(12_534_000L, "kW.h", Quality.MEASURED, 100, 0, null, null, null));
    metrics.put("elec.pv.generation", Metric.missing("kW.h", "pv1: timeout"));
    var registers = new LinkedHashMap<String, Span>();
    registers.put("grid/energy_import", new Span(104_210_113_000L, 104_222_647_000L));
    return new Interval(length, end - 900_000, end, 0, metrics, registers, new LinkedHashMap<>());
  }

  /** Everything that can still be delivered, earlier epochs first. */
  public List<JournalRecord> waiting() {
    List<JournalRecord> all = new ArrayList<>();
    try (Outbox outbox = journal.outbox()) {
      for (var previous : journal.state().previous()) {
        drain(outbox, previous.epoch(), all);
      }
      drain(outbox, journal.state().epoch(), all);
    }
    return all;
  }

  public static void drain(Outbox outbox, String epoch, List<JournalRecord> to) {
    long next = 1;
    List<JournalRecord> some = outbox.read(epoch, ALL, next, 100);
    while (!some.isEmpty()) {
      to.addAll(some);
      next = some.getLast().seq() + 1;
      some = outbox.read(epoch, ALL, next, 100);
    }
  }

  public void acknowledge(long from, long to) {
    try (Outbox outbox = journal.outbox()) {
      for (long seq = from; seq <= to; seq++) {
        outbox.acknowledged(journal.state().epoch(), seq);
      }
    }
  }

  /** A sample with anything in it that a sample can have. */
  public static Sample anySample(RandomGenerator random, String boot, long nanos) {
    String device = "dev-" + random.nextInt(6);
    if (random.nextInt(10) == 0) {
      return Sample.failed(device, boot, nanos, Reason.exception(1 + random.nextInt(255)));
    }
    Values.Builder values = new Values.Builder();
    SortedMap<Point, Stat> stats = new TreeMap<>();
    SortedMap<Point, Reason> bad = new TreeMap<>();
    List<Point> points = Point.all();
    for (int i = random.nextInt(8); i > 0; i--) {
      Point point = points.get(random.nextInt(points.size()));
      if (point.name().equals("state")) {
        values.state("状态 " + random.nextInt());
      } else {
        values.put(point, anyNumber(random));
      }
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      long[] three = {anyNumber(random), anyNumber(random), anyNumber(random)};
      java.util.Arrays.sort(three);
      stats.put(points.get(random.nextInt(points.size())), new Stat(three[0], three[1], three[2]));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      bad.put(points.get(random.nextInt(points.size())), Reason.SENTINEL);
    }
    return new Sample(device, boot, nanos, values.build(), stats, bad, null);
  }

  private static long anyNumber(RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> random.nextLong();
      case 2 -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
      case 3 -> random.nextLong(-1000, 1000) * 1_000_000L;
      case 4 -> random.nextLong(-1_000_000, 1_000_000) * 100_000L;
      default -> random.nextLong(-1_000_000_000L, 1_000_000_000L);
    };
  }

  @Override
  public void close() {
    journal.close();
  }
}
