package io.lingtan.agent.journal;

/** A segment's bytes are not what was written. Costs that segment and nothing else. */
class DamagedSegment extends Exception {
  private static final long serialVersionUID = 1L;

  DamagedSegment(String message) {
    super(message);
  }

  DamagedSegment(String message, Throwable cause) {
    super(message, cause);
  }
}
