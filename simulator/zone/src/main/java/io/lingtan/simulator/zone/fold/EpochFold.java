package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.seal.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One epoch of a gateway: which numbers came, as ranges, and what its {@code store} says of it.
 *
 * <p>Limits: {@value #MOST_RANGES} ranges, twice as many where signed records need them, and
 * {@value #MOST_WAITING} interval records behind a hole: a record that would need one more is not
 * taken. The one that comes next is always taken. Of {@value #MOST_STREAMS} streams {@code after}
 * is followed.
 */
final class EpochFold {

  static final int MOST_RANGES = 4_096;
  static final int MOST_WAITING = 2_048;
  private static final int MOST_GONE = 1_024;
  private static final int MOST_STREAMS = 1_024;
  static final int RANGE_BYTES = 18;
  static final int NUMBER_BYTES = 9;
  static final int LONGEST_LETTER = 3;
  private static final int SEALED_BYTES = 128;
  private static final String INTERVAL = "interval/";

  /**
   * An interval record behind a number that has not come yet.
   *
   * @param until its end, 0 where its clock is not believed
   */
  private record Sealed(String length, long until, String prev, String hash) {}

  private NumberSet received = new NumberSet();
  private final SortedMap<String, StreamLinks> streams = new TreeMap<>();
  private final SortedMap<Long, Sealed> waiting = new TreeMap<>();
  private final SortedMap<String, Long> coveredUntil = new TreeMap<>();
  private StoreState told = StoreState.NOTHING;
  private long covered;
  private long headSeq;
  private String head = "";
  private long broken;
  private boolean named;

  /** Up to here it was delivered before the zone listened: not judged. */
  private long before;

  /** What the gateway no longer has, by its answer. */
  private NumberSet gone = new NumberSet();

  /** Whether a signed {@code store} says that nothing more of it will come. */
  private boolean lost;

  /** Up to here it was whole once and forgotten: all of it came. */
  private long closed;

  /** One that was whole up to that number, and of which nothing more is known; a new one for 0. */
  static EpochFold after(long last) {
    EpochFold epoch = new EpochFold();
    if (last > 0) {
      epoch.received.add(1, last);
    }
    epoch.covered = last;
    epoch.headSeq = last;
    epoch.closed = last;
    epoch.named = last > 0;
    return epoch;
  }

  boolean has(long seq) {
    return received.contains(seq);
  }

  /** Whether the interval record of that number came, and not only something under its number. */
  boolean hasInterval(long seq, String length) {
    StreamLinks links = streams.get(INTERVAL + length);
    return seq <= closed || (links != null && received.contains(seq) && links.has(seq));
  }

  /** Whether a signed interval record says that this is the number of another one. */
  boolean isIntervals(long seq) {
    return streams.tailMap(INTERVAL).entrySet().stream()
        .takeWhile(stream -> stream.getKey().startsWith(INTERVAL))
        .anyMatch(stream -> stream.getValue().wants(seq));
  }

  /**
   * Whether it is the lowest that is missing, or one below: what is known grows by none of these.
   */
  boolean isNext(long seq) {
    return seq <= covered + 1;
  }

  boolean hasRoomFor(long seq, boolean isInterval) {
    boolean touches = received.contains(seq + 1) || (seq > 1 && received.contains(seq - 1));
    return (touches || received.size() < (isInterval ? 2 : 1) * MOST_RANGES)
        && (!isInterval || waiting.size() < MOST_WAITING);
  }

  /** Bytes that its state takes, and not fewer. */
  int weight() {
    int weight =
        128 + RANGE_BYTES * (received.size() + gone.size()) + SEALED_BYTES * waiting.size();
    for (Map.Entry<String, StreamLinks> stream : streams.entrySet()) {
      weight += 32 + LONGEST_LETTER * stream.getKey().length();
      weight += NUMBER_BYTES * stream.getValue().size();
    }
    return weight + told.weight();
  }

  /** Whether a signed message told of it. */
  boolean isNamed() {
    return named;
  }

  /**
   * Takes a number that has not come before.
   *
   * @param follows whether there is room to follow its {@code after}
   */
  void add(long seq, long after, String stream, boolean follows) {
    if (follows) {
      follow(seq, after, stream);
    } else {
      received.add(seq, seq);
    }
    advance();
  }

  private void follow(long seq, long after, String stream) {
    received.add(seq, seq);
    StreamLinks links = streams.get(stream);
    if (links == null && (streams.size() < MOST_STREAMS || stream.startsWith(INTERVAL))) {
      links = new StreamLinks();
      streams.put(stream, links);
    }
    if (links != null) {
      links.add(seq, after);
    }
  }

  /**
   * The same of an interval record, also where something else took its number; its place in the
   * chain is looked at once all before it is here. The one before it has to be an interval record:
   * what came under that number and is none has not come.
   */
  void addInterval(long seq, long after, String length, long until, String prev, String hash) {
    named = true;
    // One that was declared dropped and came all the same has been passed in the chain.
    if (seq > Math.max(headSeq, before)) {
      waiting.put(seq, new Sealed(length, until, prev, hash));
    }
    follow(seq, after, INTERVAL + length);
    StreamLinks links = streams.get(INTERVAL + length);
    if (links != null && links.wants(after) && received.contains(after)) {
      withdraw(after);
    }
    advance();
  }

  /** Takes a number back. What was covered by it is not covered, unless the chain is beyond it. */
  private void withdraw(long seq) {
    NumberSet rest = new NumberSet();
    received.within(1, seq - 1).forEach(range -> rest.add(range.from(), range.to()));
    received.within(seq + 1, Long.MAX_VALUE).forEach(range -> rest.add(range.from(), range.to()));
    received = rest;
    if (headSeq < seq) {
      covered = Math.min(covered, seq - 1);
    }
  }

  void tell(StoreState news) {
    named = true;
    if (news.isNewerThan(told)) {
      told = news;
      advance();
    }
  }

  /**
   * Judges from the number after this one on, or from the lowest that came if that is lower: what
   * is below was delivered before the zone listened.
   */
  void beginAfter(long delivered) {
    before = received.count() == 0 ? delivered : Math.min(delivered, received.min() - 1);
    covered = Math.max(covered, before);
    advance();
  }

  /** These numbers the gateway no longer has: a hole that nothing fills, and that is passed. */
  void gone(List<Range> numbers) {
    for (Range range : numbers) {
      if (gone.size() < MOST_GONE) {
        gone.add(range.from(), range.to());
      }
    }
    advance();
  }

  /** Nothing more of it will come, whatever is missing. */
  void lose() {
    lost = true;
  }

  /** The lowest number that came, 0 for none. */
  long lowest() {
    return received.min();
  }

  /** What drops and the gateway's answers account for, of what did not come. */
  private NumberSet accounted() {
    NumberSet accounted = told.explained(received);
    gone.all().forEach(range -> accounted.add(range.from(), range.to()));
    return accounted;
  }

  private void advance() {
    covered = Math.max(covered, reach());
    SortedMap<Long, Sealed> linked = waiting.headMap(covered + 1);
    linked.forEach(this::link);
    linked.clear();
  }

  /** Up to where every number is here, or declared dropped and no more to come. */
  private long reach() {
    long to = told.acked();
    List<Range> missing = covered < to ? received.missing(covered + 1, to) : List.of();
    if (!missing.isEmpty()) {
      NumberSet explained = accounted();
      for (Range gap : missing) {
        List<Range> holes = explained.missing(gap.from(), gap.to());
        if (!holes.isEmpty()) {
          return holes.getFirst().from() - 1;
        }
      }
    }
    // What came is here, whether or not the gateway knows it yet.
    to = Math.max(covered, to);
    return received.contains(to + 1) ? received.within(to + 1, Long.MAX_VALUE).getFirst().to() : to;
  }

  private void link(long seq, Sealed record) {
    boolean isFirst = headSeq == 0;
    boolean begins = record.prev.equals(Digest.NONE);
    if (!isFirst
        && !begins
        && !record.prev.equals(head)
        && !told.hasDroppedIntervals(headSeq, seq)) {
      broken++;
    }
    headSeq = seq;
    head = record.hash;
    if (record.until > 0) {
      coveredUntil.merge(record.length, record.until, Math::max);
    }
  }

  StoreState told() {
    return told;
  }

  /** Whether all that there will be of it is here or declared dropped, if it is an earlier one. */
  boolean isWhole() {
    return lost || covered >= told.last();
  }

  /** By length, the end of the newest interval up to which everything is covered. */
  SortedMap<String, Long> coveredUntil() {
    return coveredUntil;
  }

  /** Links of the chain that do not fit, within the epoch and up to what is covered. */
  long broken() {
    return broken;
  }

  /** Delivered by the gateway's word, not here, and not declared dropped. */
  List<Range> holes() {
    NumberSet explained = told.explained(received);
    List<Range> holes = new ArrayList<>();
    for (Range range : told.delivered().all()) {
      for (Range gap : received.missing(Math.max(range.from(), before + 1), range.to())) {
        holes.addAll(explained.missing(gap.from(), gap.to()));
      }
    }
    return holes;
  }

  /**
   * The lowest numbers that exist, are not here and not declared dropped: on their way, or lost on
   * it. Null if there are none below the highest that is known to have left the gateway.
   *
   * @param from the lowest that is looked at
   */
  @Nullable Range absent(long from) {
    long top = Math.max(received.max(), told.delivered().max());
    if (lost || received.count() == top) {
      return null;
    }
    NumberSet explained = accounted();
    for (Range gap : received.missing(Math.max(from, before + 1), top)) {
      List<Range> absent = explained.missing(gap.from(), gap.to());
      if (!absent.isEmpty()) {
        return absent.getFirst();
      }
    }
    return null;
  }

  /** By stream, records that a later one names as the one before it, and that have not come. */
  SortedMap<String, List<Long>> loose() {
    SortedMap<String, List<Long>> loose = new TreeMap<>();
    streams.forEach(
        (stream, links) -> {
          List<Long> missing = List.copyOf(links.missing());
          if (!missing.isEmpty()) {
            loose.put(stream, missing);
          }
        });
    return loose;
  }

  /** Numbers that the gateway may take for delivered. */
  NumberSet settled() {
    NumberSet settled = new NumberSet();
    received.all().forEach(range -> settled.add(range.from(), range.to()));
    if (covered > 0) {
      settled.add(1, covered);
    }
    return settled;
  }

  long count() {
    return received.count() - closed;
  }

  /** Whether there is nothing that it waits for, and nothing beyond. */
  boolean isOver() {
    return told.last() > 0 && isWhole() && (lost || received.max() <= covered);
  }

  /** The last of its numbers, once it is over. */
  long last() {
    return lost ? Math.max(covered, Math.max(told.last(), received.max())) : covered;
  }

  void save(StateBytes.Writer to) {
    to.number((named ? 1 : 0) + (lost ? 2 : 0)).number(closed).number(before).numbers(gone);
    to.numbers(received).number(covered).number(headSeq).text(head).number(broken);
    to.number(streams.size());
    for (Map.Entry<String, StreamLinks> stream : streams.entrySet()) {
      to.text(stream.getKey());
      stream.getValue().save(to);
    }
    to.number(waiting.size());
    waiting.forEach(
        (seq, record) ->
            to.number(seq)
                .text(record.length)
                .number(record.until)
                .text(record.prev)
                .text(record.hash));
    to.number(coveredUntil.size());
    coveredUntil.forEach((length, until) -> to.text(length).number(until));
    told.save(to);
  }

  static EpochFold from(StateBytes.Reader in) {
    EpochFold epoch = new EpochFold();
    long flags = in.number();
    epoch.named = (flags & 1) != 0;
    epoch.lost = (flags & 2) != 0;
    epoch.closed = in.number();
    epoch.before = in.number();
    epoch.gone = in.numbers();
    epoch.received = in.numbers();
    epoch.covered = in.number();
    epoch.headSeq = in.number();
    epoch.head = in.text();
    epoch.broken = in.number();
    for (int left = in.count(); left > 0; left--) {
      epoch.streams.put(in.text(), StreamLinks.from(in));
    }
    for (int left = in.count(); left > 0; left--) {
      epoch.waiting.put(in.number(), new Sealed(in.text(), in.number(), in.text(), in.text()));
    }
    for (int left = in.count(); left > 0; left--) {
      epoch.coveredUntil.put(in.text(), in.number());
    }
    epoch.told = StoreState.from(in);
    return epoch;
  }
}
