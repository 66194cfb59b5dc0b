/**
 * Asks the meters. One {@link io.lingtan.agent.run.Step} per line on a thread of its own: schedule,
 * plan, exchange, strict reply check, decoding, and recording once per record period. Protocols are
 * in sub-packages. The agent is read-only towards the field: no code here can write a register, a
 * coil or an output.
 *
 * <p>In: {@code site} declarations. Out: {@link io.lingtan.agent.reading.Arrival}s to the ledger's
 * queue, and an immutable {@link io.lingtan.agent.acquire.line.LineSnapshot} for whoever looks.
 */
@NullMarked
package io.lingtan.agent.acquire;

import org.jspecify.annotations.NullMarked;
