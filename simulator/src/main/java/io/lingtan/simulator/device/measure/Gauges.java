package io.lingtan.simulator.device.measure;

import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;

/** What instruments see of the world. */
public final class Gauges {

  /** Power factor of everything with motors in it, in thousandths. */
  public static final int POWER_FACTOR = 970;

  /** var per W at that power factor, in thousandths. */
  public static final int REACTIVE_SHARE = 251;

  private Gauges() {}

  public static Gauge energy(Wire wire) {
    return (world, millis) -> world.energyMillijoules(wire, millis);
  }

  public static Gauge power(Wire wire) {
    return (world, millis) -> world.watts(wire);
  }

  /** Power counted positive through {@code plus} and negative through {@code minus}. */
  public static Gauge power(Wire plus, Wire minus) {
    return (world, millis) -> world.watts(plus) - world.watts(minus);
  }

  /** A share of another gauge, in thousandths. */
  public static Gauge share(Gauge whole, int thousandths) {
    return (world, millis) -> whole.at(world, millis) * thousandths / 1_000;
  }

  public static Gauge sum(Gauge first, Gauge second) {
    return (world, millis) -> first.at(world, millis) + second.at(world, millis);
  }

  /** Apparent power at the usual power factor. */
  public static Gauge apparent(Gauge power) {
    return (world, millis) -> Math.abs(power.at(world, millis)) * 1_000 / POWER_FACTOR;
  }

  /** Phase current in mA that a symmetric three-phase apparent power draws. */
  public static Gauge phaseCurrent(Gauge apparent) {
    return (world, millis) ->
        Math.abs(apparent.at(world, millis)) * 1_000_000L / (3L * world.gridMillivolts());
  }

  /** Phase voltage; the phases differ a little. */
  public static Gauge voltage(int phase) {
    return (world, millis) -> world.gridMillivolts() + 300L * (phase - 2);
  }

  public static Gauge frequency() {
    return (world, millis) -> world.gridMillihertz();
  }

  public static Gauge mass(Pipe pipe) {
    return (world, millis) -> world.massMilligrams(pipe, millis);
  }

  public static Gauge constant(long value) {
    return (world, millis) -> value;
  }

  /** Air temperature plus what {@code power} warms, in thousandths of °C. */
  public static Gauge warm(Gauge power, int wattsPerDegree) {
    return (world, millis) ->
        world.airMillikelvin()
            - 273_150
            + Math.abs(power.at(world, millis)) * 1_000 / wattsPerDegree;
  }

  /** Flow at the dispenser in normal litres an hour: 11.126 Nm³ a kilogram. */
  public static long dispenserFlow(World world, long millis) {
    return world.milligramsPerSecond(Pipe.DISPENSED) * 3_600L * 11_126L / 1_000_000L;
  }

  /**
   * Water that the electrolyser has drawn, in mL: 10 L for each kg of hydrogen, of which 8.94 L are
   * split and the rest is let off by the purification.
   */
  static long feedWater(World world, long millis) {
    return world.massMilligrams(Pipe.PRODUCED, millis) / 100;
  }
}
