package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Drop;
import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a gateway's signed {@code store} says of one epoch.
 *
 * @param tsMillis when it was written, UTC ms; 0 without a clock
 */
record StoreState(long last, long acked, long tsMillis, List<Range> ahead, List<Drop> drops) {

  static final StoreState NOTHING = new StoreState(0, 0, 0, List.of(), List.of());

  /**
   * Of one time, or without a clock, by what it says; at the end the lists, so no two are equal.
   */
  private static final Comparator<StoreState> ORDER =
      Comparator.comparingLong(StoreState::last)
          .thenComparingLong(StoreState::acked)
          .thenComparingLong(StoreState::tsMillis)
          .thenComparing(told -> told.drops.toString())
          .thenComparing(told -> told.ahead.toString());

  StoreState {
    ahead = List.copyOf(ahead);
    drops = List.copyOf(drops);
  }

  boolean isNewerThan(StoreState other) {
    // A card that was cut off from its power may know less than it once told: the later word
    // counts.
    if (tsMillis > 0 && other.tsMillis > 0 && tsMillis != other.tsMillis) {
      return tsMillis > other.tsMillis;
    }
    return ORDER.compare(this, other) > 0;
  }

  /** What the broker, or with {@code require_app_ack} the zone, has had by the gateway's word. */
  NumberSet delivered() {
    NumberSet delivered = new NumberSet();
    if (acked > 0) {
      delivered.add(1, acked);
    }
    ahead.forEach(range -> delivered.add(range.from(), range.to()));
    return delivered;
  }

  /**
   * Numbers that declared drops explain, of those that did not come: drops that overlap explain as
   * many as they count together, and where more are missing they explain none.
   */
  NumberSet explained(NumberSet received) {
    NumberSet spans = new NumberSet();
    drops.forEach(drop -> spans.add(drop.from(), drop.to()));
    NumberSet explained = new NumberSet();
    for (Range span : spans.all()) {
      List<Range> missing = received.missing(span.from(), span.to());
      long declared =
          drops.stream()
              .filter(drop -> span.from() <= drop.from() && drop.to() <= span.to())
              .mapToLong(Drop::count)
              .sum();
      if (missing.stream().mapToLong(Range::length).sum() <= declared) {
        missing.forEach(range -> explained.add(range.from(), range.to()));
      }
    }
    return explained;
  }

  /** Whether interval records between two numbers are declared dropped. */
  boolean hasDroppedIntervals(long above, long below) {
    return drops.stream()
        .anyMatch(
            drop -> drop.kind().equals("interval") && drop.to() > above && drop.from() < below);
  }

  /** Bytes that it takes, and not fewer. */
  int weight() {
    int weight = 4 * EpochFold.NUMBER_BYTES + EpochFold.RANGE_BYTES * ahead.size();
    for (Drop drop : drops) {
      weight += 4 * EpochFold.NUMBER_BYTES;
      weight += EpochFold.LONGEST_LETTER * (drop.kind().length() + drop.reason().length());
    }
    return weight;
  }

  void save(StateBytes.Writer to) {
    to.number(last).number(acked).number(tsMillis).number(ahead.size());
    ahead.forEach(range -> to.number(range.from()).number(range.to()));
    to.number(drops.size());
    drops.forEach(
        drop ->
            to.number(drop.from())
                .number(drop.to())
                .number(drop.count())
                .text(drop.kind())
                .text(drop.reason()));
  }

  static StoreState from(StateBytes.Reader in) {
    long last = in.number();
    long acked = in.number();
    long ts = in.number();
    List<Range> ahead = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      ahead.add(new Range(in.number(), in.number()));
    }
    List<Drop> drops = new ArrayList<>();
    for (int left = in.count(); left > 0; left--) {
      drops.add(new Drop(in.number(), in.number(), in.number(), in.text(), in.text()));
    }
    return new StoreState(last, acked, ts, ahead, drops);
  }
}
