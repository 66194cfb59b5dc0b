package io.lingtan.agent.publish;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A publisher on its own thread over a journal on a real file, with a real connection; the test is
 * its ledger.
 */
public final class JournalGateway implements AutoCloseable {

  private static final long FIRST_TS = 1_764_060_000_000L;

  private final Path file;
  private final long maxSize;
  private final Site site;
  private final Consumer<Message> onPublish;
  private final RandomGenerator random = Randomness.seeded(5);
  private final Inbox<Arrival> ledger = new Inbox<>(1000);
  private final AtomicInteger boots = new AtomicInteger(1);
  private final Described described = new Described();
  private Journal journal;
  private PublishStep step;
  private Loop loop;
  private int samples;

  /**
   * @param onPublish sees each message on its way out, on the publisher's thread
   */
  public JournalGateway(Path file, long maxSize, String url, Consumer<Message> onPublish) {
    this.file = file;
    this.maxSize = maxSize;
    this.onPublish = onPublish;
    this.site = World.site(World.mqtt(List.of(url)));
    start();
  }

  private void start() {
    Time time = new BootTime("boot-" + boots.get());
    journal = Journal.open(new JournalOptions(file, maxSize, "this machine"), time, random);
    step =
        new PublishStep(
            site,
            new Birth("1.0", new LinkedHashMap<>()),
            journal.outbox(),
            journal::state,
            new SeenBroker(new PahoBroker(site), described.andThen(onPublish)),
            ledger,
            time,
            random,
            null,
            new MonthReports());
    journal.onCommit(step::onCommit);
    loop = new Loop(step, time).start();
  }

  /** Real time, with a boot to change. */
  private record BootTime(RealTime real, String boot) implements Time {
    BootTime(String boot) {
      this(new RealTime(), boot);
    }

    @Override
    public MonotonicInstant now() {
      return real.now();
    }

    @Override
    public Wall wall() {
      return real.wall();
    }
  }

  /** Commits samples of three devices, one each second of a time of its own, and what else. */
  public void commit(int count) {
    Batch batch = journal.begin();
    long mono = new RealTime().now().nanos();
    for (int i = 0; i < count; i++) {
      samples++;
      long ts = FIRST_TS + samples * 1000L;
      Values.Builder values = new Values.Builder();
      for (int point = 0; point < 6; point++) {
        values.put(Point.all().get(point), random.nextLong(1_000_000_000_000L));
      }
      batch.data(Sample.of("pv" + samples % 3, journalBoot(), mono, values.build()), ts);
      if (samples % 50 == 0) {
        batch.event(Event.of("meter.reset", Event.Severity.INFO), mono, ts);
      }
      if (samples % 300 == 0) {
        batch.interval(
            new Interval(
                "15m",
                ts - 900_000,
                ts,
                0,
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>()));
      }
    }
    batch.commit(FIRST_TS + samples * 1000L, null);
  }

  private String journalBoot() {
    return "boot-" + boots.get();
  }

  /** Commits until so many records have been numbered, a few at once, and waits for the broker. */
  public void deliver(int count) throws InterruptedException {
    for (int left = count; left > 0; left -= 100) {
      commit(Math.min(left, 100));
      if (left % 1000 == 0) {
        awaitDelivered();
      }
    }
    awaitDelivered();
  }

  /** Waits until the broker has everything, and {@code store} says so. */
  public void awaitDelivered() throws InterruptedException {
    Gateway.await("delivery", 60, () -> step.snapshot().connected() && saved() == 0);
  }

  private long saved() {
    journal.begin().commit(FIRST_TS, null); // acknowledgements are saved by commits
    return journal.state().waiting();
  }

  public String epoch() {
    return journal.state().epoch();
  }

  public long last() {
    return journal.state().last();
  }

  public UplinkSnapshot uplink() {
    return step.snapshot();
  }

  public boolean told(String event) {
    boolean[] told = {false};
    ledger.drain(
        arrival ->
            told[0] |=
                arrival instanceof Arrival.Noticed noticed && noticed.event().name().equals(event),
        1000);
    return told[0];
  }

  /** As {@code systemctl restart}. */
  public void restart() {
    close();
    start();
  }

  /** As a power cut: the process is gone, and the next boot begins another epoch. */
  public void powerCut() {
    loop.stop(Duration.ofSeconds(10));
    Kill.kill(journal);
    boots.incrementAndGet();
    start();
  }

  @Override
  public void close() {
    if (!loop.stop(Duration.ofSeconds(10))) {
      throw new AssertionError("the publisher does not stop");
    }
    journal.close();
    described.check();
  }
}
