package io.lingtan.agent.publish.link;

import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.time.Duration;

/**
 * How long records of a boot without a trusted clock wait for it while a broker is there that would
 * take them. Then the ledger is asked to let go of them; the answer is that nothing is held.
 */
public final class Hold {

  private static final Duration ASK_AGAIN = Duration.ofSeconds(10);

  private final Duration most;
  private final Inbox<Arrival> ledger;
  private final Time time;
  private MonotonicInstant ends = MonotonicInstant.NEVER;

  public Hold(Duration most, Inbox<Arrival> ledger, Time time) {
    this.most = most;
    this.ledger = ledger;
    this.time = time;
  }

  /** The broker is gone: what is held waits for it anyway. */
  public void lost() {
    ends = MonotonicInstant.NEVER;
  }

  /** While connected: waits, and asks when it has been long enough. */
  public void check(StoreSnapshot state, MonotonicInstant now) {
    if (state.held() == 0 || time.wall().trusted()) {
      ends = MonotonicInstant.NEVER;
    } else if (ends.equals(MonotonicInstant.NEVER)) {
      ends = now.plus(most);
    }
    if (!now.isBefore(ends)) {
      ledger.offer(new Arrival.HoldEnded());
      ends = now.plus(ASK_AGAIN);
    }
  }

  public MonotonicInstant due() {
    return ends;
  }
}
