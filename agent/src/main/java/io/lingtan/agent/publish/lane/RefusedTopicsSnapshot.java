package io.lingtan.agent.publish.lane;

import java.util.List;

/**
 * Topics that are refused now.
 *
 * @param topics of those that are still tried the first 16 by name
 * @param count how many are still tried
 * @param nextTryNanos monotonic nanoseconds of the next try by itself; -1 if the next message of a
 *     topic is what tries it
 */
public record RefusedTopicsSnapshot(List<String> topics, int count, long nextTryNanos) {

  public static final RefusedTopicsSnapshot NONE = new RefusedTopicsSnapshot(List.of(), 0, -1);

  public RefusedTopicsSnapshot {
    topics = List.copyOf(topics);
  }
}
