/** The topics between the parts of a zone: their names, what they hold, and how they are made. */
@NullMarked
package io.lingtan.simulator.zone.kafka;

import org.jspecify.annotations.NullMarked;
