/**
 * What flows: points, samples, polls, and the records that are numbered, kept and published.
 *
 * <p>All quantities are {@code long} millionths ("micros") of the unit of their {@link
 * io.lingtan.agent.reading.Quantity}: an energy in kWh is held in milliwatt-hours, a mass in kg in
 * milligrams, a power in W in microwatts. Decimals exist only where a record becomes text, in
 * {@link io.lingtan.agent.reading.RecordJson}. A value that is not there is not zero: it is absent,
 * and a {@link io.lingtan.agent.reading.Reason} stands in its place.
 *
 * <p>Immutable values without I/O; any thread.
 */
@NullMarked
package io.lingtan.agent.reading;

import org.jspecify.annotations.NullMarked;
