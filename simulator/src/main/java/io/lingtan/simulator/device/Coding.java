package io.lingtan.simulator.device;

/** How a number lies in 16-bit registers: most significant word first, high byte first. */
enum Coding {
  INT16(1),
  UINT16(1),
  INT32(2),
  UINT32(2),
  FLOAT32(2);

  private final int words;

  Coding(int words) {
    this.words = words;
  }

  int words() {
    return words;
  }

  /** Counts after which an unsigned register begins again at 0. */
  long span() {
    return 1L << (16 * words);
  }
}
