package io.lingtan.agent.reading;

/** What arrives at the ledger, in the one bounded queue that all other stages offer to. */
public sealed interface Arrival {

  /** A sample to be kept and counted. */
  record Recorded(Sample sample) implements Arrival {}

  /**
   * An event to be kept.
   *
   * @param boot id of the boot that {@code atNanos} counts from
   * @param atNanos monotonic nanoseconds at which it was noticed
   */
  record Noticed(Event event, String boot, long atNanos) implements Arrival {}
}
