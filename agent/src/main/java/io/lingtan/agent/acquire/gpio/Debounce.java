package io.lingtan.agent.acquire.gpio;

/**
 * Tells a level that holds from contact bounce and induced noise, from the kernel's time stamps
 * alone: a level is believed once no edge has come for {@code quietNanos} after the edge that led
 * to it. S0 pulses and pauses are at least 30 ms long and their edges bounce for less than 5 ms
 * (IEC 62053-31, 4.1.3.3), so that any time in between separates the two.
 *
 * <p>It does not matter that the kernel names an edge by a level which it reads a little later, and
 * so may name one wrongly when the next is close behind: only the last edge before a quiet time
 * counts, and behind that none is close. Pure; no clock.
 */
final class Debounce {

  private final long quietNanos;
  private boolean believed;
  private boolean candidate;
  private long sinceNanos;
  private long changedNanos;
  private long discarded;
  private int unsettled;

  /**
   * @param quietNanos how long a level must hold, ≥ 0
   * @param active the level at the beginning, which is believed
   * @param atNanos the beginning
   */
  public Debounce(long quietNanos, boolean active, long atNanos) {
    this.quietNanos = quietNanos;
    this.believed = active;
    this.candidate = active;
    this.sinceNanos = atNanos;
    this.changedNanos = atNanos;
  }

  /**
   * An edge; edges come in the order of their times.
   *
   * @return whether the level before it turns out to have been a new one
   */
  public boolean edge(long atNanos, boolean active) {
    boolean changed = settle(atNanos);
    candidate = active;
    sinceNanos = atNanos;
    unsettled++;
    return changed;
  }

  /**
   * Nothing has come until {@code nanos}.
   *
   * @return whether the level is a new one since the last call
   */
  public boolean settle(long nanos) {
    if (nanos - sinceNanos < quietNanos || unsettled == 0) {
      return false;
    }
    boolean changed = candidate != believed;
    // Of the edges up to here one made the change, the others were bounce or noise.
    discarded += unsettled - (changed ? 1 : 0);
    unsettled = 0;
    if (changed) {
      believed = candidate;
      changedNanos = sinceNanos;
    }
    return changed;
  }

  /**
   * Edges are missing from here on: what was under way is not known to have held.
   *
   * @return how many edges that were
   */
  public int interrupted() {
    int open = unsettled;
    unsettled = 0;
    candidate = believed;
    return open;
  }

  /** The level that is believed. */
  public boolean isActive() {
    return believed;
  }

  /** When that level began. */
  public long changedNanos() {
    return changedNanos;
  }

  /** When the last edge will have held; {@link Long#MAX_VALUE} if nothing is under way. */
  public long dueNanos() {
    return unsettled == 0 ? Long.MAX_VALUE : sinceNanos + quietNanos;
  }

  /** Edges that were bounce or noise. */
  public long discarded() {
    return discarded;
  }
}
