package io.lingtan.testing.fuzz;

import java.util.List;

/**
 * A parser that is fed with any bytes, with what must hold for each input. Classes whose names end
 * with {@code Fuzz} are found by themselves; each has a constructor without parameters.
 */
public interface FuzzTarget {

  /** Good inputs to begin with, of golden files and encoders; never none. */
  List<byte[]> seeds() throws Exception;

  /**
   * Lets the parser read one input. Keeps nothing from one input to the next.
   *
   * @throws AssertionError if what came of it cannot be right
   * @throws Exception if the parser let something out that it does not document
   */
  void take(byte[] input) throws Exception;
}
