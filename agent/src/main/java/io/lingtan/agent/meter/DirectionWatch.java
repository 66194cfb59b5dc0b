package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.reading.Values;

/**
 * Notices a meter that only counts the other way than its role says, as behind a transformer put in
 * the wrong way round: its register stands still for 15 minutes or more, while the power is against
 * it and the register of the other direction counts more than a hundredth of the rating. Over when
 * its own register counts.
 */
final class DirectionWatch implements MeterCheck {

  private static final long LEAST_MILLIS = 15 * 60_000L;
  private static final long LEAST_STEPS = 2;

  /** Part of the rating that an inverter takes at night, and a motor gives back, is less. */
  private static final long SHARE = 100;

  private static final long HOUR_MILLIS = 3_600_000L;

  private final Point power;
  private final Point other;
  private final int sign;
  private final RegisterSpec spec;

  /** Whether {@code from} and {@code otherFrom} are of a reading. */
  private boolean begun;

  /** When its own register moved last, and what the other one read then. */
  private Mark from = new Mark(0, 0, 0);

  private long otherFrom;
  private long counted;
  private boolean against;

  /** From when on it did, the last time. */
  private long since;

  private Times before = Times.NONE;

  /** What a reading changed. */
  enum Turn {
    NONE,
    BEGINS,
    ENDS
  }

  /**
   * @param power of what both registers count
   * @param other the register of the other direction
   * @param sign of the power while its own register counts
   */
  DirectionWatch(Point power, Point other, int sign, RegisterSpec spec) {
    this.power = power;
    this.other = other;
    this.sign = sign;
    this.spec = spec;
  }

  /**
   * Its own register went on from another place, and is watched anew: what was found until then
   * stays so.
   */
  Turn begin(Mark at) {
    begun = false;
    return end(at);
  }

  /**
   * Takes a reading that is believed.
   *
   * @param moved whether its own register counted since the last one
   */
  Turn observe(boolean moved, Sample sample, Mark at) {
    Values values = sample.values();
    if (!values.has(power) || !values.has(other)) {
      return Turn.NONE;
    }
    long now = values.micros(other);
    long elapsed = begun ? at.millisSince(from) : -1;
    if (moved || elapsed < 0 || now < otherFrom) {
      Turn turn = end(at);
      begun = true;
      from = at;
      otherFrom = now;
      return turn;
    }
    counted = now - otherFrom;
    long least = Math.max(LEAST_STEPS * spec.step(now), share(elapsed));
    if (against || elapsed < LEAST_MILLIS || counted <= least || sign * values.micros(power) >= 0) {
      return Turn.NONE;
    }
    against = true;
    since = from.wallMillis();
    return Turn.BEGINS;
  }

  private long share(long millis) {
    return Math.round((double) spec.ratePerHour() / SHARE * millis / HOUR_MILLIS);
  }

  private Turn end(Mark at) {
    if (!against) {
      return Turn.NONE;
    }
    against = false;
    before = before.and(Times.of(from.wallMillis(), at.wallMillis()));
    return Turn.ENDS;
  }

  /** Since when its own register stands still, or stood before it counted again, UTC ms. */
  long since() {
    return since;
  }

  /** What the register of the other direction counted since then, millionths. */
  long counted() {
    return counted;
  }

  /** Whether it counted against its role at any time between two instants. */
  boolean isAgainstIn(long start, long end) {
    return (against && since < end) || !before.within(Times.of(start, end)).isNone();
  }

  @Override
  public void forget(long horizon) {
    before = before.without(Long.MIN_VALUE, horizon);
  }

  @Override
  public void checkpoint(CheckpointWriter to) {
    to.flag(begun).number(otherFrom).number(counted).flag(against).number(since).times(before);
    from.write(to);
  }

  @Override
  public void restore(CheckpointReader in) {
    begun = in.flag();
    otherFrom = in.number();
    counted = in.number();
    against = in.flag();
    since = in.number();
    before = in.times();
    from = Mark.read(in);
  }
}
