package io.lingtan.agent.ledger;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Time.Wall;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dates of this boot and of earlier ones that have none: by the wall clock, from when on it is
 * trusted.
 */
final class BootDates {

  private static final Logger log = LoggerFactory.getLogger(BootDates.class);

  /** A wall clock that moves by more than this between two looks was set. */
  private static final long STEP_MILLIS = 500;

  private static final long DAY_MILLIS = 24 * 3_600_000L;

  private final Journal journal;
  private final Time time;
  private final Set<String> bounded = new HashSet<>();
  private boolean mayBeUndated = true;
  private boolean holdEnded;
  private boolean clockSeen;
  private long lastOffset;
  private boolean trusted;

  BootDates(Journal journal, Time time) {
    this.journal = journal;
    this.time = time;
  }

  /** Whether the clock has been trusted since this process began. */
  boolean isTrusted() {
    return trusted;
  }

  /** UTC ms of an instant of this boot, UNDATED until the clock has been trusted. */
  long dated(long atNanos) {
    return trusted ? time.wall().millisAt(new MonotonicInstant(atNanos)) : JournalRecord.UNDATED;
  }

  /** Looks at the clock; what there is to tell if it was set since the last look, else null. */
  @Nullable Event step(MonotonicInstant now) {
    Wall wall = time.wall();
    boolean stepped =
        clockSeen && trusted && Math.abs(wall.offsetMillis() - lastOffset) > STEP_MILLIS;
    Event told =
        stepped
            ? Event.of("clock.step", Severity.WARNING)
                .with("from", lastOffset + now.millis())
                .with("to", wall.millisAt(now))
            : null;
    clockSeen = true;
    lastOffset = wall.offsetMillis();
    return told;
  }

  /**
   * What there is to tell of a clock that is trusted from now on and was set back by more than a
   * day while no process ran, else null.
   *
   * @param since UTC ms of the newest reading, UNDATED if there is none
   */
  @Nullable Event setBack(long since, MonotonicInstant now) {
    long millis = time.wall().millisAt(now);
    return since == JournalRecord.UNDATED || millis >= since - DAY_MILLIS
        ? null
        : Event.of("clock.step", Severity.WARNING).with("from", since).with("to", millis);
  }

  /** Whether the clock is trusted now for the first time. */
  boolean begin() {
    boolean begins = !trusted && time.wall().trusted();
    trusted |= begins;
    return begins;
  }

  /** Between which instants each earlier boot was that never got a date; each is told once. */
  List<Event> bounds(long notBefore, MonotonicInstant now) {
    List<Event> told = new ArrayList<>();
    for (String boot : journal.undatedBoots()) {
      if (!boot.equals(time.boot()) && bounded.add(boot)) {
        Event bounds = Event.of("clock.bounds", Severity.WARNING).with("boot", boot);
        told.add(
            (notBefore == JournalRecord.UNDATED ? bounds : bounds.with("not_before", notBefore))
                .with("not_after", time.wall().millisAt(now)));
      }
    }
    return told;
  }

  /** A record of this boot is written without a date. */
  void undated() {
    mayBeUndated = true;
  }

  /** What waits for a date has waited long enough. */
  void holdEnded() {
    holdEnded = true;
  }

  /**
   * Dates this boot's records that went out of sight undated, and gives up those of boots whose
   * clock was never trusted. Only after what was folded of them is committed. Without a trusted
   * clock lets go of what has waited long enough.
   */
  void date() {
    try {
      if (trusted && mayBeUndated) {
        journal.undatedBoots().forEach(this::date);
        mayBeUndated = false;
      } else if (!trusted && holdEnded) {
        journal.undatedBoots().forEach(journal::releaseBoot);
      }
      holdEnded = false;
    } catch (JournalUnavailable e) {
      log.warn("a boot is not dated yet and will be with the next commit: {}", e.getMessage());
    }
  }

  private void date(String boot) {
    if (boot.equals(time.boot())) {
      journal.dateBoot(boot, time.wall().offsetMillis());
    } else if (bounded.contains(boot)) {
      journal.giveUpBoot(boot);
    }
  }
}
