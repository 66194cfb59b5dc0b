package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Quality;
import java.util.List;

/**
 * An energy line where it crosses a boundary of local time. Rounded once, used by the interval
 * before it and the interval after it.
 *
 * @param quality {@code MEASURED}, {@code DERIVED} (asleep), {@code EST_LINEAR}, {@code
 *     EST_PROFILE}, or {@code MISSING}: then {@code value} and {@code reading} mean nothing; where
 *     it was put back also {@code PARTIAL}, or {@code SUSPECT} if anything after it is
 * @param value of the line
 * @param reading of the register itself
 * @param beforeAt when the last point of the line at or before the boundary was taken, UTC ms;
 *     {@link Long#MIN_VALUE} if there is none
 * @param before the line there
 * @param afterAt when the next point was taken; {@link Long#MAX_VALUE} if none has been yet
 * @param after the line there
 * @param coveredMillis time up to here that lies between points close enough to each other
 * @param brokenMillis time up to here in which nobody knows what was counted
 */
record Boundary(
    Quality quality,
    long value,
    long reading,
    long beforeAt,
    long before,
    long afterAt,
    long after,
    long coveredMillis,
    long brokenMillis) {

  private static final List<Quality> QUALITIES = List.of(Quality.values());

  /** Whether its place in time was estimated, or may have been. */
  boolean isEstimated() {
    return quality == Quality.EST_LINEAR
        || quality == Quality.EST_PROFILE
        || quality == Quality.SUSPECT;
  }

  boolean isKnown() {
    return quality != Quality.MISSING;
  }

  /** The same, of a line that counts its times from there on. */
  Boundary since(long covered, long broken) {
    return new Boundary(
        quality,
        value,
        reading,
        beforeAt,
        before,
        afterAt,
        after,
        coveredMillis - covered,
        brokenMillis - broken);
  }

  /** The boundary so much before this one. */
  Boundary less(long start, LeftInterval.Counted count, long noReading) {
    boolean known = count.quality() != Quality.MISSING;
    long there = value - count.counted();
    return new Boundary(
        count.quality(),
        there,
        noReading,
        known ? start : Long.MIN_VALUE,
        there,
        known ? start : count.since(),
        there,
        coveredMillis - count.coveredMillis(),
        brokenMillis - count.brokenMillis());
  }

  void write(CheckpointWriter to) {
    to.number(QUALITIES.indexOf(quality)).number(value).number(reading - value);
    to.number(beforeAt).number(before - value).number(afterAt).number(after - value);
    to.number(coveredMillis).number(brokenMillis);
  }

  static Boundary read(CheckpointReader from) {
    Quality quality = QUALITIES.get((int) from.number());
    long value = from.number();
    return new Boundary(
        quality,
        value,
        value + from.number(),
        from.number(),
        value + from.number(),
        from.number(),
        value + from.number(),
        from.number(),
        from.number());
  }
}
