package io.lingtan.simulator.endtoend;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The demonstration site's devices, read straight from its world: registers rounded down to their
 * resolution, without lines or frames between. For long times.
 */
final class WorldReadings {

  static final long MILLIJOULES_PER_MILLIWATT_HOUR = 3_600;

  /** What one step of each device's registers is, millionths of a kWh or kg. */
  private static final Map<String, Long> STEPS =
      Map.of(
          "gate", 800_000L, "pv1", 1_000L, "bat1", 10_000L, "house", 1_000L, "comp", 1_000L, "ely1",
          10_000L, "disp1", 1_000L);

  /** Hydrogen registers count grams. */
  static final long GRAM = 1_000;

  private final World world;
  private final long bootMillis;

  WorldReadings(long seed, long startMillis, int stepMillis) {
    world = new World(Plant.demo(seed).inStepsOf(stepMillis).startingAt(startMillis));
    bootMillis = startMillis - 1_000_000;
  }

  World world() {
    return world;
  }

  /** One step of the registers of a device, millionths. */
  static long step(String device) {
    Long step = STEPS.get(device);
    if (step == null) {
      throw new IllegalArgumentException(device);
    }
    return step;
  }

  /** What has flowed through a wire at the world's present instant, mWh. */
  long milliwattHours(Wire wire) {
    return world.energyMillijoules(wire, world.stepStart()) / MILLIJOULES_PER_MILLIWATT_HOUR;
  }

  /** Goes on to {@code millis} and reads every device there. */
  void read(long millis, BiConsumer<Sample, Long> to) {
    world.advanceTo(millis);
    Map<String, Values.Builder> devices = new LinkedHashMap<>();
    register(devices, "gate", "energy_import", milliwattHours(Wire.GRID_IMPORT));
    register(devices, "gate", "energy_export", milliwattHours(Wire.GRID_EXPORT));
    register(devices, "gate", "reactive_energy_import", 0);
    register(devices, "gate", "reactive_energy_export", 0);
    register(devices, "pv1", "energy_generated", milliwattHours(Wire.PV));
    register(devices, "bat1", "energy_charged", milliwattHours(Wire.BATTERY_CHARGE));
    register(devices, "bat1", "energy_discharged", milliwattHours(Wire.BATTERY_DISCHARGE));
    level(devices, "bat1", "soc", world.socBasisPoints() * 10_000L);
    level(devices, "bat1", "soh", 98_000_000);
    register(devices, "house", "energy_import", milliwattHours(Wire.BUILDINGS));
    register(devices, "comp", "energy_import", milliwattHours(Wire.COMPRESSOR));
    register(devices, "ely1", "energy_import", milliwattHours(Wire.ELECTROLYSER));
    level(devices, "ely1", "mass", grams(Pipe.PRODUCED));
    level(devices, "tank1", "pressure", world.tankGaugePascal(0, millis));
    level(devices, "tank1", "temperature", (world.tankMillikelvin() - 273_150) * 1000L);
    level(devices, "disp1", "mass", grams(Pipe.DISPENSED));
    for (Map.Entry<String, Values.Builder> device : devices.entrySet()) {
      long nanos = (millis - bootMillis) * 1_000_000;
      to.accept(Sample.of(device.getKey(), "boot", nanos, device.getValue().build()), millis);
    }
  }

  private long grams(Pipe pipe) {
    return world.massMilligrams(pipe, world.stepStart()) / GRAM * GRAM;
  }

  private static void register(
      Map<String, Values.Builder> devices, String device, String point, long exact) {
    level(devices, device, point, exact / step(device) * step(device));
  }

  private static void level(
      Map<String, Values.Builder> devices, String device, String point, long value) {
    devices.computeIfAbsent(device, id -> new Values.Builder()).put(Point.of(point), value);
  }

  /** The wire that each figure of the site counts, with the device that does. */
  record Counted(String metric, String device, Wire wire) {}

  static final List<Counted> COUNTED =
      List.of(
          new Counted("elec.grid.import", "gate", Wire.GRID_IMPORT),
          new Counted("elec.grid.export", "gate", Wire.GRID_EXPORT),
          new Counted("elec.pv.generation", "pv1", Wire.PV),
          new Counted("elec.battery.charge", "bat1", Wire.BATTERY_CHARGE),
          new Counted("elec.battery.discharge", "bat1", Wire.BATTERY_DISCHARGE),
          new Counted("elec.load.buildings", "house", Wire.BUILDINGS),
          new Counted("elec.load.compressor", "comp", Wire.COMPRESSOR),
          new Counted("elec.load.ely", "ely1", Wire.ELECTROLYSER));
}
