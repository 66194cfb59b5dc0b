package io.lingtan.agent.status.event;

import io.lingtan.agent.status.event.Lifecycle.Standing;
import java.util.List;

/**
 * Warnings and alarms that go on, worst first: what the snapshot says of events.
 *
 * @param count how many go on
 * @param worst at most {@value #MOST} of them
 * @param complete false if others may go on that were not found in the journal
 */
public record OpenEvents(int count, List<Standing> worst, boolean complete) {

  /** What is said while nothing has been read: not that nothing goes on. */
  public static final OpenEvents UNKNOWN = new OpenEvents(0, List.of(), false);

  static final int MOST = 16;

  public OpenEvents {
    worst = List.copyOf(worst);
  }
}
