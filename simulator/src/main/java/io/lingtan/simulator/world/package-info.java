/**
 * The true energy and mass of a site, in virtual time.
 *
 * <p>A {@link io.lingtan.simulator.world.World} goes on in steps. Within a step every power is a
 * constant whole number of watts and every time a whole number of milliseconds, so that energy in
 * millijoules is exact at any instant: nothing is rounded, and the balance of the gate, the battery
 * and the hydrogen is checked to the last millijoule and milligram at every step. All randomness
 * comes from the scenario's seed; all mathematics is {@link StrictMath}, so that the same seed
 * gives the same day on every machine. One thread; no clock.
 */
@NullMarked
package io.lingtan.simulator.world;

import org.jspecify.annotations.NullMarked;
