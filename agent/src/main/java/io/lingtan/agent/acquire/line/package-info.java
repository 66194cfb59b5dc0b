/**
 * What every kind of line has: rhythm of recording, last readings, breaker, outlet to the ledger,
 * snapshot.
 */
@NullMarked
package io.lingtan.agent.acquire.line;

import org.jspecify.annotations.NullMarked;
