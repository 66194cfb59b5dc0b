package io.lingtan.agent.audit;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one gateway.
 *
 * @param link what its retained status says
 * @param offlineSinceMillis UTC ms from which on nothing is known; 0 unless offline
 * @param lastHeardMillis UTC ms, by this machine's clock, of the last message that was not a
 *     retained one; 0 if there was none
 * @param storeHeardMillis UTC ms, by this machine's clock, at which it last said what it has; 0 if
 *     never
 * @param blockedSinceMillis UTC ms since when it cannot write its journal and records nothing new,
 *     as it said last, 0 if it does not know; null if it can
 * @param epochs earlier ones first
 * @param gaps times without a record that nothing explains, at most {@value
 *     EpochReport#MOST_LISTED}
 * @param unexplained how many such gaps there are
 * @param withoutPeriod devices whose gaps cannot be judged, because nothing says their record
 *     period
 * @param toldTwice intervals that came again under the same revision with other figures
 * @param garbage messages or records that could not be read, by what is wrong with them
 * @param forgottenEpochs epochs no longer followed, with {@code forgottenMissing} records missing
 *     and {@code forgottenUnjudged} of which that is not known
 * @param shortened how often less had to be remembered of it, so that the memory is enough for all
 * @param notFresh why it is not known what it has delivered of late; null if it is, or nobody asked
 */
public record GatewayReport(
    String gateway,
    Link link,
    long offlineSinceMillis,
    long lastHeardMillis,
    long storeHeardMillis,
    @Nullable Long blockedSinceMillis,
    List<EpochReport> epochs,
    List<Gap> gaps,
    long unexplained,
    List<String> withoutPeriod,
    long toldTwice,
    Map<String, Long> garbage,
    long forgottenEpochs,
    long forgottenMissing,
    long forgottenUnjudged,
    long shortened,
    @Nullable String notFresh) {

  /** What the status topic says. */
  public enum Link {
    ONLINE,
    OFFLINE,
    UNKNOWN
  }

  public GatewayReport {
    epochs = List.copyOf(epochs);
    gaps = List.copyOf(gaps);
    withoutPeriod = List.copyOf(withoutPeriod);
    SequencedMap<String, Long> sorted = new TreeMap<>(garbage);
    garbage = java.util.Collections.unmodifiableMap(sorted);
  }

  public Verdict verdict() {
    if (unexplained > 0
        || forgottenMissing > 0
        || toldTwice > 0
        || epochs.stream().anyMatch(EpochReport::isFailed)) {
      return Verdict.FAILED;
    }
    if (storeHeardMillis == 0) {
      return Verdict.UNKNOWN;
    }
    if (unjudged() > 0 || notFresh != null || !withoutPeriod.isEmpty()) {
      return Verdict.PARTIAL;
    }
    return link == Link.OFFLINE || blockedSinceMillis != null || inTransit() > 0
        ? Verdict.OPEN
        : Verdict.COMPLETE;
  }

  public long received() {
    return epochs.stream().mapToLong(EpochReport::received).sum();
  }

  public long missing() {
    return sum(
        forgottenMissing,
        epochs.stream().mapToLong(EpochReport::missing).reduce(0, GatewayReport::sum));
  }

  /** Records that exist, and of which nobody here knows whether they could be had. */
  public long unjudged() {
    return sum(
        forgottenUnjudged,
        epochs.stream().mapToLong(EpochReport::unseen).reduce(0, GatewayReport::sum));
  }

  public long inTransit() {
    return epochs.stream().mapToLong(EpochReport::inTransit).reduce(0, GatewayReport::sum);
  }

  /** Messages and records that could not be read. */
  public long unreadable() {
    return garbage.values().stream().reduce(0L, GatewayReport::sum);
  }

  /** Of counts: what a gateway says may be any number, and no sum of them gets small by that. */
  static long sum(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }

  /** Numbers, and revisions of intervals, under which two contents came. */
  public long contradicted() {
    return toldTwice
        + epochs.stream().mapToLong(epoch -> epoch.contradicted() + epoch.forks()).sum();
  }
}
