package io.lingtan.agent;

import io.lingtan.agent.acquire.FieldPorts;
import io.lingtan.agent.acquire.LineStep;
import io.lingtan.agent.acquire.Lines;
import io.lingtan.agent.acquire.RecordedPorts;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.publish.Birth;
import io.lingtan.agent.publish.Broker;
import io.lingtan.agent.publish.PublishStep;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.sparkplug.SparkplugStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.Actions;
import io.lingtan.agent.status.Bundle;
import io.lingtan.agent.status.HistoryPages;
import io.lingtan.agent.status.SiteView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The stages in the order in which a reading passes them.
 *
 * <pre>
 * line 1 ─ LineStep ─┐
 * line 2 ─ LineStep ─┼─▶ arrivals ─▶ LedgerStep ─▶ journal ─▶ PublishStep ─▶ broker
 * line n ─ LineStep ─┘                                └─▶ status
 * </pre>
 *
 * Nothing runs by itself: {@link RunningAgent} gives each step a thread, a simulator calls them
 * from one.
 */
public final class Agent implements AutoCloseable {

  /** A minute of 50 meters that are recorded each second, and a little. */
  private static final int ARRIVALS = 4096;

  private static final int BUNDLED_EVENTS = 500;

  private final Site site;
  private final Time time;
  private final RecordedPorts recorded;
  private final List<LineStep> lines;
  private final Journal journal;
  private final @Nullable Outbox outbox;
  private final History history;
  private final History reports;
  private final LedgerStep ledger;
  private final @Nullable PublishStep publish;
  private final @Nullable SparkplugStep sparkplug;
  private final FieldDesk desk;

  private Agent(
      Site site,
      Host host,
      Time time,
      RandomGenerator random,
      FieldPorts ports,
      Broker broker,
      @Nullable Function<Site.View.Sparkplug, Broker> sparkplugBroker) {
    this.site = site;
    this.time = time;
    Inbox<Arrival> arrivals = new Inbox<>("arrivals", ARRIVALS);
    this.recorded = new RecordedPorts(ports, time, site.lines().size());
    KeyFile keyFile = new KeyFile(site.journal().keyFile(), host.machine());
    Signing signing = keyFile.open(random);
    this.journal = Journal.open(journalOptions(site, host, signing), time, random);
    if (journal.isKeyRotated()) {
      keyFile.forgetPrevious();
    }
    this.ledger = new LedgerStep(site, journal, arrivals, time);
    this.lines = Lines.of(site, time, arrivals, recorded, ledger.totals(), ledger.serials());
    this.history = journal.history();
    this.reports = journal.history();
    Birth birth = new Birth(Main.version(), ledger.indicators(), journal::chain);
    // The one place that decides whether anything leaves: without a broker records are only kept.
    this.outbox = site.mqtt().isConfigured() ? journal.outbox() : null;
    this.publish =
        outbox == null
            ? null
            : new PublishStep(site, birth, outbox, journal::state, broker, arrivals, time, random);
    this.sparkplug =
        sparkplugBroker == null ? null : sparkplug(birth, arrivals, random, sparkplugBroker);
    this.desk = new FieldDesk(site, lines, time, arrivals);
    journal.onCommit(this::committed);
  }

  private @Nullable SparkplugStep sparkplug(
      Birth birth,
      Inbox<Arrival> arrivals,
      RandomGenerator random,
      Function<Site.View.Sparkplug, Broker> broker) {
    for (Site.View view : site.mqtt().views()) {
      if (view instanceof Site.View.Sparkplug asked) {
        return new SparkplugStep(
            site,
            asked,
            birth,
            journal.outbox(),
            journal::state,
            SparkplugStep.cursorOf(site.journal().path()),
            broker.apply(asked),
            arrivals,
            time,
            random);
      }
    }
    return null;
  }

  private void committed() {
    if (publish != null) {
      publish.onCommit();
    }
    if (sparkplug != null) {
      sparkplug.onCommit();
    }
  }

  /**
   * Puts the stages together on this machine.
   *
   * @param ports makes the way to the devices of a line
   * @param sparkplugBroker makes the way of the Sparkplug view, if the site has one
   * @throws io.lingtan.agent.journal.JournalUnavailable if the journal cannot be opened; the
   *     message says what to do
   */
  public static Agent assemble(
      Site site,
      Time time,
      RandomGenerator random,
      FieldPorts ports,
      Broker broker,
      Function<Site.View.Sparkplug, Broker> sparkplugBroker) {
    return new Agent(site, Host.real(), time, random, ports, broker, sparkplugBroker);
  }

  /**
   * Puts the stages together, without views that have a connection of their own.
   *
   * @param ports makes the way to the devices of a line
   * @throws io.lingtan.agent.journal.JournalUnavailable if the journal cannot be opened; the
   *     message says what to do
   */
  public static Agent assemble(
      Site site, Time time, RandomGenerator random, FieldPorts ports, Broker broker) {
    return assemble(site, Host.real(), time, random, ports, broker);
  }

  /**
   * The same on another machine.
   *
   * @param host the machine it runs on
   */
  public static Agent assemble(
      Site site, Host host, Time time, RandomGenerator random, FieldPorts ports, Broker broker) {
    return new Agent(site, host, time, random, ports, broker, null);
  }

  private static Journal.Options journalOptions(Site site, Host host, Signing signing) {
    return new Journal.Options(
        site.journal().path(),
        site.journal().maxSize(),
        host.machine(),
        site.journal().commit(),
        host.connector(),
        host.volatileFolder(),
        signing);
  }

  /** The steps, in flow order; to be stopped in the same order. */
  public List<Step> steps() {
    List<Step> steps = new ArrayList<>(lines);
    steps.add(ledger);
    if (publish != null) {
      steps.add(publish);
    }
    if (sparkplug != null) {
      steps.add(sparkplug);
    }
    return steps;
  }

  /**
   * Everything that can be shown, as of now. Any thread.
   *
   * @param health of the loops that run the steps
   */
  public SiteView view(List<Loop.Health> health) {
    StoreSnapshot store = journal.state();
    return new SiteView(
        site,
        SiteFigures.LISTED,
        Main.version(),
        time.now(),
        time.wall(),
        lines.stream().map(LineStep::snapshot).toList(),
        ledger.snapshot(),
        store,
        journal.receipts(),
        publish == null ? UplinkSnapshot.none(site.gateway(), store.waiting()) : publish.snapshot(),
        sparkplug == null ? List.of() : List.of(sparkplug.snapshot()),
        health);
  }

  /**
   * What somebody needs who has to find out what happened, as of now. Any thread.
   *
   * @param health of the loops that run the steps
   */
  public Bundle bundle(List<Loop.Health> health) {
    return new Bundle(
        view(health), time.boot(), recorded::frames, history.events(BUNDLED_EVENTS).reversed());
  }

  /** What is read from the journal for people. Any thread. */
  public HistoryPages pages() {
    return new HistoryPages(site, SiteFigures.LISTED, reports, journal::chain, time);
  }

  /** What can be asked of the lines by hand; its work is done in the thread that asks. */
  public Actions actions() {
    return desk;
  }

  /** Frees the journal. The steps have been closed before. */
  @Override
  public void close() {
    history.close();
    reports.close();
    if (outbox != null) {
      outbox.close();
    }
    journal.close();
  }
}
