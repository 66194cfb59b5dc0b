package io.lingtan.agent.publish.lane;

import java.util.ArrayList;
import java.util.List;

/**
 * Builds {@code {"epoch","first","last","records":[...]}} of records that are text already, so that
 * a record is the same bytes in a batch as alone. Other members may follow.
 */
public final class BatchJson {

  private final String epoch;
  private final List<String> records = new ArrayList<>();
  private final List<Long> seqs = new ArrayList<>();
  private final int tailBytes;
  private int recordBytes;

  public BatchJson(String epoch) {
    this(epoch, 0);
  }

  /**
   * @param tailBytes room to leave for what follows the records
   */
  public BatchJson(String epoch, int tailBytes) {
    this.epoch = epoch;
    this.tailBytes = tailBytes;
  }

  /** Bytes of the whole if {@code record} were added under {@code seq}. */
  public int bytesWith(String record, long seq) {
    long first = seqs.isEmpty() ? seq : seqs.getFirst();
    return head(first, seq).length()
        + recordBytes
        + utf8Length(record)
        + records.size()
        + "]}".length()
        + tailBytes;
  }

  public void add(String record, long seq) {
    records.add(record);
    seqs.add(seq);
    recordBytes += utf8Length(record);
  }

  public int size() {
    return records.size();
  }

  String epoch() {
    return epoch;
  }

  /** Ascending. */
  long[] seqs() {
    return seqs.stream().mapToLong(Long::longValue).toArray();
  }

  /** The payload; at least one record has been added. */
  public String text() {
    return text("");
  }

  /**
   * The payload; at least one record has been added.
   *
   * @param tail an object whose members follow the records, empty for none
   */
  public String text(String tail) {
    StringBuilder text = new StringBuilder(recordBytes + tail.length() + 128);
    text.append(head(seqs.getFirst(), seqs.getLast()));
    for (int i = 0; i < records.size(); i++) {
      text.append(i == 0 ? "" : ",").append(records.get(i));
    }
    return text.append(end(tail)).toString();
  }

  /** A payload without records that speaks of these numbers. */
  public static String empty(String epoch, long first, long last, String tail) {
    return head(epoch, first, last) + end(tail);
  }

  private static String end(String tail) {
    return tail.isEmpty() ? "]}" : "]," + tail.substring(1);
  }

  // Epochs are random ids of hex digits: nothing in them needs escaping.
  private String head(long first, long last) {
    return head(epoch, first, last);
  }

  private static String head(String epoch, long first, long last) {
    return "{\"epoch\":\""
        + epoch
        + "\",\"first\":"
        + first
        + ",\"last\":"
        + last
        + ",\"records\":[";
  }

  private static int utf8Length(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a pair counts two of the pair's four.
      bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }
}
