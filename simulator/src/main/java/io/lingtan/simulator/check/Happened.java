package io.lingtan.simulator.check;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.WireFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the run did to the gateway and its devices, so that nothing has to be taken from the gateway
 * that only it says of itself. Times are the world's.
 */
public final class Happened {

  /** What was read so shortly before an end may not have been committed. */
  private static final long COMMIT_MILLIS = 15_000;

  /** From a start to its being told, and the grain of time stamps. */
  private static final long START_MILLIS = 30_000;

  private static final long STAMP_MILLIS = 1_000;

  /** A unit that was away is asked again, a line opened anew, by then. */
  private static final long QUIET_MILLIS = 150_000;

  /** So long after a disk works again everything is on it. */
  private static final long RECOVERY_MILLIS = 90_000;

  /** For so long after a fault of the wire the line is not what it was. */
  private static final long DISTURBED_MILLIS = 60_000;

  /** As far from a fault of the clock, a time stamp may mean another time. */
  private static final long CLOCK_MILLIS = 3_600_000L;

  private final Map<String, String> lineOf = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();
  private final Timeline all = new Timeline();
  private final Timeline ofClock = new Timeline();
  private final Map<String, Timeline> byTarget = new HashMap<>();

  /** By line: its own, and those of the devices on it. */
  private final Map<String, Timeline> byLine = new HashMap<>();

  private final List<Outage> outages = new ArrayList<>();

  /**
   * A time in which no agent ran.
   *
   * @param from when it ended, less what may have been lost of the time before
   * @param ended when it ended
   * @param until when it was started again
   */
  record Outage(long from, long ended, long until) {}

  /**
   * The times in which the clock was wrong, from any of these instants on: whoever learns the time
   * in one of them dates what follows elsewhere, until the clock is set right.
   */
  List<Spans.Span> steppedFrom(List<Long> worlds) {
    return faults.stream()
        .filter(ClockFault.Stepped.class::isInstance)
        .flatMap(
            fault ->
                worlds.stream()
                    .filter(at -> fault.fromMillis() <= at && at < fault.untilMillis())
                    .map(at -> new Spans.Span(at, fault.untilMillis() + STAMP_MILLIS)))
        .toList();
  }

  Happened(Site site) {
    for (Line line : site.lines()) {
      line.devices().forEach(device -> lineOf.put(device.id(), line.id()));
      lineOf.put(WireFault.OfLine.target(line.id()), line.id());
    }
  }

  /** A fault of the run. Before the run. */
  public void fault(Fault fault) {
    faults.add(fault);
    all.add(fault);
    byTarget.computeIfAbsent(fault.target(), id -> new Timeline()).add(fault);
    String line = lineOf.get(fault.target());
    if (line != null) {
      byLine.computeIfAbsent(line, id -> new Timeline()).add(fault);
    }
    if (fault instanceof ClockFault) {
      ofClock.add(fault);
    }
  }

  /** No agent ran; the first begins with an outage of no length. */
  public void away(long from, long until) {
    long lost = from - COMMIT_MILLIS;
    for (Fault fault : faults) {
      if (fault.fromMillis() > from || fault.untilMillis() < from - COMMIT_MILLIS) {
        continue;
      }
      switch (fault) {
        // What could not be written was in memory only.
        case HostFault.DiskFull full -> lost = Math.min(lost, full.fromMillis() - COMMIT_MILLIS);
        case HostFault.ReadOnly disk -> lost = Math.min(lost, disk.fromMillis() - COMMIT_MILLIS);
        case HostFault.IoError disk -> lost = Math.min(lost, disk.fromMillis() - COMMIT_MILLIS);
        case HostFault.ForgetfulCard card ->
            lost = Math.min(lost, from - card.forgottenMillis() - COMMIT_MILLIS);
        case HostFault.Restored card ->
            lost = Math.min(lost, from - card.ageMillis() - COMMIT_MILLIS);
        default -> {}
      }
    }
    outages.add(new Outage(lost, from, until));
  }

  /** By when a start is told: it is dated when the journal can be opened. */
  private long toldBy(Outage outage) {
    long latest = outage.until + START_MILLIS;
    for (Fault fault : faults) {
      if (isOfDisk(fault)
          && fault.fromMillis() <= outage.until + START_MILLIS
          && fault.untilMillis() > outage.until) {
        latest = Math.max(latest, fault.untilMillis() + RECOVERY_MILLIS);
      }
    }
    return latest;
  }

  /** What keeps a gateway from writing. */
  static boolean isOfDisk(Fault fault) {
    return fault instanceof HostFault.DiskFull
        || fault instanceof HostFault.ReadOnly
        || fault instanceof HostFault.IoError;
  }

  /**
   * The outage that a start ended; null if there was none.
   *
   * @param worlds times that the start may be of
   */
  @Nullable Outage endedBy(List<Long> worlds) {
    Outage found = null;
    for (Outage outage : outages) {
      long latest = toldBy(outage);
      if (worlds.stream().anyMatch(at -> outage.until <= at + STAMP_MILLIS && at <= latest)) {
        found = outage;
      }
    }
    return found;
  }

  /** An outage with those before it after which no agent could write that it had started. */
  Outage untold(Outage outage) {
    Outage whole = outage;
    for (Outage earlier : outages.reversed()) {
      if (earlier.until <= outage.until
          && earlier.until >= whole.from
          && earlier.from < whole.from) {
        whole = new Outage(earlier.from, earlier.ended, outage.until);
      }
    }
    return whole;
  }

  /** World times from what a card had last delivered until an older one was in its place. */
  List<Spans.Span> replaced() {
    return faults.stream()
        .filter(Drops::turnsBack)
        .map(
            fault -> {
              long heard = since(BrokerFault.class::isInstance, fault.fromMillis());
              return new Spans.Span(heard - RECOVERY_MILLIS, fault.untilMillis());
            })
        .toList();
  }

  /** Whether an agent ended about then. */
  boolean isEndedAround(long at) {
    return outages.stream()
        .anyMatch(
            away -> at >= away.ended - START_MILLIS && at <= Math.max(away.ended, away.until));
  }

  /** Since when one fault like this or another held until {@code at}, or a while before it. */
  long since(Predicate<Fault> like, long at) {
    return since(faults.stream().filter(like).toList(), List.of(), at);
  }

  /**
   * Since when something kept the gateway from hearing of a device, or from keeping what it heard,
   * one thing after the other, until {@code at} or a while before it.
   *
   * @param device empty for any
   */
  long quietSince(String device, long at) {
    String line = lineOf.getOrDefault(device, "");
    return since(
        faults.stream()
            .filter(
                fault ->
                    isOfDisk(fault)
                        || fault instanceof ClockFault.Absent
                        || (fault instanceof MeterFault.Sentinel && fault.target().equals(device))
                        || (!(fault instanceof MeterFault other && !isAsleep(other))
                            && line.equals(lineOf.get(fault.target()))))
            .toList(),
        outages,
        at);
  }

  private static boolean isAsleep(MeterFault fault) {
    return fault instanceof MeterFault.Asleep;
  }

  private static long since(List<Fault> quiet, List<Outage> away, long at) {
    long since = at;
    for (long before = since + 1; since < before; ) {
      before = since;
      for (Fault fault : quiet) {
        if (fault.fromMillis() < since && fault.untilMillis() >= since - QUIET_MILLIS) {
          since = fault.fromMillis();
        }
      }
      for (Outage outage : away) {
        if (outage.from < since && outage.until >= since - QUIET_MILLIS) {
          since = outage.from;
        }
      }
    }
    return since;
  }

  /** Whether the agent was away at any time of a span. */
  boolean wasAwayWithin(long from, long until) {
    return outages.stream().anyMatch(outage -> outage.from < until && outage.until > from);
  }

  /** Whether the agent came back to a card that it could write again only within a span. */
  boolean cameBackWithoutCard(long from, long until) {
    return faults.stream()
        .anyMatch(
            fault ->
                isOfDisk(fault)
                    && fault.fromMillis() < until
                    && fault.untilMillis() > from
                    && wasAwayWithin(fault.fromMillis(), fault.untilMillis()));
  }

  /** Whether time stamps around here may mean other times. */
  boolean isClockWrong(long from, long until) {
    return ofClock.any(fault -> true, from - CLOCK_MILLIS, until + CLOCK_MILLIS);
  }

  /**
   * How far a drifting clock goes on before what was read is dated, ms: what waits while the card
   * cannot be written is dated when it is taken up.
   */
  long driftedMillis(long at) {
    if (!any(Happened::isOfDisk, at, at)) {
      return 0;
    }
    long until = at;
    long ppm = 0;
    for (Fault fault : faults) {
      if (fault.fromMillis() > at || fault.untilMillis() <= at) {
        continue;
      }
      if (fault instanceof ClockFault.Drift drift) {
        ppm += Math.abs(drift.partsPerMillion());
      } else if (isOfDisk(fault)) {
        until = Math.max(until, fault.untilMillis() + RECOVERY_MILLIS);
      }
    }
    return (until - at) * ppm / 1_000_000L;
  }

  /** Whether any fault like this held at some time of a span. */
  boolean any(Predicate<Fault> like, long from, long until) {
    return all.any(like, from, until);
  }

  /** Whether a device itself had a fault like this at some time of a span. */
  boolean ofDevice(String device, Predicate<Fault> like, long from, long until) {
    return any(byTarget.get(device), like, from, until);
  }

  /**
   * Whether the way to a device had a fault like this at some time of a span: its own, its line's,
   * or that of a neighbour on the line, because a line that is left quiet or opened anew is so for
   * all.
   */
  boolean ofLine(String device, Predicate<Fault> like, long from, long until) {
    return any(byLine.get(lineOf.getOrDefault(device, "")), like, from, until);
  }

  /** Whether a fault is one of the way to a device, as {@link #ofLine} means it. */
  boolean isOfLine(String device, Fault fault) {
    String line = lineOf.get(device);
    return line != null && line.equals(lineOf.get(fault.target()));
  }

  /** Whether something makes polls of a device last longer, or begin anew. */
  boolean isDisturbed(String device, long at) {
    return isDisturbed(device, at, at);
  }

  /** The same, at any time of a span. */
  boolean isDisturbed(String device, long from, long until) {
    return ofLine(
        device,
        fault -> !(fault instanceof MeterFault),
        from - DISTURBED_MILLIS,
        until + DISTURBED_MILLIS);
  }

  /** Whether it held before any agent ran, so that none ever saw it begin. */
  boolean isFromTheStart(Fault fault) {
    return !outages.isEmpty() && fault.fromMillis() <= outages.getFirst().until;
  }

  /**
   * For how long of a span something kept what was read from being delivered, ms: the broker's
   * faults, a gateway that was off, a clock that it had not got.
   */
  long keptBackMillis(long from, long until) {
    List<Spans.Span> kept = new ArrayList<>(awaySpans());
    for (Fault fault : faults) {
      if (fault instanceof ClockFault.Absent
          || (fault instanceof BrokerFault
              && !(fault instanceof BrokerFault.LosesAcknowledgements))) {
        kept.add(new Spans.Span(fault.fromMillis(), fault.untilMillis()));
      }
    }
    return within(kept, from, until);
  }

  /** For how long of a span no agent ran, ms. */
  long awayMillis(long from, long until) {
    return within(awaySpans(), from, until);
  }

  private List<Spans.Span> awaySpans() {
    return outages.stream().map(away -> new Spans.Span(away.ended, away.until)).toList();
  }

  private static long within(List<Spans.Span> spans, long from, long until) {
    Spans.Span whole = new Spans.Span(from, until);
    return Spans.merged(spans.stream().map(whole::within).toList()).stream()
        .mapToLong(span -> span.until() - span.from())
        .sum();
  }

  /** Every time without an agent, in their order; the first is the one before any ran. */
  List<Outage> outages() {
    return outages;
  }

  /** Every fault of the run. */
  List<Fault> faults() {
    return faults;
  }

  private static boolean any(
      @Nullable Timeline among, Predicate<Fault> like, long from, long until) {
    return among != null && among.any(like, from, until);
  }
}
