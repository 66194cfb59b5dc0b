package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Pulses;
import io.lingtan.simulator.fault.HostFault;
import java.util.List;

/** Tells whoever checks totals when the agent ended, and how much of what it knew that may cost. */
final class Ends {

  /** A commit's period, and a moment to notice an edge and to write. */
  static final long COMMIT_MILLIS = 1_500;

  /** So long after a disk works again everything is on it. */
  private static final long RECOVERY_MILLIS = 90_000;

  private final Pulses pulses;
  private final MachineClock clock;
  private final List<HostFault> faults;

  Ends(Pulses pulses, MachineClock clock, List<HostFault> faults) {
    this.pulses = pulses;
    this.clock = clock;
    this.faults = List.copyOf(faults);
  }

  /**
   * Ends the agent.
   *
   * @param end which may take time, in which nothing is kept for sure
   * @param forgottenMillis how far back the card is then
   */
  void around(Runnable end, long forgottenMillis) {
    long from = clock.worldMillis();
    end.run();
    long at = clock.worldMillis();
    long kept = from - forgottenMillis;
    // What could not be written is not on the card either.
    for (HostFault fault : faults) {
      boolean ofDisk =
          switch (fault) {
            case HostFault.DiskFull full -> true;
            case HostFault.ReadOnly readOnly -> true;
            case HostFault.IoError error -> true;
            case HostFault.Killed other -> false;
            case HostFault.PowerCut other -> false;
            case HostFault.ForgetfulCard other -> false;
            case HostFault.Restored other -> false;
            case HostFault.Cloned other -> false;
            case HostFault.SiteChanged other -> false;
          };
      if (ofDisk && fault.fromMillis() <= from && fault.untilMillis() + RECOVERY_MILLIS > kept) {
        kept = Math.min(kept, fault.fromMillis());
      } else if (forgottenMillis > 0 && isAway(fault, kept)) {
        // The image was made while no agent ran: it has what the one before had kept.
        kept = fault.fromMillis();
      }
    }
    pulses.ended(at, at - kept + COMMIT_MILLIS);
  }

  private static boolean isAway(HostFault fault, long at) {
    return (fault instanceof HostFault.Killed || fault instanceof HostFault.PowerCut)
        && fault.fromMillis() <= at
        && fault.untilMillis() > at;
  }
}
