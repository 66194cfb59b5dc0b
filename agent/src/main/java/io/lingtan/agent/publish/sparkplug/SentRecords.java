package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.journal.number.Ranges;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Which records the view has sent: its cursor, as ranges in each epoch, since live records pass
 * those that are late.
 *
 * <p>Sparkplug's messages have QoS 0, so nobody says what arrived. What was sent in the last minute
 * before a connection broke counts as not sent: longer than that a dead connection is not believed
 * in, since keep-alive ends it.
 */
final class SentRecords {

  static final Duration UNSURE = Duration.ofSeconds(60);
  static final int MOST_EPOCHS = 64;

  /** Ranges in an epoch; beyond that the smallest is forgotten, and sent once more. */
  private static final int MOST_RANGES = 32;

  /** Spans remembered for {@link #unsure}: one for each second and epoch, and a little. */
  private static final int MOST_SPANS = 256;

  private static final long SPAN_NANOS = 1_000_000_000L;

  private record Span(String epoch, long from, long to, MonotonicInstant at) {}

  private final SequencedMap<String, Ranges> epochs = new LinkedHashMap<>();
  private final ArrayDeque<Span> recent = new ArrayDeque<>();

  /** In the order in which they began. */
  List<String> epochs() {
    return new ArrayList<>(epochs.keySet());
  }

  boolean knows(String epoch) {
    return epochs.containsKey(epoch);
  }

  /** Begins to follow an epoch, later than all others. */
  Ranges begin(String epoch) {
    return epochs.computeIfAbsent(epoch, id -> new Ranges(MOST_RANGES));
  }

  void forget(String epoch) {
    epochs.remove(epoch);
  }

  @Nullable Ranges of(String epoch) {
    return epochs.get(epoch);
  }

  /** Up to here nothing is to be sent any more. */
  void passed(String epoch, long from, long to) {
    if (from <= to) {
      begin(epoch).add(from, to);
    }
  }

  /** Has been handed to the connection. */
  void sent(String epoch, long from, long to, MonotonicInstant now) {
    passed(epoch, from, to);
    Span last = recent.peekLast();
    if (last != null
        && last.epoch().equals(epoch)
        && last.to() == from - 1
        && now.nanosSince(last.at()) < SPAN_NANOS) {
      recent.removeLast();
      recent.add(new Span(epoch, last.from(), to, last.at()));
    } else {
      recent.add(new Span(epoch, from, to, now));
    }
    while (recent.size() > MOST_SPANS
        || now.nanosSince(recent.getFirst().at()) > UNSURE.toNanos() + SPAN_NANOS) {
      recent.removeFirst();
    }
  }

  /** The connection broke: nobody knows what of the last minute arrived. */
  void unsure(MonotonicInstant now) {
    for (Span span : recent) {
      Ranges ranges = epochs.get(span.epoch());
      if (ranges != null && now.nanosSince(span.at()) <= UNSURE.toNanos() + SPAN_NANOS) {
        ranges.remove(span.from(), span.to());
      }
    }
    recent.clear();
  }

  /** The connection ended in good order: what was sent has been written. */
  void sure() {
    recent.clear();
  }

  /** As lines of a file: {@code epoch ID FROM-TO FROM-TO ...}. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, Ranges> epoch : epochs.entrySet()) {
      StringBuilder line = new StringBuilder("epoch ").append(epoch.getKey());
      epoch
          .getValue()
          .ranges()
          .forEach((from, to) -> line.append(' ').append(from).append('-').append(to));
      lines.add(line.toString());
    }
    return lines;
  }

  /**
   * Takes up one of {@link #lines}.
   *
   * @throws IllegalArgumentException if it is none
   */
  void read(String line) {
    String[] words = line.split(" ");
    if (words.length < 2 || !words[0].equals("epoch") || words[1].isEmpty()) {
      throw new IllegalArgumentException("no epoch: " + line);
    }
    Ranges ranges = begin(words[1]);
    for (int i = 2; i < words.length; i++) {
      int dash = words[i].indexOf('-');
      long from = Long.parseLong(words[i].substring(0, Math.max(0, dash)));
      long to = Long.parseLong(words[i].substring(dash + 1));
      if (from < 1 || to < from) {
        throw new IllegalArgumentException("no range: " + words[i]);
      }
      ranges.add(from, to);
    }
  }
}
