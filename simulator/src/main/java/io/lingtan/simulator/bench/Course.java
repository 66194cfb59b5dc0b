package io.lingtan.simulator.bench;

import java.util.Locale;

/** What happens while it is measured. */
enum Course {
  /** Nothing. */
  STEADY,
  /** The broker is away for half of the time. */
  OUTAGE,
  /** The same, and the candidate is killed and started again in the middle of it. */
  CRASH,
  /** One of the meters never answers; the others are behind the same connection. */
  DEAD_UNIT,
  /** A backlog is delivered beside what is read. For candidates that keep one. */
  DRAIN;

  /** As it is written: {@code dead-unit}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
