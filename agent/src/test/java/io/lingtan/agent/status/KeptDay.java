package io.lingtan.agent.status;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.event.Events;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;

/**
 * A day of the demonstration site in a real journal: forty minutes of all meters missing, the
 * electrolyser silent for 100 minutes, and the events that belong to it.
 */
final class KeptDay implements AutoCloseable {

  /** How long all meters have no reading: four batches, and the one period that leads to them. */
  static final int GAP_SECONDS = 40 * 60 + 10;

  private static final long HOUR = 3_600_000;
  private static final int BATCHES = 144;
  private static final int RECORDS = 60;

  private final Site site;
  private final VirtualTime time;
  private final Journal journal;
  private final History history;
  private final History charted;
  private final RandomGenerator random = Randomness.seeded(7);

  /**
   * @param endMillis UTC ms at which the day ends
   */
  KeptDay(Site site, Path folder, long endMillis) {
    this(site, folder, endMillis, BATCHES);
  }

  /** A journal into which nothing has come yet. */
  static KeptDay empty(Site site, Path folder) {
    return new KeptDay(site, folder, Instant.parse("2026-11-27T04:03:00Z").toEpochMilli(), 0);
  }

  private KeptDay(Site site, Path folder, long endMillis, int batches) {
    this.site = site;
    this.time = new VirtualTime(endMillis - 86_400_000);
    this.journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("day.db"),
                64L << 20,
                "m",
                Connector.sqlite(),
                folder.resolve("volatile"),
                new KeyFile(folder.resolve("signing.key"), "m").open(Randomness.seeded(1))),
            time,
            Randomness.seeded(2));
    this.history = journal.history();
    this.charted = journal.history();
    for (int i = 0; i < batches; i++) {
      time.advanceMillis(600_000);
      if (i < 60 || i > 63) {
        keep(i);
      }
    }
    try (Outbox outbox = journal.outbox()) {
      String epoch = journal.state().epoch();
      for (long seq = 1; seq < journal.state().last() - 4_000; seq++) {
        outbox.acknowledged(epoch, seq);
      }
    }
  }

  long nowMillis() {
    return now();
  }

  private long now() {
    return time.wall().millisAt(time.now());
  }

  private void keep(int i) {
    Batch batch = journal.begin();
    for (int k = RECORDS - 1; k >= 0; k--) {
      double hour = (i * 600 + (RECORDS - k) * 10) / 3600.0 + 12;
      sample(batch, k, "gate", "power", 9_600 + 4_000 * Math.sin(hour * 2) + noise(900));
      sample(batch, k, "pv1", "power", Math.max(0, -Math.cos(hour / 12 * Math.PI) * 118_400));
      sample(batch, k, "bat1", "power", hour % 24 > 18 ? 18_800 : -12_000, "soc", 64 - i / 4.0);
      sample(batch, k, "house", "power", 32_100 + noise(3_000));
      if (i < 80 || i >= 90) {
        sample(batch, k, "ely1", "power", 70_500 + noise(400));
      } else {
        batch.data(
            Sample.failed("ely1", time.boot(), nanos(k), Reason.TIMEOUT), now() - k * 10_000L);
      }
      sample(batch, k, "comp", "power", 6_500);
      sample(batch, k, "tank1", "pressure", 18.6 - i / 40.0, "temperature", 21.5);
    }
    switch (i) {
      case 1 -> event(batch, Event.of("agent.start", Severity.INFO).with("clean", true));
      case 64 ->
          event(batch, Event.of("poll.skipped", Severity.WARNING, "gate").with("count", 240L));
      case 80 ->
          event(
              batch,
              Event.of("meter.offline", Severity.WARNING, "ely1")
                  .with("line", "hall")
                  .with("reason", "timeout"));
      case 90 -> event(batch, Event.of("meter.online", Severity.INFO, "ely1").with("line", "hall"));
      case 100 ->
          event(batch, Event.of("uplink.down", Severity.WARNING).with("reason", "connection lost"));
      case 103 -> event(batch, Event.of("uplink.up", Severity.INFO).with("away_ms", 1_800_000L));
      case 130 ->
          event(
              batch,
              Event.of("meter.ratio", Severity.ALARM, "gate")
                  .with("ct_site", "80")
                  .with("ct_meter", "1"));
      default -> {}
    }
    batch.commit(now(), null);
  }

  /**
   * Hours of 25 and 26 November, local time, and the base intervals of the second day. Of that two
   * hours are not recorded, and one is of a part.
   */
  void figures() {
    long midnight = Instant.parse("2026-11-24T16:00:00Z").toEpochMilli();
    Batch batch = journal.begin();
    for (int hour = 0; hour < 48; hour++) {
      if (hour == 27 || hour == 28) {
        continue;
      }
      long start = midnight + hour * HOUR;
      long used = hour < 24 ? 8_000_000 : 10_000_000;
      batch.interval(interval("1h", start, HOUR, used, hour == 30));
      for (int quarter = 0; quarter < 4 && hour >= 24; quarter++) {
        long at = start + quarter * HOUR / 4;
        batch.interval(interval("15m", at, HOUR / 4, used / 4, hour == 30));
      }
    }
    batch.commit(now(), null);
  }

  private static Interval interval(
      String length, long start, long lasting, long used, boolean isPartly) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    Quality quality = isPartly ? Quality.PARTIAL : Quality.MEASURED;
    Map<String, Long> counts =
        Map.of(
            "elec.load.total", used,
            "elec.load.buildings", used * 3 / 4,
            "elec.load.ely", used / 8,
            "elec.grid.import", used * 2 / 5,
            "flow.pv_to_load", used * 3 / 5,
            "flow.grid_to_load", used * 2 / 5,
            "co2.total", used / 5 + (used == 8_000_000 ? 400_000 : 0),
            "co2.scope2.location", used / 5,
            "co2.load.buildings", used * 3 / 20,
            "co2.load.ely", used / 40);
    counts.forEach(
        (name, micros) -> {
          String unit = name.startsWith("co2") ? "kg" : "kW.h";
          metrics.put(name, new Metric(micros, unit, quality, 100, 0, null, null, null));
        });
    return new Interval(
        length, start, start + lasting, 0, metrics, new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  private double noise(double most) {
    return random.nextDouble() * most;
  }

  private long nanos(int back) {
    return time.now().nanos() - back * 10_000_000_000L;
  }

  private void sample(Batch batch, int back, String device, Object... values) {
    Values.Builder read = new Values.Builder();
    for (int i = 0; i < values.length; i += 2) {
      double value = ((Number) values[i + 1]).doubleValue();
      read.put(Point.of((String) values[i]), Math.round(value * 1e6));
    }
    batch.data(Sample.of(device, time.boot(), nanos(back), read.build()), now() - back * 10_000L);
  }

  private void event(Batch batch, Event event) {
    batch.event(event, time.now().nanos(), now());
  }

  /** Something that happens now. */
  KeptDay happens(Event... events) {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    for (Event event : events) {
      event(batch, event);
    }
    batch.commit(now(), null);
    return this;
  }

  Events events() {
    return new Events(site, history, time);
  }

  HistoryPages pages() {
    return new HistoryPages(site, SiteFigures.LISTED, history, charted, journal::chain, null, time);
  }

  @Override
  public void close() {
    history.close();
    charted.close();
    journal.close();
  }
}
