package io.lingtan.agent.publish.lane;

import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Topics that the broker refuses. Each waits on its own, 1 s doubling to 30 s, and is then tried
 * with a single message: an ACL that forbids one topic holds up no other. Of a batch that message
 * has one record, so that a try costs a few hundred bytes.
 */
public final class TopicBackoff {

  static final Duration FIRST = Duration.ofSeconds(1);
  static final Duration LONGEST = Duration.ofSeconds(30);

  /** So long after its next try was due a topic is still told as refused: it may be seldom used. */
  private static final Duration TOLD = Duration.ofMinutes(2);

  /** An account that may publish nothing is refused each topic of the site. */
  private static final int MOST_TOLD = 16;

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
        Math.clamp(before == null ? 0 : before.delayNanos * 2, FIRST.toNanos(), LONGEST.toNanos());
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

  /** Somebody is at work on the ACL: each is tried now, and waits as at first if refused again. */
  public void tryNow(MonotonicInstant now) {
    waits.replaceAll((topic, wait) -> new Wait(0, wait.until.min(now)));
  }

  /** What is refused now, without what nobody has tried for long: its device may be gone. */
  public RefusedTopicsSnapshot refusing(MonotonicInstant now) {
    MonotonicInstant still = now.plus(TOLD.negated());
    List<String> topics =
        waits.entrySet().stream()
            .filter(each -> each.getValue().until.isAfter(still))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    MonotonicInstant next = next(now);
    return new RefusedTopicsSnapshot(
        topics.stream().limit(MOST_TOLD).toList(),
        topics.size(),
        next.equals(MonotonicInstant.NEVER) ? -1 : next.nanos());
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
