package io.lingtan.agent.audit;

import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.tls.Tls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * Follows the gateways of one broker and feeds {@link Completeness}. One thread, that of {@link
 * #step}.
 *
 * <p>A message is acknowledged after it was taken in, and where there is a state file only after
 * that was saved: killed at any point, a later run with the same client id and file gets again what
 * it does not know yet. The file is written at most every 200 ms or 64 messages; while it cannot be
 * written nothing is acknowledged, and the broker keeps everything.
 */
public final class AuditStep implements Step {

  private static final int INBOX = 4 * AuditClient.RECEIVE_MAXIMUM;
  private static final int MOST_AT_ONCE = 64;
  private static final long SAVE_NANOS = 200_000_000L;
  private static final long SAVE_AGAIN_NANOS = 5_000_000_000L;
  private static final long LOOK_NANOS = 20_000_000L;
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final List<String> TOPICS =
      List.of("status", "store", "meta/#", "data/+", "interval/+", "event", "undated", "batch/#");

  private final AuditClient.Options options;
  private final String only;
  private final Completeness completeness;
  private final @Nullable StateFile stateFile;
  private final Time time;
  private final RandomGenerator random;
  private final Waiter waiter = Waiter.parking();
  private final Inbox<AuditClient.Delivery> inbox = new Inbox<>("audit", INBOX);
  private final List<AuditClient.Delivery> unacknowledged = new ArrayList<>();
  private @Nullable AuditClient client;
  private MonotonicInstant connectAt = new MonotonicInstant(0);
  private MonotonicInstant saveAt = MonotonicInstant.NEVER;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private @Nullable MonotonicInstant followingSince;
  private long subscribedMillis;
  private @Nullable Trouble trouble;
  private @Nullable String saveTrouble;

  /**
   * @param gateway the one to follow, null for all
   */
  AuditStep(
      AuditClient.Options options,
      @Nullable String gateway,
      Completeness completeness,
      @Nullable StateFile stateFile,
      Time time,
      RandomGenerator random) {
    this.options = options;
    this.only = "lingtan/v1/" + (gateway == null ? "+" : gateway) + "/";
    this.completeness = completeness;
    this.stateFile = stateFile;
    this.time = time;
    this.random = random;
    inbox.onOffer(waiter::wake);
  }

  /**
   * Goes on from what the subscription's state file remembers, or begins anew. Connects with its
   * steps.
   *
   * @throws IOException if the state or the authority cannot be read; the message says what to do
   */
  public static AuditStep open(Subscription subscription, Time time, RandomGenerator random)
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
    return new AuditStep(
        options,
        subscription.gateway(),
        known == null ? Completeness.ofAllTopics() : known,
        file,
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
  public String name() {
    return "audit";
  }

  @Override
  public int step(MonotonicInstant now) {
    int taken = inbox.drain(delivery -> takeIn(delivery, now), MOST_AT_ONCE);
    acknowledgeIfDue(now);
    connection(now);
    return taken;
  }

  private void takeIn(AuditClient.Delivery delivery, MonotonicInstant now) {
    boolean wanted =
        only.endsWith("/+/")
            ? delivery.topic().startsWith("lingtan/")
            : delivery.topic().startsWith(only);
    if (wanted) {
      completeness.take(
          delivery.topic(), delivery.payload(), delivery.retained(), time.wall().millisAt(now));
    }
    unacknowledged.add(delivery);
    if (saveAt.equals(MonotonicInstant.NEVER)) {
      saveAt = stateFile == null ? now : now.plusNanos(SAVE_NANOS);
    }
  }

  private void acknowledgeIfDue(MonotonicInstant now) {
    boolean many = unacknowledged.size() >= MOST_AT_ONCE && saveTrouble == null;
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
    if (stateFile == null) {
      return true;
    }
    try {
      stateFile.save(completeness);
      saveTrouble = null;
      return true;
    } catch (IOException e) {
      saveTrouble =
          "cannot write "
              + stateFile
              + " ("
              + e
              + "): make room or give permission; until then the broker keeps what comes";
      saveAt = now.plusNanos(SAVE_AGAIN_NANOS);
      return false;
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
      client = AuditClient.connect(options, inbox, waiter::wake, now);
    } catch (MqttException e) {
      trouble = Trouble.of(options.broker(), options.clientId(), e);
      connectAt = now.plusMillis(LONGEST_PAUSE_MILLIS);
    }
  }

  private void connected(boolean sessionPresent, MonotonicInstant now) {
    long nowMillis = time.wall().millisAt(now);
    subscribedMillis = nowMillis;
    if (!sessionPresent) {
      // What was taken over from an earlier connection belongs before the interruption.
      inbox.drain(delivery -> takeIn(delivery, now), INBOX);
      completeness.listensOnlySince(nowMillis);
    }
  }

  private List<String> filters() {
    return TOPICS.stream().map(topic -> only + topic).toList();
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant now = time.now();
    if (client == null) {
      return connectAt.min(saveAt);
    }
    return followingSince == null ? now.plusNanos(LOOK_NANOS).min(saveAt) : saveAt;
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  /** Since when it gets everything; null while it does not. */
  public @Nullable MonotonicInstant followingSince() {
    return followingSince;
  }

  /** UTC ms just before the present subscription. */
  public long subscribedMillis() {
    return subscribedMillis;
  }

  /** Why there is no connection, null if there is one or nothing failed yet. */
  public @Nullable Trouble trouble() {
    return trouble;
  }

  /** Why the state file cannot be written, null if it can. */
  public @Nullable String saveTrouble() {
    return saveTrouble;
  }

  /** What is known so far. */
  public AuditReport report(MonotonicInstant now) {
    return completeness.report(time.wall().millisAt(now));
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
  }
}
