/**
 * Makes records of samples: meter, carbon, then the journal, in one transaction.
 *
 * <p>{@link io.lingtan.agent.reading.Arrival}s come in through one bounded queue; batches of data,
 * interval and event records go out to the journal, and an immutable {@link
 * io.lingtan.agent.ledger.LedgerSnapshot} to whoever looks. In the middle is {@link
 * io.lingtan.agent.ledger.Fold}: the same samples with the same times always make the same
 * intervals and events, so that after a crash the state is found again by folding what the journal
 * kept.
 *
 * <p>The ledger's thread; the snapshot may be read from any.
 */
@NullMarked
package io.lingtan.agent.ledger;

import org.jspecify.annotations.NullMarked;
