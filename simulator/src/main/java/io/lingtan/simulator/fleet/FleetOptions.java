package io.lingtan.simulator.fleet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param gateways how many, 1..10000
 * @param broker {@code mqtt://host:port}; null to start one
 * @param brokerPid of that broker if it runs on this machine, 0 if not known
 * @param stop command for the shell that takes the given broker away; null if there are no storms
 *     or the broker is our own
 * @param start command for the shell that brings it back
 * @param recordsPerSecond of each gateway, 0.01..10
 * @param seconds that records are made for
 * @param storms in the order of their times
 */
record FleetOptions(
    int gateways,
    @Nullable String broker,
    long brokerPid,
    @Nullable String stop,
    @Nullable String start,
    double recordsPerSecond,
    long seconds,
    List<Storm> storms) {

  FleetOptions {
    storms = List.copyOf(storms);
  }

  long periodMillis() {
    return Math.round(1_000 / recordsPerSecond);
  }
}
