package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.site.Device;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an energy register counted, held against the power of the same meter over the same time: a
 * transformer ratio that only one of the two knows, or a phase that only one of them counts, shows
 * here. A window begins and ends at a reading that moved; it is judged when it is 15 minutes long,
 * the register moved by 20 steps, and it can be told on which side of a limit the two are.
 *
 * <p>Power is looked at now and then, so its sum is uncertain by as much as it changes from one
 * reading to the next: what that can explain, and one step of the register, is no difference. A
 * window that cannot be decided after six hours leaves what was held before, as far as it allows
 * that: what was suspect is so until a window says that it is not. A power that is not told, as
 * within its deadband, holds for a time.
 */
final class PowerComparison implements MeterCheck {

  /** How register and power agree: within 3 %, within 10 %, or not. */
  enum Verdict {
    GOOD,
    DOUBTFUL,
    SUSPECT
  }

  /** What a register did from one reading to the next. */
  private enum Going {
    UNKNOWN,
    STOOD,
    MOVED
  }

  /**
   * A window that was judged.
   *
   * @param before what was held of the meter until then
   * @param from start, UTC ms
   * @param to end, UTC ms
   * @param counted by the register, millionths of a kWh
   * @param made by the power, millionths of a kWh
   * @param touchedFrom since when what was told changes by it, {@link Long#MAX_VALUE} if nothing
   */
  record Window(
      Verdict verdict,
      Verdict before,
      long from,
      long to,
      long counted,
      long made,
      long touchedFrom) {}

  private static final long DOUBTFUL_PERCENT = 3;
  private static final long SUSPECT_PERCENT = 10;
  private static final long LEAST_MILLIS = 15 * 60_000L;
  private static final long LEAST_STEPS = 20;
  private static final long PATIENCE_MILLIS = 6 * 3_600_000L;
  private static final long LONGEST_MILLIS = 24 * 3_600_000L;
  private static final double HOUR_MILLIS = 3_600_000;

  /**
   * Standard deviations of the power's sum: three of the sum itself, and as many of what flowed
   * between two looks and was not seen.
   */
  private static final double CERTAINTY = 6;

  private static final Mark NEVER = new Mark(0, 0, 0);

  private final Point power;
  private final int sign;
  private final RegisterSpec spec;
  private final long longestGap;

  /** By which a power that is held may be off, mW. */
  private final long deadband;

  private final long longestHeld;

  private Verdict verdict = Verdict.GOOD;

  /** Where the window that was judged last ends. */
  private long judgedUntil;

  /** When windows were suspect, as far back as boundaries are kept. */
  private Times suspect = Times.NONE;

  /** Whether the next reading goes on from {@code last}. */
  private boolean seen;

  private Mark last = NEVER;

  /** When the power was told last. */
  private Mark toldAt = NEVER;

  /** Mean power until then in the register's direction, mW. */
  private long lastPower;

  /** What the register did until then. */
  private Going going = Going.UNKNOWN;

  private boolean open;
  private Mark from = NEVER;
  private long fromPower;
  private long counted;

  /** What the power made, mWh. */
  private double made;

  /** What of it is not certain, because nobody knows when in between it was, mWh. */
  private double unsure;

  /** Squares of what changed from one reading to the next, mWh². */
  private double changes;

  /**
   * @param device whose deadband may hold the power back
   * @param power of what the register counts
   * @param sign of the power while the register counts
   * @param longestGap between two readings that may be bridged, ms
   */
  PowerComparison(Device device, Point power, int sign, RegisterSpec spec, long longestGap) {
    this.deadband = device.deadband().getOrDefault(power, 0L) / 1000;
    Duration held = device.maxInterval();
    this.longestHeld =
        deadband == 0 || held == null ? longestGap : Math.max(longestGap, held.toMillis());
    this.power = power;
    this.sign = sign;
    this.spec = spec;
    this.longestGap = longestGap;
  }

  /** Whether a window says something: long enough, and of enough steps of the register. */
  static boolean isLongEnough(long millis, long counted, long step) {
    return millis >= LEAST_MILLIS && counted / step >= LEAST_STEPS;
  }

  /**
   * How what was counted and what the power made agree; at a limit the milder verdict holds.
   *
   * @param unsure by which they may differ for other reasons; below 0 for the harsher answer
   */
  static Verdict verdict(long counted, long made, long unsure) {
    long off = Math.abs(counted - made) - unsure;
    if (100 * off > SUSPECT_PERCENT * made) {
      return Verdict.SUSPECT;
    }
    return 100 * off > DOUBTFUL_PERCENT * made ? Verdict.DOUBTFUL : Verdict.GOOD;
  }

  /** The register did not go on from its last reading: nor does the window. */
  void begin() {
    seen = false;
    open = false;
    going = Going.UNKNOWN;
  }

  /**
   * Takes a reading, with the power beside it.
   *
   * @param grown what the register counted since the last one, ≥ 0
   * @param reading of the register
   * @return the window that is judged with it, null if none is
   */
  @Nullable Window observe(long grown, long reading, Sample sample, Mark at) {
    boolean told = sample.values().has(power);
    if (!told
        && (!seen
            || sample.bad().containsKey(power)
            || at.millisSince(toldAt) < 0
            || at.millisSince(toldAt) > longestHeld)) {
      begin();
      return null;
    }
    Stat stat = sample.stats().get(power);
    long now = told ? power(sample, stat) : lastPower;
    long elapsed = seen ? at.millisSince(last) : -1;
    if (elapsed < 0 || elapsed > longestGap) {
      begin();
      elapsed = 0;
    }
    long step = spec.step(reading);
    boolean moves = seen && elapsed > 0 && grown > 0;
    // Renewed rarely: when in between, nobody knows.
    boolean inOneLump = going == Going.STOOD && grown > 2 * step;
    double lag = moves && inOneLump ? now * elapsed / HOUR_MILLIS : 0;
    if (open) {
      counted += grown;
      made += now * elapsed / HOUR_MILLIS;
      long off = !told ? deadband : stat == null ? 0 : bothWays(stat);
      unsure += off * elapsed / HOUR_MILLIS;
      long unseen = deadband > 0 || elapsed == 0 ? elapsed : at.millisSince(toldAt);
      double change = (now - lastPower) * unseen / HOUR_MILLIS;
      changes += change * change;
    }
    Window judged = open && moves ? judge(at, now, lag, step) : null;
    if (moves
        && ((!open && going != Going.UNKNOWN)
            || judged != null
            || (open && at.millisSince(from) > LONGEST_MILLIS))) {
      open = true;
      from = at;
      fromPower = now;
      counted = 0;
      made = 0;
      unsure = lag;
      changes = 0;
    }
    going = !seen || elapsed == 0 ? Going.UNKNOWN : moves ? Going.MOVED : Going.STOOD;
    seen = true;
    last = at;
    toldAt = told ? at : toldAt;
    lastPower = now;
    return judged;
  }

  private long power(Sample sample, @Nullable Stat stat) {
    long mean = stat == null ? sample.values().micros(power) : stat.mean();
    return Math.max(0, sign * mean / 1000);
  }

  /** What flowed the other way in between, of which the mean says nothing, mW. */
  private static long bothWays(Stat stat) {
    return stat.min() < 0 && stat.max() > 0 ? Math.min(-stat.min(), stat.max()) / 1000 : 0;
  }

  private @Nullable Window judge(Mark at, long now, double lag, long step) {
    long millis = at.millisSince(from);
    if (!isLongEnough(millis, counted, step)) {
      return null;
    }
    double ends = Math.abs(now - fromPower) * spec.updateMillis() / HOUR_MILLIS + lag;
    long off = step + Math.round(unsure + ends + CERTAINTY * Math.sqrt(changes / 2));
    long all = Math.round(made);
    Verdict mild = verdict(counted, all, off);
    Verdict harsh = verdict(counted, all, -off);
    if (mild != harsh && millis < PATIENCE_MILLIS) {
      return null;
    }
    Verdict found = among(mild, harsh);
    long start = from.wallMillis();
    long end = at.wallMillis();
    boolean wasSuspect = verdict == Verdict.SUSPECT;
    long touched = Long.MAX_VALUE;
    if (wasSuspect) {
      suspect = suspect.and(Times.of(judgedUntil, found == Verdict.SUSPECT ? end : start));
      touched = found == Verdict.SUSPECT ? touched : judgedUntil;
    } else if (found == Verdict.SUSPECT) {
      suspect = suspect.and(Times.of(start, end));
      touched = start;
    }
    Window judged = new Window(found, verdict, start, end, counted, all, touched);
    verdict = found;
    judgedUntil = end;
    return judged;
  }

  /** What was held so far, or what is nearest to it of what a window leaves open. */
  private Verdict among(Verdict mild, Verdict harsh) {
    Verdict notWorse = verdict.compareTo(harsh) > 0 ? harsh : verdict;
    return notWorse.compareTo(mild) < 0 ? mild : notWorse;
  }

  /** Whether what was counted at any time between two instants is not to be trusted. */
  boolean isSuspectIn(long start, long end) {
    return (verdict == Verdict.SUSPECT && end > judgedUntil)
        || !suspect.within(Times.of(start, end)).isNone();
  }

  @Override
  public void forget(long horizon) {
    suspect = suspect.without(Long.MIN_VALUE, horizon);
  }

  @Override
  public void checkpoint(CheckpointWriter to) {
    to.word(verdict.name()).number(judgedUntil).times(suspect).flag(seen);
    last.write(to);
    to.number(lastPower).word(going.name()).flag(open);
    from.write(to);
    to.number(fromPower).number(counted);
    to.number(Double.doubleToLongBits(made)).number(Double.doubleToLongBits(unsure));
    to.number(Double.doubleToLongBits(changes));
    toldAt.write(to);
  }

  @Override
  public void restore(CheckpointReader in) {
    verdict = Verdict.valueOf(in.word());
    judgedUntil = in.number();
    suspect = in.times();
    seen = in.flag();
    last = Mark.read(in);
    lastPower = in.number();
    going = Going.valueOf(in.word());
    open = in.flag();
    from = Mark.read(in);
    fromPower = in.number();
    counted = in.number();
    made = Double.longBitsToDouble(in.number());
    unsure = Double.longBitsToDouble(in.number());
    changes = Double.longBitsToDouble(in.number());
    // Older software did not write it down.
    toldAt = in.isAtEnd() ? last : Mark.read(in);
  }
}
