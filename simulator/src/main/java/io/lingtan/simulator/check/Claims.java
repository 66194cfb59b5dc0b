package io.lingtan.simulator.check;

import io.lingtan.simulator.check.Received.Event;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.fault.WireFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a gateway tells of its devices, its clock and itself did happen: events, and the
 * reasons that stand where a value is missing. And whether what has an event of its own was told.
 */
final class Claims {

  /** A line is left quiet, and a unit probed, for so long after a fault of the wire. */
  private static final long RECOVERY_MILLIS = 150_000;

  /** A device says what it noticed when it answers again; a dead one may be away for hours. */
  private static final long LONG_MILLIS = 9 * 3_600_000L;

  /** A serial number is asked for once an hour. */
  private static final long IDENTITY_MILLIS = 65 * 60_000L;

  /** From a fall of a register to the second reading that agrees, and the next commit. */
  private static final long NOTICE_MILLIS = 90_000;

  private static final long EDGE_MILLIS = 15_000;

  /** A wall clock that moves by less is slewed. */
  private static final long LEAST_STEP_MILLIS = 600;

  /** A spike this seldom is never in two recorded readings in a row. */
  private static final int SELDOM = 4;

  private final Happened happened;
  private final Sites sites;
  private final Findings findings;
  private final List<Told> told = new ArrayList<>();

  /** World times at which a meter said that it has no number, by device and point. */
  private final Map<String, TreeSet<Long>> absences = new HashMap<>();

  /** An event of a device that came. */
  private record Told(String name, String device, String point, long at) {}

  Claims(Happened happened, Sites sites, Findings findings) {
    this.happened = happened;
    this.sites = sites;
    this.findings = findings;
  }

  /**
   * An event.
   *
   * @param of the device that it is of, null if it is of none
   * @param worlds world times that its time stamp may mean
   * @param ts its time stamp
   */
  void take(Event event, @Nullable String of, List<Long> worlds, long ts) {
    String device = of == null ? "" : of;
    String point = event.detail().text("point");
    for (long world : worlds) {
      told.add(new Told(event.name(), device, point == null ? "" : point, world));
    }
    if (worlds.stream().noneMatch(world -> isFounded(event.name(), device, world))) {
      findings.add(
          Verdict.UNFOUNDED,
          ts,
          "event %s of %s at %d (%s)"
              .formatted(
                  event.name(),
                  device.isEmpty() ? "the gateway" : device,
                  ts,
                  event.key().words()));
    }
  }

  private boolean isFounded(String name, String device, long at) {
    return switch (name) {
      case "meter.reset", "meter.jump" ->
          happened.ofDevice(device, this::movesRegister, at - LONG_MILLIS, at + EDGE_MILLIS);
      case "meter.rescaled" -> isRescaled(device, at);
      case "meter.rollover" ->
          happened.ofDevice(
              device,
              fault -> fault instanceof MeterFault.Rollover || movesRegister(fault),
              at - LONG_MILLIS,
              at + EDGE_MILLIS);
      case "meter.glitch" ->
          happened.ofDevice(
              device,
              fault -> fault instanceof MeterFault.Spike || movesRegister(fault),
              at - RECOVERY_MILLIS,
              at + EDGE_MILLIS);
      case "meter.ratio", "meter.ratio_good" ->
          happened.ofDevice(
                  device, Claims::isOfRatio, at - IDENTITY_MILLIS - LONG_MILLIS, at + EDGE_MILLIS)
              || isRescaled(device, at);
      case "meter.stuck" ->
          happened.ofDevice(
              device, MeterFault.class::isInstance, at - LONG_MILLIS, at + EDGE_MILLIS);
      case "meter.turns_unknown" ->
          happened.wasAwayWithin(at - LONG_MILLIS, at)
              || happened.ofLine(device, Claims::isOfWire, at - LONG_MILLIS, at + EDGE_MILLIS);
      case "meter.exchange", "meter.exchanged" ->
          happened.ofDevice(
              device, MeterFault.Exchange.class::isInstance, at - LONG_MILLIS, at + EDGE_MILLIS);
      case "meter.offline" ->
          happened.ofLine(device, Claims::isOfWire, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      case "line.down" -> happened.any(Claims::isOfWire, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      case "poll.skipped" -> happened.any(Happened::isOfDisk, at - LONG_MILLIS, at + EDGE_MILLIS);
      case "clock.step", "clock.bounds" ->
          happened.any(ClockFault.class::isInstance, at - LONG_MILLIS, at + LONG_MILLIS);
      case "journal.set_aside",
          "journal.damaged_segment",
          "journal.not_written",
          "journal.checkpoint_refused",
          "journal.store_ahead" ->
          happened.any(Claims::isOfMachine, at - LONG_MILLIS, at + EDGE_MILLIS);
      case "journal.dropped" ->
          happened.any(Claims::isOfMachine, at - LONG_MILLIS, at + EDGE_MILLIS)
              || happened.mayHaveDropped(at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      case "uplink.down", "uplink.refused" ->
          happened.any(BrokerFault.class::isInstance, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      default -> true;
    };
  }

  /** Whether the site file gave the device's registers another scale than before. */
  private boolean isRescaled(String device, long at) {
    return sites.isRescaled(device, at - LONG_MILLIS, at + EDGE_MILLIS);
  }

  private static boolean isOfRatio(Fault fault) {
    return fault instanceof MeterFault.RatioTwice || fault instanceof MeterFault.Exchange;
  }

  /** What makes a register count from another place, or more than there was. */
  private boolean movesRegister(Fault fault) {
    return (fault instanceof MeterFault.Rollover && !happened.isFromTheStart(fault))
        || fault instanceof MeterFault.CounterReset
        || fault instanceof MeterFault.Exchange
        || fault instanceof MeterFault.Stuck
        || fault instanceof MeterFault.SlowUpdate
        || fault instanceof MeterFault.RatioTwice
        || fault instanceof MeterFault.ReversedCt
        || (fault instanceof MeterFault.Spike spike && spike.every() < SELDOM);
  }

  private static boolean isOfWire(Fault fault) {
    return fault instanceof WireFault
        || fault instanceof MeterFault.Asleep
        || fault instanceof CoapFault
        || fault instanceof PulseFault;
  }

  /** What is more than a restart with another site file. */
  private static boolean isOfMachine(Fault fault) {
    return fault instanceof HostFault && !(fault instanceof HostFault.SiteChanged);
  }

  /**
   * A reason that stands for a value.
   *
   * @param worlds world times that the reading may be of
   * @param absent whether the meter itself said then that it has no number
   */
  void reason(
      String device, String point, String reason, List<Long> worlds, boolean absent, long ts) {
    if (absent) {
      absences.computeIfAbsent(device + "/" + point, id -> new TreeSet<>()).addAll(worlds);
    }
    if (worlds.stream().noneMatch(world -> explains(device, reason, world, absent))) {
      findings.add(
          Verdict.UNFOUNDED, ts, "reason %s of %s/%s at %d".formatted(reason, device, point, ts));
    }
  }

  private boolean explains(String device, String reason, long at, boolean absent) {
    long from = at - RECOVERY_MILLIS;
    long until = at + EDGE_MILLIS;
    if (reason.startsWith("exception_")) {
      // What a device has not is not asked for again within the hour.
      return happened.ofLine(
          device,
          fault -> fault instanceof WireFault.CorruptByte || fault instanceof WireFault.Refusal,
          at - IDENTITY_MILLIS,
          until);
    }
    return switch (reason) {
      case "timeout", "offline", "config" -> happened.ofLine(device, Claims::isOfWire, from, until);
      case "crc" -> happened.ofLine(device, Claims::garbles, from, until);
      case "sentinel" -> absent;
      case "range" ->
          happened.ofDevice(device, MeterFault.class::isInstance, at - LONG_MILLIS, until);
      case "suspect" ->
          happened.ofDevice(device, Claims::isOfRatio, at - LONG_MILLIS, until)
              || isRescaled(device, at);
      // What a node told last holds for a while, and a push is awaited by one that has just begun.
      case "stale" ->
          happened.ofLine(device, CoapFault.class::isInstance, at - LONG_MILLIS, until)
              || happened.ofLine(device, PulseFault.class::isInstance, from, until)
              || happened.wasAwayWithin(at - IDENTITY_MILLIS, at);
      // Told with the first record after a pause, too.
      case "lost_pulses" ->
          happened.ofDevice(device, PulseFault.class::isInstance, from, until)
              || happened.wasAwayWithin(from, at);
      default -> false;
    };
  }

  /** What makes a reply that is none, and not only no reply. */
  private static boolean garbles(Fault fault) {
    return fault instanceof WireFault wire
        && !wire.isSilencing()
        && !(fault instanceof WireFault.Slow)
        && !(fault instanceof WireFault.Refusal)
        && !(fault instanceof WireFault.ConnectionReset)
        && !(fault instanceof WireFault.SingleClient);
  }

  /**
   * Says what happened and was not told.
   *
   * @param struck whether a fault of a meter was there when somebody looked
   * @param counted whether a register counts for a figure
   * @param named whether a device says its serial number
   * @param from world time from which on an agent ran
   * @param until world time until which it did
   */
  void finish(
      Predicate<Fault> struck,
      Predicate<String> counted,
      Predicate<String> named,
      long from,
      long until) {
    for (Fault fault : happened.faults()) {
      if (fault instanceof MeterFault && !struck.test(fault)) {
        continue;
      }
      switch (fault) {
        case MeterFault.CounterReset reset
            when counted.test(reset.device() + "/" + reset.point().name()) ->
            require(reset, reset.device(), reset.point().name(), NOTICE_MILLIS, from, until);
        case MeterFault.Exchange exchange when named.test(exchange.device()) ->
            require(exchange, exchange.device(), "", IDENTITY_MILLIS, from, until);
        case WireFault.UnitDead dead -> offline(dead, dead.device(), from, until);
        case WireFault.Silence silence -> offline(silence, silence.device(), from, until);
        case ClockFault.Stepped stepped -> {
          stepped(stepped, stepped.fromMillis(), from, until);
          stepped(stepped, stepped.untilMillis(), from, until);
        }
        default -> {}
      }
    }
  }

  /** Three polls without an answer are enough. */
  private void offline(Fault fault, String device, long from, long until) {
    if (fault.untilMillis() - fault.fromMillis() >= NOTICE_MILLIS) {
      require(fault, device, "", NOTICE_MILLIS, from, until);
    }
  }

  private void stepped(ClockFault.Stepped fault, long at, long from, long until) {
    boolean alone =
        Math.abs(fault.byMillis()) > LEAST_STEP_MILLIS
            && at >= from + NOTICE_MILLIS
            && at + NOTICE_MILLIS <= until
            && !happened.wasAwayWithin(at - NOTICE_MILLIS, at + NOTICE_MILLIS)
            && !happened.any(Happened::isOfDisk, at - NOTICE_MILLIS, at + NOTICE_MILLIS)
            && !happened.any(
                other -> !other.equals(fault) && other instanceof ClockFault,
                at - NOTICE_MILLIS,
                at + NOTICE_MILLIS);
    boolean isTold =
        told.stream()
            .anyMatch(
                event ->
                    event.name.equals("clock.step") && Math.abs(event.at - at) <= NOTICE_MILLIS);
    if (alone && !isTold) {
      findings.add(Verdict.UNTOLD, at, "a step of the clock by " + fault.byMillis() + " ms");
    }
  }

  /** So long after a meter has shown a number again: before, nobody can know of it. */
  private long latest(String device, String point, long at, long within) {
    long latest = at + within;
    for (long absent : absences.getOrDefault(device + "/" + point, new TreeSet<>()).tailSet(at)) {
      if (absent > latest) {
        break;
      }
      latest = absent + within;
    }
    return latest;
  }

  private void require(
      Fault fault, String device, String point, long within, long from, long until) {
    long at = fault.fromMillis();
    long latest = latest(device, point, at, within);
    boolean alone =
        at >= from + NOTICE_MILLIS
            && latest <= until
            && !happened.wasAwayWithin(at - NOTICE_MILLIS, latest)
            && sites.isSteady(device, at - NOTICE_MILLIS, latest)
            && !happened.isClockWrong(at, latest)
            && !happened.ofLine(
                device,
                other -> !other.equals(fault) && !(other instanceof MeterFault.Rollover),
                at - RECOVERY_MILLIS,
                latest)
            && !happened.any(Happened::isOfDisk, at, latest);
    List<String> names =
        switch (fault) {
          case MeterFault.Exchange exchange -> List.of("meter.exchange");
          case WireFault wire -> List.of("meter.offline");
          default -> List.of("meter.reset", "meter.exchange", "meter.exchanged");
        };
    boolean isTold =
        told.stream()
            .anyMatch(
                event ->
                    names.contains(event.name)
                        && event.device.equals(device)
                        && (point.isEmpty() || event.point.isEmpty() || event.point.equals(point))
                        && event.at >= at - EDGE_MILLIS
                        && event.at <= latest);
    if (alone && !isTold) {
      findings.add(Verdict.UNTOLD, at, "%s of %s %s".formatted(fault.kind(), device, point));
    }
  }
}
