package io.lingtan.agent.acquire.line;

/**
 * Keeps a unit that does not answer from taking the line's time. Open after three failed polls in a
 * row, or after the first one if the unit has never answered since start; then there are only
 * one-register probes, until one is answered. Where others need the line, the first come after 1,
 * 2, 4 and 8 seconds, or one after 10 where several units are dead, and the rest so that all dead
 * units together take a fiftieth of the line's time: a probe in vain takes as long as the timeout.
 */
public final class Breaker {

  private static final int FAILURES = 3;
  private static final long FIRST_DISTANCE_NANOS = 1_000_000_000L;
  private static final long LONGEST_DISTANCE_NANOS = 30_000_000_000L;

  /** Where nobody else needs the line, a unit that comes back is to be seen soon. */
  private static final long LONGEST_ALONE_NANOS = 5_000_000_000L;

  private static final long SHORTEST_ALONE_NANOS = 2_000_000_000L;

  /** Dead units together may have one part in so many of a line that others need. */
  private static final int SHARE = 50;

  /** When several are dead, each is looked for once so soon. */
  private static final long EARLY_NANOS = 10_000_000_000L;

  /** Probes that a line's only dead unit has soon, one after another, before the share holds. */
  private static final int EARLY = 4;

  /** A neighbour's return calls for a probe out of turn, but not more often than this. */
  private static final long NUDGE_NANOS = 300_000_000_000L;

  private int failures;
  private boolean open;
  private boolean known;
  private long distanceNanos;
  private long probeDueNanos;
  private long owedNanos;

  /**
   * Early probes since {@code earlySinceNanos}; they are given again when the share covers them.
   */
  private int early;

  private long earlySinceNanos;
  private long nudgedNanos = Long.MIN_VALUE;

  public boolean isOpen() {
    return open;
  }

  /** Whether the unit has answered since start. */
  public boolean isKnown() {
    return known;
  }

  public long probeDueNanos() {
    return probeDueNanos;
  }

  /** Any answer came; returns whether that closes the breaker. */
  public boolean answered() {
    known = true;
    failures = 0;
    boolean wasOpen = open;
    open = false;
    owedNanos = 0;
    distanceNanos = 0;
    return wasOpen;
  }

  /** A poll failed; returns whether that opens the breaker. */
  public boolean pollFailed() {
    failures++;
    if (open || (known && failures < FAILURES)) {
      return false;
    }
    open = true;
    return true;
  }

  /**
   * Plans the next probe.
   *
   * @param costNanos line time that a probe takes in vain
   * @param dead dead units of the line, this one included
   * @param othersAlive whether somebody else needs the line
   */
  public void planProbe(long now, long costNanos, int dead, boolean othersAlive) {
    boolean first = distanceNanos == 0;
    long longest = othersAlive ? LONGEST_DISTANCE_NANOS : LONGEST_ALONE_NANOS;
    distanceNanos = Math.clamp(distanceNanos * 2, FIRST_DISTANCE_NANOS, longest);
    if (!othersAlive) {
      // From probe to probe, however long one waits for an answer to it.
      probeDueNanos = now + Math.max(SHORTEST_ALONE_NANOS, distanceNanos - costNanos);
      return;
    }
    if (first && now - earlySinceNanos >= early * costNanos * SHARE) {
      early = 0;
      earlySinceNanos = now;
    }
    long share = costNanos * SHARE * dead;
    if (dead == 1 && distanceNanos < share && early < EARLY) {
      // It may have been a disturbance, or a meter that starts again.
      early++;
      probeDueNanos = now + distanceNanos;
      return;
    }
    long budget = share + owedNanos;
    owedNanos = 0;
    if (first) {
      // One early look; the next waits the longer for it: several dead units take long to ask.
      owedNanos = Math.max(0, budget - EARLY_NANOS);
      budget -= owedNanos;
    }
    probeDueNanos = now + Math.max(distanceNanos, budget);
  }

  /** The line itself is back: everybody is asked at once. */
  public void probeNow(long now) {
    distanceNanos = 0;
    probeDueNanos = Math.min(probeDueNanos, now);
  }

  /** A neighbour is back, as after a power cut: asks a little sooner than planned. */
  public void nudge(long now) {
    if (open && (nudgedNanos == Long.MIN_VALUE || now - nudgedNanos >= NUDGE_NANOS)) {
      nudgedNanos = now;
      probeDueNanos = Math.min(probeDueNanos, now);
    }
  }
}
