package io.lingtan.agent.acquire.hand;

/**
 * What a device may be.
 *
 * @param profile name of the profile
 * @param percent how well what it answered fits, 0..100
 * @param why for a person
 * @param example whether the profile is a made-up one, which no real meter is
 */
public record Guess(String profile, int percent, String why, boolean example) {
  public Guess {
    if (percent < 0 || percent > 100) {
      throw new IllegalArgumentException("percent is 0..100, was " + percent);
    }
  }
}
