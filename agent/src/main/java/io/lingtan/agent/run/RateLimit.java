package io.lingtan.agent.run;

/** A token bucket: {@code perSecond} on average, {@code burst} at once. */
public final class RateLimit {

  private final double perNano;
  private final double burst;
  private double tokens;
  private MonotonicInstant filled;

  /** Full at first. */
  public RateLimit(double perSecond, double burst, MonotonicInstant now) {
    this.perNano = perSecond / 1e9;
    this.burst = burst;
    this.tokens = burst;
    this.filled = now;
  }

  /** Whether at least one token, or what is left of a debt, is there. */
  public boolean allows(MonotonicInstant now) {
    tokens = Math.min(burst, tokens + now.nanosSince(filled) * perNano);
    filled = now;
    return tokens > 0;
  }

  /** Takes tokens; may go into debt, which later ones wait for. */
  public void take(double count) {
    tokens -= count;
  }

  /** When {@link #allows} will be true again. */
  public MonotonicInstant next() {
    return tokens > 0 ? filled : filled.plusNanos((long) (-tokens / perNano) + 1);
  }
}
