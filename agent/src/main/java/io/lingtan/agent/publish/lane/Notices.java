package io.lingtan.agent.publish.lane;

import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Time;
import java.util.ArrayDeque;

/**
 * Hands events to the ledger. While its queue is full at most 32 wait here; more are counted as
 * lost.
 */
public final class Notices {

  private static final int MOST = 32;

  private final Inbox<Arrival> ledger;
  private final Time time;
  private final ArrayDeque<Arrival> waiting = new ArrayDeque<>();
  private long lost;

  public Notices(Inbox<Arrival> ledger, Time time) {
    this.ledger = ledger;
    this.time = time;
  }

  /** For the ledger, as of now. */
  public void tell(Event event) {
    if (waiting.size() >= MOST) {
      lost++;
      return;
    }
    waiting.add(new Arrival.Noticed(event, time.boot(), time.now().nanos()));
    flush();
  }

  /** Hands over what people told; false if there is no room for it. */
  public boolean feed(Arrival.Fed told) {
    return waiting.isEmpty() && ledger.offer(told);
  }

  /** Hands over what waits, as far as there is room. */
  public void flush() {
    while (!waiting.isEmpty() && ledger.offer(waiting.getFirst())) {
      waiting.removeFirst();
    }
  }

  /** Whether {@link #flush} has something to do. */
  public boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** How many there was no room for. */
  public long lost() {
    return lost;
  }
}
