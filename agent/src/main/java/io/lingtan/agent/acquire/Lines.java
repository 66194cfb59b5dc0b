package io.lingtan.agent.acquire;

import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.List;

/** Builds the steps that ask a site's devices. */
public final class Lines {

  private Lines() {}

  /** The steps of a site's Modbus lines, on real ports and connections. */
  public static List<LineStep> of(Site site, Time time, Inbox<Arrival> inbox) {
    return of(site, time, inbox, ChannelFactory.real());
  }

  /** The steps of a site's Modbus lines. Nothing is opened yet. */
  public static List<LineStep> of(
      Site site, Time time, Inbox<Arrival> inbox, ChannelFactory channels) {
    return site.lines().stream()
        .filter(Lines::carriesModbus)
        .map(line -> new LineStep(line, time, inbox, channels.channel(line)))
        .toList();
  }

  /** Whether a line is asked by a {@link LineStep}. */
  public static boolean carriesModbus(Line line) {
    return switch (line) {
      case Line.Serial serial -> true;
      case Line.ModbusTcp tcp -> true;
      case Line.ModbusRtuTcp tcp -> true;
      case Line.Coap coap -> false;
      case Line.CoapServer server -> false;
      case Line.Gpio gpio -> false;
    };
  }
}
