package io.lingtan.simulator.device;

/** How a number lies in 16-bit registers, before the order of its bytes. */
enum Coding {
  INT16(1),
  UINT16(1),
  INT32(2),
  UINT32(2),
  INT64(4),
  UINT64(4),
  FLOAT32(2),
  FLOAT64(4);

  private final int words;

  Coding(int words) {
    this.words = words;
  }

  int words() {
    return words;
  }

  boolean isFloat() {
    return this == FLOAT32 || this == FLOAT64;
  }

  boolean isSigned() {
    return this == INT16 || this == INT32 || this == INT64;
  }

  /** Counts after which an unsigned register begins again at 0; 0 for one that never lives to. */
  long span() {
    return words == 4 ? 0 : 1L << (16 * words);
  }

  /** The bits of a whole count, or of a count that is not whole in a float. */
  long bits(long count, double exact) {
    return switch (this) {
      case FLOAT32 -> Float.floatToRawIntBits((float) exact) & 0xFFFF_FFFFL;
      case FLOAT64 -> Double.doubleToRawLongBits(exact);
      case INT16, INT32 -> {
        long half = span() / 2;
        // A meter at the end of its scale stays there; it does not wrap into the other sign.
        yield Math.clamp(count, -half + 1, half - 1) & (span() - 1);
      }
      case UINT16, UINT32 -> count & (span() - 1);
      case INT64, UINT64 -> count;
    };
  }

  /** The whole count that the bits say. Not of floats. */
  long count(long bits) {
    return switch (this) {
      case INT16 -> (short) bits;
      case INT32 -> (int) bits;
      case UINT16, UINT32, INT64, UINT64 -> bits;
      case FLOAT32, FLOAT64 -> throw new IllegalStateException("a float has no whole count");
    };
  }

  /** What "not available" usually looks like. */
  long sentinel() {
    return switch (this) {
      case FLOAT32 -> 0x7FC0_0000L;
      case FLOAT64 -> 0x7FF8_0000_0000_0000L;
      case INT16 -> 0x8000L;
      case INT32 -> 0x8000_0000L;
      case INT64 -> Long.MIN_VALUE;
      case UINT16 -> 0xFFFFL;
      case UINT32 -> 0xFFFF_FFFFL;
      case UINT64 -> -1L;
    };
  }
}
