package io.lingtan.agent.publish.lane;

import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Topics that the broker refuses. Each waits on its own, 1 s doubling to 60 s, and is then tried
 * with a single message: an ACL that forbids one topic holds up no other.
 */
public final class TopicBackoff {

  static final Duration FIRST = Duration.ofSeconds(1);
  static final Duration LONGEST = Duration.ofSeconds(60);

  private static final Duration AFTER_CONNECTING = Duration.ofSeconds(5);

  private record Wait(long delayNanos, MonotonicInstant until) {}

  private final Map<String, Wait> waits = new HashMap<>();

  /** Returns whether this is the first refusal since the topic was last accepted. */
  public boolean refused(String topic, MonotonicInstant now) {
    Wait before = waits.get(topic);
    if (before != null && now.isBefore(before.until)) {
      return false; // sent before the refusal was known
    }
    long delay =
        before == null ? FIRST.toNanos() : Math.min(before.delayNanos * 2, LONGEST.toNanos());
    waits.put(topic, new Wait(delay, now.plusNanos(delay)));
    return before == null;
  }

  /**
   * A new connection: what was refused is not tried in its first seconds, so that a broker that
   * disconnects for it has taken everything else before.
   */
  void connected(MonotonicInstant now) {
    MonotonicInstant soonest = now.plus(AFTER_CONNECTING);
    waits.replaceAll(
        (topic, wait) -> wait.until.isBefore(soonest) ? new Wait(wait.delayNanos, soonest) : wait);
  }

  /** Returns whether the topic had been refused before: what was skipped may follow now. */
  public boolean accepted(String topic) {
    return waits.remove(topic) != null;
  }

  /**
   * Whether a message may be sent to it now.
   *
   * @param inFlight whether one is under way to this topic
   */
  public boolean allows(String topic, MonotonicInstant now, boolean inFlight) {
    Wait wait = waits.get(topic);
    return wait == null || (!inFlight && !now.isBefore(wait.until));
  }

  /** Whether the topic was refused and has not been accepted since. */
  public boolean waits(String topic) {
    return waits.containsKey(topic);
  }

  /** A topic that is refused now, the first by name; null if there is none that is still tried. */
  public @Nullable String refusing(MonotonicInstant now) {
    MonotonicInstant still = now.plus(LONGEST.multipliedBy(-2));
    return waits.entrySet().stream()
        .filter(each -> each.getValue().until.isAfter(still))
        .map(Map.Entry::getKey)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /** The next end of a wait after {@code now}. */
  public MonotonicInstant next(MonotonicInstant now) {
    MonotonicInstant next = MonotonicInstant.NEVER;
    for (Wait wait : waits.values()) {
      if (wait.until.isAfter(now)) {
        next = next.min(wait.until);
      }
    }
    return next;
  }
}
