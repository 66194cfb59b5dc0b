package io.lingtan.simulator.replay;

/** A bundle that cannot be used. The message says where, what is wrong and what to do. */
final class BadBundle extends Exception {
  private static final long serialVersionUID = 1;

  BadBundle(String message) {
    super(message);
  }
}
