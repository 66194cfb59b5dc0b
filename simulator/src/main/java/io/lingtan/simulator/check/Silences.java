package io.lingtan.simulator.check;

import io.lingtan.simulator.check.Spans.Span;
import io.lingtan.simulator.check.record.Received.Event;
import io.lingtan.simulator.check.record.Received.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds time of which nothing speaks: no reading of a device, nor a failed one, for longer than two
 * record periods, and no event that names the time.
 */
final class Silences {

  /** What is said once a minute: of a device that does not answer, or has no way to it. */
  private static final Set<String> SELDOM = Set.of("offline", "config");

  private static final long OFFLINE_MILLIS = 60_000;

  /** From the start of an agent to the first reading of each device. */
  private static final long START_MILLIS = 20_000;

  /** So long after a disk works again everything that waited has gone through. */
  private static final long RECOVERY_MILLIS = 90_000;

  /** What is dropped was made so long before what came, or after it, at most. */
  private static final long COMMIT_MILLIS = 15_000;

  /** By so much a clock that drifts may be off where it is set. */
  private static final long SLEW_MILLIS = 1_000;

  private final Set<String> watched;
  private final Set<String> telling;
  private final Pulses pulses;
  private final Sites sites;
  private final Happened happened;
  private final Map<String, Stamps> devices = new HashMap<>();
  private final List<Silence> told = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();

  private record Silence(String device, long from, long until) {}

  /**
   * A time of which the gateway says that it knows nothing of it.
   *
   * @param name of the event
   * @param worlds world times that the event may be of
   */
  private record Claim(String name, String device, List<Long> worlds, Span span) {}

  /** Time stamps of one device, the lowest bit saying that it is offline. */
  private static final class Stamps {
    private long[] times = new long[1_024];
    private int size;

    void add(long ts, boolean offline) {
      if (size == times.length) {
        times = Arrays.copyOf(times, 2 * size);
      }
      times[size++] = ts << 1 | (offline ? 1 : 0);
    }
  }

  /**
   * @param watched devices
   * @param telling those that tell by themselves when something has changed
   * @param pulses which of them are counted by the gateway
   * @param sites which of them are in the site file, and how often they are recorded
   * @param happened what a gateway may excuse itself with
   */
  Silences(
      Set<String> watched, Set<String> telling, Pulses pulses, Sites sites, Happened happened) {
    this.telling = Set.copyOf(telling);
    this.pulses = pulses;
    this.happened = happened;
    this.sites = sites;
    this.watched = new TreeSet<>(watched);
  }

  /**
   * A reading at this world or wall time. That nothing has changed is for those to say who tell by
   * themselves: of a device that is asked an empty reading says nothing.
   */
  void take(Reading reading, long millis) {
    if (reading.isEmpty() && !telling.contains(reading.device())) {
      return;
    }
    devices.computeIfAbsent(reading.device(), id -> new Stamps()).add(millis, isSeldom(reading));
  }

  /** A total that is not known yet is one, too: a full card cannot tell where it stood. */
  private boolean isSeldom(Reading reading) {
    String why = reading.bad().getOrDefault("*", "");
    return SELDOM.contains(why) || (why.equals("stale") && pulses.has(reading.device()));
  }

  /**
   * An event.
   *
   * @param of the device that it is of, null if it is of none
   * @param worlds world times that it may be of
   */
  void take(Event event, @Nullable String of, List<Long> worlds, long millis) {
    String device = of == null ? "" : of;
    switch (event.name()) {
      case "agent.start" -> {
        long since = event.detail().number("since", millis);
        claim(event, device, worlds, Math.min(since, millis), millis + START_MILLIS);
      }
      case "journal.store_ahead", "journal.replaced" -> {
        long since = event.detail().number("since", millis);
        claim(event, device, worlds, Math.min(since, millis), millis + START_MILLIS);
      }
      case "poll.skipped", "poll.late" -> {
        claim(
            event,
            device,
            worlds,
            event.detail().number("from", millis),
            event.detail().number("to", millis) + OFFLINE_MILLIS);
      }
      case "meter.offline", "meter.asleep" -> {
        // From here on it says so once a minute, until meter.online.
        told.add(new Silence(device, millis - OFFLINE_MILLIS, millis + OFFLINE_MILLIS));
      }
      case "clock.step" -> {
        long from = event.detail().number("from", millis);
        long to = event.detail().number("to", millis);
        claim(event, "", worlds, Math.min(from, to) - START_MILLIS, Math.max(from, to));
      }
      // What came before is of a boot, what comes after is dated by the clock that was taken.
      case "clock.offset" -> claim(event, "", worlds, Long.MIN_VALUE, Long.MAX_VALUE);
      default -> {}
    }
  }

  private void claim(Event event, String device, List<Long> worlds, long from, long until) {
    claims.add(new Claim(event.name(), device, List.copyOf(worlds), new Span(from, until)));
  }

  /** What of a claim the run bears out. */
  private List<Span> founded(Claim claim, Spans spans) {
    return switch (claim.name) {
      case "agent.start" -> {
        Happened.Outage outage = happened.endedBy(claim.worlds);
        yield outage == null
            ? List.of()
            : List.of(spans.away(happened.untold(outage)).wider(0, START_MILLIS));
      }
      case "journal.store_ahead", "journal.replaced" ->
          spans.replaced().stream().map(span -> span.wider(0, START_MILLIS)).toList();
      case "poll.skipped" ->
          spans.of(Happened::isOfDisk).stream()
              .map(span -> span.wider(0, RECOVERY_MILLIS))
              .toList();
      case "poll.late" ->
          spans
              .of(fault -> Claims.isOfWire(fault) && happened.isOfLine(claim.device, fault))
              .stream()
              .map(span -> span.wider(0, RECOVERY_MILLIS))
              .toList();
      case "clock.step" ->
          spans.steps().stream().map(span -> span.wider(START_MILLIS, SLEW_MILLIS)).toList();
      case "clock.offset" -> happened.steppedFrom(claim.worlds);
      default -> List.of();
    };
  }

  /**
   * Says what is silent between two instants.
   *
   * @param from from which on there have to be readings
   * @param wall what the gateway's clock shows
   * @param gone what was dropped, which has to be enough for the silence in it
   */
  void finish(long from, long until, Truth.Wall wall, List<Delivery.Gone> gone, Findings findings) {
    for (Sites.Absence absence : sites.absences()) {
      String device = absence.device();
      long back = Math.min(absence.until(), until) + START_MILLIS;
      told.add(new Silence(device, absence.from(), back));
      told.add(new Silence(device, wall.at(absence.from()), wall.at(back)));
    }
    Spans spans = new Spans(happened, wall);
    for (Claim claim : claims) {
      for (Span founded : founded(claim, spans)) {
        Span both = claim.span.within(founded);
        if (!both.isEmpty()) {
          told.add(new Silence(claim.device, both.from(), both.until()));
        }
      }
    }
    List<Span> shed =
        Spans.merged(
            gone.stream()
                .map(one -> new Span(Math.max(from, one.from()), Math.min(until, one.until())))
                .filter(span -> !span.isEmpty())
                .toList());
    for (Span span : shed) {
      told.add(new Silence("", span.from() - COMMIT_MILLIS, span.until() + COMMIT_MILLIS));
      enough(span, gone, findings);
    }
    told.sort(Comparator.comparingLong(Silence::from));
    for (String device : watched) {
      Stamps stamps = devices.getOrDefault(device, new Stamps());
      long[] sorted = Arrays.copyOf(stamps.times, stamps.size);
      Arrays.sort(sorted);
      long last = from;
      boolean offline = false;
      for (long stamp : sorted) {
        long ts = stamp >> 1;
        gap(device, last, ts, offline || (stamp & 1) == 1, findings);
        offline = (stamp & 1) == 1;
        last = Math.max(last, ts);
      }
      gap(device, last, until, offline, findings);
    }
  }

  /** A drop that explains a silence counts as many records as are silent in its time. */
  private void enough(Span shed, List<Delivery.Gone> gone, Findings findings) {
    long dropped =
        gone.stream()
            .filter(one -> shed.meets(one.from(), one.until()))
            .mapToLong(Delivery.Gone::count)
            .sum();
    long unread = watched.stream().mapToLong(device -> unread(device, shed)).sum();
    if (unread > dropped) {
      findings.add(
          Verdict.UNDECLARED,
          shed.from(),
          "%d readings until %d, of which %d records are declared dropped,"
              .formatted(unread, shed.until(), dropped));
    }
  }

  /** How many readings of a device there have to have been at least that did not come. */
  private long unread(String device, Span span) {
    boolean answers = !happened.isDisturbed(device, span.from(), span.until());
    long period = answers ? sites.recordMillis(device, span.from(), span.until()) : OFFLINE_MILLIS;
    long most = telling.contains(device) ? 2 * period : period;
    long there = span.until() - span.from() - happened.awayMillis(span.from(), span.until());
    Stamps stamps = devices.getOrDefault(device, new Stamps());
    long came =
        Arrays.stream(stamps.times, 0, stamps.size)
            .map(stamp -> stamp >> 1)
            .filter(ts -> ts >= span.from() && ts < span.until())
            .count();
    return Math.max(0, there / most - came - 1);
  }

  private void gap(String device, long from, long to, boolean offline, Findings findings) {
    long period = to - from <= 2_000 ? 0 : sites.recordMillis(device, from, to);
    long allowed = Math.max(2 * period, offline ? 2 * OFFLINE_MILLIS : 0) + 2_000;
    long silent = from;
    for (Silence span : told) {
      if (to - silent <= allowed) {
        return;
      }
      if ((span.device.isEmpty() || span.device.equals(device))
          && span.from - silent <= allowed
          && span.until > silent) {
        silent = span.until;
      }
    }
    if (to - silent > allowed) {
      findings.add(
          Verdict.UNDECLARED,
          silent,
          "%s from %d to %d (%d s)".formatted(device, silent, to, (to - silent) / 1_000));
    }
  }
}
