package io.lingtan.agent.journal;

import io.lingtan.agent.reading.JournalRecord;
import java.util.List;

/**
 * What is to be delivered, in ascending order of each epoch, earlier epochs first. Publisher thread.
 */
public interface Outbox extends AutoCloseable {

  /**
   * Records of {@code epoch} with seq ≥ {@code fromSeq} that are neither acknowledged nor dropped.
   * Recent ones come from memory without touching the disk.
   *
   * @param most most records
   */
  List<JournalRecord> read(String epoch, long fromSeq, int most);

  /** The broker has taken it. Saved with the next commit. */
  void acknowledged(String epoch, long seq);

  /**
   * It can never be delivered, such as a record larger than the broker's maximum packet: becomes a
   * declared drop with this reason.
   */
  void setAside(JournalRecord record, String reason);

  @Override
  void close();
}
