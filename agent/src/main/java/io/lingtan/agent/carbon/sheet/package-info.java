/**
 * The sheet of one interval, on which the chapters write their figures, with its factors and its
 * rounding.
 *
 * <p>In come an interval's energies; out go named figures with quality and reason. Pure; the
 * ledger's thread.
 */
@NullMarked
package io.lingtan.agent.carbon.sheet;

import org.jspecify.annotations.NullMarked;
