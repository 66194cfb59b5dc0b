/**
 * Which sign, phase or ratio looks wrong, from what the meters show now. In come {@link
 * io.lingtan.agent.status.wiring.Look looks}, one a second while somebody watches; out go findings
 * that enough of them agree on. Pure, but for the looks that {@link
 * io.lingtan.agent.status.wiring.Wiring} remembers; called on request threads. Proposes, and
 * changes nothing.
 */
@NullMarked
package io.lingtan.agent.status.wiring;

import org.jspecify.annotations.NullMarked;
