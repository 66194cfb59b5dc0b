/**
 * {@code lingtan-sim bench}: what the packed agent uses of a machine, beside others that read the
 * same meters and send the same values.
 *
 * <p>A {@link io.lingtan.simulator.bench.Trial} is one {@link
 * io.lingtan.simulator.bench.Candidate}, a process of its own, between {@link
 * io.lingtan.simulator.bench.WideMeters} that cost almost nothing and a broker, with a {@link
 * io.lingtan.simulator.bench.Sink} that subscribes to all of it. All of it runs on the thread of
 * the command, but for the meters' and the subscriber's own.
 */
@NullMarked
package io.lingtan.simulator.bench;

import org.jspecify.annotations.NullMarked;
