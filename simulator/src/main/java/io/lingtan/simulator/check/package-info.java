/**
 * Whether what was delivered is true. {@link io.lingtan.simulator.check.Boundaries} writes down the
 * true energy and mass at each interval boundary while the world goes on; {@link
 * io.lingtan.simulator.check.IntervalCheck} takes the interval records that a subscriber received,
 * as JSON text, and says of each figure what was true, what was delivered and how far apart they
 * may be: one step of the registers that the figure rests on, plus what no reader can know between
 * two readings. One thread.
 */
@NullMarked
package io.lingtan.simulator.check;

import org.jspecify.annotations.NullMarked;
