package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.Decoded.Content;
import io.lingtan.agent.acquire.coap.Decoded.Refused;
import io.lingtan.agent.acquire.coap.IngestSignal.Pushed;
import io.lingtan.agent.acquire.coap.IngestSignal.TurnedAway;
import io.lingtan.agent.acquire.line.LineHealth;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what nodes push to {@code /ingest/DEVICE}, from those whose key allows it. Each push is
 * answered when it has been understood: 2.04, or a 4.xx that says what is wrong with it. A node
 * that has pushed nothing for twice its {@code every} is {@code stale}, one that never has is
 * {@code timeout}; after three such periods it is offline. Runs on the line's own thread, or by
 * hand on virtual time.
 */
public final class CoapServerStep implements LineStep {

  private static final Logger log = LoggerFactory.getLogger(CoapServerStep.class);

  private static final int MOST_SIGNALS_AT_ONCE = 64;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long EVENTS_WAIT_NANOS = 100_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 30 * SECOND_NANOS;
  private static final long LOG_EVERY_NANOS = 60 * SECOND_NANOS;

  private static final int CHANGED = 204;
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private final Line.CoapServer line;
  private final Time time;
  private final IngestPort port;
  private final Outlet outlet;
  private final Waiter waiter = Waiter.parking();
  private List<CoapDevice> devices = List.of();
  private boolean begun;
  private boolean open;
  private long openDueNanos;
  private long pauseNanos;
  private final LineHealth health;
  private long foreign;
  private long loggedNanos = Long.MIN_VALUE;
  private long lastNanos;
  private MonotonicInstant due = new MonotonicInstant(0);
  private volatile LineSnapshot snapshot;

  /**
   * Opens nothing yet.
   *
   * @param outlet where samples and events go
   */
  public CoapServerStep(Line.CoapServer line, Time time, Outlet outlet, IngestPort port) {
    this.line = line;
    this.time = time;
    this.port = port;
    this.outlet = outlet;
    this.health = new LineHealth(line.id(), port::where, outlet);
    port.signals().onOffer(waiter::wake);
    this.snapshot =
        new LineSnapshot(line.id(), "coap-server", port.where(), null, 0, 0, 0, 0, 0, List.of());
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
    if (!begun) {
      begun = true;
      devices = CoapDevice.of(line.id(), line.devices(), outlet, now);
      // Nobody can have pushed before there was somebody to push to.
      devices.forEach(device -> device.begin(now));
    }
    outlet.flush();
    int done = 0;
    if (!open && openDueNanos <= now) {
      open(now);
      done++;
    }
    done += port.signals().drain(signal -> take(signal, now), MOST_SIGNALS_AT_ONCE);
    for (CoapDevice device : devices) {
      if (device.isDue(now)) {
        tick(device, now);
        done++;
      }
      done += device.recordOffline(now) ? 1 : 0;
    }
    if (done > 0) {
      publish();
    }
    due = nextDue(now);
    return done;
  }

  private void open(long now) {
    Sentence why = port.open();
    open = why == null;
    if (why == null) {
      health.works(now);
      return;
    }
    pauseNanos = Math.clamp(pauseNanos * 2, SECOND_NANOS, LONGEST_PAUSE_NANOS);
    openDueNanos = now + pauseNanos;
    health.fails(why, now);
  }

  private void tick(CoapDevice device, long now) {
    long scheduled = device.begin(now);
    long heard = device.answeredNanos();
    if (heard >= 0 && now - heard < 2 * device.everyNanos()) {
      device.unchanged(scheduled, now);
      return;
    }
    int dead = 0;
    for (CoapDevice other : devices) {
      dead += other.breaker().isOpen() ? 1 : 0;
    }
    device.silent(
        scheduled,
        heard < 0 ? Reason.TIMEOUT : Reason.STALE,
        heard < 0
            ? "has pushed nothing of use to " + device.resource().path() + " since start"
            : "has pushed nothing of use for " + (now - heard) / SECOND_NANOS + " s",
        0,
        dead,
        devices.size(),
        now);
  }

  // What comes in.

  private void take(IngestSignal signal, long now) {
    switch (signal) {
      case TurnedAway(String words) -> turnedAway(words, now);
      case Pushed pushed -> pushed(pushed, now);
    }
  }

  private void turnedAway(String words, long now) {
    foreign++;
    if (loggedNanos == Long.MIN_VALUE || now - loggedNanos >= LOG_EVERY_NANOS) {
      loggedNanos = now;
      log.warn("line {}: turned away: {} ({} since start)", line.id(), words, foreign);
    }
  }

  private void pushed(Pushed push, long now) {
    CoapDevice device = named(push.path());
    String identity = push.identity();
    if (device == null) {
      turnedAway("a push to /" + String.join("/", push.path()), now);
      port.reply(push.id(), NOT_FOUND, "push to /ingest/DEVICE");
      return;
    }
    String id = device.device().id();
    boolean allowed =
        identity == null ? line.keys() == null : port.devicesOf(identity).contains(id);
    if (!allowed) {
      turnedAway("identity '" + identity + "' may not speak for " + id, now);
      port.reply(push.id(), FORBIDDEN, "this key may not speak for " + id);
      return;
    }
    switch (device.decoder().decode(push.payload(), push.contentFormat(), now, time.wall())) {
      case Content content -> {
        device.told(now, content, now, now);
        port.reply(push.id(), CHANGED, "");
      }
      case Refused(Reason reason, String what) -> {
        device.pushedInVain(reason, what, now);
        port.reply(push.id(), BAD_REQUEST, what);
      }
    }
  }

  private @Nullable CoapDevice named(List<String> path) {
    if (path.size() != 2 || !path.getFirst().equals("ingest")) {
      return null;
    }
    for (CoapDevice device : devices) {
      if (device.device().id().equals(path.getLast())) {
        return device;
      }
    }
    return null;
  }

  // For whoever calls and looks.

  private MonotonicInstant nextDue(long now) {
    long next = open ? Long.MAX_VALUE : openDueNanos;
    for (CoapDevice device : devices) {
      next =
          Math.min(
              next, device.breaker().isOpen() ? device.offlineDueNanos() : device.releaseNanos());
    }
    if (outlet.isWaiting()) {
      next = Math.min(next, now + EVENTS_WAIT_NANOS);
    }
    if (port.signals().size() > 0) {
      next = now;
    }
    return new MonotonicInstant(Math.max(0, next));
  }

  private void publish() {
    long skipped = 0;
    List<LineSnapshot.DeviceSnapshot> shown = new ArrayList<>();
    for (CoapDevice device : devices) {
      skipped += device.skipped();
      shown.add(device.snapshot());
    }
    snapshot =
        new LineSnapshot(
            line.id(),
            "coap-server",
            port.where(),
            health.problem(),
            0,
            skipped,
            outlet.refusedSamples(),
            outlet.droppedEvents(),
            foreign + port.signals().refused(),
            shown);
  }

  /** Records what was pushed since the last record and stops listening. */
  @Override
  public void close() {
    for (CoapDevice device : devices) {
      device.close(lastNanos);
    }
    outlet.close();
    port.close();
  }
}
