package io.lingtan.agent.audit;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * What is known of one gateway.
 *
 * @param link what its retained status says
 * @param offlineSinceMillis UTC ms from which on nothing is known; 0 unless offline
 * @param lastHeardMillis UTC ms, by this machine's clock, of the last message that was not a
 *     retained one; 0 if there was none
 * @param storeHeardMillis UTC ms, by this machine's clock, at which it last said what it has; 0 if
 *     never
 * @param epochs earlier ones first
 * @param gaps times without a record that nothing explains, at most {@value
 *     EpochReport#MOST_LISTED}
 * @param unexplained how many such gaps there are
 * @param withoutPeriod devices whose gaps cannot be judged, because nothing says their record
 *     period
 * @param garbage messages or records that could not be read, by what is wrong with them
 * @param forgottenEpochs epochs no longer followed, with {@code forgottenMissing} records missing
 */
public record GatewayReport(
    String gateway,
    Link link,
    long offlineSinceMillis,
    long lastHeardMillis,
    long storeHeardMillis,
    List<EpochReport> epochs,
    List<Gap> gaps,
    long unexplained,
    List<String> withoutPeriod,
    Map<String, Long> garbage,
    long forgottenEpochs,
    long forgottenMissing) {

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
        || epochs.stream().anyMatch(EpochReport::isFailed)) {
      return Verdict.FAILED;
    }
    if (storeHeardMillis == 0) {
      return Verdict.UNKNOWN;
    }
    return link == Link.OFFLINE || inTransit() > 0 ? Verdict.OPEN : Verdict.COMPLETE;
  }

  public long received() {
    return epochs.stream().mapToLong(EpochReport::received).sum();
  }

  public long missing() {
    return forgottenMissing + epochs.stream().mapToLong(EpochReport::missing).sum();
  }

  public long inTransit() {
    return epochs.stream().mapToLong(EpochReport::inTransit).sum();
  }

  /** Numbers under which two contents came. */
  public long contradicted() {
    return epochs.stream().mapToLong(epoch -> epoch.contradicted() + epoch.forks()).sum();
  }
}
