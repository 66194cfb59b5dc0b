package io.lingtan.simulator.zone.trial;

import java.util.List;

/**
 * What the command line asks for.
 *
 * @param gateways 1..10000
 * @param seconds how long meters are read, 30..86400, by the machine's clock
 * @param speed how many times as fast the gateways live, 1..10
 * @param threads of each streams instance
 */
record TrialOptions(
    int gateways, long seed, long seconds, int speed, int threads, List<Strike.What> faults) {

  TrialOptions {
    faults = List.copyOf(faults);
  }

  /** How long the time is in which meters may fall silent, by the gateways' clock. */
  long silencesMillis() {
    return seconds * 1_000 * speed - SitePlan.READ_MILLIS - 3 * SitePlan.SILENCE_MILLIS;
  }
}
