/**
 * The subscriber's side: proves from what arrived that nothing is missing.
 *
 * <p>Messages of any number of gateways come in; what goes out is a verdict for each. The rules are
 * in {@link io.lingtan.agent.audit.Completeness}, which does no input or output, so that any
 * consumer can use it; {@link io.lingtan.agent.audit.AuditStep} feeds it from a broker. Shares no
 * code with what makes and publishes records, but for the canonical form of a signed one ({@code
 * seal}) and the gate that keeps hostile packets out ({@code packet}): one misunderstanding on both
 * sides would prove itself right.
 *
 * <p>What is not proven: a time without records next to records that have no date, of a boot whose
 * clock was never trusted. These are counted by number like all others, but there is no time
 * between two of them to judge.
 *
 * <p>Everything runs on the thread that calls {@link io.lingtan.agent.audit.AuditStep#step}; the
 * MQTT client's threads only put messages into an inbox.
 */
@NullMarked
package io.lingtan.agent.audit;

import org.jspecify.annotations.NullMarked;
