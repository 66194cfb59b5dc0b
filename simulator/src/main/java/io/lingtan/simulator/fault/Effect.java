package io.lingtan.simulator.fault;

/**
 * What becomes of one request.
 *
 * @param silent no reply at all
 * @param delayMillis from request to reply, ≥ 0
 * @param exception Modbus exception code instead of values, 0 for none
 * @param corrupt whether the reply's head is damaged
 */
public record Effect(boolean silent, long delayMillis, int exception, boolean corrupt) {

  /** Nothing goes wrong. */
  public static final Effect NONE = new Effect(false, 0, 0, false);
}
