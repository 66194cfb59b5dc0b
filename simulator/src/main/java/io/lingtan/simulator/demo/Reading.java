package io.lingtan.simulator.demo;

import java.math.BigDecimal;
import java.util.Map;

/**
 * A delivered data record.
 *
 * @param tsMillis UTC ms at which it was read
 * @param arrivedMillis UTC ms at which it was delivered
 * @param values numbers by point name; text states are left out
 * @param bad reasons by point name, {@code *} for all of them
 */
record Reading(
    String device,
    long tsMillis,
    long arrivedMillis,
    Map<String, BigDecimal> values,
    Map<String, String> bad) {

  /** Later than live records ever are. */
  private static final long LATE_MILLIS = 5_000;

  boolean isLate() {
    return arrivedMillis - tsMillis > LATE_MILLIS;
  }
}
