/**
 * What goes wrong on a site. A {@link io.lingtan.simulator.fault.Fault} says what happens to whom
 * and when, in the world's time; a {@link io.lingtan.simulator.fault.FaultPlan} answers what
 * becomes of a request and counts what it has done. Faults may be added from any thread; requests
 * are judged on the thread that serves them.
 */
@NullMarked
package io.lingtan.simulator.fault;

import org.jspecify.annotations.NullMarked;
