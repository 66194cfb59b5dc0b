package io.lingtan.agent.status;

import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How long things will last at the rate that they have had since the start. What cannot be said yet
 * is null, not a guess.
 *
 * @param recordsPerDay records committed
 * @param bytesPerDay written to the card
 * @param freeBytes that the journal's file system has left
 * @param daysLeft until the oldest record that nobody has taken must make room, with the link down
 *     from now on
 * @param drainedMillis until the backlog is gone; null if there is none, or it does not shrink
 */
record Outlook(
    @Nullable Double recordsPerDay,
    @Nullable Double bytesPerDay,
    @Nullable Long freeBytes,
    @Nullable Double daysLeft,
    @Nullable Long drainedMillis) {

  private static final double DAY_MILLIS = 86_400_000.0;
  private static final long LEAST_MILLIS = 60_000;

  /** What is on the card beside the records tells nothing of their size until there are many. */
  private static final long LEAST_RECORDS = 1_000;

  static Outlook of(SiteView view) {
    return of(view, free(view.site().journal().path()));
  }

  /**
   * The same with what the file system has left.
   *
   * @param free null if that is not known
   */
  static Outlook of(SiteView view, @Nullable Long free) {
    long up = view.now().millisSince(view.since());
    if (up < LEAST_MILLIS) {
      return new Outlook(null, null, free, null, null);
    }
    StoreSnapshot store = view.store();
    double made = view.ledger().samples() + view.ledger().intervals() + view.ledger().events();
    double perDay = made / up * DAY_MILLIS;
    return new Outlook(
        perDay,
        store.bytesWritten() / (double) up * DAY_MILLIS,
        free,
        daysLeft(store, perDay, free),
        drained(view, made / up * 1000));
  }

  private static @Nullable Double daysLeft(
      StoreSnapshot store, double perDay, @Nullable Long free) {
    long kept = store.first() > 0 ? store.last() - store.first() + 1 : 0;
    if (kept < LEAST_RECORDS || perDay <= 0) {
      return null;
    }
    double each = store.bytes() / (double) kept;
    double room = store.maxBytes();
    if (free != null) {
      room = Math.min(room, store.bytes() + (double) free);
    }
    return Math.max(0, room - store.waiting() * each) / (each * perDay);
  }

  private static @Nullable Long drained(SiteView view, double madePerSecond) {
    UplinkSnapshot uplink = view.uplink();
    double shrinks = uplink.delivery().recordsPerSecond() - madePerSecond;
    if (!uplink.connected() || !uplink.delivery().late() || shrinks <= 0) {
      return null;
    }
    return Math.round(view.store().waiting() / shrinks * 1000);
  }

  private static @Nullable Long free(Path journal) {
    Path folder = journal.toAbsolutePath().getParent();
    try {
      return folder == null ? null : Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return null;
    }
  }
}
