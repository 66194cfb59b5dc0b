package io.lingtan.simulator.zone.trial;

import java.util.List;

/**
 * How the gateways of a process are, or of several.
 *
 * @param connected how many are, at the MQTT broker
 * @param numbered records that were numbered
 * @param waiting records that are not acknowledged by the broker and by the zone
 * @param missed readings that were not made because this machine was late
 * @param resent sent again after a connection ended, or because the zone did not acknowledge
 * @param firstMillis when all meters had been read once, UTC ms; {@link Long#MAX_VALUE} before
 * @param lastMillis up to when all meters have been read; {@link Long#MIN_VALUE} before
 * @param isPaused whether no records are made any more
 * @param problem why one is not connected, for a person
 */
record GatewaysState(
    long connected,
    long numbered,
    long waiting,
    long missed,
    long resent,
    long firstMillis,
    long lastMillis,
    boolean isPaused,
    String problem) {

  private static final String BETWEEN = "\t";

  /** Of a process that has told nothing. */
  static final GatewaysState UNKNOWN =
      new GatewaysState(
          0, 0, 0, 0, 0, Long.MAX_VALUE, Long.MIN_VALUE, false, "gateways are being made");

  String line() {
    return String.join(
        BETWEEN,
        List.of(
            String.valueOf(connected),
            String.valueOf(numbered),
            String.valueOf(waiting),
            String.valueOf(missed),
            String.valueOf(resent),
            String.valueOf(firstMillis),
            String.valueOf(lastMillis),
            String.valueOf(isPaused),
            problem.replaceAll("\\s", " ")));
  }

  /** Reads what {@link #line} wrote. */
  static GatewaysState read(String line) {
    String[] words = line.split(BETWEEN, -1);
    return new GatewaysState(
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]),
        Boolean.parseBoolean(words[7]),
        words[8]);
  }

  GatewaysState and(GatewaysState other) {
    return new GatewaysState(
        connected + other.connected,
        numbered + other.numbered,
        waiting + other.waiting,
        missed + other.missed,
        resent + other.resent,
        Math.max(firstMillis, other.firstMillis),
        Math.min(lastMillis, other.lastMillis),
        isPaused && other.isPaused,
        connected < other.connected ? problem : other.problem);
  }

  /** The first base interval that began with all meters being read. */
  long judgedFrom() {
    return firstMillis == Long.MAX_VALUE
        ? firstMillis
        : Math.ceilDiv(firstMillis, SitePlan.BASE_MILLIS) * SitePlan.BASE_MILLIS;
  }

  /** The end of the last base interval up to which all meters have been read. */
  long judgedUntil() {
    return lastMillis == Long.MIN_VALUE
        ? lastMillis
        : Math.floorDiv(lastMillis, SitePlan.BASE_MILLIS) * SitePlan.BASE_MILLIS;
  }
}
