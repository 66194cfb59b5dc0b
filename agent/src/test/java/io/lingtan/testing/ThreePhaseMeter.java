package io.lingtan.testing;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Values;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a three-phase meter shows while its load wanders: steps of 0.1 W, 0.1 V, 0.001 A, 0.01 kWh.
 */
public final class ThreePhaseMeter {

  private static final List<String> POINTS =
      List.of(
          "power",
          "power_l1",
          "power_l2",
          "power_l3",
          "energy_import",
          "energy_export",
          "reactive_power",
          "reactive_power_l1",
          "reactive_power_l2",
          "reactive_power_l3",
          "reactive_energy_import",
          "reactive_energy_export",
          "apparent_power",
          "apparent_power_l1",
          "apparent_power_l2",
          "apparent_power_l3",
          "voltage_l1",
          "voltage_l2",
          "voltage_l3",
          "current",
          "current_l1",
          "current_l2",
          "current_l3",
          "frequency",
          "power_factor",
          "power_factor_l1",
          "power_factor_l2",
          "power_factor_l3",
          "temperature",
          "voltage");

  /** How many values it has. */
  public static final int VALUES = POINTS.size();

  private final RandomGenerator random;
  private double load;
  private double energy;

  /** Some load and reading to begin with. */
  public ThreePhaseMeter(RandomGenerator random) {
    this.random = random;
    load = 1_000 + random.nextDouble() * 40_000;
    energy = random.nextDouble() * 200_000;
  }

  /** All its values a moment later. */
  public Values values() {
    load = Math.max(100, load + random.nextGaussian() * load * 0.01);
    energy += load / 3.6e6;
    Values.Builder values = new Values.Builder();
    double factor = 0.9 + random.nextGaussian() * 0.005;
    for (String name : POINTS) {
      Point point = Point.of(name);
      double share = name.contains("_l") ? 0.333 + random.nextGaussian() * 0.003 : 1;
      switch (point.quantity()) {
        case POWER -> put(values, point, load * share, 0.1);
        case ENERGY_IMPORT -> put(values, point, energy, 0.01);
        case ENERGY_EXPORT -> put(values, point, 12.34, 0.01);
        case REACTIVE_POWER -> put(values, point, load * 0.4 * share, 0.1);
        case REACTIVE_ENERGY_IMPORT -> put(values, point, energy * 0.4, 0.01);
        case REACTIVE_ENERGY_EXPORT -> put(values, point, 1.23, 0.01);
        case APPARENT_POWER -> put(values, point, load / factor * share, 0.1);
        case VOLTAGE -> put(values, point, 230 + random.nextGaussian(), 0.1);
        case CURRENT -> put(values, point, load / 690 / factor, 0.001);
        case FREQUENCY -> put(values, point, 50 + random.nextGaussian() * 0.02, 0.01);
        case POWER_FACTOR -> put(values, point, factor, 0.001);
        case TEMPERATURE -> put(values, point, 25 + random.nextGaussian(), 0.1);
        default -> throw new IllegalStateException(name);
      }
    }
    return values.build();
  }

  private static void put(Values.Builder to, Point point, double value, double step) {
    to.put(point, Math.round(value / step) * Math.round(step * 1e6));
  }
}
