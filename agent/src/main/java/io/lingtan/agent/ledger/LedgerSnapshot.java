package io.lingtan.agent.ledger;

import io.lingtan.agent.reading.Interval;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The ledger as it is now, for the page and for metrics. Counters count since start.
 *
 * @param lastInterval the base interval that closed last, as it was then; null if none has
 * @param today the day that is not over, as far as it is known; null if nothing is
 * @param failedFigures chapters of figures that could not be worked out, and samples that could not
 *     be folded: each begins with an event
 * @param queued arrivals that wait in the queue
 * @param refused arrivals that found the queue full; who offered them tells what it cost
 * @param uncommitted records that are not on the card yet
 * @param held samples of this boot that wait for its clock to be trusted
 * @param forgotten held samples that were given up because there were too many: their energy is
 *     kept by the registers, only its place in time is estimated
 * @param samples committed
 * @param intervals committed, revisions included
 * @param events committed
 * @param commits that reached the card
 * @param failedCommits that did not
 * @param failure why the last commit failed, in words and with what to do; null if it did not
 * @param blocked whether arrivals are left in the queue because nothing can be written
 * @param aheadUntil until when no new interval can be told, because the wall clock was ahead, UTC
 *     ms; {@link Long#MIN_VALUE} if one can
 * @param demand the running 15 minutes, null where no demand was agreed or they are not known
 */
public record LedgerSnapshot(
    @Nullable Interval lastInterval,
    @Nullable Interval today,
    long failedFigures,
    int queued,
    long refused,
    int uncommitted,
    int held,
    long forgotten,
    long samples,
    long intervals,
    long events,
    long commits,
    long failedCommits,
    @Nullable String failure,
    boolean blocked,
    long aheadUntil,
    @Nullable Demand demand) {

  /**
   * What becomes of the running 15 minutes at the gate if the present power stays.
   *
   * @param untilMillis their end, UTC ms
   * @param sliding whether they are the next 15 that a sliding window has, and not the block's
   * @param limitKw what is tolerated of the agreed demand
   * @param mayDrawKw constant power with which they end at the limit
   */
  public record Demand(
      long untilMillis,
      boolean sliding,
      BigDecimal limitKw,
      BigDecimal forecastKw,
      BigDecimal mayDrawKw) {

    public boolean isWarning() {
      return forecastKw.compareTo(limitKw) > 0;
    }
  }

  /** Whether new intervals wait, because the wall clock was ahead. */
  public boolean isAhead() {
    return aheadUntil != Long.MIN_VALUE;
  }

  /** Name of the step that it is of. */
  public static final String STEP = "ledger";
}
