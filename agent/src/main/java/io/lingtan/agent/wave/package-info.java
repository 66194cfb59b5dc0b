/**
 * The centre's way of bringing a change to many gateways: a few first, then more, and no more once
 * one of them does worse than before.
 *
 * <p>What comes in: signed documents ({@link io.lingtan.agent.wave.Documents}) and what gateways
 * publish by themselves ({@link io.lingtan.agent.wave.Heard}). What goes out: each document,
 * retained, to its gateway once. {@link io.lingtan.agent.wave.Wave} is what is known of each
 * gateway and decides, without I/O but its own file; {@link io.lingtan.agent.wave.WaveStep} listens
 * and publishes. One thread.
 */
@NullMarked
package io.lingtan.agent.wave;

import org.jspecify.annotations.NullMarked;
