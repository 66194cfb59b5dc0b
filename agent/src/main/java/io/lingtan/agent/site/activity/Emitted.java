package io.lingtan.agent.site.activity;

import io.lingtan.agent.reading.Interval.FactorUsed;
import org.jspecify.annotations.Nullable;

/**
 * The emission of one activity alone, or why it is not known.
 *
 * @param kilogramsMicros millionths of a kg of CO2, of gases and refrigerants of CO2e; null where
 *     it is not known
 * @param factor id of the factor; null where there is none
 * @param used the factor as it counts; null where there is none
 * @param why it is not known; null if it is
 */
public record Emitted(
    @Nullable Long kilogramsMicros,
    @Nullable String factor,
    @Nullable FactorUsed used,
    @Nullable String why) {}
