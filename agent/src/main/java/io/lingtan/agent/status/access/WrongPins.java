package io.lingtan.agent.status.access;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import java.net.InetAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Wrong PINs as events: the first at once, what follows within {@value #MINUTES} min in one event
 * with its number. Not thread-safe.
 */
final class WrongPins {

  static final int MINUTES = 10;

  private final Consumer<Event> events;
  private long count;
  private long untold;
  private @Nullable InetAddress last;
  private @Nullable MonotonicInstant told;

  /**
   * @param events takes them
   */
  WrongPins(Consumer<Event> events) {
    this.events = events;
  }

  void add(InetAddress from, MonotonicInstant now) {
    count++;
    untold++;
    last = from;
    tell(now);
  }

  /** Tells what has come since it was told last, if that is long ago. */
  void tell(MonotonicInstant now) {
    MonotonicInstant before = told;
    InetAddress from = last;
    if (untold == 0
        || from == null
        || (before != null && now.millisSince(before) < MINUTES * 60_000L)) {
      return;
    }
    events.accept(
        Event.of("command.pin_wrong", Severity.WARNING)
            .with("count", untold)
            .with("from", from.getHostAddress()));
    untold = 0;
    told = now;
  }

  /** Since start. */
  long count() {
    return count;
  }
}
