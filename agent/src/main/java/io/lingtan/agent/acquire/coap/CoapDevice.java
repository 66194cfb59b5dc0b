package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.Decoded.Content;
import io.lingtan.agent.acquire.line.Breaker;
import io.lingtan.agent.acquire.line.LastRead;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.line.Plausible;
import io.lingtan.agent.acquire.line.Recorder;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A device whose values come in messages: its rhythm, what its messages have come to, and whether
 * it is there. Asks nobody itself; used on its line's thread.
 */
final class CoapDevice {

  private final String line;
  private final Device device;
  private final CoapResource resource;
  private final Outlet outlet;
  private final PayloadDecoder decoder;
  private final Recorder recorder;
  private final Breaker breaker = new Breaker();
  private final boolean eachPoll;
  private final long everyNanos;
  private final long phaseNanos;
  private long releaseNanos;
  private long acceptedNanos = Long.MIN_VALUE;
  private long measuredNanos = Long.MIN_VALUE;

  /** When a record was last made of an unasked message without a new measurement. */
  private long repeatedNanos = Long.MIN_VALUE;

  private long skipped;
  private long polls;
  private long timeouts;
  private long refused;
  private long exceptions;
  private long replyMicros;
  private long answeredNanos = -1;
  private final LastRead lastRead;

  /**
   * @param phaseNanos when its first poll is due
   */
  CoapDevice(String line, Device device, CoapResource resource, Outlet outlet, long phaseNanos) {
    this.line = line;
    this.device = device;
    this.resource = resource;
    this.outlet = outlet;
    this.decoder = new PayloadDecoder(device);
    this.recorder = new Recorder(device, outlet.boot(), phaseNanos);
    this.eachPoll = device.record().equals(device.every());
    this.everyNanos = device.every().toNanos();
    this.lastRead = new LastRead(everyNanos);
    this.phaseNanos = phaseNanos;
    this.releaseNanos = phaseNanos;
  }

  Device device() {
    return device;
  }

  CoapResource resource() {
    return resource;
  }

  PayloadDecoder decoder() {
    return decoder;
  }

  Breaker breaker() {
    return breaker;
  }

  // Its rhythm.

  /** When the next poll is due. */
  long releaseNanos() {
    return releaseNanos;
  }

  long everyNanos() {
    return everyNanos;
  }

  boolean isDue(long now) {
    return !breaker.isOpen() && releaseNanos <= now;
  }

  /**
   * The poll of this release begins; what was missed before it is left out and counted.
   *
   * @return when it was due
   */
  long begin(long now) {
    if (now >= releaseNanos + everyNanos) {
      long missed = (now - releaseNanos) / everyNanos;
      skipped += missed;
      releaseNanos += missed * everyNanos;
      record(recorder.due(releaseNanos));
    }
    long scheduled = releaseNanos;
    releaseNanos += everyNanos;
    return scheduled;
  }

  // What comes of it.

  /**
   * A message told of its points.
   *
   * @param scheduled when it was due; now, if nobody asked for it
   * @param holdsUntil until when its sender says that it holds; now, if it says nothing of it
   */
  void told(long scheduled, Content told, long holdsUntil, long now) {
    SortedMap<Point, Reason> bad = new TreeMap<>(told.bad());
    Values values = Plausible.of(device, told.values(), bad);
    Content content = new Content(told.atNanos(), told.counters(), values, bad);
    polls++;
    heard(now);
    lastRead.told(content.atNanos(), holdsUntil, content.values(), content.bad());
    long next = Math.max(releaseNanos, scheduled + everyNanos);
    if (content.atNanos() <= measuredNanos && !content.values().isEmpty()) {
      // The measurement of before again: its time stays what it was.
      if (!holdsBack(scheduled, now)) {
        record(recorder.unchanged(scheduled, now, next));
      }
    } else if (isTooSoon(scheduled, acceptedNanos, now)) {
      skipped++;
    } else {
      acceptedNanos = now;
      measuredNanos = Math.max(measuredNanos, content.atNanos());
      record(
          recorder.answered(
              scheduled,
              content.atNanos(),
              content.counters(),
              content.values(),
              content.bad(),
              next));
    }
  }

  /** Unasked, and sooner than anybody wants to know: shown, but not recorded. */
  private boolean isTooSoon(long scheduled, long recorded, long now) {
    return eachPoll && scheduled == now && recorded > now - everyNanos / 2;
  }

  /** Holds back, and counts, what is too soon and no new measurement. */
  private boolean holdsBack(long scheduled, long now) {
    if (isTooSoon(scheduled, Math.max(acceptedNanos, repeatedNanos), now)) {
      skipped++;
      return true;
    }
    repeatedNanos = scheduled == now ? now : repeatedNanos;
    return false;
  }

  /** Nothing had to be asked: what it told last still holds. */
  void unchanged(long scheduled, long now) {
    boolean recorded = eachPoll && acceptedNanos > scheduled - everyNanos;
    record(
        recorded ? recorder.due(releaseNanos) : recorder.unchanged(scheduled, now, releaseNanos));
  }

  /** It was asked and answered, with nothing that can be used; it is there all the same. */
  void refused(long scheduled, Reason reason, String detail, boolean exception, long now) {
    if (exception) {
      exceptions++;
    } else {
      refused++;
    }
    heard(now);
    unusable(scheduled, reason, detail, now);
  }

  /**
   * It told unasked of nothing that can be used: that does not make it one that is there, or what
   * it told before would never become stale.
   */
  void pushedInVain(Reason reason, String detail, long now) {
    refused++;
    if (!breaker.isOpen()) {
      unusable(now, reason, detail, now);
    }
  }

  /**
   * It did not answer, or has not been heard of for too long.
   *
   * @param costNanos line time that asking it in vain takes
   * @param dead devices of the line that are offline
   * @param all devices of the line
   */
  void silent(
      long scheduled, Reason reason, String detail, long costNanos, int dead, int all, long now) {
    timeouts++;
    missed(scheduled, reason, detail, now);
    if (breaker.pollFailed()) {
      record(recorder.offline(reason, now));
      breaker.planProbe(now, costNanos, dead + 1, dead + 1 < all);
      outlet.notice(
          Event.of("meter.offline", Severity.WARNING, device.id())
              .with("line", line)
              .with("reason", reason.code())
              .with("detail", detail),
          now);
    }
  }

  /** A probe of the offline device was in vain. */
  void probedInVain(String detail, long costNanos, int dead, int all, long now) {
    timeouts++;
    lastRead.failed(
        Objects.requireNonNullElse(lastRead.failure(), Reason.OFFLINE), detail, Map.of());
    breaker.planProbe(now, costNanos, dead, dead < all);
  }

  private void missed(long scheduled, Reason reason, String detail, long now) {
    failed(reason, detail);
    record(recorder.failed(scheduled, now, reason, Math.max(releaseNanos, scheduled + everyNanos)));
  }

  /** A message came with nothing that can be used. */
  private void unusable(long scheduled, Reason reason, String detail, long now) {
    if (holdsBack(scheduled, now)) {
      failed(reason, detail);
    } else {
      missed(scheduled, reason, detail, now);
    }
  }

  private void failed(Reason reason, String detail) {
    polls++;
    lastRead.failed(reason, detail, Map.of());
  }

  private void heard(long now) {
    answeredNanos = now;
    if (breaker.answered()) {
      outlet.notice(Event.of("meter.online", Severity.INFO, device.id()).with("line", line), now);
      if (now >= releaseNanos) {
        releaseNanos = phaseNanos + (Math.floorDiv(now - phaseNanos, everyNanos) + 1) * everyNanos;
      }
    }
  }

  /** When it told or answered something last, monotonic; -1 if never. */
  long answeredNanos() {
    return answeredNanos;
  }

  void replied(long nanos) {
    long micros = nanos / 1000;
    replyMicros = replyMicros == 0 ? micros : replyMicros + (micros - replyMicros) / 16;
  }

  /** Records the minute's sample if it is offline; returns whether there was one. */
  boolean recordOffline(long now) {
    Sample sample = breaker.isOpen() ? recorder.stillOffline(now) : null;
    if (sample == null) {
      return false;
    }
    outlet.offer(sample);
    return true;
  }

  long offlineDueNanos() {
    return breaker.isOpen() ? recorder.offlineDueNanos() : Long.MAX_VALUE;
  }

  private void record(List<Sample> samples) {
    for (Sample sample : samples) {
      outlet.offer(sample);
    }
  }

  /** Records what was told since the last record. */
  void close(long now) {
    if (!breaker.isOpen()) {
      record(recorder.end(now));
    }
  }

  long skipped() {
    return skipped;
  }

  DeviceSnapshot snapshot() {
    return new DeviceSnapshot(
        device.id(),
        device.profile().name(),
        resource.path(),
        device.every().toMillis(),
        answeredNanos,
        lastRead.reads(),
        lastRead.bad(),
        lastRead.failure(),
        lastRead.failure() == null ? null : lastRead.detail(),
        polls,
        timeouts,
        refused,
        exceptions,
        replyMicros,
        breaker.isOpen(),
        0,
        0,
        Collections.emptySortedMap(),
        -1,
        false);
  }

  /** The devices of a line, their phases spread over a second or over the shortest period. */
  static List<CoapDevice> of(String line, List<Device> devices, Outlet outlet, long now) {
    long spread = 1_000_000_000L;
    for (Device device : devices) {
      spread = Math.min(spread, device.every().toNanos());
    }
    CoapDevice[] all = new CoapDevice[devices.size()];
    for (int i = 0; i < all.length; i++) {
      Device device = devices.get(i);
      CoapResource resource = device.coap();
      if (resource == null) {
        throw new IllegalArgumentException("device " + device.id() + " is on no CoAP line");
      }
      all[i] = new CoapDevice(line, device, resource, outlet, now + spread * i / all.length);
    }
    return List.of(all);
  }
}
