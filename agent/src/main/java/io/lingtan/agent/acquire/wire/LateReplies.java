package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.modbus.BlockRead;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a unit may still answer late on a line without transaction ids.
 *
 * <p>A late RTU reply looks like the answer to whatever is asked next. It can be told apart by its
 * byte count alone, so that for a while no request is sent whose answer would look like one that is
 * still owed: a register more is asked instead, behind or before the block. Where the device
 * refuses both, a register less is asked once; a fitting answer to that settles what was before it,
 * because a device answers in the order in which it was asked. A DL/T 645 reply names its data
 * item: there it is another item that is asked once; a CJ/T 188 one repeats the number of its
 * request, which is another one then.
 */
public final class LateReplies {

  /** Replies that take longer than this are not expected from any field device. */
  private static final long OWED_NANOS = 30_000_000_000L;

  private static final int MOST = 16;
  // Eight bits more change the byte count of a read of bits for certain.
  private static final int FARTHEST = 8 * (MOST + 1);

  private static final int MOST_CLOSED = 1024;

  private final long[] owed = new long[MOST];
  private final long[] untilNanos = new long[MOST];
  private final Set<Integer> closed = new HashSet<>();
  private int size;

  /** What tells answers apart: function and byte count, or the data item that they name. */
  private static long shape(Ask ask) {
    return switch (ask) {
      case Ask.Registers(var read) -> shape(read);
      case Ask.Item(var read) -> (1L + read.serial()) << 32 | read.id();
      // It names whose it is.
      case Ask.AnyMeter any -> 1L << 48;
      // It begins with a question that no late answer fits.
      case Ask.Telegrams telegrams -> 1L << 49;
    };
  }

  private static long shape(BlockRead read) {
    return (long) read.function() << 16 | read.valueBytes();
  }

  /** Whether the answer to one could be taken for an answer to the other. */
  public static boolean isAlike(Ask one, Ask other) {
    return shape(one) == shape(other);
  }

  /** Whether nothing is owed, so that the next answer belongs to the next request. */
  public boolean isEmpty(long now) {
    while (size > 0 && untilNanos[0] <= now) {
      dropOldest();
    }
    return size == 0;
  }

  /** Whether an answer to something else could be taken for one to {@code ask}. */
  public boolean isOwed(Ask ask, long now) {
    return !isEmpty(now) && isOwed(shape(ask));
  }

  private boolean isOwed(BlockRead read) {
    return isOwed(shape(read));
  }

  private boolean isOwed(long shape) {
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
  public void unanswered(Ask ask, long now) {
    if (size == MOST) {
      dropOldest();
    }
    owed[size] = shape(ask);
    untilNanos[size] = now + OWED_NANOS;
    size++;
  }

  /** An answer came to a request that was sent only to bring the order back. */
  public void settled() {
    size = 0;
  }

  /** An exception came, which does not say to which of the open requests. */
  public void refused(Ask ask, long now) {
    if (!isEmpty(now)) {
      unanswered(ask, now);
    }
  }

  /** The device refuses to read on from {@code wanted} to all of {@code asked}. */
  public void endsWithin(BlockRead asked, BlockRead wanted) {
    if (closed.size() < MOST_CLOSED) {
      closed.add(asked.end() > wanted.end() ? endOf(wanted) : startOf(wanted));
    }
  }

  private static int endOf(BlockRead block) {
    return block.function() << 18 | block.end();
  }

  private static int startOf(BlockRead block) {
    return block.function() << 18 | 1 << 17 | block.address();
  }

  /**
   * What to ask instead of {@code read}, so that no owed answer can be taken for its own: the same,
   * a longer one around it, or a shorter one whose values are not used. Null if there is nothing of
   * the kind, and the unit is best left alone until less is owed.
   */
  public @Nullable BlockRead distinct(BlockRead read, int maxWords, long now) {
    if (isEmpty(now) || !isOwed(read)) {
      return read;
    }
    int room = Math.min(FARTHEST, maxWords - read.words());
    if (!closed.contains(endOf(read))) {
      for (int more = 1; more <= Math.min(room, 65_536 - read.end()); more++) {
        BlockRead longer = new BlockRead(read.function(), read.address(), read.words() + more);
        if (!isOwed(longer)) {
          return longer;
        }
      }
    }
    if (!closed.contains(startOf(read))) {
      for (int more = 1; more <= Math.min(room, read.address()); more++) {
        BlockRead longer =
            new BlockRead(read.function(), read.address() - more, read.words() + more);
        if (!isOwed(longer)) {
          return longer;
        }
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
}
