package io.lingtan.simulator.prove;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.simulator.check.Check;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.fault.Belief;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.fault.Touch;
import io.lingtan.simulator.fault.WireFault;
import java.util.List;

/**
 * Which readings and devices the faults of a run may disturb, so that a proof can judge the rest.
 */
final class FaultEffects {

  /** What was read so shortly before an image was taken may not be in it. */
  private static final long COMMIT_MILLIS = 3_000;

  /** A reply that is late by less is in time on every line: their timeout is a second. */
  private static final long IN_TIME_MILLIS = 500;

  private static final long IDENTITY_MILLIS = 65 * 60_000L;

  private final Check check;
  private final WallClock wall;
  private final ProvedSite proved;
  private final long start;

  /**
   * @param check who is told of it
   * @param start of the run, UTC ms of the world
   */
  FaultEffects(Check check, WallClock wall, ProvedSite proved, long start) {
    this.check = check;
    this.wall = wall;
    this.proved = proved;
    this.start = start;
  }

  /** Says beforehand what the faults may touch. */
  void declare(List<Fault> faults) {
    for (Fault fault : faults) {
      if (fault instanceof HostFault.SiteChanged changed) {
        restarted(changed, changed.fromMillis());
        restarted(changed, changed.untilMillis());
        continue;
      }
      check.happened().fault(fault);
      long from = fault.fromMillis();
      long until = fault.untilMillis();
      switch (fault) {
        // What a device refuses is not asked for again within the hour.
        case WireFault.Refusal refusal ->
            touch(refusal.device(), from, until + IDENTITY_MILLIS, fault.belief());
        // Nothing is lost of what comes twice, or late and in time.
        case WireFault.DuplicateReply twice -> {}
        case WireFault.Slow slow when slow.delayMillis() <= IN_TIME_MILLIS -> {}
        case WireFault.OfDevice wire -> touch(wire.device(), from, until, fault.belief());
        case WireFault.OfLine wire -> ofLine(wire.line(), from, until, fault);
        // A reader asks for the serial number once an hour.
        case MeterFault.Exchange exchange ->
            touch(exchange.device(), from, until + IDENTITY_MILLIS, fault.belief());
        // True, but of some time ago: no reader can know of which.
        case MeterFault.SlowUpdate slow -> touch(slow.device(), from, until, Belief.DECEIVING);
        // A reader needs a while to notice, and may then doubt what was before.
        case MeterFault.UncountedPhases part -> {
          long notice = MeterFault.UncountedPhases.NOTICED_MILLIS;
          touch(part.device(), from, until, fault.belief());
          touch(part.device(), from - notice, from + notice, Belief.DECEIVING);
          touch(part.device(), until - notice, until + notice, Belief.DECEIVING);
        }
        // Nothing is lost where a register goes round; one that is set to where it does so, jumps.
        case MeterFault.Rollover rollover when from <= start -> {}
        // It is silent only while it delivers nothing: see asleep.
        case MeterFault.Asleep asleep -> {}
        case MeterFault.Sentinel point -> ofPoint(point, point.point());
        case MeterFault.Stuck point -> {
          ofPoint(point, point.point());
          // A register that goes on beside it contradicts it, and a reader cannot know which is
          // right.
          if (point.point().quantity() == Quantity.POWER) {
            long notice = MeterFault.UncountedPhases.NOTICED_MILLIS;
            touch(point.device(), from - notice, until + notice, Belief.TRUE);
          }
        }
        case MeterFault.Spike point -> ofPoint(point, point.point());
        case MeterFault.CounterReset point -> ofPoint(point, point.point());
        case MeterFault.Rollover point -> ofPoint(point, point.point());
        case MeterFault meter -> touch(meter.device(), from, until, fault.belief());
        case PulseFault.Gone gone -> {
          touch(gone.device(), from, until, fault.belief());
          if (check.pulses().has(gone.device())) {
            check.pulses().gone(gone.device(), from, Ends.COMMIT_MILLIS);
          }
        }
        case PulseFault pulse -> touch(pulse.device(), from, until, fault.belief());
        // All that the peer serves is behind the same session.
        case CoapFault.SessionLost lost ->
            proved.neighbours(lost.device()).forEach(id -> touch(id, from, until, fault.belief()));
        case CoapFault coap -> touch(coap.device(), from, until, fault.belief());
        case ClockFault.Absent absent -> check.touched().everything(from, until);
        case ClockFault.Stepped stepped -> {
          long by = Math.abs(stepped.byMillis());
          check.touched().stepped(from - by, until + by);
        }
        // It is followed all the while, and set right in the end.
        case ClockFault.Drift drift -> {
          long by = Math.abs(drift.wrongByMillis(until)) + 2_000;
          check.touched().stepped(until - by, until + by);
        }
        case BrokerFault broker -> {}
        case HostFault.ForgetfulCard card -> {
          forgotten(from, card.forgottenMillis());
          check.touched().everything(from, until);
        }
        case HostFault.Restored restored -> {
          forgotten(from, restored.ageMillis());
          check.touched().everything(from, until);
          if (restored.clean()) {
            long at = MachineAgenda.imageAt(start, from, restored.ageMillis());
            check.happened().fault(new HostFault.Killed(at, at + MachineAgenda.RELOAD_MILLIS));
            check.touched().everything(at, at + MachineAgenda.RELOAD_MILLIS);
          }
        }
        case HostFault host -> check.touched().everything(from, until);
      }
    }
  }

  /** What is in force meanwhile is no fault; that the agent has to be restarted for it is one. */
  private void restarted(HostFault.SiteChanged changed, long at) {
    long back = at + MachineAgenda.RELOAD_MILLIS;
    check.happened().fault(new HostFault.SiteChanged(at, back, changed.device(), changed.change()));
    check.touched().everything(at, back);
    switch (changed.change()) {
      case RENAMED, PERIOD_CHANGED -> {}
      case TAKEN_OUT, METER_OUT, RATIO_HALVED ->
          touch(
              changed.device(),
              changed.fromMillis(),
              changed.untilMillis() + MachineAgenda.RELOAD_MILLIS,
              Belief.TRUE);
    }
  }

  /** Says afterwards when sleeping devices were silent: not while it was light. */
  void asleep() {
    for (Touch touch : proved.faults().touches()) {
      if (touch.fault() instanceof MeterFault.Asleep asleep) {
        touch(asleep.device(), touch.firstMillis(), touch.lastMillis(), asleep.belief());
      }
    }
  }

  /** A fault of one point touches it at the times that the gateway's clock shows meanwhile. */
  private void ofPoint(MeterFault fault, Point point) {
    touch(
        fault.device() + "/" + point.name(),
        fault.fromMillis(),
        fault.untilMillis(),
        fault.belief());
  }

  private void forgotten(long from, long ageMillis) {
    check
        .touched()
        .forgotten(
            wall.at(MachineAgenda.imageAt(start, from, ageMillis)), wall.at(from), COMMIT_MILLIS);
  }

  /** A fault of a device touches it at the times that the gateway's clock shows meanwhile. */
  private void touch(String device, long from, long until, Belief belief) {
    check.touched().device(device, from, until, belief);
    if (wall.at(from) != from || wall.at(until) != until) {
      long first = Math.min(wall.at(from), wall.at(until));
      check.touched().device(device, first, Math.max(wall.at(from), wall.at(until)), belief);
    }
  }

  private void ofLine(String line, long from, long until, Fault fault) {
    for (Endpoint endpoint : proved.endpoints()) {
      if (endpoint.id().equals(line)) {
        endpoint.meters().forEach(meter -> touch(meter.id(), from, until, fault.belief()));
      }
    }
  }
}
