package io.lingtan.agent.run;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Where dice come from. Everything else is handed a {@link RandomGenerator}. */
public final class Randomness {

  private Randomness() {}

  /** Unpredictable: for epochs, jitter and keys of a running agent. */
  public static RandomGenerator system() {
    return new SecureRandom();
  }

  /** The same sequence for the same seed, on every machine. */
  public static RandomGenerator seeded(long seed) {
    return new SplittableRandom(seed);
  }
}
