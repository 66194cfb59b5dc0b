/**
 * {@code lingtan-zone streams}: the fold on Kafka Streams, exactly once, partitioned by gateway.
 *
 * <p>{@link io.lingtan.simulator.zone.streams.ZoneTopology} is the flow on one page. Kafka Streams'
 * threads run all of it; state is in its stores, which a standby instance keeps a copy of.
 */
@NullMarked
package io.lingtan.simulator.zone.streams;

import org.jspecify.annotations.NullMarked;
