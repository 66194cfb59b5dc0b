package io.lingtan.simulator.fleet;

import io.lingtan.simulator.beside.Usage;
import java.util.function.LongSupplier;

/**
 * What one of the three sides uses while records are made. A broker that is restarted is another
 * process: what the one before it used is added.
 */
final class Costs {

  private final String side;
  private final int cores;
  private final LongSupplier pid;
  private long seenPid = -1;
  private long before;
  private long atStart;
  private Usage last = Usage.NONE;
  private long peakBytes;

  /**
   * @param side as it is called in the table
   * @param cores most that it can use at once
   * @param pid of its process now; ≤ 0 if it is not known
   */
  Costs(String side, int cores, LongSupplier pid) {
    this.side = side;
    this.cores = cores;
    this.pid = pid;
  }

  /** From here on its processor time counts. */
  void begin() {
    look();
    atStart = cpuMillis();
  }

  void look() {
    long now = pid.getAsLong();
    if (now <= 0) {
      return;
    }
    if (now != seenPid) {
      before += last.cpuMillis();
      last = Usage.NONE;
      seenPid = now;
    }
    Usage usage = Usage.of(now);
    if (usage.cpuMillis() >= last.cpuMillis()) {
      last = usage;
      peakBytes = Math.max(peakBytes, usage.peakBytes());
    }
  }

  private long cpuMillis() {
    return before + last.cpuMillis();
  }

  /** What it was found to use from {@link #begin} to the last look. */
  Cost over(long millis) {
    return new Cost(side, cores, seenPid > 0, cpuMillis() - atStart, millis, peakBytes);
  }

  /**
   * What one side used.
   *
   * @param cores most that it can use at once
   * @param known whether its process could be looked at
   * @param cpuMillis processor time
   * @param millis in which it used that
   */
  record Cost(String side, int cores, boolean known, long cpuMillis, long millis, long peakBytes) {

    /** Percent of one core. */
    double percentOfOne() {
      return 100.0 * cpuMillis / Math.max(1, millis);
    }

    /** Percent of what it can use at most: the side with most of it is the limit. */
    double percentOfAll() {
      return percentOfOne() / cores;
    }
  }
}
