/**
 * The agent's own steps and the simulated site in one thread on virtual time. {@link
 * io.lingtan.simulator.prove.memory.MemoryLines} stands where sockets and serial ports are in the
 * running agent: what a line step sends is answered by the endpoint in memory, with its delays and
 * faults.
 */
@NullMarked
package io.lingtan.simulator.prove;

import org.jspecify.annotations.NullMarked;
