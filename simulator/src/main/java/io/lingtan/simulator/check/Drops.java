package io.lingtan.simulator.check;

import io.lingtan.simulator.check.Spans.Span;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.json.Json;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a gateway declares dropped, against what the run did to it: a drop needs a cause that there
 * was, and counts neither more nor less than what never came. One without a cause excuses nothing.
 */
final class Drops {

  /** MQTT 5.0, 3.4.2.1: the packet is larger than the broker takes. */
  private static final int PACKET_TOO_LARGE = 0x95;

  /** A record takes no more on the card, in bytes. */
  private static final long MOST_BYTES = 1_000;

  /** An acknowledgement that is kept back comes so long after the fault at most. */
  private static final long KEPT_BACK_MILLIS = 2_500;

  private static final long COMMIT_MILLIS = 15_000;

  /** By so much a wrong clock may date a record. */
  private static final long CLOCK_MILLIS = 3_600_000;

  private final Happened happened;
  private final long journalBytes;
  private final long recordMillis;

  /**
   * Something declared dropped.
   *
   * @param from number of its first record
   * @param to number of its last
   * @param count how many between are gone
   * @param kind of the records
   * @param reason the record's word
   */
  record Drop(long from, long to, long count, String kind, String reason) {

    static List<Drop> of(Json facts) {
      return facts.objects("dropped").stream()
          .map(
              drop -> {
                String kind = drop.text("kind");
                String reason = drop.text("reason");
                return new Drop(
                    drop.number("from", 0),
                    drop.number("to", 0),
                    drop.number("count", 0),
                    kind == null ? "" : kind,
                    reason == null ? "" : reason);
              })
          .toList();
    }

    boolean has(long seq) {
      return seq >= from && seq <= to;
    }

    boolean isOfIntervals() {
      return kind.equals("interval");
    }

    /** Whether some of it may have numbers that another copy of the card has used. */
    boolean isOfCopy() {
      return reason.equals("number_reused") || reason.equals("several");
    }

    /** Whether some of it may have been dropped because the journal was full. */
    boolean isOfSpace() {
      return reason.equals("space") || reason.equals("several");
    }

    String words(String epoch) {
      return "drop of %d of %s/%d..%d (%s)".formatted(count, epoch, from, to, reason);
    }
  }

  /** When the record of a number came, world time; {@link Long#MIN_VALUE} if it did not. */
  interface Arrivals {
    long at(long seq);
  }

  /** From when the record before a drop was made until the drop was told, world time. */
  interface Times {
    Span of(Drop drop);
  }

  /**
   * @param journalBytes how large the journal may become
   * @param recordMillis from one record to the next, on the average
   */
  Drops(Happened happened, long journalBytes, long recordMillis) {
    this.happened = happened;
    this.journalBytes = journalBytes;
    this.recordMillis = Math.max(1, recordMillis);
  }

  /**
   * Takes out of {@code missing} what is declared dropped for a reason, and says which drops have
   * none or count too many.
   *
   * @param missing numbers of an epoch that never came
   * @param times in which a cause has to lie
   * @return the drops that have a cause
   */
  List<Drop> explain(
      String epoch,
      List<Drop> drops,
      BitSet missing,
      Arrivals arrivals,
      Times times,
      Findings findings) {
    List<Drop> founded = new ArrayList<>();
    for (Drop drop : drops) {
      if (hasCause(drop.reason, around(times.of(drop)))) {
        founded.add(drop);
      } else {
        findings.add(Verdict.UNFOUNDED, Long.MAX_VALUE, drop.words(epoch));
      }
    }
    long[] left = founded.stream().mapToLong(Drop::count).toArray();
    for (int seq = missing.nextSetBit(0); seq >= 0; seq = missing.nextSetBit(seq + 1)) {
      int by = -1;
      for (int i = 0; i < left.length; i++) {
        Drop drop = founded.get(i);
        // Spans of several kinds overlap: the one that ends first takes what it can.
        if (left[i] > 0
            && drop.from <= seq
            && drop.to >= seq
            && (by < 0 || drop.to < founded.get(by).to)) {
          by = i;
        }
      }
      if (by >= 0) {
        left[by]--;
        missing.clear(seq);
      }
    }
    for (int i = 0; i < left.length; i++) {
      Drop drop = founded.get(i);
      // A drop wider than any record is no reason to look at each number of it.
      if (left[i] > 0 && left[i] > unmarked(drop, arrivals, times)) {
        findings.add(
            Verdict.OVERDECLARED,
            Long.MAX_VALUE,
            "%s, of which %d came or are explained otherwise,"
                .formatted(drop.words(epoch), left[i]));
      }
    }
    return founded;
  }

  /**
   * When what is dropped was made. Of numbers that another copy of the card had given out, what
   * came tells nothing: this copy made its own after the card had been put back.
   *
   * @param times from when the record before the drop was made until the drop was told
   * @param byNumbers from when the record before the drop was made until the one after it was
   */
  Span made(Drop drop, Span times, Span byNumbers) {
    List<Fault> back = drop.isOfCopy() ? turnedBack(times) : List.of();
    if (back.isEmpty()) {
      return byNumbers;
    }
    Span copy = new Span(back.getFirst().fromMillis(), times.until());
    return drop.isOfSpace()
        ? new Span(
            Math.min(byNumbers.from(), copy.from()), Math.max(byNumbers.until(), copy.until()))
        : copy;
  }

  /** What put the card back in a span, by time, less what went with a card that was replaced. */
  private List<Fault> turnedBack(Span times) {
    Span in = around(times);
    List<Fault> latestFirst =
        happened.faults().stream()
            .filter(
                fault ->
                    turnsBack(fault)
                        && fault.fromMillis() <= in.until()
                        && fault.untilMillis() >= in.from())
            .sorted(Comparator.comparingLong(Fault::fromMillis).reversed())
            .toList();
    List<Fault> lasting = new ArrayList<>();
    for (Fault fault : latestFirst) {
      if (lasting.stream().noneMatch(later -> undoes(later, fault))) {
        lasting.addFirst(fault);
      }
    }
    return lasting;
  }

  /** Whether a card is put back whose image is of before a fault. */
  private static boolean undoes(Fault later, Fault fault) {
    return later instanceof HostFault.Restored restored
        && restored.fromMillis() - restored.ageMillis() <= fault.fromMillis()
        && restored.fromMillis() > fault.fromMillis();
  }

  /**
   * How many records of a drop came that the gateway could not know of: their acknowledgements were
   * kept back, or they are of another copy of its card, from before that was put back.
   */
  private long unmarked(Drop drop, Arrivals arrivals, Times times) {
    List<Fault> back = drop.isOfCopy() ? turnedBack(times.of(drop)) : List.of();
    long putBack = back.isEmpty() ? Long.MIN_VALUE : back.getLast().untilMillis();
    long unmarked = 0;
    for (long seq = drop.from; seq <= drop.to && seq - drop.from < Delivery.MOST_SEQ; seq++) {
      long at = arrivals.at(seq);
      if (at != Long.MIN_VALUE && (at <= putBack || isUnmarked(at))) {
        unmarked++;
      }
    }
    return unmarked;
  }

  private boolean isUnmarked(long at) {
    return happened.any(Drops::keepsAcknowledgements, at - KEPT_BACK_MILLIS, at + KEPT_BACK_MILLIS);
  }

  /** What may take a message and keep its acknowledgement. */
  private static boolean keepsAcknowledgements(Fault fault) {
    return fault instanceof BrokerFault
        && !(fault instanceof BrokerFault.RefusesMessages)
        && !(fault instanceof BrokerFault.RefusesConnection);
  }

  /** A record may be made a commit before what strikes it, and dated by a clock that is wrong. */
  private Span around(Span span) {
    long from = Math.max(span.from(), Long.MIN_VALUE / 2);
    long before = happened.isClockWrong(from, from) ? CLOCK_MILLIS : COMMIT_MILLIS;
    return new Span(from - before, span.until());
  }

  /** Whether a card may have lost what was on it, or could not take it. */
  boolean mayForget() {
    return happened.faults().stream()
        .anyMatch(fault -> damages(fault) || turnsBack(fault) || Happened.isOfDisk(fault));
  }

  private boolean hasCause(String reason, Span in) {
    return switch (reason) {
      case "space" -> journalBytes <= backlog(in) * MOST_BYTES;
      case "too_large" ->
          any(
              fault ->
                  fault instanceof BrokerFault.RefusesMessages refuses
                      && refuses.code() == PACKET_TOO_LARGE,
              in);
      case "damaged" -> any(Drops::damages, in);
      case "number_reused", "rev_reused" -> any(Drops::turnsBack, in);
      case "several" ->
          List.of("space", "too_large", "damaged", "number_reused", "rev_reused").stream()
              .anyMatch(each -> hasCause(each, in));
      default -> false;
    };
  }

  private boolean any(Predicate<Fault> like, Span in) {
    return happened.any(like, in.from(), in.until());
  }

  /** The most records that may have waited for the broker. */
  private long backlog(Span in) {
    long longest = 0;
    for (Fault fault : happened.faults()) {
      if (fault instanceof BrokerFault
          && fault.fromMillis() <= in.until()
          && fault.untilMillis() >= in.from()) {
        longest = Math.max(longest, fault.untilMillis() - fault.fromMillis());
      }
    }
    return longest / recordMillis;
  }

  /** What may make a card forget or spoil what it said was on it. A power cut is no such thing. */
  static boolean damages(Fault fault) {
    return fault instanceof HostFault.ForgetfulCard || fault instanceof HostFault.IoError;
  }

  /** What may leave a card behind what had been sent from it. */
  static boolean turnsBack(Fault fault) {
    return fault instanceof HostFault.ForgetfulCard
        || fault instanceof HostFault.Restored
        || fault instanceof HostFault.Cloned;
  }
}
