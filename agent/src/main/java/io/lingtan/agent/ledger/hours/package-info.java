/**
 * Energies hour by hour, as long as they may still change, of an interval that is longer. Flows of
 * base intervals come in and may be taken out again; what was matched comes out. The ledger's
 * thread.
 */
@NullMarked
package io.lingtan.agent.ledger.hours;

import org.jspecify.annotations.NullMarked;
