/**
 * Shows the agent to a person, a monitoring system or a watchdog: the page, the same as plain text,
 * as JSON, and as Prometheus metrics.
 *
 * <p>In: immutable snapshots that the stages publish; nobody calls in here, and nothing here can
 * make a stage wait. Out: HTTP. Requests run on virtual threads.
 */
@NullMarked
package io.lingtan.agent.status;

import org.jspecify.annotations.NullMarked;
