package io.lingtan.agent.acquire.gpio;

/**
 * An input that is taken. Where its debounce is zero only edges to the active level are kept, which
 * the kernel can name without reading the level; else both.
 */
public interface InputLine {

  /** Takes edges in the order in which they happened. */
  interface Edges {
    /**
     * @param atNanos when, on the clock of {@link io.lingtan.agent.run.Time#now()}
     * @param active whether the level is active after it
     * @param number counts the input's edges from when it was taken, modulo 2^32, also those that
     *     were lost: a gap says how many were
     */
    void edge(long atNanos, boolean active, long number);
  }

  /** What an input's level is. */
  enum State {
    INACTIVE,
    ACTIVE,
    /** It cannot be read any more: the chip is gone. */
    GONE
  }

  /** The level at this moment. */
  State level();

  /**
   * Hands over edges that have been kept, at most {@code most}.
   *
   * @return how many, 0 if there are none, -1 if the chip is gone
   */
  int drain(Edges to, int most);

  /** Gives the input back. Harmless if given back already. */
  void close();
}
