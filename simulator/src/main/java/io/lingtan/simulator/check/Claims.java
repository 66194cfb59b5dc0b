package io.lingtan.simulator.check;

import io.lingtan.simulator.check.record.Received.Event;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** The longest pause between attempts to connect, one of them in vain. */
  private static final long RECONNECT_MILLIS = 5 * 60_000L;

  static final long HOUR_MILLIS = 3_600_000L;

  /** No register of a simulated meter goes round in less. */
  private static final long LEAST_TURN_MILLIS = 60_000;

  /** A serial number is asked for once an hour. */
  private static final long IDENTITY_MILLIS = 65 * 60_000L;

  /** From a fall of a register to the second reading that agrees, and the next commit. */
  private static final long NOTICE_MILLIS = 90_000;

  private static final long EDGE_MILLIS = 15_000;

  /** A wall clock that moves by less is slewed. */
  private static final long LEAST_STEP_MILLIS = 600;

  /** A spike this seldom is never in two recorded readings in a row. */
  private static final int SELDOM = 4;

  /** What tells that another card is in place of one. */
  private static final Set<String> CARDS = Set.of("journal.store_ahead", "journal.replaced");

  /** Why it is not known any more what was signed last: config/MQTT.md, keys apart. */
  private static final Set<String> HEAD_LOST = Set.of("new", "lent", "store_ahead", "machine");

  private final Happened happened;
  private final Pulses pulses;
  private final Sites sites;
  private final Findings findings;
  private final List<Report> told = new ArrayList<>();
  private List<Delivery.Gone> gone = List.of();

  /** World times at which a meter said that it has no number, by device and point. */
  private final Map<String, TreeSet<Long>> absences = new HashMap<>();

  /**
   * An event that came.
   *
   * @param device empty if it is of none
   * @param reason as the event names it; empty if it names none
   * @param worlds world times that its time stamp may mean
   * @param cardSince since when it says that a replaced card had delivered nothing, by the same
   *     clock; {@link Long#MAX_VALUE} if it says nothing of one
   * @param words names the record
   */
  private record Report(
      String name,
      String device,
      String point,
      String reason,
      List<Long> worlds,
      long ts,
      long cardSince,
      String words) {

    /** Whether a replaced card had delivered nothing since a world time, and before the event. */
    boolean isOfCardSince(long at) {
      return cardSince < Long.MAX_VALUE
          && worlds.stream().anyMatch(world -> world - (ts - cardSince) <= at && at <= world);
    }

    boolean isWithin(long from, long until) {
      return worlds.stream().anyMatch(at -> at >= from && at <= until);
    }
  }

  Claims(Happened happened, Pulses pulses, Sites sites, Findings findings) {
    this.happened = happened;
    this.pulses = pulses;
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
    String reason = event.detail().text("reason");
    told.add(
        new Report(
            event.name(),
            device,
            point == null ? "" : point,
            reason == null ? "" : reason,
            List.copyOf(worlds),
            ts,
            CARDS.contains(event.name())
                ? event.detail().number("since", Long.MAX_VALUE)
                : Long.MAX_VALUE,
            event.key().words()));
  }

  /** Says which events tell of what did not happen. */
  private void founded(long runEnds) {
    Set<Happened.Outage> started = new HashSet<>();
    for (Report event : told) {
      boolean isFounded = event.worlds.stream().anyMatch(at -> isFounded(event, at, runEnds));
      if (event.name.equals("agent.start")) {
        Happened.Outage away = happened.endedBy(event.worlds);
        // An agent starts once.
        isFounded = away != null && started.add(away);
      }
      if (!isFounded) {
        findings.add(
            Verdict.UNFOUNDED,
            event.ts,
            "event %s%s of %s at %d (%s)"
                .formatted(
                    event.name,
                    event.reason.isEmpty() ? "" : " for " + event.reason,
                    event.device.isEmpty() ? "the gateway" : event.device,
                    event.ts,
                    event.words));
      }
    }
    for (Happened.Outage away : happened.outages()) {
      if (!started.contains(away) && isTellable(away, runEnds)) {
        findings.add(Verdict.UNTOLD, away.until(), "the start of the agent at " + away.until());
      }
    }
  }

  /** Whether the start after an outage had the time, and the disk, to be told. */
  private boolean isTellable(Happened.Outage away, long runEnds) {
    long start = away.until();
    long ends =
        happened.outages().stream()
            .filter(next -> next.until() > start)
            .mapToLong(Happened.Outage::from)
            .min()
            .orElse(runEnds);
    return ends >= start + NOTICE_MILLIS
        && !isGone(start, start + NOTICE_MILLIS)
        && !isReplaced(start)
        && !happened.any(Happened::isOfDisk, start - NOTICE_MILLIS, start + NOTICE_MILLIS)
        && !happened.isClockWrong(start, start + NOTICE_MILLIS);
  }

  /**
   * Whether events were told in some of a span by a copy of the card that could not deliver them.
   */
  private boolean isGone(long from, long until) {
    return gone.stream().anyMatch(one -> one.isOfCopy("event", from, until));
  }

  /**
   * Whether what was told then went with its card, or has a number that this had used, and the copy
   * in its place says since when.
   */
  private boolean isReplaced(long at) {
    return happened.replaced().stream()
        .filter(span -> span.from() <= at)
        .anyMatch(
            span ->
                told.stream()
                    .anyMatch(
                        event ->
                            event.isOfCardSince(at)
                                && event.isWithin(span.until(), Long.MAX_VALUE)));
  }

  /** One cause and one window for each event that there is; of another one nothing is known. */
  private boolean isFounded(Report event, long at, long runEnds) {
    String name = event.name;
    String device = event.device;
    return switch (name) {
      case "agent.start", "config.fed" -> happened.endedBy(List.of(at)) != null;
      case "agent.stop" -> happened.isEndedAround(at) || at >= runEnds - NOTICE_MILLIS;
      case "journal.epoch" -> isBegun(event.reason, at);
      case "chain.start" -> HEAD_LOST.contains(event.reason) && isBegun(event.reason, at);
      case "journal.store_ahead" -> isTurnedBack(at);
      case "journal.replaced", "journal.told_again" ->
          isTurnedBack(at) || isSpoilt(happened.endedBy(List.of(at)));
      case "journal.set_aside", "journal.checkpoint_refused" ->
          isSpoilt(happened.endedBy(List.of(at)));
      // Read for the broker, for whom it may have waited.
      case "journal.damaged_segment" ->
          happened.any(
              Drops::damages,
              happened.since(BrokerFault.class::isInstance, at) - RECOVERY_MILLIS,
              at + EDGE_MILLIS);
      case "journal.dropped" ->
          happened.any(Claims::isOfMachine, at - RECOVERY_MILLIS, at + EDGE_MILLIS)
              || happened.any(BrokerFault.class::isInstance, at - RECOVERY_MILLIS, at);
      case "journal.not_written", "poll.skipped" ->
          happened.any(Happened::isOfDisk, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      // Virtual time takes none from a gateway: it is its line that was behind.
      case "poll.late" ->
          happened.ofLine(device, Claims::isOfWire, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      case "clock.step" ->
          happened.faults().stream()
              .anyMatch(
                  fault ->
                      fault instanceof ClockFault
                          && (Math.abs(fault.fromMillis() - at) <= NOTICE_MILLIS
                              || Math.abs(fault.untilMillis() - at) <= NOTICE_MILLIS));
      // Told again at each start until the time that was ahead is over.
      case "clock.ahead" ->
          happened.faults().stream()
              .anyMatch(
                  fault -> fault instanceof ClockFault && fault.fromMillis() - NOTICE_MILLIS <= at);
      case "clock.bounds", "clock.offset" ->
          happened.any(
              ClockFault.Absent.class::isInstance,
              happened.quietSince("", at) - RECOVERY_MILLIS,
              at + EDGE_MILLIS);
      case "uplink.down", "uplink.refused", "uplink.nobody_listens" ->
          happened.any(BrokerFault.class::isInstance, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      case "uplink.up" ->
          happened.endedBy(List.of(at)) != null
              || happened.any(BrokerFault.class::isInstance, at - RECONNECT_MILLIS, at);
      case "line.down", "line.up", "line.echo", "line.second_master" ->
          happened.any(Claims::isOfWire, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      case "meter.offline", "meter.online", "meter.asleep" ->
          happened.ofLine(device, Claims::isOfWire, at - RECOVERY_MILLIS, at + EDGE_MILLIS)
              || (name.equals("meter.online") && happened.wasAwayWithin(at - RECOVERY_MILLIS, at));
      case "meter.counting", "meter.uncounted" ->
          happened.endedBy(List.of(at)) != null
              || ofDevice(device, PulseFault.Gone.class::isInstance, at, 0);
      case "meter.lost_pulses" ->
          ofDevice(device, PulseFault.LostEvents.class::isInstance, at, 0)
              || pulses.isLossNoticed(device, at - EDGE_MILLIS, at + EDGE_MILLIS);
      case "meter.reset", "meter.jump", "meter.doubtful_rise", "meter.not_counted" ->
          ofDevice(device, this::movesRegister, at, 0);
      case "meter.rollover" ->
          ofDevice(device, this::movesRegister, at, 0)
              // It stands before its end from then on, and goes round when it has counted so far.
              || happened.ofDevice(device, MeterFault.Rollover.class::isInstance, 0, at);
      case "meter.glitch" ->
          ofDevice(
              device, fault -> fault instanceof MeterFault.Spike || movesRegister(fault), at, 0);
      case "meter.stuck" -> ofDevice(device, MeterFault.class::isInstance, at, 0);
      case "meter.power_disagrees", "meter.tariffs_disagree", "meter.against_role" ->
          ofDevice(device, MeterFault.class::isInstance, at, HOUR_MILLIS * 24);
      case "meter.exchange", "meter.exchanged", "meter.exchange_refused" ->
          isOfExchange(device, at);
      case "meter.ratio", "meter.ratio_good" -> isOfRatio(device, at);
      case "meter.rescaled" -> isRescaled(device, at);
      case "meter.turns_unknown" -> happened.quietSince(device, at) < at - LEAST_TURN_MILLIS;
      case "meter.residual",
          "meter.hydrogen_residual",
          "meter.export_without_source",
          "meter.hybrid_gain",
          "meter.round_trip" ->
          // Figures that are estimated on one side only do not balance either.
          happened.any(
              fault -> !(fault instanceof BrokerFault),
              happened.quietSince("", at) - HOUR_MILLIS,
              at);
      // What the world or the calendar did, and what the check finds by itself.
      case "device.alarm",
          "meter.state",
          "meter.refuelled",
          "config.tariff_ends",
          "demand.near_limit",
          "supply.share_missed",
          "agent.figures_failed",
          "agent.no_intervals" ->
          true;
      // Nobody commands a simulated gateway, and nothing in it is too large for its broker.
      default -> false;
    };
  }

  /**
   * Whether a device had a fault like this when it was last heard of and believed, or since: what
   * it noticed is told when it can be read again, and committed.
   */
  private boolean ofDevice(String device, Predicate<Fault> like, long at, long more) {
    long since = at;
    for (long before = at + 1; since < before; ) {
      before = since;
      since = absentSince(device, happened.quietSince(device, since));
      since = sites.suspectSince(device, since);
    }
    return happened.ofDevice(device, like, since - RECOVERY_MILLIS - more, at + EDGE_MILLIS);
  }

  /** Whether it was exchanged, lately or since it last had the id that it has again. */
  private boolean isOfExchange(String device, long at) {
    long quiet = happened.quietSince(device, at);
    long named = sites.lastNamed(device, at, at - quiet + IDENTITY_MILLIS);
    return ofDevice(
        device, MeterFault.Exchange.class::isInstance, at, at - named + IDENTITY_MILLIS);
  }

  /** Since when a device said of a point that it has no number, until then or a while before. */
  private long absentSince(String device, long at) {
    long since = at;
    for (Map.Entry<String, TreeSet<Long>> entry : absences.entrySet()) {
      if (!entry.getKey().startsWith(device + "/")) {
        continue;
      }
      for (Long absent : entry.getValue().headSet(at, true).descendingSet()) {
        if (absent < since - RECOVERY_MILLIS) {
          break;
        }
        since = Math.min(since, absent);
      }
    }
    return since;
  }

  /** Whether a new epoch, or a new chain, had the cause that it names. */
  private boolean isBegun(String reason, long at) {
    Happened.Outage away = happened.endedBy(List.of(at));
    return switch (reason) {
      case "new" -> isSpoilt(away) || happened.outages().getFirst().equals(away);
      case "store_ahead" -> isTurnedBack(at);
      case "lent" -> isAround(away, Happened::isOfDisk);
      case "machine" -> isAround(away, HostFault.Cloned.class::isInstance);
      case "unclean_boot" -> isAround(away, Claims::endsBoot);
      case "replaced" -> happened.any(Drops::damages, at - RECOVERY_MILLIS, at + EDGE_MILLIS);
      default -> false;
    };
  }

  /** Whether an agent came back to a card that does not hold what it said it held. */
  private boolean isSpoilt(Happened.@Nullable Outage away) {
    return isAround(away, fault -> Drops.damages(fault) || Drops.turnsBack(fault));
  }

  private boolean isAround(Happened.@Nullable Outage away, Predicate<Fault> like) {
    return away != null
        && happened.any(like, away.ended() - RECOVERY_MILLIS, away.until() + EDGE_MILLIS);
  }

  /** What ends the boot of a machine without a clean end. A clock is absent after one. */
  private static boolean endsBoot(Fault fault) {
    return fault instanceof HostFault.PowerCut
        || fault instanceof ClockFault.Absent
        || Drops.turnsBack(fault);
  }

  /**
   * Whether a card is behind what the broker has, which is noticed when the broker can be asked and
   * told when the card can be written and the time is known.
   */
  private boolean isTurnedBack(long at) {
    return isTurnedBack(at, RECOVERY_MILLIS);
  }

  /** The same for what is told so long afterwards at most, such as the interval of that time. */
  boolean isTurnedBack(long at, long afterMillis) {
    return happened.any(Drops::turnsBack, unheardSince(at) - afterMillis, at + EDGE_MILLIS);
  }

  private long unheardSince(long at) {
    long since = at;
    for (long before = since + 1; since < before; ) {
      before = since;
      since = happened.quietSince("", happened.since(BrokerFault.class::isInstance, since));
    }
    return since;
  }

  /** Whether the site file gave the device's registers another scale than before. */
  private boolean isRescaled(String device, long at) {
    return sites.isRescaled(
        device,
        happened.quietSince(device, at) - RECOVERY_MILLIS - IDENTITY_MILLIS,
        at + EDGE_MILLIS);
  }

  /** Whether the ratio of a device may have been another than the site file's. */
  private boolean isOfRatio(String device, long at) {
    return ofDevice(device, Claims::isOfRatio, at, IDENTITY_MILLIS)
        || isRescaled(device, at)
        || sites.isMisread(device, at);
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

  static boolean isOfWire(Fault fault) {
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
    if (worlds.stream().noneMatch(world -> explains(device, point, reason, world, absent))) {
      findings.add(
          Verdict.UNFOUNDED, ts, "reason %s of %s/%s at %d".formatted(reason, device, point, ts));
    }
  }

  private boolean explains(String device, String point, String reason, long at, boolean absent) {
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
      case "range" -> happened.ofDevice(device, MeterFault.class::isInstance, from, until);
      case "suspect" -> isOfRatio(device, at);
      // What a node told last holds for a while, and a push is awaited by one that has just begun.
      case "stale" ->
          (point.equals("*") && pulses.has(device))
              // Its total is not known before the card can be read.
              ? happened.wasAwayWithin(from, at) || happened.cameBackWithoutCard(from, at)
              : happened.ofLine(device, CoapFault.class::isInstance, at - IDENTITY_MILLIS, until)
                  || happened.ofLine(device, PulseFault.class::isInstance, from, until)
                  || happened.wasAwayWithin(at - IDENTITY_MILLIS, at);
      // Told with the first record after a pause, too.
      case "lost_pulses" ->
          happened.ofDevice(device, PulseFault.class::isInstance, from, until)
              || pulses.isLossNoticed(device, from, until)
              || happened.wasAwayWithin(from, at)
              || happened.cameBackWithoutCard(from, at);
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
   * @param dropped what it told and could not deliver
   * @param from world time from which on an agent ran
   * @param until world time until which it did
   */
  void finish(
      Predicate<Fault> struck,
      Predicate<String> counted,
      Predicate<String> named,
      List<Delivery.Gone> dropped,
      long from,
      long until) {
    gone = List.copyOf(dropped);
    founded(until);
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
        case HostFault.SiteChanged changed
            when changed.change() == HostFault.SiteChanged.Change.RATIO_HALVED ->
            misread(changed, until);
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

  /** A meter that shows its ratio is asked for it when the gateway starts. */
  private void misread(HostFault.SiteChanged changed, long until) {
    String device = changed.device();
    long at = changed.untilMillis();
    long latest = at + NOTICE_MILLIS;
    boolean alone =
        sites.showsRatio(device)
            && latest <= until
            && sites.isMisread(device, latest)
            && !isGone(at, latest)
            && !happened.wasAwayWithin(at + EDGE_MILLIS, latest)
            && !happened.isClockWrong(at, latest)
            && !happened.ofLine(device, other -> true, at - RECOVERY_MILLIS, latest)
            && !happened.any(Happened::isOfDisk, at, latest);
    if (alone && !isTold(List.of("meter.ratio"), device, "", at, latest)) {
      findings.add(
          Verdict.UNTOLD, at, "that " + device + " shows another ratio than the site file");
    }
  }

  private boolean isTold(List<String> names, String device, String point, long at, long latest) {
    return told.stream()
        .anyMatch(
            event ->
                names.contains(event.name)
                    && event.device.equals(device)
                    && (point.isEmpty() || event.point.isEmpty() || event.point.equals(point))
                    && event.isWithin(at - EDGE_MILLIS, latest));
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
            && !isGone(at - NOTICE_MILLIS, at + NOTICE_MILLIS)
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
                    event.name.equals("clock.step")
                        && event.isWithin(at - NOTICE_MILLIS, at + NOTICE_MILLIS));
    if (alone && !isTold) {
      findings.add(Verdict.UNTOLD, at, "a step of the clock by " + fault.byMillis() + " ms");
    }
  }

  /**
   * So long after a meter has shown a number again, and one that can be believed: before, nobody
   * can know of it.
   */
  private long latest(String device, String point, long at, long within) {
    long believed = point.isEmpty() ? at : sites.suspectUntil(device, at);
    if (believed == Long.MAX_VALUE) {
      return believed;
    }
    long latest = believed + within;
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
            && !isGone(at, latest)
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
          case WireFault wire -> List.of("meter.offline", "meter.asleep");
          default -> List.of("meter.reset", "meter.exchange", "meter.exchanged");
        };
    if (alone && !isTold(names, device, point, at, latest)) {
      findings.add(Verdict.UNTOLD, at, "%s of %s %s".formatted(fault.kind(), device, point));
    }
  }
}
