package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.CoapSignal.Answered;
import io.lingtan.agent.acquire.coap.CoapSignal.Failed;
import io.lingtan.agent.acquire.coap.Decoded.Content;
import io.lingtan.agent.acquire.coap.Decoded.Refused;
import io.lingtan.agent.acquire.line.BusyShare;
import io.lingtan.agent.acquire.line.LineHealth;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks the devices of one CoAP peer, one question at a time (RFC 7252, 4.7), and takes what
 * observed ones tell. Runs on the line's own thread, or by hand on virtual time.
 *
 * <p>An observed device is asked again only when what it told last is older than its Max-Age, with
 * a question that also renews the observation (RFC 7641, 3.3.1). If nothing comes of that, its
 * values are {@code stale}. Until then a period in which it told nothing gives a sample without
 * values: it would have told of a change.
 */
public final class CoapStep implements LineStep {

  private static final int MOST_SIGNALS_AT_ONCE = 64;
  private static final int TIMEOUTS_BEFORE_RENEWAL = 3;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long EVENTS_WAIT_NANOS = 100_000_000L;

  /** However long a peer says that its values hold: intervals want to know more often. */
  private static final Duration LONGEST_FRESH = Duration.ofMinutes(5);

  private static final int CONTENT = 205;
  private static final int VALID = 203;

  private final Line.Coap line;
  private final Time time;
  private final CoapPort port;
  private final Outlet outlet;
  private final Waiter waiter = Waiter.parking();
  private final long timeoutNanos;
  private List<Peer> peers = List.of();
  private @Nullable BusyShare busy;
  private @Nullable Question question;
  private long numbered;
  private long answeredId;
  private int timeoutsInARow;
  private long foreign;
  private final LineHealth health;
  private long lastNanos;
  private MonotonicInstant due = new MonotonicInstant(0);
  private volatile LineSnapshot snapshot;

  /** A device and its observation. */
  private static final class Peer {
    final CoapDevice device;
    final ObserveOrder order = new ObserveOrder();
    long observedBy = -1;
    long freshUntilNanos = Long.MIN_VALUE;

    Peer(CoapDevice device) {
      this.device = device;
    }

    /** Whether it has told something that still holds, and would tell of a change. */
    boolean isFresh(long now) {
      return observedBy >= 0 && now < freshUntilNanos;
    }
  }

  /**
   * The request under way.
   *
   * @param probe whether the device was offline
   */
  private record Question(long id, Peer peer, boolean probe, long scheduledNanos, long sentNanos) {}

  /**
   * Opens nothing yet.
   *
   * @param outlet where samples and events go
   */
  public CoapStep(Line.Coap line, Time time, Outlet outlet, CoapPort port) {
    this.line = line;
    this.time = time;
    this.port = port;
    this.outlet = outlet;
    this.health = new LineHealth(line.id(), port::where, outlet);
    this.timeoutNanos = line.timeout().toNanos();
    port.signals().onOffer(waiter::wake);
    this.snapshot =
        new LineSnapshot(line.id(), "coap", port.where(), null, 0, 0, 0, 0, 0, List.of());
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public MonotonicInstant due() {
    return due.min(port.arrival());
  }

  @Override
  public LineSnapshot snapshot() {
    return snapshot;
  }

  /** Runs on the line's thread. Returns how many things happened, 0 when idle. */
  @Override
  public int step(MonotonicInstant instant) {
    long now = instant.nanos();
    lastNanos = now;
    if (busy == null) {
      busy = new BusyShare(now);
      List<Peer> all = new ArrayList<>();
      for (CoapDevice device : CoapDevice.of(line.id(), line.devices(), outlet, now)) {
        all.add(new Peer(device));
      }
      peers = List.copyOf(all);
      publish(now);
    }
    outlet.flush();
    int done = port.signals().drain(signal -> take(signal, now), MOST_SIGNALS_AT_ONCE);
    Question open = question;
    if (open != null && now - open.sentNanos >= timeoutNanos) {
      port.cancel(open.id);
      unanswered(
          open, Reason.TIMEOUT, "no answer within " + line.timeout().toMillis() + " ms", now);
      done++;
    }
    for (Peer peer : peers) {
      if (peer.device.isDue(now) && peer.isFresh(now)) {
        peer.device.unchanged(peer.device.begin(now), now);
        done++;
      }
      done += peer.device.recordOffline(now) ? 1 : 0;
    }
    if (question == null) {
      done += ask(now);
    }
    if (done > 0) {
      publish(now);
    }
    due = nextDue(now);
    return done;
  }

  // Asking.

  private int ask(long now) {
    Peer first = null;
    for (Peer peer : peers) {
      CoapDevice device = peer.device;
      if (device.breaker().isOpen() && device.breaker().probeDueNanos() <= now) {
        send(peer, true, now, now);
        return 1;
      }
      if (device.isDue(now) && (first == null || deadline(peer) < deadline(first))) {
        first = peer;
      }
    }
    if (first == null) {
      return 0;
    }
    send(first, false, first.device.begin(now), now);
    return 1;
  }

  private static long deadline(Peer peer) {
    return peer.device.releaseNanos() + peer.device.everyNanos();
  }

  private void send(Peer peer, boolean probe, long scheduled, long now) {
    CoapResource resource = peer.device.resource();
    long id = ++numbered;
    question = new Question(id, peer, probe, scheduled, now);
    port.get(id, new CoapPort.Get(resource.path(), accept(resource), resource.observe()));
  }

  public static int accept(CoapResource resource) {
    return switch (resource.format()) {
      case AUTO -> PayloadDecoder.UNKNOWN_FORMAT;
      case SENML_JSON -> PayloadDecoder.SENML_JSON;
      case SENML_CBOR -> PayloadDecoder.SENML_CBOR;
      case JSON -> PayloadDecoder.JSON;
      case TEXT -> PayloadDecoder.TEXT_PLAIN;
    };
  }

  // What comes back.

  private void take(CoapSignal signal, long now) {
    Question open = question;
    boolean asked = open != null && open.id == signal.id();
    switch (signal) {
      case Answered answer when asked && open != null -> answered(open, answer, now);
      case Answered notification -> notified(notification, now);
      case Failed(long id, Reason reason, Sentence words) -> {
        if (asked && open != null) {
          unanswered(open, reason, words.english(), now);
        }
        if (reason.equals(Reason.CONFIG) && id > answeredId) {
          health.fails(words, now);
        }
      }
    }
  }

  private void answered(Question asked, Answered answer, long now) {
    settle(asked, now);
    answeredId = asked.id;
    works(now);
    Peer peer = asked.peer;
    peer.device.replied(now - asked.sentNanos);
    peer.order.restart();
    boolean observed = answer.observe() != CoapSignal.NOT_OBSERVED;
    peer.observedBy = observed ? asked.id : -1;
    if (observed) {
      peer.order.isNewer(answer.observe(), now);
    }
    handle(peer, asked.scheduledNanos, answer, now);
  }

  /** A notification: only the newest counts, and only of the observation that is in force. */
  private void notified(Answered notification, long now) {
    for (Peer peer : peers) {
      if (peer.observedBy == notification.id()) {
        boolean ends = notification.observe() == CoapSignal.NOT_OBSERVED;
        if (!ends && !peer.order.isNewer(notification.observe(), now)) {
          foreign++;
          return;
        }
        if (ends) {
          peer.observedBy = -1;
        }
        works(now);
        handle(peer, now, notification, now);
        return;
      }
    }
    foreign++;
  }

  private void handle(Peer peer, long scheduled, Answered answer, long now) {
    CoapDevice device = peer.device;
    if (answer.code() != CONTENT && answer.code() != VALID) {
      peer.observedBy = -1;
      device.refused(
          scheduled,
          Reason.exception(answer.code()),
          "answer %d.%02d to GET %s"
              .formatted(answer.code() / 100, answer.code() % 100, device.resource().path()),
          true,
          now);
      return;
    }
    switch (device.decoder().decode(answer.payload(), answer.contentFormat(), now, time.wall())) {
      case Content content -> {
        long holds =
            Math.clamp(
                answer.maxAgeSeconds() * SECOND_NANOS,
                device.everyNanos(),
                Math.max(device.everyNanos(), LONGEST_FRESH.toNanos()));
        peer.freshUntilNanos = now + holds;
        device.told(scheduled, content, peer.freshUntilNanos, now);
      }
      case Refused(Reason reason, String what) -> {
        peer.freshUntilNanos = now;
        device.refused(scheduled, reason, what, false, now);
      }
    }
  }

  private void unanswered(Question asked, Reason reason, String words, long now) {
    settle(asked, now);
    Peer peer = asked.peer;
    boolean wasObserved = peer.observedBy >= 0;
    String detail = "GET " + peer.device.resource().path() + ": " + words;
    if (asked.probe) {
      peer.device.probedInVain(detail, timeoutNanos, dead(), peers.size(), now);
    } else {
      peer.device.silent(
          asked.scheduledNanos,
          wasObserved ? Reason.STALE : reason,
          wasObserved ? "what it told last is older than its Max-Age, and " + detail : detail,
          timeoutNanos,
          dead(),
          peers.size(),
          now);
    }
    timeoutsInARow++;
    if (timeoutsInARow >= TIMEOUTS_BEFORE_RENEWAL) {
      // The network may be another one, or the peer may have forgotten our session.
      timeoutsInARow = 0;
      port.renew();
      for (Peer each : peers) {
        each.freshUntilNanos = Math.min(each.freshUntilNanos, now);
      }
    }
  }

  private void settle(Question asked, long now) {
    question = null;
    Objects.requireNonNull(busy).add(asked.sentNanos, now);
  }

  private int dead() {
    int dead = 0;
    for (Peer peer : peers) {
      dead += peer.device.breaker().isOpen() ? 1 : 0;
    }
    return dead;
  }

  // The line.

  private void works(long now) {
    timeoutsInARow = 0;
    if (health.works(now)) {
      for (Peer peer : peers) {
        peer.device.breaker().probeNow(now);
      }
    }
  }

  // For whoever calls and looks.

  private MonotonicInstant nextDue(long now) {
    Question open = question;
    long next = open == null ? Long.MAX_VALUE : open.sentNanos + timeoutNanos;
    for (Peer peer : peers) {
      CoapDevice device = peer.device;
      boolean offline = device.breaker().isOpen();
      long turn = offline ? device.breaker().probeDueNanos() : device.releaseNanos();
      if (open == null || (!offline && turn > now)) {
        next = Math.min(next, turn);
      }
      next = Math.min(next, device.offlineDueNanos());
    }
    if (outlet.isWaiting()) {
      next = Math.min(next, now + EVENTS_WAIT_NANOS);
    }
    if (port.signals().size() > 0) {
      next = now;
    }
    return new MonotonicInstant(Math.max(0, next));
  }

  private void publish(long now) {
    long skipped = 0;
    List<LineSnapshot.DeviceSnapshot> devices = new ArrayList<>();
    for (Peer peer : peers) {
      skipped += peer.device.skipped();
      devices.add(peer.device.snapshot());
    }
    snapshot =
        new LineSnapshot(
            line.id(),
            "coap",
            port.where(),
            health.problem(),
            Objects.requireNonNull(busy).percent(now),
            skipped,
            outlet.refusedSamples(),
            outlet.droppedEvents(),
            foreign + port.signals().refused() + port.unasked(),
            devices);
  }

  /** Records what was told since the last record and leaves the peer. */
  @Override
  public void close() {
    for (Peer peer : peers) {
      peer.device.close(lastNanos);
    }
    outlet.close();
    port.close();
  }
}
