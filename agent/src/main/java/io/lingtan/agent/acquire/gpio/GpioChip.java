package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Pin;

/**
 * A way to the inputs of one GPIO chip: the machine's, or one that a simulator keeps in memory. No
 * call blocks.
 */
public interface GpioChip {

  /** The chip, as a person would look for it. */
  String where();

  /**
   * Takes an input, so that nobody else can and its edges are kept from now on. A refusal is final
   * for this call only: it may be asked again later.
   *
   * @param device id of the device, by which other programs see who has the input
   */
  Claim claim(String device, Pin pin);

  /** What became of {@link #claim}. */
  sealed interface Claim {

    /** The input is taken. */
    record Claimed(InputLine line) implements Claim {}

    /**
     * @param words what was seen and what to do
     */
    record Refused(Sentence words) implements Claim {}
  }

  /** What to wait on until an edge comes. The same one all the chip's life. */
  Waiter waiter();

  /**
   * When an edge that is known to come will be there. Only a chip on virtual time knows; others
   * return {@link MonotonicInstant#NEVER} and wake the waiter.
   */
  default MonotonicInstant arrival() {
    return MonotonicInstant.NEVER;
  }

  /** Gives back every input and the chip. Called once, after the last use. */
  void release();
}
