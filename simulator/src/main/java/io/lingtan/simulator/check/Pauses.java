package io.lingtan.simulator.check;

import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.PulseFault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The times in which nobody counted the pulses of an input, because no agent ran or the input was
 * away. Each has to be told when counting goes on, or whoever adds up the totals would take the
 * pulses of that time for none. Times are the world's, in milliseconds.
 */
final class Pauses {

  /** From a start to the inputs being taken and the totals read, with one attempt in vain. */
  private static final long NOTICE_MILLIS = 30_000;

  /** The grain of time stamps, and of the clock that they are of. */
  private static final long SLACK_MILLIS = 1_000;

  private final List<Pause> pauses = new ArrayList<>();
  private final long firstStart;
  private final long until;

  /**
   * @param from when nobody counted any more, less what may have been lost of the time before
   * @param until when counting could go on
   */
  private record Pause(long from, long until) {}

  private Pauses(List<Pause> all, long firstStart, long until) {
    this.firstStart = firstStart;
    this.until = until;
    // One that begins within another is the same one, as far as anybody can tell.
    for (Pause next : all.stream().sorted(Comparator.comparingLong(Pause::from)).toList()) {
      Pause last = pauses.isEmpty() ? null : pauses.getLast();
      if (last != null && next.from <= last.until) {
        pauses.removeLast();
        pauses.add(new Pause(last.from, Math.max(last.until, next.until)));
      } else {
        pauses.add(next);
      }
    }
  }

  /**
   * Those of one input.
   *
   * @param until when the run was over
   */
  static Pauses of(Happened happened, String device, long until) {
    List<Happened.Outage> outages = happened.outages();
    List<Pause> all = new ArrayList<>();
    // The first is the time before any agent ran.
    outages.stream().skip(1).forEach(away -> all.add(new Pause(away.from(), away.until())));
    for (Fault fault : happened.faults()) {
      if (fault instanceof PulseFault.Gone gone && gone.device().equals(device)) {
        all.add(new Pause(gone.fromMillis(), gone.untilMillis()));
      }
    }
    return new Pauses(all, outages.isEmpty() ? 0 : outages.getFirst().until(), until);
  }

  /**
   * Says which of them nobody told of, if there was time to do so before the next one.
   *
   * @param again each time that counting was told to go on: the worlds that it may be of
   * @param anew the same for counting that begins, which is enough where no total was kept
   */
  void judge(String device, List<List<Long>> again, List<List<Long>> anew, Findings findings) {
    for (int i = 0; i < pauses.size(); i++) {
      Pause pause = pauses.get(i);
      long next = i + 1 < pauses.size() ? pauses.get(i + 1).from : until;
      boolean isKept = pause.from > firstStart + NOTICE_MILLIS;
      boolean isTold = isIn(pause, again) || (!isKept && isIn(pause, anew));
      if (!isTold && next >= pause.until + NOTICE_MILLIS) {
        findings.add(
            Verdict.UNTOLD,
            pause.until,
            "that nobody counted the pulses of %s until %d".formatted(device, pause.until));
      }
    }
  }

  private static boolean isIn(Pause pause, List<List<Long>> told) {
    return told.stream()
        .flatMap(List::stream)
        .anyMatch(at -> at >= pause.until - SLACK_MILLIS && at <= pause.until + NOTICE_MILLIS);
  }
}
