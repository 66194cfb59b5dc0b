/**
 * Figures, feeds and carried energy as bytes of a checkpoint, and back. Pure; the ledger's thread.
 */
@NullMarked
package io.lingtan.agent.ledger.code;

import org.jspecify.annotations.NullMarked;
