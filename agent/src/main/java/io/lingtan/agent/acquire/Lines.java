package io.lingtan.agent.acquire;

import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.List;

/** Builds the steps that get the readings of a site's devices. */
public final class Lines {

  private Lines() {}

  /**
   * The steps of a site's lines, in the order of the site file. Nothing is opened yet.
   *
   * @param inbox where samples and events go
   * @param ports makes the way to a line's devices
   */
  public static List<LineStep> of(Site site, Time time, Inbox<Arrival> inbox, FieldPorts ports) {
    List<LineStep> steps = new ArrayList<>();
    for (Line line : site.lines()) {
      switch (line) {
        case Line.Serial serial -> steps.add(polled(serial, time, inbox, ports));
        case Line.ModbusTcp tcp -> steps.add(polled(tcp, time, inbox, ports));
        case Line.ModbusRtuTcp tcp -> steps.add(polled(tcp, time, inbox, ports));
        case Line.Coap coap -> {}
        case Line.CoapServer server -> {}
        case Line.Gpio gpio -> {}
      }
    }
    return steps;
  }

  private static LineStep polled(Line line, Time time, Inbox<Arrival> inbox, FieldPorts ports) {
    return new PolledLineStep(line, time, inbox, ports.channel(line));
  }
}
