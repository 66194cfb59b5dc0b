package io.lingtan.agent.fleet;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The document that was obeyed last, and how far it has come.
 *
 * @param serial the highest that was ever obeyed, 0 if none was
 * @param digest of the document
 * @param hash SHA-256 of the site file that it asked for, hex
 * @param before the same of the file that goes back into place unless all is well; null once
 *     nothing is left to do
 * @param starts of the agent since it is pending
 * @param fate what has become of it
 * @param why it does not run, for a person; null if it does
 */
record Obeyed(
    long serial,
    String digest,
    String hash,
    @Nullable String before,
    int starts,
    Fate fate,
    @Nullable String why) {

  static final Obeyed NOTHING = new Obeyed(0, "", "", null, 0, Fate.APPLIED, null);

  /** As {@code state} of {@code reported}, in small letters. */
  enum Fate {
    /** In use, and on trial. */
    PENDING,
    /** In use for good. */
    APPLIED,
    /** Never in use. */
    REFUSED,
    /** In use for a while; the one before is in place again, or is about to be. */
    PUT_BACK;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether it is not over. */
  boolean isOpen() {
    return before != null;
  }

  /** The same after one more start. */
  Obeyed startedAgain() {
    return new Obeyed(serial, digest, hash, before, starts + 1, fate, why);
  }

  /** The same, where the file before is to be put back. */
  Obeyed undone(String why) {
    return new Obeyed(serial, digest, hash, before, starts, Fate.PUT_BACK, why);
  }

  /** The same, over. */
  Obeyed ended(Fate fate, @Nullable String why) {
    return new Obeyed(serial, digest, hash, null, 0, fate, why);
  }
}
