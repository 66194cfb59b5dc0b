/** The topology without a broker. */
@NullMarked
package io.lingtan.simulator.zone.streams;

import org.jspecify.annotations.NullMarked;
