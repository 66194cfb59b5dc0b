package io.lingtan.agent.meter;

/**
 * A stretch of time that is over, and what a register counted in it as it was told then.
 *
 * @param counted millionths
 * @param coveredMillis how much of the time lies between samples that are close enough
 * @param brokenMillis of how much nobody knows what was counted
 */
public record Stretch(long counted, long coveredMillis, long brokenMillis) {

  public static final Stretch NOTHING = new Stretch(0, 0, 0);
}
