package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.world.Wire;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A year of the storage site and of the hydrogen depot, read each quarter of an hour and billed in
 * unlike ways. The demonstration site's is billed in {@link SimulatedYearIT}.
 */
final class BilledYearIT {

  private static final long QUARTER = 900_000;

  /** What figures of these sites are made of beside registers. */
  private static final Set<Quantity> LEVELS =
      EnumSet.of(Quantity.MASS, Quantity.SOC, Quantity.PRESSURE, Quantity.TEMPERATURE);

  /** kvarh for each kWh in a month, hundredths: from a factor of 1.00 to one of 0.62. */
  private static final int[] REACTIVE = {45, 0, 12, 31, 33, 48, 60, 75, 90, 110, 127, 20};

  @TempDir private Path folder;

  private final long[] reactive = new long[2];
  private long bought;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "storage | class: industry, kva: 250, basic: contract, contract_kw: 90, over_contract: B,"
            + " voltage: 10kV, power_factor: 0.80, purchase_factor: 1.5",
        "hydrogen-depot | class: commerce, kva: 800, basic: demand, voltage: 35kV, power_factor:"
            + " 0.85",
      })
  @Tag("campaign")
  @RequiresTool("python3")
  void everyBillAndEmissionFollowsFromQuartersOfAnHour(String name, String terms) throws Exception {
    try (BilledYear year = new BilledYear(folder, name, terms)) {
      play(name, year);
      String said = year.judged();
      assertTrue(said.startsWith("0\n"), said);
      System.out.println(name + ": " + said.lines().toList());
      if (name.equals("storage")) {
        oneDigitMoreIsNamed(year);
      }
    }
  }

  private void oneDigitMoreIsNamed(BilledYear year) throws Exception {
    alter("bills.ndjson", "(\"fen\":\\d*)[1-9],", "$10,");
    alter("fuel.csv", "48.7,kg", "48.700001,kg");
    String said = year.judge();
    assertTrue(said.startsWith("1\n"), said);
    assertTrue(said.contains("\n2026 co2.total is "), said);
    assertTrue(said.contains("\n2026-01 purchase_"), said);
  }

  private void alter(String file, String from, String to) throws Exception {
    String text = Files.readString(folder.resolve(file));
    String other = text.replaceFirst(from, to);
    assertNotEquals(text, other, file);
    Files.writeString(folder.resolve(file), other);
  }

  private void play(String name, BilledYear year) {
    SimulatedSite of =
        SimulatedSite.of(
            name, 24, 0, plant -> plant.inStepsOf(60_000).startingAt(BilledYear.FROM - QUARTER));
    Map<Measuring, List<Point>> devices = new LinkedHashMap<>();
    for (Measuring device : of.devices()) {
      devices.put(device, device.points().stream().filter(BilledYearIT::isWanted).toList());
    }
    Fold fold = new Fold(year.site());
    for (long at = BilledYear.FROM - QUARTER; at <= BilledYear.TOLD; at += QUARTER) {
      of.world().advanceTo(at);
      count(of, at);
      for (Map.Entry<Measuring, List<Point>> device : devices.entrySet()) {
        Values values = read(device.getKey(), device.getValue(), of, at);
        long nanos = (at - BilledYear.FROM + 2 * QUARTER) * 1_000_000;
        fold.observe(Sample.of(device.getKey().id(), "boot", nanos, values), at, year);
      }
    }
  }

  private static boolean isWanted(Point point) {
    return !point.name().matches(".*_l[1-3]")
        && (point.quantity().isRegister() || LEVELS.contains(point.quantity()));
  }

  /** The gate's reactive registers: another power factor in each month. */
  private void count(SimulatedSite of, long at) {
    long now = of.world().energyMillijoules(Wire.GRID_IMPORT, at) / 3_600;
    int month = Math.clamp((at - BilledYear.FROM) / (30L * 86_400_000), 0, 11);
    reactive[0] += (now - bought) * REACTIVE[month] / 100;
    reactive[1] += (now - bought) / 40;
    bought = now;
  }

  private Values read(Measuring device, List<Point> points, SimulatedSite of, long at) {
    Values.Builder values = new Values.Builder();
    for (Point point : points) {
      values.put(
          point,
          switch (point.quantity()) {
            case REACTIVE_ENERGY_IMPORT -> reactive[0];
            case REACTIVE_ENERGY_EXPORT -> reactive[1];
            default -> device.trueMicros(point, of.world(), at);
          });
    }
    return values.build();
  }
}
