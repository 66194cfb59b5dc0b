package io.lingtan.simulator.live;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A pre-shared key of DTLS.
 *
 * @param identity 1..64 characters without a colon
 * @param key as text, 1..64 characters
 */
public record Psk(String identity, String key) {

  private static final int LONGEST = 64;

  public Psk {
    if (identity.isEmpty() || identity.length() > LONGEST || identity.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an identity has 1..64 characters and no colon");
    }
    if (key.isEmpty() || key.length() > LONGEST) {
      throw new IllegalArgumentException("a key has 1..64 characters");
    }
  }

  /** Of {@code IDENTITY:KEY}; null if it is not written so. */
  public static @Nullable Psk of(String text) {
    int colon = text.indexOf(':');
    try {
      return colon < 0 ? null : new Psk(text.substring(0, colon), text.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  byte[] bytes() {
    return key.getBytes(StandardCharsets.UTF_8);
  }
}
