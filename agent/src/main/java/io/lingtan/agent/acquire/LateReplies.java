package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.modbus.BlockRead;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a unit may still answer late on a line without transaction ids.
 *
 * <p>A late RTU reply looks like the answer to whatever is asked next. It can be told apart by its
 * byte count alone, so that no request is sent whose answer would look like one that is still owed:
 * a register more is asked instead, or, where the device refuses that, a register less is asked
 * once to bring the order back. Replies come in the order of their requests; a fitting one
 * therefore settles everything before it.
 */
final class LateReplies {

  /** Replies that take longer than this are not expected from any field device. */
  private static final long OWED_NANOS = 30_000_000_000L;

  private static final int MOST = 4;
  // Nine bits more change the byte count of a read of bits for certain.
  private static final int FARTHEST = 9 * MOST;

  private final int[] owed = new int[MOST];
  private final long[] untilNanos = new long[MOST];
  private final Set<Integer> closedEnds = new HashSet<>();
  private int size;

  private static int shape(BlockRead read) {
    return read.function() << 16 | read.valueBytes();
  }

  /** Whether nothing is owed, so that the next answer belongs to the next request. */
  boolean isEmpty(long now) {
    while (size > 0 && untilNanos[0] <= now) {
      dropOldest();
    }
    return size == 0;
  }

  private boolean isOwed(BlockRead read) {
    int shape = shape(read);
    for (int i = 0; i < size; i++) {
      if (owed[i] == shape) {
        return true;
      }
    }
    return false;
  }

  private void dropOldest() {
    size--;
    System.arraycopy(owed, 1, owed, 0, size);
    System.arraycopy(untilNanos, 1, untilNanos, 0, size);
  }

  /** A request had no usable answer. */
  void unanswered(BlockRead read, long now) {
    if (size == MOST) {
      dropOldest();
    }
    owed[size] = shape(read);
    untilNanos[size] = now + OWED_NANOS;
    size++;
  }

  /** A request had the answer that fits it alone. */
  void answered() {
    size = 0;
  }

  /** An exception came, which does not say to which of the open requests. */
  void refused(BlockRead read, long now) {
    if (!isEmpty(now)) {
      dropOldest();
      unanswered(read, now);
    }
  }

  /** The device refuses to read on behind this block. */
  void endsAt(BlockRead block) {
    if (closedEnds.size() < 1024) {
      closedEnds.add(block.function() << 17 | block.end());
    }
  }

  /**
   * What to ask instead of {@code read}, so that no owed answer can be taken for its own: the same,
   * longer, or, with the values behind missing, shorter. Null if there is nothing of the kind, and
   * the unit is best left alone until {@link #freeAtNanos}.
   */
  @Nullable BlockRead distinct(BlockRead read, int maxWords, long now) {
    if (isEmpty(now) || !isOwed(read)) {
      return read;
    }
    boolean closed = closedEnds.contains(read.function() << 17 | read.end());
    for (int more = 1; !closed && more <= FARTHEST; more++) {
      if (read.words() + more > maxWords || read.end() + more > 65_536) {
        break;
      }
      BlockRead longer = new BlockRead(read.function(), read.address(), read.words() + more);
      if (!isOwed(longer)) {
        return longer;
      }
    }
    for (int less = 1; less <= FARTHEST && less < read.words(); less++) {
      BlockRead shorter = new BlockRead(read.function(), read.address(), read.words() - less);
      if (!isOwed(shorter)) {
        return shorter;
      }
    }
    return null;
  }

  /** When the last thing owed is no longer waited for. */
  long freeAtNanos() {
    return size == 0 ? 0 : untilNanos[size - 1];
  }
}
