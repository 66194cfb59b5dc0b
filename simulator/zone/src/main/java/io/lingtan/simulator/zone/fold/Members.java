package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.seal.VerifyingKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The gateways of the zone, each with its public key. The key comes from a list that a person made:
 * one that comes with the records proves nothing. A gateway whose key is another one now has a line
 * for each, as long as records of before may come.
 */
public record Members(Map<String, List<VerifyingKey>> keys) {

  private static final int MOST_KEYS = 8;

  public Members {
    Map<String, List<VerifyingKey>> copies = new TreeMap<>();
    keys.forEach((gateway, all) -> copies.put(gateway, List.copyOf(all)));
    keys = Collections.unmodifiableMap(copies);
  }

  /**
   * Reads lines of {@code GATEWAY KEY}, the key as {@code x} of its JWK; empty lines and those that
   * begin with {@code #} are passed over.
   *
   * @throws IllegalArgumentException if a line is something else; the message names it
   */
  public static Members read(Iterable<String> lines) {
    Map<String, List<VerifyingKey>> keys = new TreeMap<>();
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
        VerifyingKey key = VerifyingKey.of(words[1]);
        List<VerifyingKey> ofOne = keys.computeIfAbsent(words[0], each -> new ArrayList<>());
        if (ofOne.stream().anyMatch(other -> other.x().equals(key.x()))) {
          throw new IllegalArgumentException("is there twice");
        }
        if (ofOne.size() >= MOST_KEYS) {
          throw new IllegalArgumentException("has more than " + MOST_KEYS + " keys");
        }
        ofOne.add(key);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "line " + number + " of the members, " + words[0] + ": " + e.getMessage(), e);
      }
    }
    return new Members(keys);
  }

  /** The gateway's keys, none if it is no member. */
  public List<VerifyingKey> of(String gateway) {
    return keys.getOrDefault(gateway, List.of());
  }

  public int count() {
    return keys.size();
  }
}
