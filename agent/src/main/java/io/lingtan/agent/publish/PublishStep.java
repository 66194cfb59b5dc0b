package io.lingtan.agent.publish;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.command.CommandTopics;
import io.lingtan.agent.publish.command.Replays;
import io.lingtan.agent.publish.lane.AppAcks;
import io.lingtan.agent.publish.lane.Control;
import io.lingtan.agent.publish.lane.Counters;
import io.lingtan.agent.publish.lane.Deliveries;
import io.lingtan.agent.publish.lane.DeliverySnapshot;
import io.lingtan.agent.publish.lane.Lanes;
import io.lingtan.agent.publish.lane.LiveLatency;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.lane.Sending;
import io.lingtan.agent.publish.lane.SendingParts;
import io.lingtan.agent.publish.lane.StateTopics;
import io.lingtan.agent.publish.lane.Suspects;
import io.lingtan.agent.publish.lane.TopicBackoff;
import io.lingtan.agent.publish.lane.Window;
import io.lingtan.agent.publish.lane.Window.Sent;
import io.lingtan.agent.publish.lane.Window.Way;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.ConnectionSentences;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Hearing;
import io.lingtan.agent.publish.link.Hold;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.link.Reconnect;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.publish.retained.BirthTopics;
import io.lingtan.agent.publish.retained.StoreAhead;
import io.lingtan.agent.publish.retained.StoreTopic;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers what the journal keeps. A state machine that never blocks: connect, look at what the
 * broker has retained of us, send, notice the end, wait, again.
 *
 * <p>Crash contract: a record counts as delivered only after its PUBACK with a reason below 0x80
 * (and the application's {@code cmd/ack} where that is required), and the journal keeps that where
 * a kill does not reach it before more is sent, and saves it with its next commit. A kill or a lost
 * connection has sent again what was in flight, a power cut what was not saved, under the same key;
 * neither loses it.
 *
 * <p>Publisher's thread, but for {@link #onCommit} and {@link #snapshot}, which any thread may
 * call.
 */
public final class PublishStep extends NamedStep {

  private static final Duration ACK_TIMEOUT = Duration.ofSeconds(30);

  /** How long to wait for our own retained messages after the subscription is confirmed. */
  private static final Duration LOOK = Duration.ofMillis(250);

  /** The first look of a process ends after this even when no SUBACK comes. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private static final Duration FILES_EVERY = Duration.ofSeconds(10);
  private static final Duration SNAPSHOT_EVERY = Duration.ofMillis(500);

  /** Of the tries that fail for the reason that was told, one in so many is logged. */
  private static final int LOGGED_EACH = 20;

  /** However often somebody asks for it, refused topics are tried no more often. */
  private static final Duration TRIES_APART = Duration.ofSeconds(3);

  private static final int SIGNALS_AT_ONCE = 64;

  /** In bytes: less takes no record at all, and each would be given up as too large. */
  private static final int LEAST_PACKET = 256;

  private static final int ARRIVALS_AT_ONCE = 8;

  private static final Logger log = LoggerFactory.getLogger(PublishStep.class);

  private enum Phase {
    WAITING,
    CONNECTING,
    /** Connected; what the broker has retained of us decides whether our numbers are ours. */
    LOOKING,
    READY
  }

  private final Site site;
  private final Records outbox;
  private final Supplier<StoreSnapshot> stateOfJournal;
  private final Broker broker;
  private final CertificateTime certificateTime;
  private final Time time;
  private final Topics topics;
  private final Reconnect reconnect;
  private final Rivals rivals;
  private final CertificateWatch certificate;
  private final Hearing hearing = new Hearing();
  private final TopicBackoff backoff = new TopicBackoff();
  private final Window window = new Window();
  private final Sending sending;
  private final Control control;
  private final Notices notices;
  private final Hold hold;
  private final Counters counters = new Counters();
  private final Deliveries deliveries = new Deliveries();
  private final @Nullable AppAcks appAcks;
  private final @Nullable StateTopics states;
  private final Lanes lanes;
  private final Replays replays;
  private final CommandTopics commands;
  private BirthTopics births;
  private final Inbox<Described> described = new Inbox<>(4);
  private final StoreTopic store;
  private final StoreAhead storeAhead;
  private final @Nullable DesiredState desired;
  private final @Nullable ReportedTopic reported;
  private final ReportTopics reports;
  private final Suspects suspects;
  private final LiveLatency latency = new LiveLatency();
  private final AtomicBoolean committed = new AtomicBoolean(true);

  private final AtomicBoolean tryRefused = new AtomicBoolean();

  /** Of the commits that were not looked at yet the first, monotonic ns; 0 if there is none. */
  private final AtomicLong committedNanos = new AtomicLong();

  private Phase phase = Phase.WAITING;
  private long connection;
  private StoreSnapshot state;

  private MonotonicInstant since = new MonotonicInstant(0);
  private MonotonicInstant lookEnds = MonotonicInstant.NEVER;

  /** Brokers whose retained store has been judged. */
  private final Set<String> looked = new HashSet<>();

  private MonotonicInstant filesDue = MonotonicInstant.NEVER;
  private boolean finishing;
  private Failure.@Nullable Kind toldFailure;
  private @Nullable Failure problem;
  private @Nullable String unusable;
  private boolean downTold;
  private boolean everConnected;
  private MonotonicInstant downSince;
  private MonotonicInstant lastAck = MonotonicInstant.NEVER;
  private long lastAckMillis = -1;
  private MonotonicInstant snapshotDue = new MonotonicInstant(0);
  private MonotonicInstant mayTryRefused = new MonotonicInstant(0);
  private volatile UplinkSnapshot snapshot;

  /**
   * @param stateOfJournal what {@code store} says, asked after each commit
   * @param ledger where events go
   * @param desired gets what the centre wants, and has what to say of it; null: nothing is asked
   * @param months has the documents of months
   */
  public PublishStep(
      Site site,
      Birth birth,
      Records outbox,
      Supplier<StoreSnapshot> stateOfJournal,
      Broker broker,
      Inbox<Arrival> ledger,
      Time time,
      RandomGenerator random,
      @Nullable DesiredState desired,
      MonthReports months) {
    super("publisher");
    this.desired = desired;
    this.site = site;
    this.outbox = outbox;
    this.stateOfJournal = stateOfJournal;
    this.broker = broker;
    this.time = time;
    this.certificateTime = new CertificateTime(time, outbox);
    this.topics = new Topics(site.gateway());
    this.sending = new Sending(broker, window);
    this.control = new Control(sending, backoff);
    this.reported =
        desired == null ? null : new ReportedTopic(topics.reported(), outbox, control, desired);
    this.notices = new Notices(ledger, time);
    this.reports = new ReportTopics(topics, months, outbox, sending, control, notices);
    this.hold = new Hold(site.clock().maxHold(), ledger, time);
    this.appAcks = site.mqtt().requireAppAck() ? new AppAcks(outbox::acknowledged) : null;
    this.states = site.mqtt().state() ? new StateTopics(topics) : null;
    MonotonicInstant now = time.now();
    this.reconnect = new Reconnect(site.mqtt().servers(), site.mqtt().spread(), random, now);
    this.rivals = new Rivals(random, notices);
    this.certificate = new CertificateWatch(notices, outbox.datedUntil());
    SendingParts parts = new SendingParts(topics, outbox, sending, backoff, notices, counters);
    this.lanes = new Lanes(parts, deliveries, appAcks, states, site.mqtt(), this::mostSent, now);
    this.replays = new Replays(parts, control, random, site.mqtt().maxPayload(), now);
    this.commands =
        new CommandTopics(
            topics, site, control, notices, counters, new CommandActions(), replays, time);
    this.state = stateOfJournal.get();
    this.births = new BirthTopics(site, birth, topics, sending, control, notices);
    this.store = new StoreTopic(topics, outbox, backoff, time);
    this.storeAhead =
        new StoreAhead(topics, outbox, notices, counters, () -> time.wall().millisAt(time.now()));
    this.suspects = new Suspects(site.gateway(), window, backoff, notices, counters);
    this.downSince = now;
    this.snapshot = picture(now);
    described.onOffer(waiter::wake);
    months.onChange(waiter::wake);
    if (desired != null) {
      desired.onReport(waiter::wake);
    }
    broker.signals().onOffer(waiter::wake);
    broker.arrivals().onOffer(waiter::wake);
  }

  /** A site file that says of the broker what the one before said, and of the rest otherwise. */
  private record Described(Site site, Birth birth) {}

  /**
   * Tells the broker of other lines, meters or factors. Any thread.
   *
   * @param changed with the same gateway, clock and broker as before
   * @return whether it will; false if so many wait that this is hopeless
   */
  public boolean describe(Site changed, Birth birth) {
    return described.offer(new Described(changed, birth));
  }

  private void describe(Described next) {
    commands.describe(next.site());
    BirthTopics before = births;
    births = new BirthTopics(next.site(), next.birth(), topics, sending, control, notices);
    before.devices().forEach(device -> births.found(topics.meta(device)));
    if (phase == Phase.READY) {
      bear();
    }
  }

  /** For {@code Journal.onCommit}. Any thread. */
  public void onCommit() {
    committedNanos.compareAndSet(0, time.now().nanos());
    committed.set(true);
    waiter.wake();
  }

  /** What the broker has refused is tried at once, or in 3 s if it was just now. Any thread. */
  public void tryRefused() {
    tryRefused.set(true);
    waiter.wake();
  }

  private void tryRefused(MonotonicInstant now) {
    mayTryRefused = now.plus(TRIES_APART);
    if (backoff.refusing(now).count() == 0) {
      return;
    }
    backoff.tryNow(now);
    lanes.retry(now);
    boolean isTakenOver = problem != null && problem.kind() == Failure.Kind.TAKEN_OVER;
    if (phase == Phase.WAITING && !isTakenOver) {
      reconnect.again(now); // some brokers cut whom they refuse
    }
  }

  /** The link as it was at most half a second ago. Any thread. */
  public UplinkSnapshot snapshot() {
    return snapshot;
  }

  /** What became of the newest records, as of now. Any thread. */
  public DeliverySnapshot deliveries() {
    return new DeliverySnapshot(
        topics.root(),
        site.mqtt().gzip() ? topics.batchGz() : topics.batch(),
        !site.mqtt().batch().isZero(),
        appAcks != null,
        deliveries.marks());
  }

  @Override
  public int step(MonotonicInstant now) {
    int done = broker.signals().drain(signal -> on(signal, now), SIGNALS_AT_ONCE);
    done += described.drain(this::describe, described.capacity());
    done += broker.arrivals().drain(arrived -> on(arrived, now), ARRIVALS_AT_ONCE);
    outbox.keepAcknowledged(); // before more is sent: what a kill repeats is what was in flight
    if (phase == Phase.READY || phase == Phase.LOOKING) {
      watch(now); // after the signals: what was acknowledged before the end still counts
    }
    if (committed.compareAndSet(true, false)) {
      refresh(now);
      done++;
    }
    notices.flush();
    if (!now.isBefore(mayTryRefused) && tryRefused.compareAndSet(true, false)) {
      tryRefused(now);
    }
    switch (phase) {
      case WAITING -> {
        if (!now.isBefore(reconnect.next())) {
          connect();
          done++;
        }
      }
      case CONNECTING -> {}
      case LOOKING -> {
        if (!now.isBefore(lookEnds) && !storeAhead.isBetweenEpochs()) {
          ready(now);
          done++;
        }
      }
      case READY -> done += send(now);
    }
    if (!now.isBefore(snapshotDue)) {
      snapshotDue = now.plus(SNAPSHOT_EVERY);
      snapshot = picture(now);
    }
    return done;
  }

  /**
   * Finished when everything numbered so far has been taken by the broker, and a last {@code store}
   * that knows all numbers; at once while there is no connection.
   */
  @Override
  public boolean isFinished() {
    if (phase != Phase.READY) {
      return true;
    }
    if (!finishing) {
      finishing = true;
      replays.stop();
      store.dueNow();
      return false;
    }
    StoreSnapshot known = stateOfJournal.get();
    return window.size() == 0 && known.waiting() == 0 && store.hasSaid(known);
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant now = time.now();
    if (committed.get()
        || (sending.isBroken() && (phase == Phase.READY || phase == Phase.LOOKING))
        || described.size() > 0
        || (phase == Phase.READY && reported != null && reported.isDue(site.fleet() != null))
        || (phase == Phase.READY && reports.isDue())
        || broker.signals().size() > 0
        || broker.arrivals().size() > 0) {
      return now;
    }
    MonotonicInstant due = tryRefused.get() ? snapshotDue.min(mayTryRefused) : snapshotDue;
    if (notices.isWaiting()) {
      due = due.min(now.plusMillis(100));
    }
    return switch (phase) {
      case WAITING -> due.min(reconnect.next());
      case CONNECTING -> due;
      case LOOKING -> storeAhead.isBetweenEpochs() ? due : due.min(lookEnds);
      case READY ->
          due.min(store.due())
              .min(hold.due())
              .min(filesDue)
              .min(window.oldest().plus(ACK_TIMEOUT))
              .min(
                  storeAhead.isBetweenEpochs()
                      ? MonotonicInstant.NEVER
                      : isAllTold() ? lanes.due(now).min(replays.due(now)) : lanes.due(now));
    };
  }

  private void connect() {
    connection++;
    phase = Phase.CONNECTING;
    broker.certificatesAsOf(certificateTime.whenCertificatesMustBeValid());
    broker.connect(
        connection,
        reconnect.server(),
        new Broker.Will(topics.status(), "offline".getBytes(StandardCharsets.UTF_8)));
  }

  private void on(Signal signal, MonotonicInstant now) {
    if (signal.connection() != connection || phase == Phase.WAITING) {
      return; // of a connection that we have given up
    }
    switch (signal) {
      case Signal.Connected connected -> connected(connected, now);
      case Signal.Lost lost -> lost(lost.failure(), now);
      case Signal.Acked acked -> acked(acked, now);
      case Signal.Subscribed subscribed -> subscribed(subscribed, now);
      case Signal.Arrived arrived -> arrived(arrived, now);
    }
  }

  private void connected(Signal.Connected connected, MonotonicInstant now) {
    if (connected.maximumPacket() < LEAST_PACKET) {
      broker.cut();
      lost(
          ConnectionSentences.unfit(
              reconnect.server(), ConnectionSentences.tinyPackets(LEAST_PACKET)),
          now);
      return;
    }
    counters.connects++;
    if (reported != null) {
      reported.connected();
    }
    reports.connected();
    storeAhead.connected();
    store.connected();
    since = now;
    filesDue = now.plus(FILES_EVERY);
    sending.open(
        connected.receiveMaximum(),
        Math.min(connected.maximumPacket(), suspects.packetLimit(reconnect.server())));
    births.connected();
    phase = Phase.LOOKING;
    lookEnds = hasLooked() ? now : now.plus(LONGEST_LOOK);
    // Commands last: their SUBACK comes when the retained messages of the others are on the way.
    broker.subscribe(retainedToRead());
    broker.subscribeToNew(List.of(topics.anyCommand()));
    hearing.opened(now);
    problem = null;
    snapshotDue = now;
  }

  private void subscribed(Signal.Subscribed subscribed, MonotonicInstant now) {
    for (int i = 0; i < subscribed.filters().size() && i < subscribed.reasons().size(); i++) {
      if (subscribed.reasons().get(i) >= 0x80) {
        refusedTopic(subscribed.filters().get(i), subscribed.reasons().get(i), "subscribe");
        if (subscribed.reasons().get(i) == PahoBroker.NO_WILDCARDS
            && subscribed.filters().get(i).equals(topics.anyCommand())) {
          broker.subscribeToNew(topics.everyCommand());
        }
      }
    }
    if (phase == Phase.LOOKING && subscribed.filters().contains(topics.anyCommand())) {
      lookEnds = lookEnds.min(hasLooked() ? now : now.plus(LOOK));
    }
  }

  /** Our own retained topics, which are read before anything is sent: they tell of earlier runs. */
  private List<String> retainedToRead() {
    return desired == null || hasLooked()
        ? List.of(topics.store(), topics.anyMetaOfADevice())
        : List.of(topics.store(), topics.anyMetaOfADevice(), topics.reported());
  }

  private boolean hasLooked() {
    return looked.contains(reconnect.server());
  }

  private void arrived(Signal.Arrived arrived, MonotonicInstant now) {
    if (arrived.connection() != connection) {
      return;
    }
    String topic = arrived.topic();
    if (topic.startsWith(topics.commands())) {
      commands.handle(arrived, now);
    } else if (topic.equals(topics.store()) && arrived.retained() && arrived.flaw() == null) {
      state = stateOfJournal.get();
      storeAhead.judge(arrived.payload(), state);
    } else if (desired != null && topic.equals(topics.desiredConfig())) {
      desired.want(document(arrived));
    } else if (desired != null && topic.equals(topics.desiredSoftware())) {
      desired.wantSoftware(document(arrived));
    } else if (topic.equals(topics.reported())) {
      if (reported != null && arrived.flaw() == null && arrived.payload().length > 0) {
        reported.found(arrived.payload());
      }
    } else if (arrived.retained() && arrived.payload().length > 0) {
      births.found(topic);
    }
  }

  private static byte[] document(Signal.Arrived arrived) {
    String flaw = arrived.flaw();
    return flaw == null ? arrived.payload() : flaw.getBytes(StandardCharsets.UTF_8);
  }

  private void refresh(MonotonicInstant now) {
    long first = committedNanos.getAndSet(0);
    StoreSnapshot before = state;
    state = stateOfJournal.get();
    if (!before.epoch().isEmpty()
        && !before.epoch().equals(state.epoch())
        && state.previous().isEmpty()) {
      storeAhead.replaced(store.last(before));
    }
    store.looked(now);
    if (first != 0) {
      latency.committed(state.epoch(), state.last(), new MonotonicInstant(first));
    }
    storeAhead.committed(state);
    if (phase == Phase.READY) {
      lanes.committed(state, now);
      store.committed(state);
    }
  }

  private void ready(MonotonicInstant now) {
    broker.unsubscribe(retainedToRead());
    looked.add(reconnect.server());
    phase = Phase.READY;
    if (desired != null && site.fleet() != null) {
      broker.subscribe(List.of(topics.desiredConfig(), topics.desiredSoftware()));
    }
    state = stateOfJournal.get();
    bear();
    if (states != null) {
      states.connected();
    }
    lanes.connected(state, now);
    if (downTold || !everConnected) {
      log.info("connected to {}", reconnect.server());
    }
    if (downTold) {
      notices.tell(
          Event.of("uplink.up", Severity.INFO)
              .with("server", reconnect.server())
              .with("away_ms", since.millisSince(downSince)));
    }
    everConnected = true;
    downTold = false;
  }

  /** Everything retained, as at the beginning of a connection. */
  private void bear() {
    births.bear();
    store.dueNow();
  }

  private int send(MonotonicInstant now) {
    if (store.isDue(state, now)) {
      state = stateOfJournal.get();
      store.send(state, births, now);
      lanes.recheck(state);
    }
    if (!now.isBefore(filesDue)) {
      filesDue = now.plus(FILES_EVERY);
      broker.lookAtFiles();
    }
    hold.check(state, now);
    if (reported != null) {
      reported.say(site.fleet() != null);
    }
    reports.say();
    int sent = control.send(now);
    if (!storeAhead.isBetweenEpochs()) {
      sent += lanes.send(now);
      if (isAllTold()) {
        sent += replays.send(now, lanes.isIdle(now));
      }
    }
    store.late(lanes.isLate(), now);
    return sent;
  }

  private long mostSent(String epoch) {
    return store.mostSent(epoch, state);
  }

  private boolean isAllTold() {
    return mostSent(state.epoch()) >= state.last();
  }

  private void watch(MonotonicInstant now) {
    Broker.Files files = broker.files();
    if (files.renewed()) {
      broker.cut();
      end();
      reconnect.again(now);
      log.info("certificate, key or password has been renewed: connecting with it");
      notices.tell(Event.of("uplink.renewed", Severity.INFO).with("server", reconnect.server()));
      return;
    }
    if (!Objects.equals(files.unusable(), unusable)) {
      unusable = files.unusable();
      if (unusable != null) {
        log.warn("{}; the next connection will fail", unusable);
        notices.tell(
            Event.of("uplink.renewal_unusable", Severity.WARNING).with("detail", unusable));
      }
    }
    if (now.nanosSince(since) >= Reconnect.STABLE.toNanos()) {
      suspects.clear();
      toldFailure = null; // it is over: the next time is news again
    }
    Failure deaf = hearing.look(reconnect.server(), broker.heard(), now);
    if (deaf != null) {
      broker.cut();
      lost(deaf, now);
    } else if (sending.isBroken()) {
      broker.cut();
      lost(
          new Failure(
              Failure.Kind.CLOSED, -1, reconnect.server() + ": the connection broke; trying again"),
          now);
    } else if (!now.isBefore(window.oldest().plus(ACK_TIMEOUT))) {
      broker.cut();
      lost(
          new Failure(
              Failure.Kind.STUCK,
              -1,
              reconnect.server()
                  + ": no PUBACK for "
                  + ACK_TIMEOUT.toSeconds()
                  + " s although the connection is up; connecting anew. If it happens again look at"
                  + " the broker's queue limits and disk"),
          now);
    }
  }

  private void acked(Signal.Acked acked, MonotonicInstant now) {
    Sent sent = window.remove(acked.id());
    if (sent == null) {
      return;
    }
    String topic = sent.message().topic();
    boolean good = acked.reason() < 0x80;
    if (good) {
      window.trust(topic);
      lastAck = now;
      lastAckMillis = now.millisSince(sent.at());
    } else {
      counters.refused++;
      suspects.refused(now);
      if (backoff.refused(topic, now)) {
        refusedTopic(topic, acked.reason(), "publish");
      }
    }
    boolean again = good && backoff.accepted(topic);
    switch (sent.way()) {
      case REPLAY -> replays.acked(sent, acked.reason(), now);
      case CONTROL -> {
        if (!good) {
          control.refused(sent.message());
          lanes.retry(now);
        } else if (topic.equals(topics.store())) {
          store.taken(sent.message().payload());
        }
      }
      case LIVE, ORDERED, LATE -> {
        if (good && sent.way() == Way.LIVE) {
          latency.acked(sent.load().epoch(), sent.load().seqs()[0], now);
        }
        deliveries.answered(sent.load(), acked.reason(), now);
        lanes.acked(sent, acked.reason(), now);
      }
    }
    if (again) {
      lanes.retry(now);
    }
  }

  private void refusedTopic(String topic, int reason, String what) {
    log.warn(
        "{} refuses to let {} {} to {} (reason {}): allow it in the broker's ACL; what belongs"
            + " there waits in the journal",
        reconnect.server(),
        site.gateway(),
        what,
        topic,
        reason);
    notices.tell(
        Event.of("uplink.refused", Severity.ALARM)
            .with("topic", topic)
            .with("what", what)
            .with("reason", (long) reason));
  }

  private void lost(Failure seen, MonotonicInstant now) {
    boolean wasConnected = phase == Phase.LOOKING || phase == Phase.READY;
    Failure failure = wasConnected ? seen : explained(seen, now);
    boolean wasAcked = !lastAck.equals(MonotonicInstant.NEVER) && !lastAck.isBefore(since);
    suspects.lost(reconnect.server(), failure, wasAcked, now);
    end();
    problem = failure;
    snapshotDue = now;
    String server = reconnect.server();
    if (wasConnected) {
      downSince = now;
      reconnect.lost(since, now);
    } else {
      reconnect.failed(now);
    }
    if (failure.kind() == Failure.Kind.BAD_PACKET) {
      counters.badPackets++;
    }
    if (failure.kind() == Failure.Kind.TAKEN_OVER) {
      counters.takenOver++;
      reconnect.notBefore(rivals.tookOver(server, now));
    }
    if (toldFailure != failure.kind()) {
      toldFailure = failure.kind();
      downTold = true;
      log.warn("{}; {}", failure.sentence(), reconnect.said(now));
      notices.tell(
          Event.of("uplink.down", Severity.WARNING)
              .with("reason", failure.kind().word())
              .with("server", server)
              .with("detail", failure.sentence()));
    } else if (reconnect.failures() % LOGGED_EACH == 0) {
      log.warn(
          "still away after {} tries: {}; {}",
          reconnect.failures(),
          failure.sentence(),
          reconnect.said(now));
    }
  }

  /** A broker's alert that our certificate has expired can be lost when it closes. */
  private Failure explained(Failure failure, MonotonicInstant now) {
    Path cert = site.mqtt().cert();
    long ends = broker.certificateEndsMillis();
    Time.Wall wall = time.wall();
    boolean told = failure.kind() != Failure.Kind.TLS && failure.kind() != Failure.Kind.CLOSED;
    return told
            || cert == null
            || ends == Long.MIN_VALUE
            || !wall.trusted()
            || wall.millisAt(now) < ends
        ? failure
        : ConnectionSentences.ownCertificate(reconnect.server(), cert, Instant.ofEpochMilli(ends));
  }

  /** There is no connection any more: what was under way on it goes with the next. */
  private void end() {
    for (Sent sent : window.all()) {
      counters.resent += sent.load().seqs().length;
    }
    window.clear();
    deliveries.lost();
    control.clear();
    replays.lost();
    hold.lost();
    phase = Phase.WAITING;
  }

  private UplinkSnapshot picture(MonotonicInstant now) {
    boolean up = phase == Phase.LOOKING || phase == Phase.READY;
    return new UplinkSnapshot(
        new UplinkSnapshot.Link(
            connection == 0 ? "" : reconnect.server(),
            up ? since.nanos() : -1,
            phase == Phase.WAITING ? reconnect.next().nanos() : -1,
            counters.connects,
            problem == null ? null : problem.sentence(),
            problem == null ? null : problem.kind().word(),
            certificateDays(now),
            backoff.refusing(now)),
        new UplinkSnapshot.Delivery(
            window.size(),
            window.bytes(),
            state.waiting(),
            phase == Phase.READY && lanes.isLate(),
            lanes.recordsPerSecond(now),
            lanes.bytesPerSecond(now),
            lastAck.equals(MonotonicInstant.NEVER) ? -1 : lastAck.nanos(),
            lastAckMillis),
        latency.snapshot(),
        new UplinkSnapshot.RecordCounts(
            counters.published,
            counters.acked,
            counters.resent,
            counters.refused,
            counters.nobody,
            counters.setAside),
        new UplinkSnapshot.Mishaps(
            counters.takenOver,
            counters.badPackets,
            counters.unsignedStores,
            counters.commandsRefused + broker.arrivals().refused() + control.answersDropped(),
            notices.lost()),
        new UplinkSnapshot.ReplayCounts(
            replays.waiting(), counters.replays, counters.replaysEnded, counters.replayed));
  }

  private @Nullable Integer certificateDays(MonotonicInstant now) {
    long ends = broker.certificateEndsMillis();
    Time.Wall wall = time.wall();
    if (!wall.trusted()) {
      return null;
    }
    return certificate.look(ends, wall.millisAt(now));
  }

  /**
   * Says goodbye. Messages still under way get up to 2 s for their PUBACKs; those that come are
   * acknowledged to the outbox, which is closed then: close the journal after this.
   */
  @Override
  public void close() {
    broker.close();
    MonotonicInstant now = time.now();
    broker
        .signals()
        .drain(
            signal -> {
              if (signal instanceof Signal.Acked acked && signal.connection() == connection) {
                acked(acked, now);
              }
            },
            broker.signals().capacity());
    outbox.keepAcknowledged();
    outbox.close();
    phase = Phase.WAITING;
    snapshot = picture(now);
  }

  /** What commands may do. */
  private final class CommandActions implements CommandTopics.Actions {
    @Override
    public void rebirth() {
      bear();
    }

    @Override
    public void sayStore() {
      store.dueSoon();
    }

    @Override
    public boolean requiresAcks() {
      return appAcks != null;
    }

    @Override
    public void covered(String epoch, long from, long upto) {
      if (appAcks != null) {
        appAcks.covered(epoch, from, upto);
        lanes.heard(appAcks, time.now());
      }
    }

    @Override
    public StoreSnapshot state() {
      return stateOfJournal.get();
    }
  }
}
