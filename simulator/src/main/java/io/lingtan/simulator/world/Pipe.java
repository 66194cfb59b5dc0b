package io.lingtan.simulator.world;

/** Where hydrogen flows in one direction. Mass only ever grows. */
public enum Pipe {
  /** Out of the electrolyser, through the compressor, into the tanks. */
  PRODUCED(0),
  /** Out of the tanks, through the dispenser, into the buses. */
  DISPENSED(1),
  /** Used by the buses on their way. */
  BURNT(2);

  static final int COUNT = 3;

  private final int index;

  Pipe(int index) {
    this.index = index;
  }

  /** Place in arrays and lists by pipe. */
  public int index() {
    return index;
  }
}
