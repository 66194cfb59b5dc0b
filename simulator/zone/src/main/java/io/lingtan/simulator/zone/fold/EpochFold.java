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
 * <p>Limits: {@value #MOST_RANGES} ranges, and {@value #MOST_WAITING} interval records behind a
 * hole: a record that would need one more is not taken. Of {@value #MOST_STREAMS} streams {@code
 * after} is followed.
 */
final class EpochFold {

  static final int MOST_RANGES = 4_096;
  static final int MOST_WAITING = 16_384;
  private static final int MOST_STREAMS = 1_024;
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
  private Told told = Told.NOTHING;
  private long covered;
  private long headSeq;
  private String head = "";
  private long broken;

  boolean has(long seq) {
    return received.contains(seq);
  }

  /** Whether the interval record of that number came, and not only something under its number. */
  boolean hasInterval(long seq, String length) {
    StreamLinks links = streams.get(INTERVAL + length);
    return links != null && received.contains(seq) && links.has(seq);
  }

  /** Whether a signed interval record says that this is the number of another one. */
  boolean isIntervals(long seq) {
    return streams.tailMap(INTERVAL).entrySet().stream()
        .takeWhile(stream -> stream.getKey().startsWith(INTERVAL))
        .anyMatch(stream -> stream.getValue().wants(seq));
  }

  boolean hasRoomFor(long seq) {
    boolean touches = received.contains(seq + 1) || (seq > 1 && received.contains(seq - 1));
    return (touches || received.size() < MOST_RANGES) && waiting.size() < MOST_WAITING;
  }

  /** Takes a number that has not come before. */
  void add(long seq, long after, String stream) {
    received.add(seq, seq);
    StreamLinks links = streams.get(stream);
    if (links == null && (streams.size() < MOST_STREAMS || stream.startsWith(INTERVAL))) {
      links = new StreamLinks();
      streams.put(stream, links);
    }
    if (links != null) {
      links.add(seq, after);
    }
    advance();
  }

  /**
   * The same of an interval record, also where something else took its number; its place in the
   * chain is looked at once all before it is here. The one before it has to be an interval record:
   * what came under that number and is none has not come.
   */
  void addInterval(long seq, long after, String length, long until, String prev, String hash) {
    // One that was declared dropped and came all the same has been passed in the chain.
    if (seq > headSeq) {
      waiting.put(seq, new Sealed(length, until, prev, hash));
    }
    add(seq, after, INTERVAL + length);
    StreamLinks links = streams.get(INTERVAL + length);
    if (links != null && links.wants(after) && received.contains(after)) {
      NumberSet rest = new NumberSet();
      received.within(1, after - 1).forEach(range -> rest.add(range.from(), range.to()));
      received
          .within(after + 1, Long.MAX_VALUE)
          .forEach(range -> rest.add(range.from(), range.to()));
      received = rest;
    }
  }

  void tell(Told news) {
    if (news.isNewerThan(told)) {
      told = news;
      advance();
    }
  }

  private void advance() {
    covered = Math.max(covered, reach());
    SortedMap<Long, Sealed> linked = waiting.headMap(covered + 1);
    linked.forEach(this::link);
    linked.clear();
  }

  /** Up to where every number is here or declared dropped, by the gateway's word. */
  private long reach() {
    long to = told.acked();
    List<Range> missing = covered < to ? received.missing(covered + 1, to) : List.of();
    if (!missing.isEmpty()) {
      NumberSet explained = told.explained(received);
      for (Range gap : missing) {
        List<Range> holes = explained.missing(gap.from(), gap.to());
        if (!holes.isEmpty()) {
          return holes.getFirst().from() - 1;
        }
      }
    }
    return to;
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

  Told told() {
    return told;
  }

  /** Whether all that there will be of it is here or declared dropped, if it is an earlier one. */
  boolean isWhole() {
    return covered >= told.last();
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
      for (Range gap : received.missing(range.from(), range.to())) {
        holes.addAll(explained.missing(gap.from(), gap.to()));
      }
    }
    return holes;
  }

  /**
   * The lowest numbers that exist, are not here and not declared dropped: on their way, or lost on
   * it. Null if there are none below the highest that is known to have left the gateway.
   */
  @Nullable Range absent() {
    long top = Math.max(received.max(), told.delivered().max());
    if (received.count() == top) {
      return null;
    }
    NumberSet explained = told.explained(received);
    for (Range gap : received.missing(1, top)) {
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
    return received.count();
  }

  void save(StateBytes.Writer to) {
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
    epoch.told = Told.from(in);
    return epoch;
  }
}
