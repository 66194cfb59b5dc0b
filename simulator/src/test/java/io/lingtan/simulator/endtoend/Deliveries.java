package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.endtoend.Witness.Served;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What arrived of each device's data. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
public final class Deliveries {
  private static final Map<String, Integer> UNITS = Map.of("m1", 1, "m2", 2, "m3", 3);
  private final Map<String, Map<String, Object>> records;

  public Deliveries(Map<String, Map<String, Object>> records) {
    this.records = records;
  }

  private List<Map<String, Object>> of(String device) {
    return records.values().stream()
        .filter(r -> device.equals(r.get("device")) && r.containsKey("values"))
        .toList();
  }

  int count(String device) {
    return (int) of(device).stream().filter(r -> !((Map<?, ?>) r.get("values")).isEmpty()).count();
  }

  Set<Object> reasons(String device) {
    Set<Object> all = new HashSet<>();
    of(device)
        .forEach(r -> all.addAll(r.get("bad") instanceof Map<?, ?> bad ? bad.values() : List.of()));
    return all;
  }

  /** Each served value arrived, but for {@code most} of them; none arrived that was not served. */
  void assertHolds(List<Served> served, int most) {
    List<String> missing = new ArrayList<>();
    for (String device : UNITS.keySet()) {
      missing.addAll(missing(device, served));
    }
    assertTrue(missing.size() <= most, "served and not delivered: " + missing);
  }

  /** The same of one device alone. */
  public void assertServed(String device, List<Served> served, int most) {
    List<String> missing = missing(device, served);
    assertTrue(missing.size() <= most, "served and not delivered: " + missing);
  }

  private List<String> missing(String device, List<Served> served) {
    List<String> missing = new ArrayList<>();
    Set<BigDecimal> energies = new HashSet<>();
    Set<BigDecimal> powers = new HashSet<>();
    for (Map<String, Object> record : of(device)) {
      Map<?, ?> values = (Map<?, ?>) record.get("values");
      if (values.get("energy_import") instanceof BigDecimal energy) {
        assertTrue(energies.add(energy.stripTrailingZeros()), "twice: " + record);
      }
      if (values.get("power") instanceof BigDecimal power) {
        powers.add(power.stripTrailingZeros());
      }
    }
    Set<BigDecimal> servedPowers = new HashSet<>();
    for (Served reply : served) {
      if (reply.unit() != UNITS.get(device)) {
        continue;
      }
      BigDecimal energy = reply.energy();
      if (energy != null && !energies.remove(energy.stripTrailingZeros())) {
        missing.add(device + " " + energy);
      }
      BigDecimal power = reply.power();
      if (power != null) {
        servedPowers.add(power.stripTrailingZeros());
      }
    }
    assertEquals(Set.of(), energies, device + " delivered energies that nobody served");
    powers.removeAll(servedPowers);
    assertEquals(Set.of(), powers, device + " delivered powers that nobody served");
    return missing;
  }
}
