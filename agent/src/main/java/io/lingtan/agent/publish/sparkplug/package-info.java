/**
 * The Sparkplug B 3.0 view: the same records once more, in the form that SCADA hosts take, on a
 * connection of its own.
 *
 * <p>In: records from an {@link io.lingtan.agent.journal.Outbox} of its own, commands and the state
 * of the primary host from the broker. Out: births, data and deaths, events to the ledger's queue,
 * and a {@link io.lingtan.agent.publish.ViewSnapshot}. One thread, the view's, runs {@link
 * io.lingtan.agent.publish.sparkplug.SparkplugStep} and everything here.
 *
 * <p>A view never acknowledges a record and never holds space: what the journal drops before the
 * view has sent it is told as an event, and the view goes on from what is left. Nothing here is
 * loaded where the site file asks for no such view.
 */
@NullMarked
package io.lingtan.agent.publish.sparkplug;

import org.jspecify.annotations.NullMarked;
