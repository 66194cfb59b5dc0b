package io.lingtan.agent.audit;

import io.lingtan.agent.audit.archive.Archive;
import io.lingtan.agent.audit.archive.ArchivePlace;
import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.GatewayRequests;
import io.lingtan.agent.audit.link.Subscription;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * Follows the gateways of one broker and feeds {@link Completeness}. One thread, that of {@link
 * #step}.
 *
 * <p>A message is acknowledged after it was taken in, and where there is a state file only after
 * that was saved: killed at any point, a later run with the same client id and file gets again what
 * it does not know yet. The file is written at most every 200 ms or 192 messages; while it cannot
 * be written nothing is acknowledged, and the broker keeps everything.
 */
public final class AuditStep extends NamedStep {

  private static final int INBOX = 4 * AuditClient.RECEIVE_MAXIMUM;

  /** Bytes of records that wait for the disk; with more nothing more is taken in. */
  private static final long MOST_HELD_BYTES = 4 << 20;

  private static final int MOST_AT_ONCE = 64;

  /** Below what the broker sends without an acknowledgement, so that it goes on meanwhile. */
  private static final int MOST_UNSAVED = AuditClient.RECEIVE_MAXIMUM * 3 / 4;

  private static final long SAVE_NANOS = 200_000_000L;
  private static final long SAVE_AGAIN_NANOS = 5_000_000_000L;
  private static final long QUIET_NANOS = 250_000_000L;
  private static final long LOOK_NANOS = 20_000_000L;
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final String ROOT = "lingtan/v1/";
  private static final List<String> TOPICS =
      List.of("status", "store", "meta/#", "data/+", "interval/+", "event", "undated", "batch/#");

  private final AuditClient.Options options;
  private final String only;
  private final Completeness completeness;
  private final @Nullable StateFile stateFile;
  private final @Nullable Archive archive;
  private final @Nullable Repair repair;
  private final GatewayRequests asking;
  private final @Nullable RollCall rollCall;
  private final Time time;
  private final RandomGenerator random;
  private final Inbox<AuditClient.Delivery> inbox = new Inbox<>(INBOX);
  private final Semaphore room = new Semaphore(AuditClient.ROOM_KILOBYTES);
  private final List<AuditClient.Delivery> unacknowledged = new ArrayList<>();
  private @Nullable AuditClient client;
  private MonotonicInstant connectAt = new MonotonicInstant(0);
  private MonotonicInstant saveAt = MonotonicInstant.NEVER;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private @Nullable MonotonicInstant followingSince;
  private MonotonicInstant tookAt = new MonotonicInstant(0);
  private long subscribedMillis;
  private @Nullable Trouble trouble;
  private @Nullable String saveTrouble;
  private long heldBytes;

  /**
   * @param gateway the one to follow, null for all
   */
  AuditStep(
      AuditClient.Options options,
      @Nullable String gateway,
      Completeness completeness,
      @Nullable StateFile stateFile,
      @Nullable Archive archive,
      @Nullable Repair repair,
      @Nullable RollCall rollCall,
      Time time,
      RandomGenerator random) {
    super("audit");
    this.options = options;
    this.only = ROOT + (gateway == null ? "+" : gateway) + "/";
    this.completeness = completeness;
    this.stateFile = stateFile;
    this.archive = archive;
    this.repair = repair;
    this.rollCall = rollCall;
    this.asking = this::ask;
    this.time = time;
    this.random = random;
    inbox.onOffer(waiter::wake);
    if (archive != null) {
      completeness.onRecord(
          (from, record, isNew) -> {
            heldBytes += record.json().length;
            archive.add(from, record, isNew);
          });
    }
  }

  /**
   * Goes on from what the subscription's state file remembers, or begins anew. Connects with its
   * steps.
   *
   * @throws IOException if the state or the authority cannot be read; the message says what to do
   */
  public static AuditStep open(Subscription subscription, Time time, RandomGenerator random)
      throws IOException {
    return open(subscription, Duties.NONE, time, random);
  }

  /**
   * The same with more to do.
   *
   * @throws IOException if the state, the archive or the authority cannot be used; the message says
   *     what to do
   */
  public static AuditStep open(
      Subscription subscription, Duties duties, Time time, RandomGenerator random)
      throws IOException {
    StateFile file = subscription.state() == null ? null : new StateFile(subscription.state());
    Completeness known = file == null ? null : file.load();
    AuditClient.Options options =
        new AuditClient.Options(
            subscription.broker(),
            subscription.clientId(),
            subscription.user(),
            subscription.password(),
            subscription.broker().tls() ? tls(subscription.identity()) : null,
            subscription.session());
    Completeness completeness = known == null ? new Completeness() : known;
    if (duties.sinceListening()) {
      completeness.leaveOutBefore();
    }
    ArchivePlace archiving = duties.archiving();
    return new AuditStep(
        options,
        subscription.gateway(),
        completeness,
        file,
        archiving == null ? null : archiving.open(),
        duties.repair() ? new Repair(completeness, duties.all(), random) : null,
        duties.ends() ? new RollCall() : null,
        time,
        random);
  }

  private static SSLSocketFactory tls(Tls.Identity identity) throws IOException {
    try {
      return Tls.factory(identity, null);
    } catch (Tls.Unusable e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public int step(MonotonicInstant now) {
    int taken = 0;
    // What cannot be kept is left to the broker: its limit of what is in flight bounds the rest.
    while (taken < MOST_AT_ONCE && heldBytes < MOST_HELD_BYTES) {
      int one = inbox.drain(delivery -> takeIn(delivery, now), 1);
      if (one == 0) {
        break;
      }
      taken += one;
    }
    tookAt = taken > 0 || !unacknowledged.isEmpty() ? now : tookAt;
    acknowledgeIfDue(now);
    connection(now);
    if (repair != null && followingSince != null) {
      repair.step(now, asking);
    }
    if (rollCall != null && followingSince != null) {
      rollCall.step(now, completeness.trails(), subscribedMillis, this::ping);
    }
    return taken;
  }

  private void takeIn(AuditClient.Delivery delivery, MonotonicInstant now) {
    room.release(delivery.kilobytes());
    boolean wanted =
        only.endsWith("/+/")
            ? delivery.topic().startsWith("lingtan/")
            : delivery.topic().startsWith(only);
    String answering = repair == null ? null : gatewayOfReply(delivery.topic());
    if (wanted && repair != null && answering != null) {
      repair.take(
          answering, delivery.payload(), delivery.correlation(), time.wall().millisAt(now), now);
    } else if (wanted) {
      completeness.take(
          delivery.topic(), delivery.payload(), delivery.retained(), time.wall().millisAt(now));
    }
    unacknowledged.add(delivery.withoutPayload());
    if (saveAt.equals(MonotonicInstant.NEVER)) {
      saveAt = stateFile == null && archive == null ? now : now.plusNanos(SAVE_NANOS);
    }
  }

  /** The gateway that answers us on this topic, null if it is another one. */
  private @Nullable String gatewayOfReply(String topic) {
    String end = "/" + replies();
    return topic.startsWith(ROOT) && topic.endsWith(end)
        ? topic.substring(ROOT.length(), Math.max(ROOT.length(), topic.length() - end.length()))
        : null;
  }

  /** Where answers come, below a gateway's topics; there it may write, and we may read. */
  private String replies() {
    return "reply/replay/" + options.clientId().replaceAll("[^A-Za-z0-9_-]", "-");
  }

  private GatewayRequests.@Nullable SentRequest ask(
      String gateway, String payload, String correlation) {
    AuditClient current = client;
    String root = ROOT + gateway + "/";
    return current == null
        ? null
        : current.command(root + "cmd/replay", payload, root + replies(), correlation);
  }

  private GatewayRequests.@Nullable SentRequest ping(String gateway) {
    AuditClient current = client;
    return current == null
        ? null
        : current.command(ROOT + gateway + "/cmd/ping", "{}", null, "audit");
  }

  private void acknowledgeIfDue(MonotonicInstant now) {
    boolean isMuch = unacknowledged.size() >= MOST_UNSAVED || heldBytes >= MOST_HELD_BYTES;
    boolean many = isMuch && saveTrouble == null;
    if (unacknowledged.isEmpty() || (!many && now.isBefore(saveAt))) {
      return;
    }
    if (save(now)) {
      unacknowledged.forEach(delivery -> delivery.from().acknowledge(delivery));
      unacknowledged.clear();
      saveAt = MonotonicInstant.NEVER;
    }
  }

  private boolean save(MonotonicInstant now) {
    saveTrouble = saved();
    if (saveTrouble != null) {
      saveAt = now.plusNanos(SAVE_AGAIN_NANOS);
    }
    return saveTrouble == null;
  }

  /** Null, or why not. First the archive: what it does not have must not be known. */
  private @Nullable String saved() {
    try {
      if (archive != null) {
        archive.commit();
        heldBytes = 0;
      }
    } catch (IOException e) {
      return e.getMessage();
    }
    try {
      if (stateFile != null) {
        stateFile.save(completeness);
      }
      return null;
    } catch (IOException e) {
      return "cannot write "
          + stateFile
          + " ("
          + e
          + "): make room or give permission; until then the broker keeps what comes";
    }
  }

  private void connection(MonotonicInstant now) {
    AuditClient current = client;
    if (current == null) {
      if (!now.isBefore(connectAt) && (trouble == null || !trouble.hopeless())) {
        connect(now);
      }
      return;
    }
    current.advance(now, sessionPresent -> connected(sessionPresent, now), filters());
    if (current.isOver()) {
      client = null;
      followingSince = null;
      trouble = current.trouble();
      // Half to all of it, so that many who lost one broker do not come back as one.
      long pause = pauseMillis / 2 + random.nextLong(pauseMillis / 2 + 1);
      connectAt = now.plusMillis(pause);
      pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    } else if (current.isFollowing() && followingSince == null) {
      followingSince = now;
      trouble = null;
      pauseMillis = FIRST_PAUSE_MILLIS;
    }
  }

  private void connect(MonotonicInstant now) {
    try {
      client = AuditClient.connect(options, inbox, room, waiter::wake, now);
    } catch (MqttException e) {
      trouble = Trouble.of(options.broker(), options.clientId(), e);
      connectAt = now.plusMillis(LONGEST_PAUSE_MILLIS);
    }
  }

  private void connected(boolean sessionPresent, MonotonicInstant now) {
    long nowMillis = time.wall().millisAt(now);
    subscribedMillis = nowMillis;
    if (rollCall != null) {
      rollCall.begin();
    }
    if (!sessionPresent) {
      // What was taken over from an earlier connection belongs before the interruption.
      inbox.drain(delivery -> takeIn(delivery, now), INBOX);
      completeness.listensOnlySince(nowMillis);
    }
  }

  private List<String> filters() {
    Stream<String> answers = repair == null ? Stream.of() : Stream.of(replies());
    return Stream.concat(TOPICS.stream(), answers).map(topic -> only + topic).toList();
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant now = time.now();
    if (client == null) {
      return connectAt.min(saveAt);
    }
    MonotonicInstant due = followingSince == null ? now.plusNanos(LOOK_NANOS).min(saveAt) : saveAt;
    if (followingSince == null) {
      return due;
    }
    due = repair == null ? due : due.min(repair.due());
    return rollCall == null ? due : due.min(rollCall.due());
  }

  /** Since when it gets everything; null while it does not. */
  public @Nullable MonotonicInstant followingSince() {
    return followingSince;
  }

  /**
   * Whether the broker has given the {@code store} that it keeps of every gateway since the present
   * subscription, and so everything that it had kept for us before.
   */
  public boolean hasKeptStores() {
    return completeness.trails().values().stream()
        .allMatch(trail -> trail.keptStoreMillis() >= subscribedMillis);
  }

  /** Whether a gateway has yet to say what it has, or may still say more of what is not here. */
  public boolean awaitsWords() {
    return rollCall != null
        && completeness.trails().entrySet().stream()
            .anyMatch(each -> rollCall.isAwaited(each.getKey(), each.getValue()));
  }

  /** Why there is no connection, null if there is one or nothing failed yet. */
  public @Nullable Trouble trouble() {
    return trouble;
  }

  /** Why the state file cannot be written, null if it can. */
  public @Nullable String saveTrouble() {
    return saveTrouble;
  }

  /**
   * Whether the broker has kept nothing more for us: everything that came is acknowledged and
   * nothing followed, or every gateway has answered, which came behind all that.
   */
  public boolean isQuiet(MonotonicInstant now) {
    return now.nanosSince(tookAt) >= QUIET_NANOS
        || (rollCall != null && rollCall.isAnswered(completeness.trails()));
  }

  /** Whether something that is missing may still be brought back, now or later. */
  public boolean hopesForMore(MonotonicInstant now) {
    return repair != null && repair.isHoping(now);
  }

  /** Whether it is asking for something that is missing, or about to. */
  public boolean isRepairing() {
    return repair != null && followingSince != null && repair.isAtWork();
  }

  /** What is known so far. */
  public AuditReport report(MonotonicInstant now) {
    if (rollCall != null) {
      rollCall.tell(completeness.trails());
    }
    AuditReport report = completeness.report(time.wall().millisAt(now));
    return new AuditReport(
        report.atMillis(),
        report.listeningSinceMillis(),
        report.gateways(),
        report.refusedMessages(),
        archive == null ? 0 : archive.contradictions(),
        repair == null ? null : repair.report());
  }

  @Override
  public void close() {
    MonotonicInstant now = time.now();
    if (save(now)) {
      unacknowledged.forEach(delivery -> delivery.from().acknowledge(delivery));
    }
    unacknowledged.clear();
    AuditClient current = client;
    client = null;
    if (current != null) {
      current.close();
    }
    if (archive != null) {
      archive.close();
    }
  }
}
