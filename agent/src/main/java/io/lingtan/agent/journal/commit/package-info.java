/**
 * One commit: what is written together, what is lent to memory while the card fails, and what is
 * freed for space.
 *
 * <p>In come the records of a batch; out go rows of one transaction. The ledger's thread.
 */
@NullMarked
package io.lingtan.agent.journal.commit;

import org.jspecify.annotations.NullMarked;
