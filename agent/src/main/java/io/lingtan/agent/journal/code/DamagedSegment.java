package io.lingtan.agent.journal.code;

/** A segment's bytes are not what was written. Costs that segment and nothing else. */
public class DamagedSegment extends Exception {
  private static final long serialVersionUID = 1L;

  public DamagedSegment(String message) {
    super(message);
  }

  public DamagedSegment(String message, Throwable cause) {
    super(message, cause);
  }
}
