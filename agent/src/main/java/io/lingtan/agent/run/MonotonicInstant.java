package io.lingtan.agent.run;

import java.time.Duration;

/**
 * A point on the clock that never steps: nanoseconds since the machine booted (Linux {@code
 * CLOCK_MONOTONIC}). Comparable between processes of one boot and meaningless between boots; it
 * travels with the boot's id.
 *
 * @param nanos nanoseconds since boot, ≥ 0
 */
public record MonotonicInstant(long nanos) implements Comparable<MonotonicInstant> {

  /** Later than every other instant: "not before something happens". */
  public static final MonotonicInstant NEVER = new MonotonicInstant(Long.MAX_VALUE);

  public MonotonicInstant {
    if (nanos < 0) {
      throw new IllegalArgumentException("nanos must be >= 0, was " + nanos);
    }
  }

  public static MonotonicInstant ofMillis(long millis) {
    return new MonotonicInstant(Math.multiplyExact(millis, 1_000_000L));
  }

  /** Saturates at {@link #NEVER}. */
  public MonotonicInstant plusNanos(long more) {
    long sum = nanos + more;
    return more > 0 && sum < nanos ? NEVER : new MonotonicInstant(Math.max(0, sum));
  }

  public MonotonicInstant plusMillis(long millis) {
    return plusNanos(millis * 1_000_000L);
  }

  public MonotonicInstant plus(Duration duration) {
    return plusNanos(duration.toNanos());
  }

  /** Nanoseconds from {@code earlier} to this, negative when this is the earlier one. */
  public long nanosSince(MonotonicInstant earlier) {
    return nanos - earlier.nanos;
  }

  public long millisSince(MonotonicInstant earlier) {
    return nanosSince(earlier) / 1_000_000L;
  }

  /** Whole milliseconds since boot. */
  public long millis() {
    return nanos / 1_000_000L;
  }

  public boolean isBefore(MonotonicInstant other) {
    return nanos < other.nanos;
  }

  public boolean isAfter(MonotonicInstant other) {
    return nanos > other.nanos;
  }

  public MonotonicInstant min(MonotonicInstant other) {
    return nanos <= other.nanos ? this : other;
  }

  @Override
  public int compareTo(MonotonicInstant other) {
    return Long.compare(nanos, other.nanos);
  }
}
