/**
 * The agent of one gateway. {@link io.lingtan.agent.Agent} assembles the stages in the order in
 * which a reading passes them, {@link io.lingtan.agent.RunningAgent} gives each its thread, {@link
 * io.lingtan.agent.Main} begins the command line.
 *
 * <pre>
 * acquire ─▶ ledger (meter, carbon) ─▶ journal ─▶ publish
 *                                         └─▶ status
 * </pre>
 */
@NullMarked
package io.lingtan.agent;

import org.jspecify.annotations.NullMarked;
