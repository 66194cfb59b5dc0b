package io.lingtan.agent.meter;

import io.lingtan.agent.meter.RegisterChange.Advanced;
import io.lingtan.agent.meter.RegisterChange.Cause;
import io.lingtan.agent.meter.RegisterChange.Confirmed;
import io.lingtan.agent.meter.RegisterChange.Doubted;
import io.lingtan.agent.meter.RegisterChange.First;
import io.lingtan.agent.meter.RegisterChange.Glitch;
import io.lingtan.agent.meter.RegisterChange.Leapt;
import io.lingtan.agent.meter.RegisterChange.Rebased;
import io.lingtan.agent.meter.RegisterChange.Retracted;
import io.lingtan.agent.meter.RegisterChange.RolledOver;
import org.jspecify.annotations.Nullable;

/**
 * Follows one counting register and tells apart what it does: count, roll over, be reset, glitch,
 * jump, be exchanged. A reading that cannot be explained never moves the base by itself: two
 * readings that agree do. Counters in real meters fall to 0 for one reading while they start, and a
 * reading that was damaged on its way may as well be too high.
 *
 * <p>The register's rating decides what is too high. Where nobody gives one, a rise is doubted that
 * is beyond what the register ever did, and believed when the next reading goes on from it as fast:
 * then a load began. If it goes on slowly from far beyond, what it rose is counted and not believed
 * ({@link Leapt}). A glitch within those bounds is believed at first and taken back when two
 * readings say so.
 */
final class RegisterState {

  /** A rate above so many times the fastest so far is far beyond it. */
  private static final long FAR = 20;

  /** A first rise of at most one part in so many of the reading is believed at once. */
  private static final long LIFE = 100;

  /** Flag in the checkpoint: {@code fellFrom} is stored after it. */
  private static final int FELL = 4;

  /** Rates within this factor are alike. */
  private static final long ALIKE = 3;

  private final RegisterSpec spec;

  /** How long a register that reads 0 is not believed, ms: its device may still be starting. */
  private final long wakingMillis;

  /** The last believed reading; null before the first. */
  private @Nullable Seen base;

  /** The one that {@code base} was counted from; null if it was not. */
  private @Nullable Seen before;

  /** A reading after {@code base} that is not believed yet. */
  private @Nullable Seen doubted;

  /** Greatest increase per hour so far; kept where no rating is known. */
  private long fastest;

  /** What {@code fastest} was before {@code base} was believed, to go back to if it was wrong. */
  private long slower;

  /** Greatest increase per hour that was not believed; a second one like it is. */
  private long leapt;

  /** What it read before it was reset, until it has counted as far again; -1 if it was not. */
  private long fellFrom = -1;

  /** Why the next reading says nothing about the last; null if it goes on from it. */
  private @Nullable Cause announced;

  private record Seen(long reading, Mark at) {}

  public RegisterState(RegisterSpec spec) {
    this(spec, 0);
  }

  /**
   * The register of a device that shows 0 while it starts, as inverters do in the morning.
   *
   * @param wakingMillis for which several readings of 0 are still no reset
   */
  RegisterState(RegisterSpec spec, long wakingMillis) {
    this.spec = spec;
    this.wakingMillis = wakingMillis;
  }

  /**
   * Takes a reading.
   *
   * @param reading in millionths of its unit
   */
  public RegisterChange observe(long reading, Mark at) {
    Seen now = new Seen(reading, at);
    Seen last = base;
    if (last == null) {
      base = now;
      return new First();
    }
    Cause cause = announced;
    if (cause != null) {
      return rebase(cause, last, now, now);
    }
    Seen doubt = doubted;
    if (reading != last.reading && spec.turnsUnknown(at.millisSince(last.at))) {
      return rebase(Cause.TURNS_UNKNOWN, last, now, now);
    }
    long counted = counted(last, now);
    boolean agree = doubt != null && counted(doubt, now) >= 0;
    boolean between = doubt != null && agree && counted(last, doubt) >= 0;
    if (counted >= 0 && !between && isUsual(last, now, counted)) {
      // A register that is renewed once a minute jumps, and stays: then the doubt was wrong.
      boolean stays = doubt != null && agree && doubt.reading >= last.reading;
      return goOn(last, stays ? null : doubt, now, counted);
    }
    if (doubt != null && agree && !mayBeWaking(doubt, now)) {
      return agreed(last, doubt, now);
    }
    doubted = doubt != null && agree ? doubt : now;
    return new Doubted(last.reading, reading, spec.limit(at.millisSince(last.at), reading));
  }

  /** While it reads 0 it has counted nothing, so that nothing is lost by waiting. */
  private boolean mayBeWaking(Seen doubt, Seen now) {
    long millis = now.at.millisSince(doubt.at);
    return doubt.reading == 0 && now.reading == 0 && millis >= 0 && millis < wakingMillis;
  }

  /** What was counted from one reading to the next, or -1 if that is not plausible. */
  private long counted(Seen from, Seen to) {
    long elapsed = to.at.millisSince(from.at);
    long difference = to.reading - from.reading;
    if (difference >= 0) {
      return difference <= spec.limit(elapsed, to.reading) ? difference : -1;
    }
    long acrossModulus = difference + spec.modulusMicros();
    return acrossModulus >= 0 && spec.isRollover(acrossModulus, elapsed, to.reading)
        ? acrossModulus
        : -1;
  }

  /** A first rise is measured by what the register counted in all its life. */
  private boolean isUsual(Seen from, Seen to, long counted) {
    boolean first = fastest == 0 && counted <= from.reading / LIFE;
    return first || spec.isUsual(counted, to.at.millisSince(from.at), to.reading, fastest);
  }

  private RegisterChange goOn(Seen last, @Nullable Seen doubt, Seen now, long counted) {
    believe(last, now, counted);
    if (doubt != null) {
      return new Glitch(last.reading, doubt.reading, counted);
    }
    return now.reading < last.reading
        ? new RolledOver(last.reading, now.reading, counted)
        : new Advanced(counted);
  }

  private void believe(Seen from, Seen now, long counted) {
    before = from;
    base = now;
    doubted = null;
    slower = fastest;
    fellFrom = now.reading >= fellFrom ? -1 : fellFrom;
    if (spec.ratePerHour() == 0) {
      fastest = Math.max(fastest, spec.perHour(counted, now.at.millisSince(from.at)));
    }
  }

  /** Two readings agree with each other, and the first does not go on from the last. */
  private RegisterChange agreed(Seen last, Seen doubt, Seen now) {
    long counted = counted(doubt, now);
    long untilDoubt = counted(last, doubt);
    if (untilDoubt >= 0 && isReturn(last, doubt, untilDoubt)) {
      return rebase(Cause.JUMP, last, doubt, now);
    }
    if (untilDoubt >= 0 && isLeap(last, doubt, untilDoubt, now, counted)) {
      leapt = Math.max(leapt, spec.perHour(untilDoubt, doubt.at.millisSince(last.at)));
      believe(doubt, now, counted);
      return new Leapt(last.at, last.reading, doubt.at, doubt.reading, untilDoubt, counted);
    }
    if (untilDoubt >= 0) {
      believe(last, doubt, untilDoubt);
      believe(doubt, now, counted);
      return new Confirmed(doubt.at, doubt.reading, untilDoubt, counted);
    }
    Seen earlier = before;
    boolean isBack =
        earlier != null && (doubt.reading < last.reading || last.reading < earlier.reading);
    long sinceEarlier = earlier == null || !isBack ? -1 : counted(earlier, doubt);
    if (earlier != null && sinceEarlier >= 0) {
      fastest = slower;
      believe(earlier, doubt, sinceEarlier);
      believe(doubt, now, counted);
      return new Retracted(
          earlier.reading, last.reading, doubt.at, doubt.reading, sinceEarlier, counted);
    }
    return rebase(doubt.reading < last.reading ? Cause.RESET : Cause.JUMP, last, doubt, now);
  }

  /** Whether it shows again what it had counted before it was reset, which nothing explains. */
  private boolean isReturn(Seen last, Seen doubt, long rise) {
    long rate = spec.perHour(rise, doubt.at.millisSince(last.at));
    return spec.ratePerHour() == 0
        && fellFrom >= 0
        && doubt.reading >= fellFrom
        && (fastest == 0 || rate / FAR > fastest);
  }

  /** Whether it rose far beyond all that it ever did, and goes on as slowly as before. */
  private boolean isLeap(Seen last, Seen doubt, long rise, Seen now, long counted) {
    long rate = spec.perHour(rise, doubt.at.millisSince(last.at));
    long after = spec.perHour(counted, now.at.millisSince(doubt.at));
    boolean far = spec.ratePerHour() == 0 && fastest > 0 && rate / FAR > fastest;
    return far && after < rate / ALIKE && (leapt == 0 || leapt > rate || rate / ALIKE > leapt);
  }

  private Rebased rebase(Cause cause, Seen last, Seen since, Seen now) {
    long counted = counted(since, now);
    base = now;
    // The line is broken at the first of the two: only what came after it could be taken back.
    before = since.at.equals(now.at) ? null : since;
    doubted = null;
    announced = null;
    fellFrom = cause == Cause.RESET ? last.reading : -1;
    return new Rebased(cause, last.reading, since.at, since.reading, counted);
  }

  /** Another meter was put in, its readings unknown: the next reading is a new base at once. */
  public void exchanged() {
    announced = base == null ? null : Cause.EXCHANGE;
  }

  /**
   * What its readings are multiplied by from now on.
   *
   * @param otherwise than its last reading was: then the next one is a new base
   */
  public void rescaled(boolean otherwise) {
    if (otherwise && base != null) {
      announced = announced == null ? Cause.RESCALED : announced;
    } else if (announced == Cause.RESCALED) {
      announced = null;
    }
  }

  /**
   * Another meter was put in and somebody wrote down both readings.
   *
   * @param finalOld what the old meter read in the end
   * @param startNew what the new one read when it was put in
   * @return what the old meter had still counted
   * @throws IllegalArgumentException if the old meter cannot have read that
   */
  public RegisterChange exchanged(long finalOld, long startNew, Mark at) {
    Seen last = base;
    Seen end = new Seen(finalOld, at);
    long counted = last == null ? 0 : counted(last, end);
    if (counted < 0) {
      throw new IllegalArgumentException(
          "the old meter cannot have counted from " + last + " to " + end);
    }
    base = new Seen(startNew, at);
    before = null;
    doubted = null;
    announced = null;
    fellFrom = -1;
    return last == null ? new First() : new Advanced(counted);
  }

  /** Writes the state down, for {@link #from}. */
  public void checkpoint(CheckpointWriter to) {
    write(base, to);
    write(before, to);
    write(doubted, to);
    int why = announced == null ? 0 : announced == Cause.RESCALED ? 2 : 1;
    to.number(fastest).number(why + (fellFrom < 0 ? 0 : FELL));
    to.number(leapt).number(slower);
    if (fellFrom >= 0) {
      to.number(fellFrom);
    }
  }

  /** Takes up a state that was written down. */
  public static RegisterState from(CheckpointReader from, RegisterSpec spec, long wakingMillis) {
    RegisterState state = new RegisterState(spec, wakingMillis);
    state.base = read(from);
    state.before = read(from);
    state.doubted = read(from);
    state.fastest = from.number();
    long announced = from.number();
    long why = announced % FELL;
    state.announced = why == 0 ? null : why == 2 ? Cause.RESCALED : Cause.EXCHANGE;
    state.leapt = from.number();
    state.slower = from.number();
    state.fellFrom = announced >= FELL ? from.number() : -1;
    return state;
  }

  private static void write(@Nullable Seen seen, CheckpointWriter to) {
    to.flag(seen != null);
    if (seen != null) {
      to.number(seen.reading);
      seen.at.write(to);
    }
  }

  private static @Nullable Seen read(CheckpointReader from) {
    return from.flag() ? new Seen(from.number(), Mark.read(from)) : null;
  }
}
