/**
 * The month on paper: what a company hands in for its carbon account, as HTML for print and as CSV,
 * in Chinese and English. Every figure stands beside its quality and its factor; a month in which
 * anything is missing says so before anything else.
 *
 * <p>Read from the journal's history on a request's thread.
 */
@NullMarked
package io.lingtan.agent.status.report;

import org.jspecify.annotations.NullMarked;
