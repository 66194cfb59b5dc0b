/**
 * What every kind of line has: rhythm of recording, last readings, breaker, outlet to the ledger,
 * snapshot.
 *
 * <p>In come the values of each poll and what the line counts; out go samples and events into the
 * ledger's bounded queue, and a snapshot for whoever looks. All of it runs in the line's own
 * thread; only the snapshot leaves it.
 */
@NullMarked
package io.lingtan.agent.acquire.line;

import org.jspecify.annotations.NullMarked;
