/** How commands come to Kafka. */
@NullMarked
package io.lingtan.simulator.zone.kafka;

import org.jspecify.annotations.NullMarked;
