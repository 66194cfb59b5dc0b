package io.lingtan.agent.audit;

/** What the numbers prove, from worst to best. */
public enum Verdict {
  /** Something is missing, contradicts itself or cannot be explained. */
  FAILED,
  /** Nothing to judge by: no gateway, or one that never said what it has. */
  UNKNOWN,
  /** What was judged is complete, but something was not judged. */
  PARTIAL,
  /** Nothing is missing so far, but something has yet to arrive, or nothing new is recorded. */
  OPEN,
  /** Everything that was to arrive has arrived. */
  COMPLETE;

  /** Whether a program should go on as usual. */
  public boolean isGood() {
    return this == OPEN || this == COMPLETE;
  }
}
