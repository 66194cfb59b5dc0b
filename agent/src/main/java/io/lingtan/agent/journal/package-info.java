/**
 * Keeps every record on the card until it is delivered, and after that as history while there is
 * room.
 *
 * <p>Records come in from the ledger in batches, one transaction each; they go out to the publisher
 * in ascending order, and acknowledgements come back to be saved with the next batch. One SQLite
 * file in WAL mode, its WAL synced with each commit, one writer: the ledger's thread. Readers have
 * connections of their own and are limited in time.
 */
@NullMarked
package io.lingtan.agent.journal;

import org.jspecify.annotations.NullMarked;
