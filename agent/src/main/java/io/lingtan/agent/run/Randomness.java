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

  /** A source that hands out just these bytes, for a library that takes nothing else. */
  public static SecureRandom handingOut(byte[] bytes) {
    return new Given(bytes.clone());
  }

  @SuppressWarnings("serial") // never written anywhere
  private static final class Given extends SecureRandom {
    private final byte[] bytes;
    private int next;

    Given(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] to) {
      if (to.length > bytes.length - next) {
        throw new IllegalStateException("more bytes are asked for than were given");
      }
      System.arraycopy(bytes, next, to, 0, to.length);
      next += to.length;
    }
  }

  /** The same sequence for the same seed, on every machine. */
  public static RandomGenerator seeded(long seed) {
    return new SplittableRandom(seed);
  }
}
