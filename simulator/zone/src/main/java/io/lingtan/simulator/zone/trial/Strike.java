package io.lingtan.simulator.zone.trial;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Something that happens to a part of the zone.
 *
 * @param atMillis after the first readings
 */
record Strike(What what, long atMillis) {

  /** How long a part that was killed stays away. */
  static final long AWAY_MILLIS = 3_000;

  private static final long LONGEST_AWAY_MILLIS = 60_000;

  /** How long PostgreSQL stays away in a run of this length. */
  static long postgresAwayMillis(long lastsMillis) {
    return Math.min(LONGEST_AWAY_MILLIS, lastsMillis / 6);
  }

  enum What {
    /** The MQTT broker stops, and starts again with what it kept. */
    BROKER_RESTARTED,
    /** The same with an empty disk: sessions, retained messages and all that waited are gone. */
    BROKER_ERASED,
    /** SIGKILL of a Kafka server. */
    KAFKA_KILLED,
    /** SIGKILL of a bridge. */
    BRIDGE_KILLED,
    /** SIGKILL of a streams instance. */
    STREAMS_KILLED,
    /** SIGKILL of the sink. */
    SINK_KILLED,
    /** SIGKILL of PostgreSQL, which stays away for a minute, or for a share of a short run. */
    POSTGRES_KILLED,
    /** Two more streams instances: nothing is taken away, and partitions move. */
    SCALE_OUT;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static What of(String word) {
      for (What what : values()) {
        if (what.word().equals(word)) {
          return what;
        }
      }
      throw new IllegalArgumentException(
          word
              + " is no fault: one of all, none, "
              + List.of(values()).stream().map(What::word).toList());
    }
  }

  /** One of each, at times between a sixth and five sixths of the run, in the order of these. */
  static List<Strike> draw(List<What> whats, long lastsMillis, RandomGenerator random) {
    List<Strike> strikes = new ArrayList<>();
    for (What what : whats) {
      strikes.add(
          new Strike(what, lastsMillis / 6 + random.nextLong(Math.max(1, lastsMillis * 4 / 6))));
    }
    strikes.sort(Comparator.comparingLong(Strike::atMillis));
    return strikes;
  }
}
