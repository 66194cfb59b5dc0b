package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.line.LastRead;
import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.Planning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a device with one period: its own points, or one of its groups. Knows when it is
 * due; what was missed is skipped and counted, never made up for.
 */
final class Task {

  private final Station station;
  private final boolean group;
  private final long everyNanos;
  private final long firstNanos;
  private final long phaseNanos;
  private final LastRead lastRead;
  private @Nullable Planning planner;
  private long releaseNanos;

  /** The first release that has been skipped since the last poll; not skipped: MAX_VALUE. */
  private long owedNanos = Long.MAX_VALUE;

  /**
   * @param group whether its points travel with the device's next sample instead of making one
   * @param firstNanos when it is due first
   * @param phaseNanos one of the times at which it is due each period from then on
   */
  Task(Station station, boolean group, long everyNanos, long firstNanos, long phaseNanos) {
    this.station = station;
    this.group = group;
    this.everyNanos = everyNanos;
    this.lastRead = new LastRead(everyNanos);
    this.firstNanos = firstNanos;
    this.phaseNanos = phaseNanos;
    this.releaseNanos = firstNanos;
  }

  Station station() {
    return station;
  }

  boolean isGroup() {
    return group;
  }

  @Nullable Planning planner() {
    return planner;
  }

  void plan(@Nullable Planning planner) {
    this.planner = planner;
  }

  /** What its polls have come to, for whoever looks. */
  LastRead lastRead() {
    return lastRead;
  }

  List<Block> blocks() {
    return planner == null ? List.of() : planner.blocks();
  }

  long everyNanos() {
    return everyNanos;
  }

  /** When the next poll may begin. */
  long releaseNanos() {
    return releaseNanos;
  }

  /**
   * When it must be over, or it is late. Of what was skipped the first counts: otherwise a
   * neighbour whose poll lasts about a whole number of periods is always found a little earlier
   * due, and this one never has its turn.
   */
  long deadlineNanos() {
    return Math.min(releaseNanos, owedNanos) + everyNanos;
  }

  /** Leaves out polls whose time is over; returns how many. */
  long skipMissed(long now) {
    if (now < releaseNanos + everyNanos) {
      return 0;
    }
    owedNanos = Math.min(owedNanos, releaseNanos);
    long missed = (now - releaseNanos) / everyNanos;
    releaseNanos += missed * everyNanos;
    return missed;
  }

  /** The poll of this release has begun; returns the release. */
  long begin() {
    owedNanos = Long.MAX_VALUE;
    long release = releaseNanos;
    // The first may be between two of its usual times.
    releaseNanos = usualNanos(release) + everyNanos;
    return release;
  }

  /** Takes up its rhythm again after a time in which nothing was asked on purpose. */
  void resume(long now) {
    owedNanos = Long.MAX_VALUE;
    if (now >= releaseNanos + everyNanos) {
      releaseNanos = usualNanos(now);
    } else if (releaseNanos > now) {
      // The present period was given up when the breaker opened: it can still be had.
      releaseNanos = Math.max(firstNanos, releaseNanos - everyNanos);
      if (releaseNanos + everyNanos <= now) {
        releaseNanos += everyNanos;
      }
    }
  }

  /** The last of its usual times that is not after this one. */
  private long usualNanos(long nanos) {
    return phaseNanos + Math.floorDiv(nanos - phaseNanos, everyNanos) * everyNanos;
  }
}
