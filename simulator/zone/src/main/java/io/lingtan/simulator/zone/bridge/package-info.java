/**
 * {@code lingtan-zone bridge}: from the MQTT broker into Kafka, and {@code cmd/ack} back.
 *
 * <p>Several share one subscription, each with a client id of its own that never changes and a
 * session that the broker keeps: what a bridge held when it left is sent to it again when it is
 * back. One thread; the libraries' threads only put into an inbox or mark what is done.
 */
@NullMarked
package io.lingtan.simulator.zone.bridge;

import org.jspecify.annotations.NullMarked;
