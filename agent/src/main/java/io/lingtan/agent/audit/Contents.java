package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Malformed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * Remembers what was under a number, so that a repeat can be told from a contradiction.
 *
 * <p>Bound: one 128-bit digest for each remainder of seq modulo {@value #SLOTS}, the latest one
 * kept: 96 kB per epoch when full. A repeat is compared unless a record with the same remainder
 * came in between. What a gateway sends again by itself (at most 512 kB in flight and one commit)
 * is well inside; a replay of long ago is not, and is counted as not compared. One thread.
 */
final class Contents {

  private static final int SLOTS = 4096;
  private static final int FIRST_SLOTS = 64;
  private static final int WORDS = 3;

  private long[] table = new long[FIRST_SLOTS * WORDS];

  /** How a record relates to what was under its number before. */
  enum Match {
    SAME,
    OTHER,
    FORGOTTEN
  }

  void put(long seq, long high, long low) {
    int at = slot(seq);
    while (table[at] != 0 && table[at] != seq && table.length < SLOTS * WORDS) {
      grow();
      at = slot(seq);
    }
    table[at] = seq;
    table[at + 1] = high;
    table[at + 2] = low;
  }

  Match match(long seq, long high, long low) {
    int at = slot(seq);
    if (table[at] != seq) {
      return Match.FORGOTTEN;
    }
    return table[at + 1] == high && table[at + 2] == low ? Match.SAME : Match.OTHER;
  }

  /** About how many bytes of memory it takes. */
  long weight() {
    return (long) table.length * Long.BYTES;
  }

  /** Remembers the half of it that fits into half the room. */
  void lighten() {
    if (table.length > FIRST_SLOTS * WORDS) {
      resize(table.length / 2);
    }
  }

  private int slot(long seq) {
    return (int) (seq & (table.length / WORDS - 1)) * WORDS;
  }

  private void grow() {
    resize(Math.min(table.length * 2, SLOTS * WORDS));
  }

  private void resize(int words) {
    long[] old = table;
    table = new long[words];
    for (int i = 0; i < old.length; i += WORDS) {
      if (old[i] != 0) {
        System.arraycopy(old, i, table, slot(old[i]), WORDS);
      }
    }
  }

  String save() {
    ByteBuffer bytes = ByteBuffer.allocate(table.length * Long.BYTES);
    for (long word : table) {
      bytes.putLong(word);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  static Contents from(String text) throws Malformed {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new Malformed("contents are not base64");
    }
    int slots = bytes.length / (WORDS * Long.BYTES);
    if (slots * WORDS * Long.BYTES != bytes.length
        || slots < FIRST_SLOTS
        || slots > SLOTS
        || Integer.bitCount(slots) != 1) {
      throw new Malformed("contents of another size");
    }
    Contents contents = new Contents();
    contents.table = new long[slots * WORDS];
    ByteBuffer.wrap(bytes).asLongBuffer().get(contents.table);
    return contents;
  }

  @Override
  public String toString() {
    return Arrays.stream(table).filter(word -> word != 0).count() / WORDS + " digests";
  }
}
