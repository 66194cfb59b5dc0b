/**
 * What goes wrong on a site. A {@link io.lingtan.simulator.fault.Fault} says what happens to whom
 * and when, in the world's time; a {@link io.lingtan.simulator.fault.FaultPlan} says which hold now
 * and counts what they have done. Who makes a fault happen is whoever plays the part that fails:
 * endpoints and lines for wires and meters, the prover's broker, clock and host for the others.
 */
@NullMarked
package io.lingtan.simulator.fault;

import org.jspecify.annotations.NullMarked;
