package io.lingtan.agent.reading;

import java.util.Locale;

/** Who stands behind a factor, and so behind what was worked out with it; best first. */
public enum Standing {
  /** Published by whoever is in charge, be it for another year. */
  OFFICIAL,
  /** Published by somebody else. */
  NON_OFFICIAL,
  /** Said to be official, and not yet compared with the publication. */
  UNCONFIRMED,
  /** Made up, to show something. */
  DEMO;

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The word in factor files and in records. */
  public String word() {
    return word;
  }

  /** The standing of a factor file's status; {@code provisional} is official. */
  public static Standing of(String status) {
    for (Standing standing : values()) {
      if (standing.word().equals(status)) {
        return standing;
      }
    }
    return OFFICIAL;
  }

  /** The worse of both. */
  public Standing worse(Standing other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
