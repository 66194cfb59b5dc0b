package io.lingtan.simulator.zone.streams;

import io.lingtan.simulator.zone.fold.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How long figures and sums are kept, counted from the time at which a message came, so that the
 * same messages leave the same state. What ends before it is in no sum any more; what is stored
 * goes {@link #MARGIN} later, so that no figure comes in whose sum is gone already.
 */
record Horizon(Duration length) {

  /** Bridges write the times, and their clocks differ. */
  private static final Duration MARGIN = Duration.ofDays(2);

  /** One comes in, so many may go out: after a long stop there is more than one for each. */
  private static final int MOST_AT_ONCE = 16;

  /** Whether it is too old to be added up. */
  boolean isBeyond(Figure figure, long nowMillis) {
    return figure.end() < nowMillis - length.toMillis();
  }

  /**
   * Takes what is too old out of a store.
   *
   * @param prefix what keys begin with, a start in UTC ms behind it
   * @param interval a length such as {@code 15m}
   * @return keys of what went
   */
  List<String> drop(
      KeyValueStore<String, byte[]> store, String prefix, String interval, long nowMillis) {
    long before = nowMillis - length.plus(MARGIN).toMillis() - Figure.longestMillis(interval);
    List<String> old = new ArrayList<>();
    if (before <= 0) {
      return old;
    }
    // Times of this century have as many digits as each other, and sort as texts.
    try (KeyValueIterator<String, byte[]> range = store.range(prefix, prefix + before)) {
      while (range.hasNext() && old.size() < MOST_AT_ONCE) {
        old.add(range.next().key);
      }
    }
    old.forEach(store::delete);
    return old;
  }
}
