package io.lingtan.simulator.fleet;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.publish.MonthReports;
import io.lingtan.agent.publish.PublishStep;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Site;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One gateway: the agent's own ledger, journal and publish stages, as {@code Agent} puts them
 * together, behind meters that are read once a period. Stepped by one thread; {@link #uplink} and
 * {@link #journal} from any.
 */
public final class FleetGateway implements AutoCloseable {

  private static final int ARRIVALS = 64;

  private final Site site;
  private final Meters meters;
  private final Time time;
  private final Inbox<Arrival> arrivals = new Inbox<>(ARRIVALS);
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
  private volatile boolean isPaused;
  private @Nullable Outlet outlet;

  private FleetGateway(
      Site site,
      Meters meters,
      @Nullable Signing signing,
      long periodNanos,
      Time time,
      RandomGenerator random,
      ScheduledExecutorService threads) {
    this.site = site;
    this.meters = meters;
    this.time = time;
    this.periodNanos = periodNanos;
    this.journal =
        Journal.open(
            new JournalOptions(
                site.journal().path(),
                site.journal().maxSize(),
                "fleet",
                Connector.sqlite(),
                site.journal().path().toAbsolutePath().resolveSibling("volatile"),
                signing),
            time,
            random);
    this.ledger = new LedgerStep(site, journal, arrivals, time);
    this.records = journal.outbox();
    this.publish =
        new PublishStep(
            site,
            signing == null
                ? new Birth("fleet", ledger.indicators())
                : new Birth("fleet", ledger.indicators(), journal::chain),
            records,
            journal::state,
            new PahoBroker(site, threads),
            arrivals,
            time,
            random,
            null,
            new MonthReports());
    journal.onCommit(publish::onCommit);
  }

  /**
   * Opens its journal; nothing is sent before its first step.
   *
   * @param site whose first line has all devices that the meters show
   * @param signing what interval records are signed with, null for not at all
   * @param periodNanos from one reading to the next
   * @param threads for the MQTT library, shared by all gateways
   */
  public static FleetGateway open(
      Site site,
      Meters meters,
      @Nullable Signing signing,
      long periodNanos,
      Time time,
      RandomGenerator random,
      ScheduledExecutorService threads) {
    return new FleetGateway(site, meters, signing, periodNanos, time, random, threads);
  }

  public String id() {
    return site.gateway();
  }

  /** Does what is due of every stage. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // Written by the stepping thread alone.
  void step(MonotonicInstant now) {
    MonotonicInstant from = readFrom;
    if (!now.isBefore(from) && !now.isBefore(next)) {
      read();
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
      outlet = way.isWaiting() ? way : null;
    } else if (way != null) {
      way.flush();
    }
    isRead = outlet == null;
    if (!isPaused && isDue(ledger)) {
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

  /** At this moment: a round may have begun seconds ago. */
  private void read() {
    Outlet way = outlet;
    if (way == null) {
      way = new Outlet(site.lines().getFirst().devices(), arrivals, time);
      outlet = way;
    }
    meters.read(time.now()).forEach(way::offer);
    refused = way.refusedSamples();
  }

  /** Reads its meter from this instant on. Any thread. */
  public void readFrom(MonotonicInstant first) {
    readFrom = first;
  }

  /** No more readings; what there is goes on to be delivered. Any thread. */
  public void stopReading() {
    readFrom = MonotonicInstant.NEVER;
  }

  /**
   * No more records are made, of intervals that end either; what there is goes on to be delivered.
   * Any thread.
   */
  public void pause() {
    isPaused = true;
  }

  /** Readings that the ledger's queue did not take. */
  public long refused() {
    return refused;
  }

  /** Periods in which its meter was not read because this machine was late. Any thread. */
  public long missed() {
    return missed;
  }

  /** Whether everything read is numbered, and everything numbered is settled. Any thread. */
  public boolean isDelivered() {
    LedgerSnapshot kept = ledger.snapshot();
    return isRead
        && arrivals.size() == 0
        && kept.uncommitted() == 0
        && kept.queued() == 0
        && journal.state().waiting() == 0;
  }

  public UplinkSnapshot uplink() {
    return publish.snapshot();
  }

  public StoreSnapshot journal() {
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
