/**
 * A site tried before it runs, for {@code lingtan check}: devices that are not there, the agent's
 * own ledger and journal, and virtual time. In comes a site, out goes what its journal writes. All
 * in the caller's thread.
 */
@NullMarked
package io.lingtan.agent.command.trial;

import org.jspecify.annotations.NullMarked;
