package io.lingtan.agent.publish.lane;

import java.time.Duration;

/**
 * How many bytes of records go in one batch: half as many once a broker or a link takes long with
 * one, twice as many again once it does not.
 */
public final class BatchSize {

  private static final int LEAST_BYTES = 4 * 1024;
  private static final int MOST_BYTES = 256 * 1024;
  private static final long SLOW_NANOS = Duration.ofMillis(400).toNanos();

  private final int most;
  private int bytes;

  /**
   * @param maxPayload greatest batch that the site file allows, bytes
   */
  public BatchSize(int maxPayload) {
    this.most = Math.min(maxPayload, MOST_BYTES);
    this.bytes = most;
  }

  public int bytes() {
    return bytes;
  }

  /** Whether a batch may be as large as any. */
  boolean isGreatest() {
    return bytes == most;
  }

  /** One of this size was acknowledged. */
  public void acknowledged(long tookNanos) {
    bytes =
        tookNanos > SLOW_NANOS
            ? Math.max(Math.min(LEAST_BYTES, most), bytes / 2)
            : Math.min(most, bytes * 2);
  }
}
