package io.lingtan.simulator.zone.fold;

import java.util.Locale;

/** Why a message, or a record in it, is a dead letter. */
public enum Refusal {
  /** Of an id that is not in the list of members. */
  NOT_A_MEMBER,
  /** Not what its topic says it is. */
  GARBAGE,
  /** Larger than any message of a gateway. */
  TOO_LARGE,
  /** Of a form that this zone does not know yet. */
  LATER_SCHEMA,
  /** A birth with another key: a second machine under this gateway's id. */
  CLONED_ID,
  /**
   * An interval record or {@code store} without a signature, or something else under the number of
   * a signed interval record.
   */
  UNSIGNED,
  /** Not signed by the key that the list of members has. */
  WRONG_SIGNATURE,
  /** Of a clock more than a day ahead. The record is kept, and is in no sum. */
  CLOCK_AHEAD,
  /** A figure with more digits than milliwatt-hours or milligrams. Kept, and in no sum. */
  INEXACT,
  /**
   * One more hole, or one more interval record behind a hole, than are followed: comes again once
   * others are filled.
   */
  TOO_MANY_HOLES,
  /** One more epoch than are followed of a gateway. */
  TOO_MANY_EPOCHS,
  /** A figure of an interval beyond the horizon. The record is kept, and is in no sum. */
  TOO_OLD;

  /** As it is written in headers and tables. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
