/**
 * The only place that starts threads, reads clocks or makes randomness.
 *
 * <p>Every stage of the flow is a {@link io.lingtan.agent.run.Step}: one bounded piece of work that
 * can be called by hand. In the running agent a {@link io.lingtan.agent.run.Loop} calls it on a
 * thread of its own; tests and the simulator call many steps from one thread on {@link
 * io.lingtan.agent.run.VirtualTime}. Between threads things travel through a bounded {@link
 * io.lingtan.agent.run.Inbox} and nothing else. Small files are replaced in one way, {@link
 * io.lingtan.agent.run.WholeFile}; a file that people write keeps what it held before, as a {@link
 * io.lingtan.agent.run.KeptFile}.
 */
@NullMarked
package io.lingtan.agent.run;

import org.jspecify.annotations.NullMarked;
