/**
 * Closes a month: makes the signed document that says what it came to, once its record is in the
 * journal, and again when a later revision of that record is.
 *
 * <p>The path of one: the ledger tells the month as an interval record of length {@code 1M}; {@link
 * io.lingtan.agent.closing.ClosingStep} finds it in the journal's history, has the bill and the
 * forms made of it as the page makes them (the agent hands both in as functions, so that nothing
 * here knows the page), writes {@link io.lingtan.agent.closing.MonthDocument}, has it signed and
 * keeps it beside the journal; then hands it on, and the publisher retains it at {@code
 * {root}/report/2026-06}. Nobody who publishes makes figures, and nobody who shows them publishes.
 *
 * <p>A thread of its own, because a bill may read a month of base intervals.
 */
@NullMarked
package io.lingtan.agent.closing;

import org.jspecify.annotations.NullMarked;
