/**
 * The numbers of records: epochs, boots, chains, drops and signatures.
 *
 * <p>In come counts of what a commit has; out go numbers that are never used twice, and what became
 * of each. The ledger's thread writes; others read what is committed.
 */
@NullMarked
package io.lingtan.agent.journal.number;

import org.jspecify.annotations.NullMarked;
