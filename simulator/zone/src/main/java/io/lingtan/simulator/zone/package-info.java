/**
 * A reference central system for a whole zone: what outgrows one machine, on Apache Kafka behind
 * the MQTT broker, and PostgreSQL as the table that people query.
 *
 * <pre>
 * gateways ─▶ MQTT broker ─▶ bridge ─▶ zone.messages ─▶ streams ─▶ zone.kept, .sums, .roots, ─▶ sink ─▶ PostgreSQL
 *     ▲                        │                       (fold)     .leaves, .dead               └─▶ prove
 *     └──────── cmd/ack, replay ┴──────── zone.commands ◀─┘
 * </pre>
 *
 * Each part is a process of its own, of which there may be several. A message is acknowledged to
 * the MQTT broker when Kafka has it on several machines, and to the gateway ({@code cmd/ack}) when
 * the fold has it in its committed state: with {@code mqtt.require_app_ack} the gateway keeps it so
 * long.
 */
@NullMarked
package io.lingtan.simulator.zone;

import org.jspecify.annotations.NullMarked;
