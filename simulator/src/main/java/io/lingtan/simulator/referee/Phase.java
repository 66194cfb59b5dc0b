package io.lingtan.simulator.referee;

/**
 * A part of the course.
 *
 * @param lastsMillis how long
 * @param upset what goes wrong in it
 */
record Phase(String name, long lastsMillis, Upset upset) {

  /** What goes wrong. */
  sealed interface Upset {
    /** Nothing. */
    record None() implements Upset {}

    /** The broker is stopped at the beginning and started at the end. */
    record BrokerAway() implements Upset {}

    /**
     * The publisher is killed (SIGKILL) at the beginning.
     *
     * @param awayMillis until it is started again
     */
    record PublisherKilled(long awayMillis) implements Upset {}

    /** A unit answers nothing. */
    record UnitDead(int unit) implements Upset {}

    /**
     * Some replies come when the next request may be out.
     *
     * @param every each how many-th request to each unit
     * @param delayMillis from the request
     */
    record LateReplies(int every, long delayMillis) implements Upset {}

    /**
     * Some replies are not what the units sent, or not theirs.
     *
     * @param every each how many-th request to each unit
     */
    record Damaged(Damage damage, int every) implements Upset {}

    /** All units say "not available" in place of their power: all bits are set. */
    record NotAvailable() implements Upset {}
  }

  /** What becomes of a reply on its way, as scenario files call it. */
  enum Damage {
    CORRUPT,
    TRUNCATED,
    FOREIGN_UNIT,
    DUPLICATE,
    GLUED_NOISE
  }
}
