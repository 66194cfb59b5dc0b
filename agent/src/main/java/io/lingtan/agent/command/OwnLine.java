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
    Line empty = line.asking(List.of());
    return new OwnLine(
        new PolledLineStep(
            empty, new Outlet(List.of(), new Inbox<>(256), time), FieldPorts.real().channel(empty)),
        time);
  }

  LineAccess asking() {
    return LineAccess.through(step.inquiries());
  }

  @Override
  public void close() {
    loop.stop(LONGEST_STOP);
  }
}
