package io.lingtan.agent.command;

import io.lingtan.agent.acquire.hand.LineAccess;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Line;
import java.time.Duration;
import java.util.List;

/** A line that a command has for itself: the step of the agent on a thread, without its polls. */
final class OwnLine implements AutoCloseable {

  private static final Duration LONGEST_STOP = Duration.ofSeconds(3);

  private final PolledLineStep step;
  private final Loop loop;

  private OwnLine(PolledLineStep step, Time time) {
    this.step = step;
    this.loop = new Loop(step, time).start();
  }

  /** Opens it; what is wrong with it is said to whoever asks. */
  static OwnLine open(Line line, Time time) {
    Line empty = without(line);
    return new OwnLine(
        new PolledLineStep(
            empty, new Outlet(List.of(), new Inbox<>(256), time), FieldPorts.real().channel(empty)),
        time);
  }

  /** The same line with nothing to poll. */
  private static Line without(Line line) {
    return switch (line) {
      case Line.Serial serial ->
          new Line.Serial(
              serial.id(),
              serial.port(),
              serial.format(),
              serial.rs485(),
              serial.echo(),
              serial.timeout(),
              List.of(),
              null);
      case Line.ModbusTcp tcp ->
          new Line.ModbusTcp(
              tcp.id(),
              tcp.host(),
              tcp.port(),
              false,
              false,
              1,
              tcp.relabels(),
              tcp.timeout(),
              List.of(),
              null);
      case Line.ModbusRtuTcp tcp ->
          new Line.ModbusRtuTcp(
              tcp.id(), tcp.host(), tcp.port(), false, false, tcp.timeout(), List.of(), null);
      default -> throw new IllegalArgumentException("line " + line.id() + " is not polled");
    };
  }

  LineAccess asking() {
    return LineAccess.through(step.inquiries());
  }

  @Override
  public void close() {
    loop.stop(LONGEST_STOP);
  }
}
