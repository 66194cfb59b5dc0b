package io.lingtan.agent.reading;

import java.util.Locale;

/** How far an interval figure can be trusted, best first. Combining takes the worst input. */
public enum Quality {
  /** From registers, both boundaries good. */
  MEASURED,
  /** Follows from something else measured: integrated power, a source asleep at night. */
  DERIVED,
  /** A gap of at most two hours, its measured total split linearly. */
  EST_LINEAR,
  /** A longer gap, its measured total split like similar days. */
  EST_PROFILE,
  /** Typed in by a person. */
  SUBSTITUTED,
  /** Some of the interval is covered and the rest unknown. */
  PARTIAL,
  /** Contradicted by a check. */
  SUSPECT,
  /** Unknown: no value, but a why. */
  MISSING;

  /** The word in records. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Quality worse(Quality other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
