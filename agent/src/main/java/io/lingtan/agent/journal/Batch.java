package io.lingtan.agent.journal;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Sample;
import org.jspecify.annotations.Nullable;

/**
 * Records that will be committed together. Numbers are given at the commit: data first, then
 * intervals and events in the order in which they were added. Ledger thread.
 */
public interface Batch {

  /**
   * @param tsMillis UTC ms of the sample's instant, or {@link
   *     io.lingtan.agent.reading.JournalRecord#UNDATED}
   */
  void data(Sample sample, long tsMillis);

  void interval(Interval interval);

  /**
   * @param atNanos monotonic nanoseconds at which it was noticed
   * @param tsMillis UTC ms of that instant, or UNDATED
   */
  void event(Event event, long atNanos, long tsMillis);

  /** How many records are in it. */
  int size();

  /**
   * Numbers and writes everything, with the acknowledgements received so far.
   *
   * @param nowMillis UTC ms for the {@code ts} of interval records, or UNDATED if there are none
   * @param ledgerState the ledger's state after this batch, null to write no checkpoint
   * @throws JournalUnavailable if it could not be written: nothing of it is on the card, the batch
   *     is still whole and may be committed again
   */
  void commit(long nowMillis, byte @Nullable [] ledgerState);
}
