package io.lingtan.agent.meter;

/**
 * Adds up power of one direction where a device has no register for it. What it counts is {@code
 * derived}: it misses what happens while nobody looks.
 */
final class Integrator {

  /** Microwatts times milliseconds in one milliwatt-hour. */
  private static final long UNIT = 3_600_000_000L;

  private final int sign;
  private long total;
  private long rest;
  private boolean started;
  private Mark last = new Mark(0, 0, 0);

  /**
   * @param sign +1 or −1: which power counts
   */
  Integrator(int sign) {
    this.sign = sign;
  }

  /**
   * Takes the mean power since the last sample.
   *
   * @param meanMicrowatts mean over the record period that ends at {@code at}
   * @param longest gap that may be bridged, ms
   * @return milliwatt-hours since the last call, or -1 if the gap was too long to tell
   */
  long add(long meanMicrowatts, Mark at, long longest) {
    long elapsed = started ? at.millisSince(last) : -1;
    started = true;
    last = at;
    if (elapsed < 0 || elapsed > longest) {
      return -1;
    }
    long power = Math.max(0, sign * meanMicrowatts);
    // In two parts: the product of the whole is more than a long holds from 3 MW over an hour on.
    long part = power % UNIT * elapsed + rest;
    long counted = power / UNIT * elapsed + part / UNIT;
    rest = part % UNIT;
    total += counted;
    return counted;
  }

  /** Everything counted so far: stands in for a register's reading. */
  long total() {
    return total;
  }

  void checkpoint(CheckpointWriter to) {
    to.number(total).number(rest).flag(started);
    last.write(to);
  }

  void restore(CheckpointReader from) {
    total = from.number();
    rest = from.number();
    started = from.flag();
    last = Mark.read(from);
  }
}
