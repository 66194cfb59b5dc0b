package io.lingtan.simulator.scenario;

import java.util.random.RandomGenerator;

/** From {@code low} to {@code high}, both included. */
record Range(long low, long high) {

  Range {
    if (low > high) {
      throw new IllegalArgumentException("a range goes up: " + low + ".." + high);
    }
  }

  long draw(RandomGenerator random) {
    return low == high ? low : random.nextLong(low, high + 1);
  }
}
