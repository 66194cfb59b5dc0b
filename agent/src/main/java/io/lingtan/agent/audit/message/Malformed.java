package io.lingtan.agent.audit.message;

/** A payload or a file is not what it should be; the message says what is wrong with it. */
public final class Malformed extends Exception {
  private static final long serialVersionUID = 1L;

  public Malformed(String message) {
    super(message, null, false, false);
  }
}
