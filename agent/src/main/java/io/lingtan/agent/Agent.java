package io.lingtan.agent;

import io.lingtan.agent.acquire.Lines;
import io.lingtan.agent.acquire.Lineup;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.acquire.wire.RecordedPorts;
import io.lingtan.agent.carbon.ActivityOutlook;
import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.closing.ClosingStep;
import io.lingtan.agent.desk.FeedDesk;
import io.lingtan.agent.desk.FieldDesk;
import io.lingtan.agent.desk.SiteChange;
import io.lingtan.agent.desk.SiteDesk;
import io.lingtan.agent.enrol.RenewalStep;
import io.lingtan.agent.fleet.Fitness;
import io.lingtan.agent.fleet.FleetStep;
import io.lingtan.agent.fleet.ObeyedFile;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.RecordedSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.ledger.Takeover;
import io.lingtan.agent.publish.CertificateTime;
import io.lingtan.agent.publish.DesiredState;
import io.lingtan.agent.publish.MonthReports;
import io.lingtan.agent.publish.PublishStep;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.publish.sparkplug.SparkplugStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Release;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.Bundle;
import io.lingtan.agent.status.HistoryPages;
import io.lingtan.agent.status.SiteView;
import io.lingtan.agent.status.event.Events;
import io.lingtan.agent.status.handover.Acceptances;
import io.lingtan.agent.status.report.Reports;
import java.io.IOException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
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

  private final Time time;
  private final MonotonicInstant since;
  private final RandomGenerator random;
  private final KeyFile keyFile;
  private volatile Signing signing;
  private final Inbox<Arrival> arrivals = new Inbox<>(ARRIVALS);
  private final Function<Site, Broker> broker;
  private final @Nullable BiFunction<Site, Site.View.Sparkplug, Broker> sparkplugBroker;
  private final RecordedPorts recorded;
  private volatile Lineup lineup;
  private final Journal journal;
  private volatile @Nullable Outbox outbox;
  private final History history;
  private final History reports;
  private final History charts;
  private final LedgerStep ledger;
  private final DesiredState desired = new DesiredState();
  private final MonthReports months = new MonthReports();
  private volatile @Nullable PublishStep publish;
  private volatile @Nullable SparkplugStep sparkplug;

  private Agent(
      Site site,
      Host host,
      Time time,
      RandomGenerator random,
      FieldPorts ports,
      Function<Site, Broker> broker,
      @Nullable BiFunction<Site, Site.View.Sparkplug, Broker> sparkplugBroker) {
    this.time = time;
    this.since = time.now();
    this.random = random;
    this.broker = broker;
    this.sparkplugBroker = sparkplugBroker;
    this.recorded = new RecordedPorts(ports, time, site.lines().size());
    this.keyFile = new KeyFile(site.journal().keyFile(), host.machine());
    this.signing = keyFile.open(random);
    this.journal = Journal.open(journalOptions(site, host, signing), time, random);
    if (journal.isKeyRotated()) {
      keyFile.forgetPrevious();
    }
    this.ledger = new LedgerStep(site, journal, arrivals, time);
    this.lineup =
        new Lineup(
            site, Lines.of(site, time, arrivals, recorded, ledger.totals(), ledger.serials()));
    this.history = journal.history();
    this.reports = journal.history();
    this.charts = journal.history();
    Birth birth = new Birth(Release.version(), ledger.indicators(), journal::chain);
    this.outbox = outbox(site, journal);
    this.publish = publisher(site, birth);
    this.sparkplug = sparkplug(site, birth);
    journal.onCommit(this::committed);
  }

  /** The one place that decides whether anything leaves: without a broker records are only kept. */
  private static @Nullable Outbox outbox(Site site, Journal journal) {
    return site.mqtt().isConfigured() ? journal.outbox() : null;
  }

  private @Nullable PublishStep publisher(Site site, Birth birth) {
    Outbox from = outbox;
    return from == null
        ? null
        : new PublishStep(
            site,
            birth,
            from,
            journal::state,
            broker.apply(site),
            arrivals,
            time,
            random,
            site.fleet() == null && !ObeyedFile.isBeside(site.file()) ? null : desired,
            months);
  }

  private @Nullable SparkplugStep sparkplug(Site site, Birth birth) {
    BiFunction<Site, Site.View.Sparkplug, Broker> way = sparkplugBroker;
    if (way == null) {
      return null;
    }
    for (Site.View view : site.mqtt().views()) {
      if (view instanceof Site.View.Sparkplug asked) {
        return new SparkplugStep(
            site,
            asked,
            birth,
            journal.outbox(),
            journal::state,
            SparkplugStep.cursorOf(site.journal().path()),
            this::identity,
            way.apply(site, asked),
            arrivals,
            time,
            random);
      }
    }
    return null;
  }

  /** What a device says of itself, by {@code serial model ct pt}; empty while it is not known. */
  private Map<String, String> identity(String device) {
    for (LineStep step : lineup.steps()) {
      for (LineSnapshot.DeviceSnapshot shown : step.snapshot().devices()) {
        if (shown.device().equals(device)) {
          return shown.identity();
        }
      }
    }
    return Map.of();
  }

  private void committed() {
    PublishStep publisher = publish;
    if (publisher != null) {
      publisher.onCommit();
    }
    SparkplugStep view = sparkplug;
    if (view != null) {
      view.onCommit();
    }
  }

  /**
   * Puts the stages together on this machine.
   *
   * @param ports makes the way to the devices of a line
   * @param broker makes the way to the broker of a site
   * @param sparkplugBroker makes the way of the Sparkplug view of a site that has one
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be opened; the
   *     message says what to do
   */
  public static Agent assemble(
      Site site,
      Time time,
      RandomGenerator random,
      FieldPorts ports,
      Function<Site, Broker> broker,
      BiFunction<Site, Site.View.Sparkplug, Broker> sparkplugBroker) {
    return new Agent(site, Host.real(), time, random, ports, broker, sparkplugBroker);
  }

  /**
   * The same without views that have a connection of their own.
   *
   * @param host the machine it runs on
   */
  public static Agent assemble(
      Site site, Host host, Time time, RandomGenerator random, FieldPorts ports, Broker broker) {
    return new Agent(site, host, time, random, ports, any -> broker, null);
  }

  private static JournalOptions journalOptions(Site site, Host host, Signing signing) {
    return new JournalOptions(
        site.journal().path(),
        site.journal().maxSize(),
        host.machine(),
        host.connector(),
        host.volatileFolder(),
        signing);
  }

  /** The steps, in flow order; to be stopped in the same order. */
  public List<Step> steps() {
    List<Step> steps = new ArrayList<>(shares());
    steps.addAll(lines());
    steps.add(ledger);
    steps.addAll(senders());
    return steps;
  }

  /** What takes all of them in. */
  Step ledger() {
    return ledger;
  }

  /** What follows the ledger. */
  List<Step> senders() {
    List<Step> senders = new ArrayList<>();
    for (Step sender : Arrays.<@Nullable Step>asList(publish, sparkplug)) {
      if (sender != null) {
        senders.add(sender);
      }
    }
    return senders;
  }

  /** The site that runs. Any thread. */
  Site site() {
    return lineup.site();
  }

  /** What answers other masters that read a line; these end first. */
  List<Step> shares() {
    return List.copyOf(lineup.shares().values());
  }

  /** The steps that follow those in {@link #steps}. */
  List<LineStep> lines() {
    return lineup.steps();
  }

  /** Puts an event into the data. Any thread. */
  void notice(Event event) {
    // A full queue has more to lose than this.
    arrivals.offer(new Arrival.Noticed(event, time.boot(), time.now().nanos()));
  }

  /** Whether the key that intervals are signed with is on the card. Any thread. */
  boolean isKeyKept() {
    return signing.origin() != Signing.Origin.NOT_KEPT;
  }

  /**
   * Puts the key on the card, if it is not there.
   *
   * @throws IOException if it cannot be; the message says why
   */
  void keepKey() throws IOException {
    if (!isKeyKept()) {
      keyFile.keep(signing.key());
      signing = new Signing(signing.key(), null, Signing.Origin.KEPT);
    }
  }

  /** The steps that have to be closed before the site file can be changed so. */
  List<Step> leaving(SiteChange change) {
    List<Step> leaving = new ArrayList<>();
    lineup
        .shares()
        .forEach(
            (id, step) -> {
              if (change.ending().contains(id)) {
                leaving.add(step);
              }
            });
    lineup
        .byId()
        .forEach(
            (id, step) -> {
              if (change.ending().contains(id)) {
                leaving.add(step);
              }
            });
    for (Step sender : senders()) {
      if (change.uplink() || sender == sparkplug) {
        leaving.add(sender);
      }
    }
    return leaving;
  }

  /** Hands another site file to the ledger. */
  boolean ask(Takeover change) {
    return ledger.changes().offer(change);
  }

  /**
   * Goes on by another site file, which the ledger has taken.
   *
   * @return the steps that begin
   */
  List<Step> goOn(Site next, SiteChange change, Takeover.Taken taken) {
    Map<String, LineStep> before = lineup.byId();
    Map<String, Sample> last = lastRecorded(lineup.site());
    recorded.share(next.lines().stream().map(Line::id).toList());
    List<LineStep> fresh = new ArrayList<>();
    List<LineStep> after = new ArrayList<>();
    for (Line line : next.lines()) {
      LineStep step = before.get(line.id());
      if (step == null || change.beginning().contains(line.id())) {
        step =
            Lines.of(
                line,
                next.place(),
                time,
                arrivals,
                recorded,
                CompletableFuture.completedFuture(taken.totals()),
                CompletableFuture.completedFuture(taken.serials()),
                last);
        fresh.add(step);
      }
      after.add(step);
    }
    Lineup then = new Lineup(next, after, lineup.shares(), fresh);
    List<Step> beginning = new ArrayList<>(fresh);
    then.shares().values().stream()
        .filter(share -> !lineup.shares().containsValue(share))
        .forEach(beginning::add);
    Birth birth = new Birth(Release.version(), taken.indicators(), journal::chain);
    PublishStep publisher = publish;
    if (change.uplink()) {
      outbox = outbox(next, journal);
      publisher = publisher(next, birth);
      publish = publisher;
      if (publisher != null) {
        beginning.add(publisher);
      }
    } else if (publisher != null) {
      publisher.describe(next, birth);
    }
    SparkplugStep view = sparkplug(next, birth);
    sparkplug = view;
    if (view != null) {
      beginning.add(view);
    }
    lineup = then;
    return beginning;
  }

  /** What was recorded last of the devices of a site, of those that this process has recorded. */
  private Map<String, Sample> lastRecorded(Site site) {
    Map<String, RecordedSnapshot> all = journal.recorded();
    Map<String, Sample> last = new HashMap<>();
    for (Line line : site.lines()) {
      for (Device device : line.devices()) {
        RecordedSnapshot recorded = all.get(device.id());
        if (recorded != null) {
          last.put(device.id(), recorded.newest().sample());
        }
      }
    }
    return last;
  }

  /**
   * Everything that can be shown, as of now. Any thread.
   *
   * @param health of the loops that run the steps
   * @param refused why the site file as it is now is not the one that runs, null if it is
   */
  SiteView view(List<Loop.Health> health, @Nullable Sentence refused) {
    Lineup shown = lineup;
    // Before the lines are looked at: a value that is shown is in this record, or came after it.
    Map<String, RecordedSnapshot> held = journal.recorded();
    StoreSnapshot store = journal.state();
    PublishStep publisher = publish;
    SparkplugStep view = sparkplug;
    UplinkSnapshot link = uplink();
    return new SiteView(
        shown.site(),
        SiteFigures.LISTED,
        Release.version(),
        since,
        time.now(),
        time.wall(),
        shown.snapshots(),
        ledger.snapshot(),
        store,
        journal.receipts(),
        link,
        held,
        publisher == null ? null : publisher.deliveries(),
        view == null ? List.of() : List.of(view.snapshot()),
        health,
        refused);
  }

  /** The same of a site file that was never refused. Any thread. */
  public SiteView view(List<Loop.Health> health) {
    return view(health, null);
  }

  /**
   * What somebody needs who has to find out what happened, as of now. Any thread.
   *
   * @param health of the loops that run the steps
   */
  public Bundle bundle(List<Loop.Health> health) {
    return bundle(view(health));
  }

  Bundle bundle(SiteView view) {
    return new Bundle(
        view,
        time.boot(),
        recorded::frames,
        history.newestEvents(BUNDLED_EVENTS).records().reversed());
  }

  /** What is read from the journal for people. Any thread. */
  public HistoryPages pages() {
    return new HistoryPages(
        site(), SiteFigures.LISTED, reports, charts, journal::chain, acceptances(), time);
  }

  private Acceptances acceptances() {
    return new Acceptances(
        site().journal().path().resolveSibling("acceptance"),
        new GatewaySeal(signing),
        this::notice,
        time);
  }

  /** The link to the broker. Any thread. */
  private UplinkSnapshot uplink() {
    PublishStep publisher = publish;
    return publisher == null
        ? UplinkSnapshot.none(journal.state().waiting())
        : publisher.snapshot();
  }

  /** What closes months for whoever reads at the broker. */
  ClosingStep closing() {
    return new ClosingStep(
        this::site,
        history,
        this::figured,
        site().journal().path().resolveSibling("report"),
        new GatewaySeal(signing)::signed,
        months::put,
        this::notice,
        time);
  }

  private ClosingStep.@Nullable Figured figured(YearMonth month) {
    Reports.Whole whole =
        new Reports(site(), SiteFigures.LISTED, history, journal::chain)
            .whole(month, time.wall().millisAt(time.now()));
    return whole == null ? null : new ClosingStep.Figured(whole.bill(), whole.files());
  }

  /** What obeys the fleet's centre, which makes its changes at {@code desk}. */
  FleetStep fleet(SiteDesk desk, Supplier<SiteView> view) {
    return new FleetStep(
        this::site, desk, desired, this::uplink, () -> fitness(view.get()), this::notice, time);
  }

  /** What renews the certificate that brokers know us by. */
  RenewalStep renewal() {
    return new RenewalStep(
        this::site,
        this::uplink,
        () -> {
          Outbox from = outbox;
          return from == null
              ? null
              : new CertificateTime(time, from).whenCertificatesMustBeValid();
        },
        this::notice,
        time,
        random);
  }

  private static Fitness fitness(SiteView view) {
    return new Fitness(
        view.trouble(),
        (int)
            view.lines().stream()
                .filter(line -> line.problem() == null)
                .filter(
                    line ->
                        line.devices().stream()
                            .anyMatch(device -> !device.offline() && device.answeredNanos() >= 0))
                .count());
  }

  /** The same, and to the site file by {@code desk}. */
  FieldDesk actions(@Nullable SiteDesk desk) {
    return new FieldDesk(
        () -> lineup,
        time,
        arrivals,
        (epoch, seq) -> new Events(site(), history, time).find(epoch, seq),
        this::tryRefused,
        recorded::frames,
        desk,
        new FeedDesk(this::site, time, arrivals, activity -> ActivityOutlook.of(site(), activity)),
        () -> {
          Outbox from = outbox;
          return from == null ? Instant.EPOCH : CertificateTime.past(from);
        });
  }

  private void tryRefused() {
    PublishStep publisher = publish;
    if (publisher != null) {
      publisher.tryRefused();
    }
  }

  /** Frees the journal. The steps have been closed before. */
  @Override
  public void close() {
    history.close();
    reports.close();
    charts.close();
    if (outbox != null) {
      outbox.close();
    }
    journal.close();
  }
}
