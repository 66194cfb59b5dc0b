package io.lingtan.agent.acquire.line;

import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Arrival.Counted;
import io.lingtan.agent.reading.Arrival.Exchanged;
import io.lingtan.agent.reading.Arrival.Noticed;
import io.lingtan.agent.reading.Arrival.Recorded;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.place.Sun;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A line's way out to the ledger. The queue is bounded: a sample that it refuses is lost, counted,
 * and told with an event {@code poll.skipped} as soon as something of that device goes through
 * again; events wait for their turn. What comes too late is told with {@code poll.late}.
 */
public final class Outlet implements AutoCloseable {

  private static final int MOST_EVENTS = 256;

  private final Inbox<Arrival> inbox;
  private final Time time;
  private final Sun sun;
  private final String boot;
  private final Deque<Arrival> waiting = new ArrayDeque<>();
  private final Map<String, Skipped> skipped = new LinkedHashMap<>();
  private final Map<String, Rhythm> rhythms = new LinkedHashMap<>();
  private long refusedSamples;
  private long droppedEvents;

  /** Samples of one device that were refused in a row; monotonic nanoseconds. */
  private record Skipped(long from, long to, long count) {}

  /**
   * @param devices that are read from now on, at least once in each record period
   */
  public Outlet(List<Device> devices, Inbox<Arrival> inbox, Time time) {
    this(devices, inbox, time, Map.of(), Sun.UNKNOWN);
  }

  /**
   * The same of a line that goes on with devices of another.
   *
   * @param before what was recorded last of each device that was read until now; the span to its
   *     next sample is told where that is too long
   * @param sun over the devices
   */
  public Outlet(
      List<Device> devices, Inbox<Arrival> inbox, Time time, Map<String, Sample> before, Sun sun) {
    this.inbox = inbox;
    this.time = time;
    this.sun = sun;
    this.boot = time.boot();
    long begun = time.now().nanos();
    for (Device device : devices) {
      rhythms.put(device.id(), new Rhythm(device, before.get(device.id()), begun));
    }
  }

  public String boot() {
    return boot;
  }

  /** The time at this moment, which is later than that at which a step began. */
  public long nowNanos() {
    return time.now().nanos();
  }

  /** Whether the sun is so low that what sleeps at night may sleep; false where nobody knows. */
  public boolean isDark(long atNanos) {
    long millis = millis(atNanos);
    return millis >= 0 && sun.isLow(millis);
  }

  /** Samples lost since start because the ledger's queue was full. */
  public long refusedSamples() {
    return refusedSamples;
  }

  /** Events lost since start because the ledger stood still for too long. */
  public long droppedEvents() {
    return droppedEvents;
  }

  /** Hands a sample over, or counts it. */
  public void offer(Sample sample) {
    String device = sample.device();
    long at = sample.atNanos();
    if (inbox.offer(new Recorded(sample))) {
      Skipped gap = skipped.isEmpty() ? null : skipped.remove(device);
      if (gap != null) {
        notice(spanEvent("poll.skipped", device, gap.from, gap.to, gap.count, at), at);
      }
    } else {
      refusedSamples++;
      skipped.merge(
          device,
          new Skipped(at, at, 1),
          (old, more) -> new Skipped(old.from, more.to, old.count + 1));
    }
    Rhythm rhythm = rhythms.get(device);
    if (rhythm != null) {
      rhythm.recorded(sample);
      tellLate(device, rhythm.take(at), at);
    }
  }

  private void tellLate(String device, Rhythm.@Nullable Late late, long atNanos) {
    if (late != null) {
      notice(
          spanEvent("poll.late", device, late.from(), late.to(), late.count(), atNanos), atNanos);
    }
  }

  /**
   * Offers a total, unless the queue is half full: the rest is for what cannot be offered again.
   * Returns whether it went through; a later total says the same.
   */
  public boolean count(String device, long atNanos, long pulses) {
    return inbox.size() < inbox.capacity() / 2
        && inbox.offer(new Counted(device, boot, atNanos, pulses));
  }

  /**
   * UTC milliseconds of an instant of this boot; -1 where nothing vouches for the wall clock.
   *
   * @param atNanos monotonic
   */
  public long millis(long atNanos) {
    Time.Wall wall = time.wall();
    return wall.trusted() ? wall.offsetMillis() + atNanos / 1_000_000 : -1;
  }

  /**
   * Times are UTC milliseconds; where nothing vouches for the wall clock they are milliseconds
   * since boot, {@code clock} says so, and {@code at} is the event's own time: it will be dated.
   */
  private Event spanEvent(String name, String device, long from, long to, long count, long at) {
    Time.Wall wall = time.wall();
    long offset = wall.trusted() ? wall.offsetMillis() : 0;
    Event event =
        Event.of(name, Severity.WARNING, device)
            .with("from", offset + from / 1_000_000)
            .with("to", offset + to / 1_000_000)
            .with("count", count);
    return wall.trusted() ? event : event.with("clock", "mono").with("at", at / 1_000_000);
  }

  public void notice(Event event, long atNanos) {
    put(new Noticed(event, boot, atNanos));
  }

  /** Another meter is in the device's place from now on. */
  public void exchanged(String device, SequencedMap<String, String> detail, long atNanos) {
    put(new Exchanged(device, boot, atNanos, detail));
  }

  /** Which meter is there, for the next start to know. */
  public void identified(String device, String serial) {
    put(new Arrival.Identified(device, serial));
  }

  private void put(Arrival told) {
    flush();
    if (!waiting.isEmpty() || !inbox.offer(told)) {
      if (waiting.size() == MOST_EVENTS) {
        waiting.removeFirst();
        droppedEvents++;
      }
      waiting.addLast(told);
    }
  }

  /** Tries again what is waiting. */
  public void flush() {
    while (!waiting.isEmpty() && inbox.offer(waiting.getFirst())) {
      waiting.removeFirst();
    }
  }

  public boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Tells what was late and not told yet: nothing more comes. */
  @Override
  public void close() {
    long now = time.now().nanos();
    rhythms.forEach((device, rhythm) -> tellLate(device, rhythm.takeLast(), now));
    flush();
  }
}
