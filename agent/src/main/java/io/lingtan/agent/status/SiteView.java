package io.lingtan.agent.status;

import io.lingtan.agent.acquire.LineSnapshot;
import io.lingtan.agent.journal.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time.Wall;
import io.lingtan.agent.site.Site;
import java.util.List;

/**
 * Everything that is shown, taken at one moment.
 *
 * @param listed what figures are called
 * @param software version of the agent
 * @param health one entry for each running step; empty when steps are called by hand
 */
public record SiteView(
    Site site,
    Indicators listed,
    String software,
    MonotonicInstant now,
    Wall wall,
    List<LineSnapshot> lines,
    LedgerSnapshot ledger,
    StoreSnapshot store,
    UplinkSnapshot uplink,
    List<Loop.Health> health) {

  /** A step that has not been entered for so long hangs. */
  private static final long HANGING_MILLIS = 30_000;

  public SiteView {
    lines = List.copyOf(lines);
    health = List.copyOf(health);
  }

  /** Whether a step runs and goes on being called. */
  boolean alive(Loop.Health step) {
    return step.alive() && now.millisSince(step.lastStep()) < HANGING_MILLIS;
  }

  /** Which steps have stopped or hang, in words; empty if all live. */
  String trouble() {
    StringBuilder text = new StringBuilder();
    for (Loop.Health step : health) {
      if (!alive(step)) {
        text.append(text.isEmpty() ? "" : "; ")
            .append(step.name())
            .append(step.alive() ? " has not moved for 30 s" : " has ended");
      }
    }
    return text.toString();
  }

  /** Milliseconds since a monotonic moment; -1 if there was none. */
  long ageMillis(long nanos) {
    return nanos < 0 ? -1 : Math.max(0, now.nanos() - nanos) / 1_000_000L;
  }
}
