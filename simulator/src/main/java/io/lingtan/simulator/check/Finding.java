package io.lingtan.simulator.check;

/**
 * Something wrong.
 *
 * @param atMillis when it happened as far as is known, UTC ms; {@link Long#MAX_VALUE} if not
 * @param what the record and what is wrong with it
 */
public record Finding(Verdict verdict, long atMillis, String what) {

  @Override
  public String toString() {
    return verdict + ": " + what;
  }
}
