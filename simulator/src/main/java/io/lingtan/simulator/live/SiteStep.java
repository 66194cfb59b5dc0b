package io.lingtan.simulator.live;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.device.TcpStep;
import java.util.ArrayList;
import java.util.List;

/** The lines of a site that carry bytes, and beside them its other parts, on one thread. */
public final class SiteStep implements Step {

  private final TcpStep lines;
  private final List<Part> parts = new ArrayList<>();

  public SiteStep(TcpStep lines) {
    this.lines = lines;
  }

  /** Adds a part. Before the first step. */
  public void add(Part part) {
    parts.add(part);
  }

  @Override
  public String name() {
    return lines.name();
  }

  @Override
  public int step(MonotonicInstant now) {
    int done = lines.step(now);
    for (Part part : parts) {
      done += part.step(now);
    }
    return done;
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant due = lines.due();
    for (Part part : parts) {
      due = due.min(part.due());
    }
    return due;
  }

  @Override
  public Waiter waiter() {
    return lines.waiter();
  }

  @Override
  public void close() {
    parts.forEach(Part::close);
    lines.close();
  }
}
