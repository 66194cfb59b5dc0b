package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Times;

/**
 * Notices a register that stands still while its device measures power: when the energy of that
 * power since it last moved is more than two of its steps and than a thousandth of its rating over
 * two hours. A register of a load that is off stands still too, and rightly so.
 */
final class StuckWatch implements MeterCheck {

  private static final long HOUR_MILLIS = 3_600_000L;

  /** Gaps longer than this say nothing of the power in them: 20 minutes. */
  private static final long LONGEST_MILLIS = 20 * 60_000L;

  private final Point power;
  private final int sign;
  private final RegisterSpec spec;
  private boolean begun;
  private long reading;
  private Mark last = new Mark(0, 0, 0);

  /** Until when it was right to stand still: it moved, or nothing has flowed since. */
  private long rightUntil;

  private long missedMilliwattMillis;

  /** Beside the reading before, mW; 0 if there was none. */
  private long powerBefore;

  private boolean stuck;
  private long stuckFrom;

  /** When it stood still wrongly before, as far as intervals of then may be told again. */
  private Times stood = Times.NONE;

  /**
   * @param power of what the register counts
   * @param sign of the power while the register counts
   * @param spec its step and rating; without a rating only the step counts
   */
  StuckWatch(Point power, int sign, RegisterSpec spec) {
    this.power = power;
    this.sign = sign;
    this.spec = spec;
  }

  /** How the register of this point counts: while power is so. */
  static int sign(Point point) {
    return switch (point.quantity()) {
      case ENERGY_EXPORT, ENERGY_CHARGED, ENERGY_ABSORBED -> -1;
      default -> 1;
    };
  }

  /**
   * Takes a reading with the power beside it.
   *
   * @return whether it is stuck since this reading
   */
  boolean observe(long now, Sample sample, Mark at) {
    int i = sample.values().indexOf(power);
    long before = powerBefore;
    powerBefore = i < 0 ? 0 : Math.max(0, sign * sample.values().micros(i)) / 1000;
    boolean moved = !begun || now != reading;
    long elapsed = begun ? at.millisSince(last) : -1;
    last = at;
    if (moved) {
      move(now, at);
      return false;
    }
    if (i < 0 || elapsed < 0 || elapsed > LONGEST_MILLIS) {
      // Something may have flowed: from here on it is not said any more that nothing has.
      missedMilliwattMillis = Math.max(1, missedMilliwattMillis);
      return false;
    }
    // Of what was between two readings only the lesser power is certain: where it began in between,
    // perhaps while nobody looked, the register had less to count. Milliwatts times milliseconds: a
    // gigawatt may be missed for a hundred days.
    missedMilliwattMillis += Math.min(before, powerBefore) * elapsed;
    if (missedMilliwattMillis == 0) {
      rightUntil = at.wallMillis();
    }
    if (stuck || missedMilliwattHours() <= most(now)) {
      return false;
    }
    stuck = true;
    stuckFrom = rightUntil;
    return true;
  }

  /** What may be missed of a register that reads this. */
  private long most(long now) {
    return Math.max(2 * spec.step(now), spec.ratePerHour() / 1000 * 2);
  }

  private void move(long now, Mark at) {
    begun = true;
    reading = now;
    missedMilliwattMillis = 0;
    rightUntil = at.wallMillis();
    if (stuck) {
      stuck = false;
      stood = stood.and(Times.of(stuckFrom, at.wallMillis()));
    }
  }

  /** What the power made since the register last moved, milliwatt-hours. */
  long missedMilliwattHours() {
    return missedMilliwattMillis / HOUR_MILLIS;
  }

  /** Whether the register stood still wrongly at any time between two instants. */
  boolean isStuckIn(long start, long end) {
    return (stuck && stuckFrom < end) || !stood.within(Times.of(start, end)).isNone();
  }

  @Override
  public void forget(long horizon) {
    stood = stood.without(Long.MIN_VALUE, horizon);
  }

  /** Since when it stands still though it may have had something to count, UTC ms. */
  long since() {
    return rightUntil;
  }

  @Override
  public void checkpoint(CheckpointWriter to) {
    to.flag(begun).number(reading).number(rightUntil).number(missedMilliwattMillis);
    to.number(powerBefore).flag(stuck);
    to.number(stuckFrom).times(stood);
    last.write(to);
  }

  @Override
  public void restore(CheckpointReader from) {
    begun = from.flag();
    reading = from.number();
    rightUntil = from.number();
    missedMilliwattMillis = from.number();
    powerBefore = from.number();
    stuck = from.flag();
    stuckFrom = from.number();
    stood = from.times();
    last = Mark.read(from);
  }
}
