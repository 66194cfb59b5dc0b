package io.lingtan.simulator.demo;

import java.math.BigDecimal;
import java.util.Map;

/**
 * A delivered data record.
 *
 * @param tsMillis UTC ms at which it was read
 * @param arrivedMillis UTC ms at which it was delivered
 * @param values numbers by point name; text states are left out
 */
record Reading(String device, long tsMillis, long arrivedMillis, Map<String, BigDecimal> values) {

  /** Later than live records ever are. */
  private static final long LATE_MILLIS = 5_000;

  boolean isLate() {
    return arrivedMillis - tsMillis > LATE_MILLIS;
  }
}
