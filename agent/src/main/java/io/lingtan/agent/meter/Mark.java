package io.lingtan.agent.meter;

/**
 * When a register was read.
 *
 * @param boot number of the boot that {@code nanos} counts from
 * @param nanos monotonic nanoseconds: durations within one boot come from these, so that no step of
 *     the wall clock changes them
 * @param wallMillis UTC ms
 */
public record Mark(int boot, long nanos, long wallMillis) {

  /** Milliseconds since {@code earlier}; negative if nobody knows. */
  public long millisSince(Mark earlier) {
    if (boot == earlier.boot) {
      return Math.max(0, (nanos - earlier.nanos) / 1_000_000L);
    }
    return wallMillis >= earlier.wallMillis ? wallMillis - earlier.wallMillis : -1;
  }

  /**
   * How far the wall clock was set since {@code earlier}, ms: forward if positive. Between two
   * boots only a wall clock that goes back shows that it was.
   */
  public long setSince(Mark earlier) {
    return wallMillis - earlier.wallMillis - millisSince(earlier);
  }

  public void write(CheckpointWriter to) {
    to.number(boot).number(nanos).number(wallMillis);
  }

  public static Mark read(CheckpointReader from) {
    return new Mark((int) from.number(), from.number(), from.number());
  }
}
