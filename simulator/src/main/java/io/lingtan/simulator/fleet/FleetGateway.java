package io.lingtan.simulator.fleet;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.publish.PublishStep;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One gateway: the agent's own ledger, journal and publish stages, as {@code Agent} puts them
 * together, behind a meter that is read once a period. Stepped by one thread; {@link #uplink} and
 * {@link #journal} from any.
 */
final class FleetGateway implements AutoCloseable {

  /** The meter that every gateway's site file has. */
  static final String DEVICE = "meter";

  private static final int ARRIVALS = 64;
  private static final Point POWER = Point.of("power");
  private static final Point ENERGY = Point.of("energy_import");
  private static final long WATTS = 3_600;
  private static final long MICROS = 1_000_000;

  private final Site site;
  private final Time time;
  private final Inbox<Arrival> arrivals = new Inbox<>("arrivals", ARRIVALS);
  private final Journal journal;
  private final Outbox records;
  private final LedgerStep ledger;
  private final PublishStep publish;
  private final long periodNanos;
  private MonotonicInstant next = new MonotonicInstant(0);
  private volatile MonotonicInstant readFrom = MonotonicInstant.NEVER;
  private volatile long refused;
  private volatile long missed;
  private volatile boolean isRead;
  private @Nullable Outlet outlet;
  private long readings;

  private FleetGateway(
      Site site,
      long periodNanos,
      Time time,
      RandomGenerator random,
      ScheduledExecutorService threads) {
    this.site = site;
    this.time = time;
    this.periodNanos = periodNanos;
    this.journal =
        Journal.open(
            new JournalOptions(
                site.journal().path(), site.journal().maxSize(), "fleet", site.journal().commit()),
            time,
            random);
    this.ledger = new LedgerStep(site, journal, arrivals, time);
    this.records = journal.outbox();
    this.publish =
        new PublishStep(
            site,
            new Birth("fleet", ledger.indicators()),
            records,
            journal::state,
            new PahoBroker(site, threads),
            arrivals,
            time,
            random);
    journal.onCommit(publish::onCommit);
  }

  /**
   * Opens its journal; nothing is sent before its first step.
   *
   * @param threads for the MQTT library, shared by all gateways
   */
  static FleetGateway open(
      Site site,
      long periodNanos,
      Time time,
      RandomGenerator random,
      ScheduledExecutorService threads) {
    return new FleetGateway(site, periodNanos, time, random, threads);
  }

  String id() {
    return site.gateway();
  }

  /** Does what is due of every stage. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // Written by the stepping thread alone.
  void step(MonotonicInstant now) {
    MonotonicInstant from = readFrom;
    if (!now.isBefore(from) && !now.isBefore(next)) {
      read(now);
      MonotonicInstant due = next.isBefore(from) ? from : next;
      next = due.plusNanos(periodNanos);
      // What could not be read in time is not read afterwards: a meter has no past.
      for (; next.isBefore(now); next = next.plusNanos(periodNanos)) {
        missed++;
      }
    }
    Outlet way = outlet;
    if (way != null && from.equals(MonotonicInstant.NEVER)) {
      way.close();
      outlet = null;
    } else if (way != null) {
      way.flush();
    }
    isRead = outlet == null;
    if (isDue(ledger)) {
      ledger.step(time.now());
    }
    if (isDue(publish)) {
      publish.step(time.now());
    }
  }

  /** Asks what is due before the time: a step that has work says "now". */
  private boolean isDue(Step step) {
    MonotonicInstant due = step.due();
    return !time.now().isBefore(due);
  }

  private void read(MonotonicInstant at) {
    readings++;
    Values values =
        new Values.Builder()
            .put(POWER, WATTS * MICROS)
            .put(ENERGY, readings * WATTS * periodNanos / 3_600_000_000L / 1_000)
            .build();
    Outlet way = outlet;
    if (way == null) {
      way = new Outlet(site.lines().getFirst().devices(), arrivals, time);
      outlet = way;
    }
    way.offer(Sample.of(DEVICE, time.boot(), at.nanos(), values));
    refused = way.refusedSamples();
  }

  /** Reads its meter from this instant on. Any thread. */
  void readFrom(MonotonicInstant first) {
    readFrom = first;
  }

  /** No more readings; what there is goes on to be delivered. Any thread. */
  void stopReading() {
    readFrom = MonotonicInstant.NEVER;
  }

  /** Readings that the ledger's queue did not take. */
  long refused() {
    return refused;
  }

  /** Periods in which its meter was not read because this machine was late. Any thread. */
  long missed() {
    return missed;
  }

  /** Whether everything read is numbered, and everything numbered is settled. Any thread. */
  boolean isDelivered() {
    LedgerSnapshot kept = ledger.snapshot();
    return isRead
        && arrivals.size() == 0
        && kept.uncommitted() == 0
        && kept.queued() == 0
        && journal.state().waiting() == 0;
  }

  UplinkSnapshot uplink() {
    return publish.snapshot();
  }

  StoreSnapshot journal() {
    return journal.state();
  }

  /** After the last step. Says goodbye to the broker. */
  @Override
  public void close() {
    ledger.close();
    publish.close();
    records.close();
    journal.close();
  }
}
