package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.seal.VerifyingKey;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The gateways of the zone, each with its public key. The key comes from a list that a person made:
 * one that comes with the records proves nothing. After a rotation the list has to be changed.
 */
public record Members(Map<String, VerifyingKey> keys) {

  public Members {
    keys = Map.copyOf(keys);
  }

  /**
   * Reads lines of {@code GATEWAY KEY}, the key as {@code x} of its JWK; empty lines and those that
   * begin with {@code #} are passed over.
   *
   * @throws IllegalArgumentException if a line is something else; the message names it
   */
  public static Members read(Iterable<String> lines) {
    Map<String, VerifyingKey> keys = new TreeMap<>();
    int number = 0;
    for (String line : lines) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.strip().split("\\s+");
      if (words.length != 2 || !words[0].matches("[A-Za-z0-9_-]{1,64}")) {
        throw new IllegalArgumentException(
            "line " + number + " of the members: write GATEWAY KEY, was " + line);
      }
      try {
        if (keys.put(words[0], VerifyingKey.of(words[1])) != null) {
          throw new IllegalArgumentException("is there twice");
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "line " + number + " of the members, " + words[0] + ": " + e.getMessage(), e);
      }
    }
    return new Members(keys);
  }

  /** The gateway's key, null if it is no member. */
  public @Nullable VerifyingKey key(String gateway) {
    return keys.get(gateway);
  }

  public int count() {
    return keys.size();
  }
}
