package io.lingtan.agent.meter;

/** What a new reading means for a register. All amounts in millionths of its unit. */
sealed interface RegisterChange {

  /** The first reading ever: where counting begins. */
  record First() implements RegisterChange {}

  /** It counted on. */
  record Advanced(long counted) implements RegisterChange {}

  /** It passed its modulus and counted on. */
  record RolledOver(long before, long after, long counted) implements RegisterChange {}

  /**
   * It fell, or rose by more than it can have counted, or, where nobody says how much that is, by
   * far more than it ever did. Believed when the next reading agrees; nothing is counted until
   * then.
   */
  record Doubted(long before, long seen, long limit) implements RegisterChange {}

  /** The doubted reading was a glitch: the register went on from where it was. */
  record Glitch(long before, long seen, long counted) implements RegisterChange {}

  /**
   * The doubted reading was right: it had risen by far more than ever before, and counts on from
   * there.
   *
   * @param since when it was taken
   * @param reading the doubted reading
   * @param countedUntil what was counted until then
   * @param counted what was counted from there until now
   */
  record Confirmed(Mark since, long reading, long countedUntil, long counted)
      implements RegisterChange {}

  /**
   * It had risen far beyond all that it ever did, and goes on from there as slowly as before: what
   * it rose is counted, and not believed. Only where nobody says how much it can count.
   *
   * @param from when the reading before was taken
   * @param before that reading
   * @param since when the doubted reading was taken
   * @param reading the doubted reading
   * @param leapt what it rose
   * @param counted what was counted from there until now
   */
  record Leapt(Mark from, long before, Mark since, long reading, long leapt, long counted)
      implements RegisterChange {}

  /**
   * The last believed reading was a glitch that could have been true by itself: two readings after
   * it agree with each other and with the one before it. What was counted for it is taken back.
   *
   * @param before the reading before it
   * @param seen the glitch
   * @param since when the first of the two was taken
   * @param after that reading
   * @param countedUntil what was really counted until then
   * @param counted what was counted from there until now
   */
  record Retracted(long before, long seen, Mark since, long after, long countedUntil, long counted)
      implements RegisterChange {}

  /**
   * It counts from another place. What it counted between {@code before} and {@code since} is not
   * known.
   *
   * @param since when the first reading of the new place was taken
   * @param after that reading
   * @param counted what it has counted from there until now
   */
  record Rebased(Cause cause, long before, Mark since, long after, long counted)
      implements RegisterChange {}

  /** Why a register counts from another place. */
  enum Cause {
    /** It fell, and stayed down. */
    RESET("meter.reset", "reset"),
    /** It rose by more than its rating allows, and stayed there. */
    JUMP("meter.jump", "jump"),
    /** Silent for so long that it may have gone round more than once. */
    TURNS_UNKNOWN("meter.turns_unknown", "turns unknown"),
    /** Another meter hangs there now. */
    EXCHANGE("meter.exchanged", "exchange"),
    /** The site file multiplies its readings by something else than before. */
    RESCALED("meter.rescaled", "scale changed");

    private final String event;
    private final String word;

    Cause(String event, String word) {
      this.event = event;
      this.word = word;
    }

    /** Name of the event that tells it. */
    public String event() {
      return event;
    }

    /** The word in a missing figure's {@code why}. */
    public String word() {
      return word;
    }
  }
}
