package io.lingtan.simulator.demo;

import io.lingtan.simulator.world.Wire;
import java.util.List;

/**
 * A figure that is compared: the metric that is delivered, what it truly is, and the registers it
 * rests on.
 */
@SuppressWarnings("ImmutableEnumChecker") // Its lists are made by List.of alone.
enum Figure {
  PV("PV", "elec.pv.generation", List.of(Wire.PV), List.of("pv1/energy_generated")),
  GRID_IMPORT(
      "grid import", "elec.grid.import", List.of(Wire.GRID_IMPORT), List.of("check/energy_import")),
  GRID_EXPORT(
      "grid export", "elec.grid.export", List.of(Wire.GRID_EXPORT), List.of("check/energy_export")),
  BATTERY_CHARGE(
      "battery charge",
      "elec.battery.charge",
      List.of(Wire.BATTERY_CHARGE),
      List.of("bat1/energy_charged")),
  BATTERY_DISCHARGE(
      "battery discharge",
      "elec.battery.discharge",
      List.of(Wire.BATTERY_DISCHARGE),
      List.of("bat1/energy_discharged")),
  /** Worked out from everything that flows in and out, so that all their registers count. */
  LOAD(
      "load",
      "elec.load.total",
      List.of(Wire.BUILDINGS, Wire.ELECTROLYSER, Wire.COMPRESSOR),
      List.of(
          "pv1/energy_generated",
          "check/energy_import",
          "check/energy_export",
          "bat1/energy_charged",
          "bat1/energy_discharged")),
  CO2("CO2", "co2.scope2.location", List.of(Wire.GRID_IMPORT), List.of("check/energy_import")),
  HYDROGEN("hydrogen", "h2.produced", List.of(), List.of("ely1/mass"));

  private final String title;
  private final String metric;
  private final List<Wire> wires;
  private final List<String> registers;

  Figure(String title, String metric, List<Wire> wires, List<String> registers) {
    this.title = title;
    this.metric = metric;
    this.wires = wires;
    this.registers = registers;
  }

  String title() {
    return title;
  }

  /** Its name in interval records. */
  String metric() {
    return metric;
  }

  /** Its sum is the truth; none for hydrogen, which is a mass. */
  List<Wire> wires() {
    return wires;
  }

  /** As {@code device/point}. */
  List<String> registers() {
    return registers;
  }

  String unit() {
    return switch (this) {
      case CO2, HYDROGEN -> "kg";
      default -> "kWh";
    };
  }
}
