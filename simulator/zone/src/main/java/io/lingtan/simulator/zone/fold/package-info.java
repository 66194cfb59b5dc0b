/**
 * What a zone knows of its gateways, worked out from their messages alone; pure.
 *
 * <p>Messages of one gateway go into its {@link io.lingtan.simulator.zone.fold.GatewayFold}, in any
 * order and as often as they come; records come out once, with the figures of signed intervals, how
 * far the gateway's numbers are covered, and what cannot be taken, with the reason. {@link
 * io.lingtan.simulator.zone.fold.ZoneSum} adds figures up over gateways, {@link
 * io.lingtan.simulator.zone.fold.ZoneTree} makes one hash of them. No input or output, clock,
 * thread or randomness; nothing of Kafka, MQTT or SQL.
 */
@NullMarked
package io.lingtan.simulator.zone.fold;

import org.jspecify.annotations.NullMarked;
