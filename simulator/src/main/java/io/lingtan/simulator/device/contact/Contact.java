package io.lingtan.simulator.device.contact;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.PulseFault;

/** A contact that is wired to an input: closed or open, as the world has it. */
public sealed interface Contact permits PulseOutput, StateContact {

  /** Takes what the contact does, in the order of its times. */
  interface Wiring {

    /**
     * @param atNanos when, on the clock of whoever looks
     * @param closed whether it is closed from then on
     * @param lost whether nobody keeps this edge
     */
    void turned(long atNanos, boolean closed, boolean lost);
  }

  /** Id of the device in the site file. */
  String id();

  /** Whether it is closed, as of when it was looked at last. */
  boolean isClosed();

  /** What goes wrong with it. */
  FaultPlan faults();

  /** Whether its input can be had at this time of the world. */
  default boolean isWired(long millis) {
    for (Fault fault : faults().at(id(), millis)) {
      if (fault instanceof PulseFault.Gone) {
        faults().count(fault, millis);
        return false;
      }
    }
    return true;
  }

  /**
   * Lets everything happen up to {@code now}.
   *
   * @param clock of whoever looks
   */
  void run(MonotonicInstant now, WorldClock clock, Wiring wiring);

  /** When its next edge comes, as far as that is known already. */
  MonotonicInstant next(MonotonicInstant now, WorldClock clock);
}
