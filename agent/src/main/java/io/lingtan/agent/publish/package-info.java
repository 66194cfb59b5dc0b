/**
 * Sends what the journal keeps, over MQTT 5, and believes that something arrived only when the
 * broker has said so with a good reason code.
 *
 * <p>In: records from {@link io.lingtan.agent.journal.Outbox}, commands from the broker. Out:
 * messages through the {@link io.lingtan.agent.publish.link.Broker} seam, acknowledgements back to
 * the outbox, events to the ledger's queue, and an {@link io.lingtan.agent.publish.UplinkSnapshot}
 * for whoever looks.
 *
 * <p>One thread, the publisher's, runs {@link io.lingtan.agent.publish.PublishStep} and everything
 * in the rooms below. Only {@link io.lingtan.agent.publish.link.PahoBroker} has other threads
 * behind it: one short-lived errand per connection, and the library's callbacks, which do nothing
 * but put into an inbox.
 *
 * <p>Lanes: {@code data} goes live once, or late in batches; {@code interval} and {@code event} go
 * in order on their own topics. A lane is a cursor over the outbox and nothing more: whatever goes
 * wrong, moving the cursor back sends again what was not acknowledged, and nothing else.
 */
@NullMarked
package io.lingtan.agent.publish;

import org.jspecify.annotations.NullMarked;
