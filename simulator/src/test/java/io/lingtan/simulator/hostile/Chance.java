package io.lingtan.simulator.hostile;

import java.util.Random;

/** What one session draws. The same seed, peer and session draw the same. */
final class Chance {

  private final Random random;

  Chance(long seed, String peer, long session) {
    this.random = new Random((seed * 31 + peer.hashCode()) * 1_000_003 + session);
  }

  boolean in(int percent) {
    return random.nextInt(100) < percent;
  }

  /** 0 to {@code most}. */
  int upTo(int most) {
    return random.nextInt(most + 1);
  }

  int from(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  int one(int... of) {
    return of[random.nextInt(of.length)];
  }

  String one(String... of) {
    return of[random.nextInt(of.length)];
  }

  /** So many at most, and mostly few. */
  byte[] bytes(int most) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(most + 1) + 1)];
    random.nextBytes(bytes);
    return bytes;
  }
}
