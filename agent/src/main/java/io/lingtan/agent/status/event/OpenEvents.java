package io.lingtan.agent.status.event;

import io.lingtan.agent.status.event.Lifecycle.Standing;
import java.util.List;

/**
 * Warnings and alarms that go on, worst first: what the snapshot says of events.
 *
 * @param count how many go on
 * @param worst at most {@value #MOST} of them
 */
public record OpenEvents(int count, List<Standing> worst) {

  static final int MOST = 16;

  public OpenEvents {
    worst = List.copyOf(worst);
  }
}
