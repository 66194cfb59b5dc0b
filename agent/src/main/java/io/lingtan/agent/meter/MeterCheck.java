package io.lingtan.agent.meter;

/**
 * Something that a meter's register is held against or corrected by, with a state that outlives the
 * process.
 */
interface MeterCheck {

  void checkpoint(CheckpointWriter to);

  /** Takes up what {@link #checkpoint} wrote. */
  void restore(CheckpointReader from);

  /** Intervals before {@code horizon}, UTC ms, are not told again. */
  default void forget(long horizon) {}
}
