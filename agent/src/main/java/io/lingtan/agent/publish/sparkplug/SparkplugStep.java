package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.CertificateTime;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Hearing;
import io.lingtan.agent.publish.link.Reconnect;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The session of the Sparkplug view. A state machine that never blocks: wait for a trusted clock,
 * connect with the node's death as Will, subscribe, wait for the primary host if there is one, bear
 * everything, tell what comes and beside it what is late, and leave when the primary host does.
 *
 * <p>Crash contract: the next bdSeq is on the card before CONNECT, unless the card cannot be
 * written; the cursor each minute and at a stop. A killed view tells up to a minute once more, as
 * historical, under the same time stamps.
 *
 * <p>The view's thread, but for {@link #onCommit} and {@link #snapshot}, which any thread may call.
 */
public final class SparkplugStep extends NamedStep {

  static final Duration SAVE_EVERY = Duration.ofMinutes(1);
  static final Duration STUCK = Duration.ofSeconds(30);

  /** How long to wait for the primary host's word where there is another server to try. */
  static final Duration HOST_PATIENCE = Duration.ofSeconds(30);

  private static final Duration FILES_EVERY = Duration.ofSeconds(10);
  private static final Duration SNAPSHOT_EVERY = Duration.ofMillis(500);
  private static final Duration CLOCK_EVERY = Duration.ofSeconds(1);
  private static final int AT_ONCE = 64;

  private enum Phase {
    WAITING,
    CONNECTING,
    /** Connected: the subscriptions, and the primary host's word. */
    LISTENING,
    ONLINE
  }

  private final Supplier<StoreSnapshot> stateOfJournal;
  private final Outbox outbox;
  private final Broker broker;
  private final CertificateTime certificateTime;
  private final Time time;
  private final SparkplugTopics names;
  private final List<String> servers;
  private final Reconnect reconnect;
  private final Notices notices;
  private final CursorFile file;
  private final Numbering numbering;
  private final SentRecords told;
  private final Feed feed;
  private final Outgoing out;
  private final Conversation conversation;
  private final Telling telling;
  private final NodeCommands requests;
  private final ViewHealth standing;
  private final Hearing hearing = new Hearing();
  private final @Nullable PrimaryHost host;
  private final AtomicBoolean committed = new AtomicBoolean(true);
  private boolean isRemembering = true;

  private Phase phase = Phase.WAITING;
  private long connection;
  private MonotonicInstant since = new MonotonicInstant(0);
  private boolean isSubscribed;
  private boolean isHostOnline;
  private MonotonicInstant saveDue;
  private MonotonicInstant snapshotDue = new MonotonicInstant(0);
  private MonotonicInstant filesDue = new MonotonicInstant(0);
  private long connects;
  private volatile ViewSnapshot snapshot;

  /**
   * @param view what the site file says of it
   * @param outbox of its own
   * @param stateOfJournal what {@code store} says, asked after each commit
   * @param cursor the file in which it remembers where it was
   * @param identity what a device says of itself, as {@code serial model}; empty while unknown
   * @param ledger where events go
   */
  public SparkplugStep(
      Site site,
      Site.View.Sparkplug view,
      Birth birth,
      Outbox outbox,
      Supplier<StoreSnapshot> stateOfJournal,
      Path cursor,
      Function<String, Map<String, String>> identity,
      Broker broker,
      Inbox<Arrival> ledger,
      Time time,
      RandomGenerator random) {
    super("sparkplug");
    this.stateOfJournal = stateOfJournal;
    this.outbox = outbox;
    this.broker = broker;
    this.time = time;
    this.certificateTime = new CertificateTime(time, outbox);
    this.names = new SparkplugTopics(view.group(), site.gateway());
    this.servers = view.link().servers();
    this.reconnect = new Reconnect(servers, site.mqtt().spread(), random, time.now());
    this.notices = new Notices(ledger, time);
    this.file = new CursorFile(cursor);
    CursorFile.Kept kept = file.load();
    this.numbering = new Numbering(kept.nextBdSeq());
    this.told = kept.told();
    this.feed = new Feed(outbox, told, kept.isFirst(), notices);
    this.out = new Outgoing(broker);
    NodeMetrics catalogue = new NodeMetrics(site, birth);
    NewestValues latest = new NewestValues();
    Births births = new Births(catalogue, latest, new Properties(site, birth, identity));
    this.conversation =
        new Conversation(names, catalogue, latest, births, numbering, out, told, time);
    String primary = view.primaryHost();
    this.host = primary == null ? null : new PrimaryHost(primary);
    MonotonicInstant now = time.now();
    this.telling = new Telling(feed, conversation, out, now);
    this.requests = new NodeCommands(notices);
    this.standing = new ViewHealth(notices);
    this.saveDue = now.plus(SAVE_EVERY);
    this.snapshot = picture();
    broker.signals().onOffer(waiter::wake);
    broker.arrivals().onOffer(waiter::wake);
  }

  /** The client id of a gateway's view. */
  public static String clientId(String gateway) {
    return SparkplugTopics.clientId(gateway);
  }

  /** Where the view of a journal remembers where it was. */
  public static Path cursorOf(Path journal) {
    return journal.resolveSibling(journal.getFileName() + ".sparkplug");
  }

  /** For {@code Journal.onCommit}. Any thread. */
  public void onCommit() {
    committed.set(true);
    waiter.wake();
  }

  /** The view as it was at most half a second ago. Any thread. */
  public ViewSnapshot snapshot() {
    return snapshot;
  }

  @Override
  public int step(MonotonicInstant now) {
    int done = broker.signals().drain(signal -> on(signal, now), AT_ONCE);
    done += broker.arrivals().drain(arrived -> heard(arrived, now), AT_ONCE);
    if (committed.compareAndSet(true, false)) {
      feed.follow(stateOfJournal.get());
      remember();
      done++;
    }
    notices.flush();
    if (phase == Phase.LISTENING || phase == Phase.ONLINE) {
      watch(now);
    }
    switch (phase) {
      case WAITING -> {
        if (!now.isBefore(reconnect.next()) && isDated()) {
          connect();
          done++;
        }
      }
      case CONNECTING -> {}
      case LISTENING -> done += listen(now);
      case ONLINE -> done += talk(now);
    }
    done += phase == Phase.ONLINE ? 0 : telling.learn();
    if (!now.isBefore(saveDue)) {
      saveDue = now.plus(SAVE_EVERY);
      file.save(numbering.nextBirthDeath(), told);
    }
    if (!now.isBefore(snapshotDue)) {
      snapshotDue = now.plus(SNAPSHOT_EVERY);
      snapshot = picture();
    }
    return done;
  }

  /** The last figures of each length, which may be months old, are known from the start. */
  private void remember() {
    List<IntervalRecord> figures = isRemembering ? outbox.newestIntervals() : null;
    if (figures != null) {
      figures.forEach(conversation::remember);
      isRemembering = false;
    }
  }

  /** Time stamps are UTC or there are none: without a trusted clock nothing is told. */
  private boolean isDated() {
    if (time.wall().trusted()) {
      return true;
    }
    standing.waits(
        "no_clock", "the clock is not trusted yet, and Sparkplug has no values without a time");
    return false;
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant now = time.now();
    if (committed.get()
        || broker.signals().size() > 0
        || broker.arrivals().size() > 0
        || (out.isBroken() && (phase == Phase.LISTENING || phase == Phase.ONLINE))) {
      return now;
    }
    MonotonicInstant due = snapshotDue.min(saveDue);
    if (notices.isWaiting()) {
      due = due.min(now.plusMillis(100));
    }
    return switch (phase) {
      case WAITING -> due.min(time.wall().trusted() ? reconnect.next() : now.plus(CLOCK_EVERY));
      case CONNECTING -> due;
      case LISTENING -> due.min(filesDue).min(patienceEnds());
      case ONLINE -> {
        due = due.min(filesDue).min(out.oldest().plus(STUCK));
        if (requests.isWaiting()) {
          due = due.min(requests.due());
        } else if (out.hasRoom() && conversation.isBorn()) {
          due = due.min(telling.due());
        }
        yield due;
      }
    };
  }

  private void connect() {
    connection++;
    numbering.connecting();
    file.save(numbering.nextBirthDeath(), told);
    phase = Phase.CONNECTING;
    broker.certificatesAsOf(certificateTime.whenCertificatesMustBeValid());
    long millis = time.wall().millisAt(time.now());
    broker.connect(
        connection,
        reconnect.server(),
        new Broker.Will(
            names.nodeDeath(), Births.nodeDeath(numbering.birthDeath(), millis), false));
  }

  private void on(Signal signal, MonotonicInstant now) {
    if (signal.connection() != connection || phase == Phase.WAITING) {
      return; // of a connection that has been given up
    }
    switch (signal) {
      case Signal.Connected connected -> connected(connected, now);
      case Signal.Lost lost -> {
        if (!lost.isConnectSent()) {
          numbering.notConnecting();
        }
        lost(lost.failure(), now);
      }
      case Signal.Acked acked -> out.written(acked.id());
      case Signal.Subscribed subscribed -> subscribed(subscribed, now);
      case Signal.Arrived arrived -> heard(arrived, now);
    }
  }

  private void connected(Signal.Connected connected, MonotonicInstant now) {
    connects++;
    since = now;
    snapshotDue = now;
    filesDue = now.plus(FILES_EVERY);
    out.open(connected.maximumPacket());
    isSubscribed = false;
    isHostOnline = host == null;
    conversation.lost();
    phase = Phase.LISTENING;
    List<String> filters = new ArrayList<>(List.of(names.nodeCommand()));
    if (host != null) {
      filters.add(host.topic());
    }
    broker.subscribe(filters);
    // Only so that what is asked in vain is said: a broker that refuses it does no harm.
    broker.subscribe(List.of(names.deviceCommands()));
    hearing.opened(now);
  }

  private void subscribed(Signal.Subscribed subscribed, MonotonicInstant now) {
    if (subscribed.filters().contains(names.deviceCommands())) {
      return;
    }
    for (int i = 0; i < subscribed.filters().size() && i < subscribed.reasons().size(); i++) {
      int reason = subscribed.reasons().get(i);
      if (reason >= 0x80) {
        broker.goodbye();
        lost(Ends.refused(reconnect.server(), subscribed.filters().get(i), reason), now);
        return;
      }
    }
    isSubscribed = true;
  }

  private MonotonicInstant patienceEnds() {
    boolean isWaiting = isSubscribed && !isHostOnline;
    return isWaiting && servers.size() > 1 ? since.plus(HOST_PATIENCE) : MonotonicInstant.NEVER;
  }

  private int listen(MonotonicInstant now) {
    if (!isSubscribed) {
      return 0;
    }
    if (!isHostOnline) {
      standing.waits(
          "no_host",
          reconnect.server() + ": the primary host is not online; nothing is sent until it is");
      if (!now.isBefore(patienceEnds())) {
        leave("the primary host does not say whether it is online", now);
      }
      return 0;
    }
    if (feed.behind() > 0 && telling.learn() > 0) {
      return 1; // what is there already is not news
    }
    phase = Phase.ONLINE;
    requests.born(now);
    conversation.begin();
    feed.lookForLate();
    return 1;
  }

  private void heard(Signal.Arrived arrived, MonotonicInstant now) {
    boolean isUp = phase == Phase.LISTENING || phase == Phase.ONLINE;
    if (arrived.connection() != connection || !isUp) {
      return;
    }
    if (arrived.flaw() != null || arrived.topic().equals(names.nodeCommand())) {
      requests.heard(arrived, now);
    } else if (arrived.topic().startsWith(names.deviceCommand(""))) {
      requests.heardOfDevice(now);
    } else if (host != null) {
      switch (host.heard(reconnect.server(), arrived)) {
        case ONLINE -> isHostOnline = true;
        case OFFLINE -> hostLeft(now);
        case NOTHING -> {}
      }
    }
  }

  /** Where there is one server only, and nothing was born yet, it can be waited for there. */
  private void hostLeft(MonotonicInstant now) {
    isHostOnline = false;
    if (phase == Phase.ONLINE || servers.size() > 1) {
      leave("the primary host is offline", now);
    }
  }

  /** Leaves in good order, and tries the next server. */
  private void leave(String why, MonotonicInstant now) {
    if (phase == Phase.ONLINE) {
      conversation.die(now);
      told.sure();
    }
    broker.goodbye();
    lost(Ends.left(reconnect.server(), why, servers.size() == 1), now);
  }

  /** Certificate, key or password are others now: leaves in good order, and is back with them. */
  private void renew(MonotonicInstant now) {
    if (phase == Phase.ONLINE) {
      conversation.die(now);
      told.sure();
    }
    broker.goodbye();
    notices.tell(
        Event.of("uplink.renewed", Event.Severity.INFO)
            .with("server", reconnect.server())
            .with("view", "sparkplug"));
    end(now);
    reconnect.again(now);
  }

  private int talk(MonotonicInstant now) {
    if (requests.isWaiting() && now.isBefore(requests.due())) {
      return 0; // no values meanwhile: they are asked for to be born first
    }
    if (requests.isWaiting()) {
      requests.born(now);
      conversation.begin();
    }
    long before = conversation.bornTimes();
    int sent = conversation.bear(now);
    if (conversation.bornTimes() > before) {
      standing.online(reconnect.server());
    }
    String unfit = conversation.unfit();
    if (unfit != null) {
      broker.goodbye();
      lost(Ends.unfit(reconnect.server(), unfit), now);
      return sent;
    }
    return sent + telling.tell(now);
  }

  private void watch(MonotonicInstant now) {
    if (now.nanosSince(since) >= Reconnect.STABLE.toNanos()) {
      standing.held();
    }
    if (!now.isBefore(filesDue)) {
      filesDue = now.plus(FILES_EVERY);
      broker.lookAtFiles();
      conversation.lookAtProperties();
    }
    Failure deaf = hearing.look(reconnect.server(), broker.heard(), now);
    if (broker.files().renewed()) {
      renew(now);
    } else if (deaf != null) {
      broker.cut();
      lost(deaf, now);
    } else if (out.isBroken()) {
      broker.cut();
      lost(Ends.broke(reconnect.server()), now);
    } else if (!now.isBefore(out.oldest().plus(STUCK))) {
      broker.cut();
      lost(Ends.stuck(reconnect.server(), STUCK), now);
    }
  }

  private void lost(Failure failure, MonotonicInstant now) {
    boolean wasConnected = phase == Phase.LISTENING || phase == Phase.ONLINE;
    String server = reconnect.server();
    end(now);
    if (wasConnected && failure.kind() != Failure.Kind.PACKET_TOO_LARGE && isHostOnline) {
      reconnect.lost(since, now);
    } else {
      reconnect.failed(now);
    }
    standing.failed(failure, server, reconnect.said(now));
  }

  private void end(MonotonicInstant now) {
    told.unsure(now);
    telling.lost();
    out.clear();
    phase = Phase.WAITING;
    snapshotDue = now;
  }

  private ViewSnapshot picture() {
    boolean isUp = phase == Phase.LISTENING || phase == Phase.ONLINE;
    return new ViewSnapshot(
        "sparkplug",
        connection == 0 ? "" : reconnect.server(),
        isUp ? since.nanos() : -1,
        phase == Phase.ONLINE,
        feed.lag(),
        connects,
        conversation.bornTimes(),
        out.messages(),
        conversation.lateRecords(),
        feed.gone(),
        conversation.passed(),
        requests.refused() + broker.arrivals().refused(),
        standing.problem(),
        standing.why());
  }

  /** Finished when what is new has been told, or nobody can be told. */
  @Override
  public boolean isFinished() {
    return phase != Phase.ONLINE || (telling.isDone() && out.isEmpty());
  }

  /** Publishes the node's death, says goodbye, and saves the cursor. */
  @Override
  public void close() {
    if (phase == Phase.ONLINE) {
      conversation.die(time.now());
      told.sure();
    }
    phase = Phase.WAITING;
    broker.close();
    file.save(numbering.nextBirthDeath(), told);
    snapshot = picture();
    outbox.close();
  }
}
