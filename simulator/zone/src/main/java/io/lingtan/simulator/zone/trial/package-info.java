/**
 * {@code lingtan-zone trial}: the whole zone on one machine, against gateways whose true energy is
 * known, while parts of it are killed.
 *
 * <p>{@link io.lingtan.simulator.zone.trial.Trial} starts every part as a process of its own, plays
 * gateways by the agent's real stages ({@code simulator.fleet}), and asks PostgreSQL alone what
 * arrived. The main thread runs all but the gateways.
 */
@NullMarked
package io.lingtan.simulator.zone.trial;

import org.jspecify.annotations.NullMarked;
