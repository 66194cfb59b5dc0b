package io.lingtan.agent.status.access;

import io.lingtan.agent.run.MonotonicInstant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Browsers that gave the PIN: at most {@value #MOST}, each until it has asked for nothing for 30
 * minutes; one more takes the place of the one that asked least lately. Not thread-safe.
 */
final class Sessions {

  /** Until a session ends by itself after its last request, s. */
  static final long SECONDS = 30 * 60;

  private static final int MOST = 16;
  private static final int TOKEN_BYTES = 16;

  /** When each was last used, by token; the one used least lately first. */
  private final Map<String, MonotonicInstant> used = new LinkedHashMap<>(MOST, 0.75F, true);

  private final RandomGenerator random;

  /**
   * @param random unpredictable
   */
  Sessions(RandomGenerator random) {
    this.random = random;
  }

  /** A new session's token, 128 bits in hex. */
  String begin(MonotonicInstant now) {
    if (used.size() >= MOST) {
      used.remove(used.keySet().iterator().next());
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String token = HexFormat.of().formatHex(bytes);
    used.put(token, now);
    return token;
  }

  /** Whether there is such a session; it goes on from now then. */
  boolean goesOn(String token, MonotonicInstant now) {
    MonotonicInstant last = used.get(token);
    if (last == null) {
      return false;
    }
    if (now.millisSince(last) > SECONDS * 1_000) {
      used.remove(token);
      return false;
    }
    used.put(token, now);
    return true;
  }

  void endAll() {
    used.clear();
  }

  void end(String token) {
    used.remove(token);
  }
}
