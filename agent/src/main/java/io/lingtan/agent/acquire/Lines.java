package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.coap.CoapServerStep;
import io.lingtan.agent.acquire.coap.CoapStep;
import io.lingtan.agent.acquire.gpio.PulseStep;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.place.Sun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/** Builds the steps that get the readings of a site's devices. */
public final class Lines {

  private Lines() {}

  /**
   * The steps of a site's lines, in the order of the site file. Nothing is opened yet.
   *
   * @param inbox where samples and events go
   * @param ports makes the way to a line's devices
   * @param totals of pulse inputs that an earlier run has kept, as soon as that can be told
   * @param serials of meters, in the same way
   */
  public static List<LineStep> of(
      Site site,
      Time time,
      Inbox<Arrival> inbox,
      FieldPorts ports,
      Future<Map<String, PulseTotal>> totals,
      Future<Map<String, String>> serials) {
    List<LineStep> steps = new ArrayList<>();
    for (Line line : site.lines()) {
      steps.add(of(line, site.place(), time, inbox, ports, totals, serials, Map.of()));
    }
    return steps;
  }

  /**
   * The step of one line.
   *
   * @param before what was recorded last of each device that was read until now
   */
  public static LineStep of(
      Line line,
      Site.Place place,
      Time time,
      Inbox<Arrival> inbox,
      FieldPorts ports,
      Future<Map<String, PulseTotal>> totals,
      Future<Map<String, String>> serials,
      Map<String, Sample> before) {
    Outlet outlet =
        new Outlet(line.devices(), inbox, time, before, new Sun(place.lat(), place.lon()));
    return switch (line) {
      case Line.Coap coap -> new CoapStep(coap, time, outlet, ports.coap(coap));
      case Line.CoapServer server -> new CoapServerStep(server, time, outlet, ports.ingest(server));
      case Line.Gpio gpio -> new PulseStep(gpio, outlet, ports.chip(gpio), totals);
      default -> new PolledLineStep(line, outlet, ports.channel(line), serials);
    };
  }
}
