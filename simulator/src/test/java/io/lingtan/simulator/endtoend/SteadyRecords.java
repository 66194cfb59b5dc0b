package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What arrived of {@link SimulatedLines}: whether it came as steadily as it should. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class SteadyRecords {

  /** Registers that only go up, and that every record has. */
  private static final Map<String, String> REGISTERS =
      Map.of(
          "gate", "energy_import",
          "ely1", "energy_import",
          "house", "energy_import",
          "pv1", "energy_generated",
          "disp1", "mass",
          "chargers", "energy_import");

  private final Map<String, Map<Instant, Map<?, ?>>> devices = new TreeMap<>();

  SteadyRecords(Map<String, Map<String, Object>> records) {
    for (Map<String, Object> record : records.values()) {
      if (record.get("values") instanceof Map<?, ?> values
          && SimulatedLines.PERIODS.containsKey(record.get("device"))) {
        devices
            .computeIfAbsent((String) record.get("device"), any -> new TreeMap<>())
            .put(Instant.ofEpochMilli(Subscriber.number(record, "ts")), values);
      }
    }
  }

  /**
   * From the first values to the last the next ones come within two periods, but for {@code most}
   * breaks of three periods and a second at the longest; and the register never went back.
   */
  void assertUnbroken(String device, int most) {
    Duration period = Duration.ofSeconds(SimulatedLines.PERIODS.get(device));
    Duration longest = period.multipliedBy(2);
    Duration longestBreak = period.multipliedBy(3).plusSeconds(1);
    List<String> breaks = new ArrayList<>();
    Instant before = null;
    BigDecimal shown = BigDecimal.ZERO;
    for (Map.Entry<Instant, Map<?, ?>> record : devices.get(device).entrySet()) {
      Map<?, ?> values = record.getValue();
      if (values.isEmpty()) {
        continue;
      }
      if (REGISTERS.containsKey(device)) {
        BigDecimal next = (BigDecimal) values.get(REGISTERS.get(device));
        assertTrue(next.compareTo(shown) >= 0, device + " went from " + shown + " to " + next);
        shown = next;
      }
      if (before != null) {
        Duration step = Duration.between(before, record.getKey());
        assertFalse(
            step.compareTo(longestBreak) > 0, device + " broke off for " + step + " at " + before);
        if (step.compareTo(longest) >= 0) {
          breaks.add(before + " " + step);
        }
      }
      before = record.getKey();
    }
    assertTrue(breaks.size() <= most, device + " broke off " + most + " times at most: " + breaks);
  }

  /** How many records of each device. */
  @Override
  public String toString() {
    Map<String, Integer> counts = new TreeMap<>();
    devices.forEach((device, records) -> counts.put(device, records.size()));
    return counts.toString();
  }
}
