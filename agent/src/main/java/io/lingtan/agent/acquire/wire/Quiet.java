package io.lingtan.agent.acquire.wire;

/**
 * How long a line is left alone after a request without a valid answer, so that a late reply falls
 * into the silence.
 *
 * <p>The line is quiet for as long as this unit is known to take. The unit itself is left alone for
 * twice the timeout where nothing else tells its replies apart; the others need not wait for that,
 * because a reply names its unit.
 *
 * @param idsTell whether transaction ids tell a late reply from the one that is waited for
 */
public record Quiet(boolean idsTell, long timeoutNanos) {

  private static final long LEAST_NANOS = 300_000_000L;
  private static final long LEAST_TCP_NANOS = 20_000_000L;

  /**
   * Silence of the line after an unanswered request to a unit whose longest answer took so long.
   */
  public long lineNanos(long longestReplyNanos) {
    if (idsTell) {
      return longestReplyNanos == 0
          ? Math.min(timeoutNanos, LEAST_NANOS)
          : Math.clamp(longestReplyNanos, LEAST_TCP_NANOS, 2 * timeoutNanos + LEAST_TCP_NANOS);
    }
    return longestReplyNanos == 0
        ? LEAST_NANOS
        : Math.clamp(2 * longestReplyNanos, LEAST_NANOS, 2 * timeoutNanos + LEAST_NANOS);
  }

  /** How long the unit itself is not asked after it was silent. */
  public long unitNanos() {
    return idsTell ? 0 : Math.max(2 * timeoutNanos, LEAST_NANOS);
  }

  /** Silence to wait for when bytes come in that nobody asked for: somebody else is talking. */
  public long strangerNanos() {
    return idsTell ? 0 : LEAST_TCP_NANOS;
  }
}
