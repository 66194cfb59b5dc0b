package io.lingtan.agent.wave;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.wave.Heard.Health;
import io.lingtan.agent.wave.Wave.Member;
import io.lingtan.agent.wave.Wave.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * Listens to all gateways, and publishes for those of one wave after the other: first it listens
 * for a while, so that it knows how each does; then it sends to the gateways of a wave, waits until
 * each has said what became of it, and listens once more. Where more fail than may, it takes back
 * what nobody has obeyed yet and ends.
 *
 * <p>Bounded: {@value #MOST_IN_FLIGHT} documents on their way at once, {@value Wave#MOST_GATEWAYS}
 * gateways, and what the inbox holds; the broker waits with the rest. Without a broker it goes on
 * trying every {@value #PAUSE_MILLIS} ms.
 */
public final class WaveStep extends NamedStep {

  private static final String ROOT = "lingtan/v1/";
  private static final List<String> FILTERS =
      List.of(
          ROOT + "+/status",
          ROOT + "+/reported",
          ROOT + "+/store",
          ROOT + "+/meta",
          ROOT + "+/meta/+",
          ROOT + "+/data/+",
          ROOT + "+/batch",
          ROOT + "+/batch/gz");

  private static final int INBOX = 4 * AuditClient.RECEIVE_MAXIMUM;
  private static final int MOST_IN_FLIGHT = 16;
  private static final long PAUSE_MILLIS = 5_000;
  private static final Duration LOOK = Duration.ofMillis(100);

  /** What is retained has come when nothing has for so long. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final byte[] NOTHING = {};

  /**
   * What is to be done.
   *
   * @param file where the wave's state is
   * @param isChosen which gateways are meant, by their names
   * @param steps percent of them that have it after each wave
   * @param watch how long is listened before and after
   * @param patience for a gateway's word on its document
   * @param failures so many may fail
   */
  public record Orders(
      Path file,
      Documents documents,
      Predicate<String> isChosen,
      List<Double> steps,
      Duration watch,
      Duration patience,
      int failures) {}

  private final Orders orders;
  private final AuditClient.Options options;
  private final Time time;
  private final Consumer<String> say;
  private final Inbox<AuditClient.Delivery> inbox = new Inbox<>(INBOX);
  private final Semaphore room = new Semaphore(AuditClient.ROOM_KILOBYTES);
  private final MessageReader reader = new MessageReader();
  private final Map<String, Heard> heard = new TreeMap<>();

  /** How those of the wave did when they applied it. */
  private final Map<String, Health> applied = new HashMap<>();

  private final Map<Member, AuditClient.Retained> inFlight = new HashMap<>();
  private @Nullable Wave wave;
  private @Nullable AuditClient client;
  private MonotonicInstant connectAt;
  private @Nullable MonotonicInstant heardAt;
  private @Nullable MonotonicInstant listensSince;
  private @Nullable MonotonicInstant waitsSince;
  private @Nullable MonotonicInstant watchesSince;
  private @Nullable String trouble;
  private boolean announced;

  /** Whether what is retained has come at this connection. */
  private boolean settled;

  private boolean finished;
  private boolean withdraws;

  /**
   * @param wave as it was left; null for a new one
   * @param say takes a line for a person
   */
  public WaveStep(
      Orders orders,
      @Nullable Wave wave,
      AuditClient.Options options,
      Time time,
      Consumer<String> say) {
    super("wave");
    this.orders = orders;
    this.wave = wave;
    this.options = options;
    this.time = time;
    this.say = say;
    this.connectAt = time.now();
    inbox.onOffer(waiter::wake);
    if (wave != null) {
      wave.resume(orders.failures);
      withdraws = wave.stopped() != null;
      finished =
          (wave.isDone() && wave.members().stream().noneMatch(Member::isOpen))
              || (withdraws && wave.members().stream().noneMatch(Member::mayObey));
    }
  }

  @Override
  public MonotonicInstant due() {
    return time.now().plus(LOOK);
  }

  /** Whether there is nothing left to do here: all have it, it is stopped, or it cannot go on. */
  @Override
  public boolean isFinished() {
    return finished;
  }

  /** As far as it has come; null while nobody knows which gateways there are. */
  public @Nullable Wave wave() {
    return wave;
  }

  /** Why it cannot go on, null if that is not so. */
  public @Nullable String trouble() {
    return trouble;
  }

  @Override
  public int step(MonotonicInstant now) {
    int taken = inbox.drain(delivery -> take(delivery, now), INBOX);
    try {
      if (!finished && isFollowing(now)) {
        goOn(now);
      }
    } catch (IOException e) {
      end(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return taken;
  }

  private void end(@Nullable String why) {
    trouble = why;
    finished = true;
  }

  private void take(AuditClient.Delivery delivery, MonotonicInstant now) {
    room.release(delivery.kilobytes());
    heardAt = delivery.retained() ? now : heardAt;
    delivery.from().acknowledge(delivery);
    String topic = delivery.topic();
    int slash = topic.startsWith(ROOT) ? topic.indexOf('/', ROOT.length()) : -1;
    if (slash < 0) {
      return;
    }
    String gateway = topic.substring(ROOT.length(), slash);
    if (!ForeignText.isGateway(gateway)) {
      return;
    }
    Heard one = heard.get(gateway);
    if (one == null && heard.size() < 2 * Wave.MOST_GATEWAYS) {
      one = new Heard();
      heard.put(gateway, one);
    }
    if (one != null) {
      one.take(topic.substring(slash + 1), delivery.payload(), reader);
    }
  }

  private boolean isFollowing(MonotonicInstant now) {
    AuditClient current = client;
    if (current == null) {
      if (now.isBefore(connectAt)) {
        return false;
      }
      try {
        current = AuditClient.connect(options, inbox, room, waiter::wake, now);
        client = current;
      } catch (MqttException e) {
        lost(Trouble.of(options.broker(), options.clientId(), e), now);
        return false;
      }
    }
    current.advance(now, session -> {}, FILTERS);
    if (current.isOver()) {
      lost(current.trouble(), now);
      return false;
    }
    return current.isFollowing();
  }

  /** What was on its way is sent once more. */
  private void lost(@Nullable Trouble why, MonotonicInstant now) {
    client = null;
    settled = false;
    // What was not heard meanwhile is nobody's silence.
    heardAt = null;
    waitsSince = null;
    watchesSince = null;
    inFlight.clear();
    connectAt = now.plusMillis(PAUSE_MILLIS);
    if (why != null && why.hopeless()) {
      end(why.message());
    } else if (why != null) {
      say.accept(why.message() + "; trying again");
    }
  }

  private void goOn(MonotonicInstant now) throws IOException {
    MonotonicInstant since = listensSince == null ? now : listensSince;
    listensSince = since;
    MonotonicInstant lastHeard = heardAt == null ? now : heardAt;
    heardAt = lastHeard;
    settled = settled || !now.isBefore(lastHeard.plus(SETTLED));
    if (!settled) {
      return;
    }
    if (!announced) {
      announced = true;
      say.accept("listens to " + heard.size() + " gateways for " + orders.watch.toSeconds() + " s");
    }
    Wave current = wave;
    if (!withdraws && now.isBefore(since.plus(orders.watch))) {
      return;
    }
    if (current == null) {
      current = begun();
      wave = current;
      save(current);
      announce(current);
    }
    if (withdraws) {
      withdraw(current);
    } else if (current.isDone()) {
      follow(current, now);
      end(null);
    } else if (time.wall().millisAt(now) >= current.expiresMillis()) {
      stop(
          current,
          "the documents have expired: sign them anew, and begin a new wave with another --state");
    } else if (current.isBlind()) {
      stop(
          current,
          "no gateway has applied it, and the last wave is all the rest: begin a new wave with"
              + " another --state when some are online, or give --steps 100");
    } else {
      send(current, now);
      follow(current, now);
    }
  }

  private Wave begun() throws IOException {
    Map<String, String> likeness = new HashMap<>();
    Map<String, Member> members = new TreeMap<>();
    long expires = Long.MAX_VALUE;
    String kind = null;
    int others = 0;
    for (Map.Entry<String, Heard> entry : heard.entrySet()) {
      String gateway = entry.getKey();
      Heard one = entry.getValue();
      if (!orders.isChosen.test(gateway) || !one.isOfFleet() || !orders.documents.has(gateway)) {
        continue;
      }
      Documents.Ready ready = orders.documents.of(gateway);
      if (!ready.document().isFor(gateway, one.group())) {
        others++;
        continue;
      }
      if (kind != null && !kind.equals(ready.document().kind())) {
        throw new IOException("the documents are of two kinds: bring each on its way by itself");
      }
      kind = ready.document().kind();
      expires = Math.min(expires, ready.document().expiresMillis());
      Member member =
          new Member(gateway, ready.document().serial(), Sha256.hex(ready.payload()), 0);
      member.pin(one.key());
      members.put(gateway, member);
      if (one.isOnline()) {
        likeness.put(gateway, one.likeness());
      }
    }
    if (kind == null) {
      throw new IOException(
          "no gateway is meant: of "
              + heard.size()
              + " that the broker knows, "
              + heard.values().stream().filter(Heard::isOfFleet).count()
              + " obey a fleet's centre (fleet: in the site file), and "
              + others
              + " of the chosen are in another group than the document; see lingtan fleet status");
    }
    if (members.size() > Wave.MOST_GATEWAYS) {
      throw new IOException(
          members.size()
              + " gateways are chosen, and a wave has at most "
              + Wave.MOST_GATEWAYS
              + ": choose fewer by --gateways or --list");
    }
    long signed = orders.documents.serial();
    Wave dealt = new Wave(kind, orders.steps, signed, expires);
    dealt.deal(likeness, members);
    return dealt;
  }

  private void announce(Wave current) {
    int at = current.at();
    say.accept(
        "wave %d of %d: %d gateways"
            .formatted(
                at + 1,
                current.waves(),
                current.members().stream().filter(member -> member.wave() == at).count()));
  }

  private Heard of(Member member) {
    return heard.computeIfAbsent(member.gateway(), any -> new Heard());
  }

  private Health health(Member member, MonotonicInstant now) {
    MonotonicInstant since = listensSince == null ? now : listensSince;
    return of(member).health(now.millis() - since.millis());
  }

  /** Notes who is next before anything is published for it. */
  private void send(Wave current, MonotonicInstant now) throws IOException {
    boolean isChanged =
        inFlight.entrySet().removeIf(sent -> isTaken(current, sent.getKey(), sent.getValue()));
    if (inFlight.isEmpty()) {
      for (Member member : current.members(current.at(), Stage.WAITING)) {
        if (current.members(current.at(), Stage.SENDING).size() == MOST_IN_FLIGHT) {
          break;
        }
        isChanged = true;
        if (!of(member).isOnline() && current.at() + 1 < current.waves()) {
          member.putOff(current.waves() - 1);
        } else {
          member.sending(health(member, now), of(member).isOnline());
        }
      }
    }
    if (isChanged) {
      save(current);
    }
    waitsSince = isChanged || waitsSince == null ? now : waitsSince;
    for (Member member : current.members(current.at(), Stage.SENDING)) {
      if (!inFlight.containsKey(member)) {
        publish(current, member, payload(member));
      }
    }
  }

  private byte[] payload(Member member) throws IOException {
    byte[] payload = orders.documents.of(member.gateway()).payload();
    if (!Sha256.hex(payload).equals(member.sha256())) {
      throw new IOException(
          "the document for "
              + member.gateway()
              + " is another one than when the wave began: bring it back, or begin a new wave with"
              + " another --state");
    }
    return payload;
  }

  private void publish(Wave current, Member member, byte[] payload) {
    AuditClient.Retained sent =
        client == null
            ? null
            : client.retain(ROOT + member.gateway() + "/desired/" + current.kind(), payload);
    if (sent != null) {
      inFlight.put(member, sent);
    }
  }

  private boolean isTaken(Wave current, Member member, AuditClient.Retained sent) {
    String why = sent.refusal();
    if (why != null) {
      end(why + ": allow this user to write lingtan/v1/+/desired/#");
    } else if (sent.isTaken()) {
      if (withdraws) {
        Heard.Fate fate = fate(current, member);
        member.takenBack(fate.serial() == member.serial() ? fate.state() : "");
      } else {
        member.sent();
      }
      return true;
    }
    return false;
  }

  /** What those say that have their document, of this wave and of those before. */
  private void follow(Wave current, MonotonicInstant now) throws IOException {
    boolean isChanged = false;
    for (Member member : current.members()) {
      if (member.stage() == Stage.SENT && heed(current, member, now)) {
        isChanged = true;
      }
    }
    if (isChanged) {
      watchesSince = null;
      save(current);
    }
    if (current.isDone() || isStopped(current)) {
      return;
    }
    boolean isOpen =
        current.members().stream()
                .anyMatch(member -> member.wave() == current.at() && member.isAwaited())
            || !current.members(current.at(), Stage.WAITING).isEmpty();
    if (isOpen) {
      return;
    }
    MonotonicInstant since = watchesSince == null ? now : watchesSince;
    watchesSince = since;
    if (!now.isBefore(since.plus(orders.watch))) {
      judge(current, now);
    }
  }

  private Heard.Fate fate(Wave current, Member member) {
    return of(member).fate(current.kind(), member.key());
  }

  private boolean heed(Wave current, Member member, MonotonicInstant now) {
    Heard.Fate fate = fate(current, member);
    if (fate.serial() > member.serial()) {
      member.to(Stage.FAILED, "another document, serial " + fate.serial() + ", came meanwhile");
    } else if (fate.serial() == member.serial() && fate.state().equals("applied")) {
      member.to(Stage.APPLIED, null);
      applied.put(member.gateway(), health(member, now));
    } else if (fate.serial() == member.serial()
        && (fate.state().equals("refused") || fate.state().equals("put_back"))) {
      member.to(Stage.FAILED, fate.state() + ": " + fate.why());
    } else if (member.isAwaited()
        && waitsSince != null
        && !now.isBefore(waitsSince.plus(orders.patience))) {
      member.silent(
          " for %d s, and is %s"
              .formatted(
                  orders.patience.toSeconds(), of(member).isOnline() ? "online" : "offline"));
    } else {
      return false;
    }
    return true;
  }

  /** It has been listened for long enough: who of this wave, or of one before, does worse? */
  private void judge(Wave current, MonotonicInstant now) throws IOException {
    for (Member member : current.members()) {
      if (member.stage() != Stage.APPLIED) {
        continue;
      }
      Health health = health(member, now);
      Health after =
          health.since(applied.getOrDefault(member.gateway(), new Health(0, 0, 0, 0, 0)));
      String worse =
          of(member).isOnline()
              ? member.worse(health, after)
              : "it has been offline since it applied the document";
      if (worse != null) {
        member.to(Stage.FAILED, worse);
      }
      applied.put(member.gateway(), health);
    }
    save(current);
    if (isStopped(current)) {
      return;
    }
    watchesSince = null;
    waitsSince = null;
    current.next();
    save(current);
    if (current.isDone()) {
      end(null);
    } else {
      announce(current);
    }
  }

  private boolean isStopped(Wave current) throws IOException {
    long failed = current.count(Stage.FAILED);
    if (failed <= orders.failures) {
      return false;
    }
    Member first =
        current.members().stream()
            .filter(one -> one.stage() == Stage.FAILED)
            .findFirst()
            .orElseThrow();
    stop(
        current,
        "%d failed, such as %s (%s): find out why; --failures %d goes on all the same"
            .formatted(failed, first.gateway(), first.why(), failed));
    return true;
  }

  private void stop(Wave current, String why) throws IOException {
    current.stop(why);
    save(current);
    inFlight.clear();
    withdraws = true;
    withdraw(current);
  }

  /** A gateway that was away shall not obey later what the others did not take well. */
  private void withdraw(Wave current) throws IOException {
    boolean isChanged =
        inFlight.entrySet().removeIf(sent -> isTaken(current, sent.getKey(), sent.getValue()));
    List<Member> open = new ArrayList<>(current.members());
    open.removeIf(member -> !member.mayObey());
    for (Member member : open) {
      if (!inFlight.containsKey(member) && inFlight.size() < MOST_IN_FLIGHT) {
        publish(current, member, NOTHING);
      }
    }
    if (isChanged) {
      save(current);
    }
    if (open.isEmpty()) {
      end(null);
    }
  }

  private void save(Wave current) throws IOException {
    try {
      current.save(orders.file);
    } catch (IOException e) {
      throw new IOException(
          "cannot write " + orders.file + " (" + e + "): make room or give permission, and go on",
          e);
    }
  }

  /** What is on its way is sent once more by whoever goes on. */
  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
