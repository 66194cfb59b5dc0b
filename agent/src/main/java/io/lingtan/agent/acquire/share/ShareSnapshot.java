package io.lingtan.agent.acquire.share;

import io.lingtan.agent.reading.Sentence;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A line that other masters read through us. Counters count since start.
 *
 * @param where they connect
 * @param problem why they cannot, with what to do; null if they can
 * @param callers connections that are open
 * @param connections what became of each that was wanted, by {@code taken not_allowed full left
 *     idle slow garbage}; the last four were taken and have ended for it
 * @param answers what was answered to each question, by {@code memory line device_exception
 *     no_answer busy not_a_read no_device malformed}
 * @param lineMillis line time that their questions took
 */
public record ShareSnapshot(
    String where,
    @Nullable Sentence problem,
    int callers,
    SortedMap<String, Long> connections,
    SortedMap<String, Long> answers,
    long lineMillis) {
  public ShareSnapshot {
    connections = Collections.unmodifiableSortedMap(new TreeMap<>(connections));
    answers = Collections.unmodifiableSortedMap(new TreeMap<>(answers));
  }
}
