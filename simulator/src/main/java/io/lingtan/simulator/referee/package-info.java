/**
 * {@code lingtan-sim referee}: the same faults against any MQTT publisher of Modbus readings, and a
 * count of what became of each reading.
 *
 * <p>Every reading that the simulated units serve is a number that was never served before and
 * never will be again, by any unit or register. So a value that arrives names the reading that it
 * is, whatever the publisher writes beside it: one that was never served by that unit in that place
 * is wrong, one that arrives a second time is twice, and one that never arrives is lost. What the
 * publisher itself marks as bad is not taken for a value.
 *
 * <p>The units run on a thread of their own ({@link io.lingtan.simulator.referee.Units}), the
 * subscriber, too ({@link io.lingtan.simulator.beside.Subscriber}); both hand over through inboxes
 * to {@link io.lingtan.simulator.referee.Referee} on the main thread.
 */
@NullMarked
package io.lingtan.simulator.referee;

import org.jspecify.annotations.NullMarked;
