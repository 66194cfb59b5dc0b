package io.lingtan.agent.journal.number;

import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.Sentence;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The journal as a subscriber and a person see it: the content of the {@code store} topic.
 *
 * @param epoch empty while the journal has never been opened: nothing else is known then
 * @param sinceMillis UTC ms at which the epoch began, UNDATED if not known
 * @param first lowest seq held of the epoch, 0 if none is
 * @param last highest seq assigned, 0 if none
 * @param acked highest A such that every seq ≤ A is acknowledged or declared dropped
 * @param ahead acknowledged ranges above {@code acked}, ascending, at most 32
 * @param dropped declared drops of this epoch, at most 32
 * @param waiting records neither acknowledged nor declared dropped, those of earlier epochs
 *     included
 * @param held records that wait for their boot to be dated
 * @param oldestUnackedMillis UTC ms of the oldest record not yet acknowledged, UNDATED if none
 * @param previous earlier epochs, oldest first
 * @param bytes on disk, database and WAL together
 * @param bytesWritten to disk since this process started, WAL included
 * @param failure what keeps it from being written at present, null if nothing
 * @param blockedSinceMillis UTC ms since when it cannot be written, UNDATED if not known; {@link
 *     #NOT_BLOCKED} while it can and for {@link #BLOCKED_AFTER}, in which records go on coming
 */
public record StoreSnapshot(
    String epoch,
    long sinceMillis,
    long first,
    long last,
    long acked,
    List<Range> ahead,
    List<Drop> dropped,
    long waiting,
    long held,
    long oldestUnackedMillis,
    List<Previous> previous,
    long bytes,
    long maxBytes,
    long bytesWritten,
    @Nullable Sentence failure,
    long blockedSinceMillis) {

  public static final long NOT_BLOCKED = 0;

  /** So much of what was not written is kept in memory. */
  public static final Duration BLOCKED_AFTER = Duration.ofMinutes(1);

  public StoreSnapshot {
    ahead = List.copyOf(ahead);
    dropped = List.copyOf(dropped);
    previous = List.copyOf(previous);
  }

  /** Whether nothing new is recorded. */
  public boolean isBlocked() {
    return blockedSinceMillis != NOT_BLOCKED;
  }

  public StoreSnapshot failing(@Nullable Sentence why, long sinceMillis) {
    return new StoreSnapshot(
        epoch,
        sinceMillis,
        first,
        last,
        acked,
        ahead,
        dropped,
        waiting,
        held,
        oldestUnackedMillis,
        previous,
        bytes,
        maxBytes,
        bytesWritten,
        why,
        sinceMillis);
  }

  /** Records of this epoch that are declared dropped. */
  public long lost() {
    return dropped.stream().mapToLong(Drop::count).sum();
  }

  /**
   * Numbers of an epoch that another copy of the database gave out.
   *
   * @param last the highest of them
   * @param run who told it, as {@code run} of the store, and after a space its {@code trail}
   */
  public record Used(String epoch, long last, String run) {

    /** Whether it is the word of the same process on the same epoch. */
    public boolean isOfSame(Used other) {
      return epoch.equals(other.epoch) && process(run).equals(process(other.run));
    }

    private static String process(String run) {
      String name = run.split(" ", 2)[0];
      return name.substring(0, Math.max(0, name.lastIndexOf('-')));
    }
  }

  /**
   * What other copies of the database gave out.
   *
   * @param used oldest first, at most 32
   * @param unlisted epochs that had to be left out of it
   * @param rev no interval was told with a higher revision, by them or by whoever says so
   */
  public record Elsewhere(List<Used> used, long unlisted, long rev) {
    public Elsewhere {
      used = List.copyOf(used);
    }

    /** Before anything was revised. */
    public Elsewhere(List<Used> used, long unlisted) {
      this(used, unlisted, 0);
    }
  }

  /** Inclusive. */
  public record Range(long from, long to) {}

  /** Exactly {@code count} records of {@code kind} in from..to, inclusive, are gone. */
  public record Drop(long from, long to, long count, Kind kind, String reason) {}

  /**
   * An earlier epoch that may still have something to deliver.
   *
   * @param reason why it ended
   * @param dropped declared drops of it, at most 32
   */
  public record Previous(String epoch, long last, long acked, String reason, List<Drop> dropped) {
    public Previous {
      dropped = List.copyOf(dropped);
    }
  }
}
