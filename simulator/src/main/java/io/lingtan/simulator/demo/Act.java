package io.lingtan.simulator.demo;

/** A sabotage that is going on, with what was known when it began. One thread. */
final class Act {

  private static final long PATIENCE_MILLIS = 30_000;

  private final Sabotage sabotage;
  private final long beganMillis;
  private final Numbers before;
  private long undoneMillis = Long.MAX_VALUE;
  private long backMillis = Long.MAX_VALUE;
  private long mostWaiting;

  /**
   * What a sabotage changes.
   *
   * @param late readings that arrived late
   * @param absent polls of the sabotaged device that failed and said so
   * @param lateReplies replies that a meter held back
   * @param wrong values that were delivered as good and had not been served
   */
  record Numbers(long late, long absent, long lateReplies, long wrong) {}

  Act(Sabotage sabotage, long beganMillis, Numbers before) {
    this.sabotage = sabotage;
    this.beganMillis = beganMillis;
    this.before = before;
  }

  Sabotage sabotage() {
    return sabotage;
  }

  long beganMillis() {
    return beganMillis;
  }

  Numbers before() {
    return before;
  }

  /** Whether the cause is to be taken away now. */
  boolean isToBeUndone(long nowMillis) {
    return undoneMillis == Long.MAX_VALUE && nowMillis >= beganMillis + sabotage.millis();
  }

  void undone(long nowMillis) {
    undoneMillis = Math.min(undoneMillis, nowMillis);
  }

  boolean isUndone() {
    return undoneMillis != Long.MAX_VALUE;
  }

  /** What was away works again. */
  void back(long nowMillis) {
    if (isUndone()) {
      backMillis = Math.min(backMillis, nowMillis);
    }
  }

  boolean isBack() {
    return backMillis != Long.MAX_VALUE;
  }

  /**
   * Whether its consequences are over and can be told; at the latest {@value #PATIENCE_MILLIS} ms
   * after its end.
   */
  boolean isOver(long nowMillis) {
    return isUndone()
        && nowMillis >= undoneMillis + (isBack() ? sabotage.recoveryMillis() : PATIENCE_MILLIS);
  }

  /** End of the cause, as far as it has come. */
  long untilMillis(long nowMillis) {
    return Math.min(isBack() ? backMillis : nowMillis, nowMillis);
  }

  void waiting(long records) {
    mostWaiting = Math.max(mostWaiting, records);
  }

  long mostWaiting() {
    return mostWaiting;
  }
}
