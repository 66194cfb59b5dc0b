package io.lingtan.agent.journal.code;

import io.lingtan.agent.reading.JournalRecord;

/**
 * A row of consecutive records of one class.
 *
 * @param part its class, which is its table
 * @param key epoch number and seq of its first record
 * @param count records in it, ≥ 1
 * @param intervals how many of them are intervals
 * @param boot number of the boot when its records are undated, 0 when they are dated
 * @param millis UTC ms of its first record, {@link JournalRecord#UNDATED} if undated
 */
public record Segment(
    Part part, long key, int count, int intervals, int boot, long millis, byte[] body) {
  private static final int SEQ_BITS = 40;
  public static final long MOST_SEQ = (1L << SEQ_BITS) - 1;

  /** The two classes of records: dropped apart, because one is worth more. */
  public enum Part {
    DATA("data"),
    REPORTS("report");

    private final String table;

    Part(String table) {
      this.table = table;
    }

    public String table() {
      return table;
    }
  }

  /** Ascending by epoch, then by seq. */
  public static long key(int epoch, long seq) {
    return (long) epoch << SEQ_BITS | seq;
  }

  public int epoch() {
    return epoch(key);
  }

  /** The epoch's number in a key. */
  public static int epoch(long key) {
    return (int) (key >>> SEQ_BITS);
  }

  public long first() {
    return key & MOST_SEQ;
  }

  public long last() {
    return first() + count - 1;
  }
}
