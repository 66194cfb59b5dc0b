package io.lingtan.simulator.referee;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A value that a publisher sent as good.
 *
 * @param unit as the mapping says, 1..
 * @param counts the value in counts of the register
 * @param key by which a receiver tells that it has this message already; null if the publisher has
 *     none
 * @param timeMillis when the publisher says that it was read, UTC ms; null if it does not say
 */
record Delivered(
    int unit, Place place, BigDecimal counts, @Nullable String key, @Nullable Long timeMillis) {}
