package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.trace.Tracer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A ledger over a real, signed journal, and the gate of its site, which is read now and then. */
final class KeptGate implements AutoCloseable {

  static final String DEVICE = "grid-dev";

  /** The meter's last digit is a hundredth of a kWh. */
  private static final long STEP = 10_000;

  private final Path folder;
  private final VirtualTime time;
  private Site site;
  private Inbox<Arrival> inbox = new Inbox<>(4096);
  private Journal journal;
  private LedgerStep ledger;
  private boolean open;
  private long milliwattHours;
  private int waiting;

  /** By device and point, in millionths, what else is read whenever the gate is. */
  private final Map<String, Map<String, Long>> others = new LinkedHashMap<>();

  private final Set<String> lost = new HashSet<>();

  /**
   * @param fromMillis UTC ms
   */
  KeptGate(Path folder, Site site, long fromMillis) {
    this.folder = folder;
    this.site = site;
    time = new VirtualTime(fromMillis - 1_000_000);
    time.advanceMillis(1_000_000);
    journal = journal();
    ledger = new LedgerStep(site, journal, inbox, time);
    open = true;
    read();
  }

  private Journal journal() {
    return Journal.open(
        new JournalOptions(
            folder.resolve("journal.db"),
            640_000_000,
            "machine",
            Connector.sqlite(),
            folder.resolve("volatile"),
            new KeyFile(folder.resolve("signing.key"), "machine").open(Randomness.seeded(3))),
        time,
        Randomness.seeded(time.now().nanos()));
  }

  long millis() {
    return time.wall().millisAt(time.now());
  }

  /** It counts so much evenly until then, and is read at the end of each part. */
  void count(long counted, long untilMillis, long eachMillis) {
    long from = millis();
    long before = milliwattHours;
    long parts = (untilMillis - from) / eachMillis;
    assertEquals(untilMillis, from + parts * eachMillis, "whole parts");
    for (long part = 1; part <= parts; part++) {
      time.advanceMillis(eachMillis);
      milliwattHours = before + counted / STEP * part / parts * STEP;
      milliwattHours = part == parts ? before + counted : milliwattHours;
      read();
    }
  }

  /** Nobody reads another device any more. */
  void loses(String device) {
    lost.add(device);
  }

  /** What the gate counts beside what it takes, or another device, shows so much from here on. */
  void shows(String device, String point, long millionths) {
    others.computeIfAbsent(device, first -> new LinkedHashMap<>()).put(point, millionths);
  }

  private void read() {
    read(DEVICE, others.getOrDefault(DEVICE, Map.of()), milliwattHours);
    others.forEach(
        (device, points) -> {
          if (!device.equals(DEVICE) && !lost.contains(device)) {
            read(device, points, null);
          }
        });
    if (++waiting % 96 == 0) {
      step();
    }
  }

  private void read(String device, Map<String, Long> points, @Nullable Long taken) {
    Values.Builder values = new Values.Builder();
    if (taken != null) {
      values.put(Point.of("energy_import"), taken);
    }
    points.forEach((point, reading) -> values.put(Point.of(point), reading));
    inbox.offer(
        new Arrival.Recorded(Sample.of(device, time.boot(), time.now().nanos(), values.build())));
  }

  void step() {
    ledger.step(time.now());
  }

  /** Commits without a reading: less than two seconds. */
  void settle() {
    for (int i = 0; i < 3; i++) {
      time.advanceMillis(600);
      step();
    }
  }

  /** Ends, and begins again by what the site file says then. */
  void restart(Site next) {
    close();
    site = next;
    start();
  }

  /** The process is killed and begins again. */
  void kill() {
    Kill.kill(journal);
    start();
  }

  private void start() {
    inbox = new Inbox<>(4096);
    journal = journal();
    ledger = new LedgerStep(site, journal, inbox, time);
    open = true;
  }

  /** Nobody reads it. */
  void pass(long forMillis) {
    long end = millis() + forMillis;
    while (millis() < end) {
      time.advanceMillis(Math.min(60_000, end - millis()));
      step();
    }
  }

  /** Goes on by another site file. */
  void reload(Site next) {
    assertNull(taken(next).refused());
    site = next;
  }

  /** Why another site file is refused. */
  String refused(Site next) {
    return Objects.requireNonNull(taken(next).refused());
  }

  private Takeover.Taken taken(Site next) {
    Takeover asked = new Takeover(next, Event.of("config.changed", Severity.INFO));
    assertTrue(ledger.changes().offer(asked));
    step();
    asked.closed().complete(true);
    step();
    return asked.taken().join();
  }

  /** Whose signature its records have. */
  VerifyingKey key() {
    return new KeyFile(folder.resolve("signing.key"), "machine")
        .open(Randomness.seeded(3))
        .key()
        .open();
  }

  /** Steps until nothing is left to be reckoned anew. */
  void restate() {
    int steps = 0;
    do {
      time.advanceMillis(50);
      step();
      assertTrue(++steps < 100_000, "it does not end");
    } while (ledger.isRestating());
    settle();
  }

  List<JournalRecord> records() {
    List<JournalRecord> records = new ArrayList<>();
    List<String> epochs = new ArrayList<>();
    journal.state().previous().forEach(previous -> epochs.add(previous.epoch()));
    epochs.add(journal.state().epoch());
    try (Outbox outbox = journal.outbox()) {
      for (String epoch : epochs) {
        List<JournalRecord> some;
        long from = 1;
        do {
          some = outbox.read(epoch, EnumSet.of(Kind.INTERVAL, Kind.EVENT), from, 1000);
          records.addAll(some);
          from = some.isEmpty() ? from : some.getLast().seq() + 1;
        } while (!some.isEmpty());
      }
    }
    return records;
  }

  /** Where a figure of the newest revision comes from. */
  String explained(Site of, String length, long start, String figure) {
    long seq = 0;
    for (JournalRecord record : records()) {
      if (record instanceof IntervalRecord each
          && each.length().equals(length)
          && IntervalText.of(each).startMillis() == start) {
        seq = each.seq();
      }
    }
    try (History history = journal.history()) {
      return new Tracer(of, SiteFigures.LISTED, history).explain("", seq, figure).toString();
    }
  }

  List<Event> events(String name) {
    return records().stream()
        .filter(EventRecord.class::isInstance)
        .map(record -> ((EventRecord) record).event())
        .filter(event -> event.name().equals(name))
        .toList();
  }

  /** By length, the newest revision of each interval; none may be there twice. */
  Map<String, NavigableMap<Long, Interval>> newest() {
    Map<String, NavigableMap<Long, Interval>> newest = new HashMap<>();
    for (JournalRecord record : records()) {
      if (record instanceof IntervalRecord each) {
        Interval interval = IntervalText.of(each);
        Interval before =
            newest
                .computeIfAbsent(each.length(), length -> new TreeMap<>())
                .put(interval.startMillis(), interval);
        String name = each.length() + " " + interval.startMillis() + " rev " + interval.rev();
        assertEquals(before == null ? 0 : before.rev() + 1, interval.rev(), name);
      }
    }
    return newest;
  }

  @Override
  public void close() {
    if (open) {
      ledger.close();
      journal.close();
      open = false;
    }
  }
}
