package io.lingtan.agent.acquire.line;

import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import org.jspecify.annotations.Nullable;

/**
 * Notices what no sample says: that two of a device lie further apart than two record periods,
 * because its line was behind with its polls, or the gateway itself had no time for them. A failed
 * poll says for two minutes why there is nothing.
 *
 * <p>The first stretch is told at once, those of the next minute together: of an overloaded line
 * that is one a minute and device. What a killed process had not told is a gap that nobody
 * explains.
 */
final class Rhythm {

  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final long recordNanos;
  private long lastNanos;
  private boolean failed;
  private long quietUntilNanos = Long.MIN_VALUE;
  private @Nullable Late late;

  /**
   * From the reading before the first stretch to the one after the last, monotonic nanoseconds.
   *
   * @param count record periods without a reading
   */
  record Late(long from, long to, long count) {}

  /**
   * @param before what was recorded of it last in this boot, null if nothing was
   * @param begunNanos from which on it is to be read, where nothing was recorded before
   */
  Rhythm(Device device, @Nullable Sample before, long begunNanos) {
    this.recordNanos = device.record().toNanos();
    this.lastNanos = before == null ? begunNanos : before.atNanos();
    this.failed = before != null && before.failed() != null;
  }

  /** What is recorded of it next, in any order. */
  void recorded(Sample sample) {
    long at = sample.atNanos();
    long apart = at - lastNanos;
    long usual = failed ? Math.max(2 * recordNanos, 2 * MINUTE_NANOS) : 2 * recordNanos;
    if (apart > usual) {
      long count = Math.max(1, (apart + recordNanos / 2) / recordNanos - 1);
      Late before = late;
      late =
          before == null
              ? new Late(lastNanos, at, count)
              : new Late(before.from, at, before.count + count);
    }
    if (at >= lastNanos) {
      lastNanos = at;
      failed = sample.failed() != null;
    }
  }

  /** What has to be told by now, and is not told again; null if that is nothing. */
  @Nullable Late take(long now) {
    if (late == null || now < quietUntilNanos) {
      return null;
    }
    quietUntilNanos = now + MINUTE_NANOS;
    return takeLast();
  }

  /** What has not been told. */
  @Nullable Late takeLast() {
    Late last = late;
    late = null;
    return last;
  }
}
