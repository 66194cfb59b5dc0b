package io.lingtan.agent.audit.message;

/**
 * Consecutive record numbers, both ends included.
 *
 * @param from ≥ 1
 * @param to ≥ from
 */
public record Range(long from, long to) {

  public Range {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException("not a range of seqs: " + from + ".." + to);
    }
  }

  /** How many numbers there are. */
  public long length() {
    return to - from + 1;
  }

  @Override
  public String toString() {
    return from == to ? Long.toString(from) : from + ".." + to;
  }
}
