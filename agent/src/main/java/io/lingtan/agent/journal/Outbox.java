package io.lingtan.agent.journal;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.util.List;
import java.util.Set;

/**
 * What is to be delivered, in ascending order of each epoch, earlier epochs first. Publisher
 * thread.
 */
public interface Outbox extends AutoCloseable {

  /**
   * Records of {@code epoch} with seq ≥ {@code fromSeq}, ascending, that are neither acknowledged,
   * dropped, nor held until their boot is dated. Recent ones come from memory without touching the
   * disk. An acknowledgement counts here at once, not only when it is saved. Empty for an epoch
   * that is not known.
   *
   * @param kinds only these; data and the others travel on different lanes and lie in different
   *     segments, so that neither is read for the sake of the other
   * @param most most records
   */
  List<JournalRecord> read(String epoch, Set<Kind> kinds, long fromSeq, int most);

  /** The broker has taken it. Saved with the next commit. */
  void acknowledged(String epoch, long seq);

  /**
   * It can never be delivered, such as a record larger than the broker's maximum packet: becomes a
   * declared drop with this reason.
   */
  void setAside(JournalRecord record, String reason);

  /**
   * Somebody has seen numbers of the current epoch that this database never gave out: it is an
   * older copy of the one that did. The next commit begins a new epoch, so that no number is used
   * twice.
   *
   * @param reason as in {@code previous} of the store, such as {@code store_ahead}
   */
  void endEpoch(String reason);

  @Override
  void close();
}
