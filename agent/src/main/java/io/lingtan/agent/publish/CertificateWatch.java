package io.lingtan.agent.publish;

import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Warns before our own certificate ends: 30, 7 and 1 days before, each once. What was due by the
 * time of the newest record in the journal has been told by a process before this one.
 */
final class CertificateWatch {

  private static final int[] WARNINGS = {30, 7, 1};
  private static final long DAY = Duration.ofDays(1).toMillis();

  private final Notices notices;
  private long ends = Long.MIN_VALUE;
  private int told;

  /** UTC ms until when another process has watched; {@link Long#MIN_VALUE} if none has. */
  private long watchedUntil;

  CertificateWatch(Notices notices, long watchedUntilMillis) {
    this.notices = notices;
    this.watchedUntil = watchedUntilMillis > 0 ? watchedUntilMillis : Long.MIN_VALUE;
  }

  /**
   * Whole days left, negative when it has ended.
   *
   * @param endsMillis when it ends, UTC; {@link Long#MIN_VALUE} if there is none, and nothing is
   *     done
   * @param nowMillis UTC, trusted
   */
  @Nullable Integer look(long endsMillis, long nowMillis) {
    if (endsMillis == Long.MIN_VALUE) {
      return null;
    }
    if (endsMillis != ends) {
      // Of the first that is seen the process before knew; of one that was put in its place nobody.
      told = watchedUntil == Long.MIN_VALUE ? 0 : due(endsMillis - watchedUntil);
      watchedUntil = Long.MIN_VALUE;
      ends = endsMillis;
    }
    int days = (int) Math.floorDiv(ends - nowMillis, DAY);
    int due = due(ends - nowMillis);
    if (due > told) {
      told = due;
      notices.tell(
          Event.of("uplink.certificate", due == WARNINGS.length ? Severity.ALARM : Severity.WARNING)
              .with("days", (long) days)
              .with("ends", ends));
    }
    return days;
  }

  /** How many of the warnings are due. */
  private static int due(long leftMillis) {
    int due = 0;
    for (int days : WARNINGS) {
      due += leftMillis <= days * DAY ? 1 : 0;
    }
    return due;
  }
}
