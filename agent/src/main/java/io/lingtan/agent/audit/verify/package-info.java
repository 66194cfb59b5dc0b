/**
 * Verification of sealed records: chain, signature, and figures derived anew.
 *
 * <p>In come the records of a file; out go flaws, notes and what was counted. Pure, in the caller's
 * thread.
 */
@NullMarked
package io.lingtan.agent.audit.verify;

import org.jspecify.annotations.NullMarked;
