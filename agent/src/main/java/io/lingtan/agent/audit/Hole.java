package io.lingtan.agent.audit;

/**
 * Records that the gateway calls delivered and that never came.
 *
 * @param from first seq concerned
 * @param to last seq concerned
 * @param count how many of from..to; fewer than all where a declared drop explains the others
 */
record Hole(long from, long to, long count) {

  /** Whether every record of from..to is missing. */
  boolean isWhole() {
    return count == to - from + 1;
  }

  @Override
  public String toString() {
    String range = from == to ? Long.toString(from) : from + ".." + to;
    return isWhole() ? range : count + " of " + range;
  }
}
