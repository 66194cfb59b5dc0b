package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Drop;
import java.util.List;

/**
 * What is known of one epoch.
 *
 * @param current whether the gateway numbers in it now
 * @param last highest seq known to exist
 * @param acked highest A such that the gateway calls everything up to it delivered or dropped
 * @param received different numbers received
 * @param unseen numbers delivered while this audit was not listening: not judged
 * @param leftOut numbers delivered before it ever listened, where that was not to be judged
 * @param missing numbers called delivered that did not come and that no drop explains
 * @param holes where these are, at most {@value #MOST_LISTED}
 * @param inTransit other numbers up to {@code last} that have yet to come
 * @param transit where these are, at most {@value #MOST_LISTED}
 * @param explained missing numbers that declared drops explain
 * @param dropped the declared drops
 * @param repeats records received again with the same content
 * @param uncompared records received again so late that their content was no longer known
 * @param contradicted records received again with another content
 * @param contradictions their numbers, at most {@value #MOST_LISTED}
 * @param forks records whose {@code after} contradicts another record's
 * @param broken links by {@code after} to a record that neither came nor was declared dropped
 */
record EpochReport(
    String epoch,
    boolean current,
    long last,
    long acked,
    long received,
    long unseen,
    long leftOut,
    long missing,
    List<Hole> holes,
    long inTransit,
    List<Hole> transit,
    long explained,
    List<Drop> dropped,
    long repeats,
    long uncompared,
    long contradicted,
    List<Long> contradictions,
    long forks,
    List<BrokenLink> broken) {

  static final int MOST_LISTED = 100;

  public EpochReport {
    holes = List.copyOf(holes);
    transit = List.copyOf(transit);
    dropped = List.copyOf(dropped);
    contradictions = List.copyOf(contradictions);
    broken = List.copyOf(broken);
  }

  /**
   * A record of {@code stream} names one before it that nobody has seen.
   *
   * @param after its number
   */
  public record BrokenLink(String stream, long after) {}

  boolean isFailed() {
    return missing > 0 || contradicted > 0 || forks > 0;
  }
}
