package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Quality;

/**
 * A stretch of time that is over, and what a register counted in it as it was told then.
 *
 * @param counted millionths
 * @param coveredMillis how much of the time lies between samples that are close enough
 * @param brokenMillis of how much nobody knows what was counted
 * @param quality how well it is known what the register had counted where it begins; {@code
 *     SUSPECT} if anything in it is
 * @param estimated of what was counted, the part in the gap in which it begins, whose place in time
 *     is estimated; millionths
 */
public record Stretch(
    long counted, long coveredMillis, long brokenMillis, Quality quality, long estimated) {}
