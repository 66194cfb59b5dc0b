package io.lingtan.agent.acquire.coap;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A SenML record with its base fields worked in (RFC 8428, section 4.6), but for its time, which
 * stays as sent.
 *
 * @param name base name and name together
 * @param unit empty if none is given
 * @param value null if the record has only a sum
 * @param sum null if it has none
 * @param time seconds: below 2^28 from now, else since 1970 (section 4.5.3); null if none is given,
 *     which means now
 */
record SenmlRecord(
    String name,
    String unit,
    @Nullable SenmlValue value,
    @Nullable SenmlValue sum,
    @Nullable BigDecimal time) {}
