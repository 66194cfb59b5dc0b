/**
 * Turns what registers read into energy per interval.
 *
 * <p>Samples come in, dated; out come figures between any two boundaries of local time, and events
 * for what a register did that a counter should not do. A {@link
 * io.lingtan.agent.meter.RegisterState} tells rollover, reset, glitch, jump and exchange apart; an
 * {@link io.lingtan.agent.meter.EnergyLine} is the monotone line that is left, with its value at
 * each boundary rounded once and shared by both neighbours. {@link io.lingtan.agent.meter.Roles} is
 * the one page that says what plus means for each role. A {@link
 * io.lingtan.agent.meter.DemandWatch} tells what may still be drawn before an agreed demand is
 * exceeded.
 *
 * <p>Everything is an integer: millionths of kWh (milliwatt-hours) or of kg (milligrams), and
 * milliseconds. Pure: no I/O, clock or randomness. Used from the ledger's thread.
 */
@NullMarked
package io.lingtan.agent.meter;

import org.jspecify.annotations.NullMarked;
