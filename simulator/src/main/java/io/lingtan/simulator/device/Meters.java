package io.lingtan.simulator.device;

import static io.lingtan.simulator.device.Coding.FLOAT32;
import static io.lingtan.simulator.device.Coding.INT16;
import static io.lingtan.simulator.device.Coding.INT32;
import static io.lingtan.simulator.device.Coding.UINT16;
import static io.lingtan.simulator.device.Coding.UINT32;
import static io.lingtan.simulator.device.measure.Measure.BASIS_POINT;
import static io.lingtan.simulator.device.measure.Measure.LITRE_PER_HOUR;
import static io.lingtan.simulator.device.measure.Measure.MILLIAMPERE;
import static io.lingtan.simulator.device.measure.Measure.MILLICELSIUS;
import static io.lingtan.simulator.device.measure.Measure.MILLIHERTZ;
import static io.lingtan.simulator.device.measure.Measure.MILLIJOULE;
import static io.lingtan.simulator.device.measure.Measure.MILLIVOLT;
import static io.lingtan.simulator.device.measure.Measure.ONE;
import static io.lingtan.simulator.device.measure.Measure.PASCAL;
import static io.lingtan.simulator.device.measure.Measure.THOUSANDTH;
import static io.lingtan.simulator.device.measure.Measure.WATT;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.measure.Gauge;
import io.lingtan.simulator.device.measure.Gauges;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import java.util.Map;

/** The models of meters that a site can have, each typed from its maker's table. */
public final class Meters {

  static final long MILLIJOULES_PER_WH = 3_600_000L;
  static final long MILLIJOULES_PER_KWH = 1_000 * MILLIJOULES_PER_WH;
  private static final int NOT_IMPLEMENTED_INT16 = 0x8000;
  private static final int NOT_IMPLEMENTED_UINT16 = 0xFFFF;

  /** What a {@link #counting} device shows in place of its power when it knows none. */
  public static final long NOT_AVAILABLE = 0xFFFF_FFFFL;

  private Meters() {}

  /**
   * Two numbers of 32 bits and nothing else, in two blocks of the same length: for trials where
   * only the number counts, and one block could be taken for the other.
   *
   * @param energy at holding register 0
   * @param power at holding register 100
   */
  public static Meter counting(String id, Gauge energy, Gauge power) {
    return Meter.named(id, "none")
        .block(3, 0, 2)
        .live("energy_import", 0, UINT32, ONE, 1, energy)
        .block(3, 100, 2)
        .live("power", 100, UINT32, ONE, 1, power)
        .build()
        .withSentinels(Map.of(Point.of("power"), NOT_AVAILABLE));
  }

  /**
   * A three-phase PV inverter: SunSpec models 1 and 103 (integers with scale factors) from 40000.
   *
   * @param countedWattHours what its accumulator stood at when the world began
   */
  public static Meter sunSpecInverter(String id, View view, long countedWattHours) {
    int common = 40_002;
    int inverter = common + 68;
    Gauge power = view.power();
    Gauge apparent = Gauges.share(power, 1_002);
    Gauge phase = Gauges.phaseCurrent(apparent);
    Gauge dc = Gauges.share(power, 1_016);
    return Meter.named(id, "sunspec")
        .block(3, 40_000, 124)
        .text(40_000, 2, "SunS")
        .constant(common, 1, 66)
        .text(common + 2, 16, "Lingtan")
        .text(common + 18, 16, "SIM-160K")
        .text(common + 42, 8, "1.0")
        .serial(common + 50, 16, "SIM-" + id)
        .constant(common + 66, 1, NOT_IMPLEMENTED_INT16)
        .constant(inverter, 103, 50)
        .live(
            "current",
            inverter + 2,
            UINT16,
            MILLIAMPERE,
            100,
            (world, millis) -> 3 * phase.at(world, millis))
        .live("current_l1", inverter + 3, UINT16, MILLIAMPERE, 100, phase)
        .live("current_l2", inverter + 4, UINT16, MILLIAMPERE, 100, phase)
        .live("current_l3", inverter + 5, UINT16, MILLIAMPERE, 100, phase)
        .constant(inverter + 6, -1)
        .constant(
            inverter + 7, NOT_IMPLEMENTED_UINT16, NOT_IMPLEMENTED_UINT16, NOT_IMPLEMENTED_UINT16)
        .live("voltage_l1", inverter + 10, UINT16, MILLIVOLT, 100, Gauges.voltage(1))
        .live("voltage_l2", inverter + 11, UINT16, MILLIVOLT, 100, Gauges.voltage(2))
        .live("voltage_l3", inverter + 12, UINT16, MILLIVOLT, 100, Gauges.voltage(3))
        .constant(inverter + 13, -1)
        .live("power", inverter + 14, INT16, WATT, 10, power)
        .constant(inverter + 15, 1)
        .live("frequency", inverter + 16, UINT16, MILLIHERTZ, 10, Gauges.frequency())
        .constant(inverter + 17, -2)
        .live("apparent_power", inverter + 18, INT16, WATT, 10, apparent)
        .constant(inverter + 19, 1)
        .live("reactive_power", inverter + 20, INT16, WATT, 10, Gauges.share(power, 60))
        .constant(inverter + 21, 1)
        .live("power_factor", inverter + 22, INT16, THOUSANDTH, 1, Gauges.constant(998))
        .constant(inverter + 23, -1)
        .live(
            "energy_generated",
            inverter + 24,
            UINT32,
            MILLIJOULE,
            10 * MILLIJOULES_PER_WH,
            view.plus().plus(countedWattHours * MILLIJOULES_PER_WH))
        .constant(inverter + 26, 1)
        .live(
            "current_dc",
            inverter + 27,
            UINT16,
            MILLIAMPERE,
            100,
            (world, millis) -> dc.at(world, millis) * 1_000_000L / 690_000L)
        .constant(inverter + 28, -1)
        .live("voltage_dc", inverter + 29, UINT16, MILLIVOLT, 100, Gauges.constant(690_000))
        .constant(inverter + 30, -1)
        .live("power_dc", inverter + 31, INT16, WATT, 10, dc)
        .constant(inverter + 32, 1)
        .live("temperature", inverter + 33, INT16, MILLICELSIUS, 100, Gauges.warm(power, 8_000))
        .constant(
            inverter + 34, NOT_IMPLEMENTED_INT16, NOT_IMPLEMENTED_INT16, NOT_IMPLEMENTED_INT16, -1)
        .state(inverter + 38, (world, millis) -> power.at(world, millis) > 0 ? 4 : 2)
        .constant(inverter + 39, NOT_IMPLEMENTED_UINT16)
        .constant(inverter + 52, 0xFFFF, 0)
        .build();
  }

  /**
   * Acrel DTSD1352 behind transformers. Its registers are secondary: times the ratio they give the
   * primary value.
   *
   * @param ct transformer ratio, 1..9999
   */
  public static Meter acrelDtsd1352(
      String id, View view, int ct, long importedWattHours, long exportedWattHours) {
    Gauge power = view.power();
    Gauge imported = view.plus().plus(importedWattHours * MILLIJOULES_PER_WH);
    Gauge exported = view.minus().plus(exportedWattHours * MILLIJOULES_PER_WH);
    Gauge current = Gauges.phaseCurrent(Gauges.apparent(power));
    long energyStep = 10 * MILLIJOULES_PER_WH * ct;
    Gauge reactive = Gauges.share(power, Gauges.REACTIVE_SHARE);
    return Meter.named(id, "acrel-dtsd1352")
        .block(3, 0, 0x200)
        .live(null, 0x00, UINT32, MILLIJOULE, energyStep, Gauges.sum(imported, exported))
        .live("energy_import", 0x0A, UINT32, MILLIJOULE, energyStep, imported)
        .live("energy_export", 0x14, UINT32, MILLIJOULE, energyStep, exported)
        .live(
            "reactive_energy_import",
            0x28,
            UINT32,
            MILLIJOULE,
            energyStep,
            Gauges.share(imported, Gauges.REACTIVE_SHARE))
        .live(
            "reactive_energy_export",
            0x32,
            UINT32,
            MILLIJOULE,
            energyStep,
            Gauges.share(exported, Gauges.REACTIVE_SHARE))
        .live("voltage_l1", 0x61, UINT16, MILLIVOLT, 100, Gauges.voltage(1))
        .live("voltage_l2", 0x62, UINT16, MILLIVOLT, 100, Gauges.voltage(2))
        .live("voltage_l3", 0x63, UINT16, MILLIVOLT, 100, Gauges.voltage(3))
        .live("current_l1", 0x64, UINT16, MILLIAMPERE, 10L * ct, current)
        .live("current_l2", 0x65, UINT16, MILLIAMPERE, 10L * ct, current)
        .live("current_l3", 0x66, UINT16, MILLIAMPERE, 10L * ct, current)
        .live("frequency", 0x77, UINT16, MILLIHERTZ, 10, Gauges.frequency())
        .constant(0x8D, 1, ct)
        .live("power_l1", 0x164, INT32, WATT, ct, Gauges.share(power, 340))
        .live("power_l2", 0x166, INT32, WATT, ct, Gauges.share(power, 330))
        .live("power_l3", 0x168, INT32, WATT, ct, Gauges.share(power, 330))
        .live("power", 0x16A, INT32, WATT, ct, power)
        .live("reactive_power", 0x172, INT32, WATT, ct, reactive)
        .live("power_factor", 0x17F, INT16, THOUSANDTH, 1, Gauges.constant(Gauges.POWER_FACTOR))
        .build();
  }

  /**
   * Eastron SDM630-Modbus: input registers as floats, primary values, at most 40 values a request.
   */
  public static Meter eastronSdm630(
      String id, View view, long importedWattHours, long exportedWattHours) {
    Gauge power = view.power();
    Gauge imported = view.plus();
    Gauge exported = view.minus();
    Gauge apparent = Gauges.apparent(power);
    Gauge current = Gauges.phaseCurrent(apparent);
    Gauge energy = imported.plus(importedWattHours * MILLIJOULES_PER_WH);
    Gauge delivered = exported.plus(exportedWattHours * MILLIJOULES_PER_WH);
    Gauge reactive = Gauges.share(energy, Gauges.REACTIVE_SHARE);
    return Meter.named(id, "eastron-sdm630")
        .maxWords(80)
        .block(3, 0xFC00, 2)
        .serial(0xFC00, 0x0012_D687)
        .block(4, 0, 0x180)
        .live("voltage_l1", 0x00, FLOAT32, MILLIVOLT, 1_000, Gauges.voltage(1))
        .live("voltage_l2", 0x02, FLOAT32, MILLIVOLT, 1_000, Gauges.voltage(2))
        .live("voltage_l3", 0x04, FLOAT32, MILLIVOLT, 1_000, Gauges.voltage(3))
        .live("current_l1", 0x06, FLOAT32, MILLIAMPERE, 1_000, current)
        .live("current_l2", 0x08, FLOAT32, MILLIAMPERE, 1_000, current)
        .live("current_l3", 0x0A, FLOAT32, MILLIAMPERE, 1_000, current)
        .live("power_l1", 0x0C, FLOAT32, WATT, 1, Gauges.share(power, 340))
        .live("power_l2", 0x0E, FLOAT32, WATT, 1, Gauges.share(power, 330))
        .live("power_l3", 0x10, FLOAT32, WATT, 1, Gauges.share(power, 330))
        .live("power", 0x34, FLOAT32, WATT, 1, power)
        .live("apparent_power", 0x38, FLOAT32, WATT, 1, apparent)
        .live("reactive_power", 0x3C, FLOAT32, WATT, 1, Gauges.share(power, Gauges.REACTIVE_SHARE))
        .live(
            "power_factor", 0x3E, FLOAT32, THOUSANDTH, 1_000, Gauges.constant(Gauges.POWER_FACTOR))
        .live("frequency", 0x46, FLOAT32, MILLIHERTZ, 1_000, Gauges.frequency())
        .live("energy_import", 0x48, FLOAT32, MILLIJOULE, MILLIJOULES_PER_KWH, energy)
        .live("energy_export", 0x4A, FLOAT32, MILLIJOULE, MILLIJOULES_PER_KWH, delivered)
        .live("reactive_energy_import", 0x4C, FLOAT32, MILLIJOULE, MILLIJOULES_PER_KWH, reactive)
        .live(
            "reactive_energy_export",
            0x4E,
            FLOAT32,
            MILLIJOULE,
            MILLIJOULES_PER_KWH,
            Gauges.constant(0))
        .live(null, 0x156, FLOAT32, MILLIJOULE, MILLIJOULES_PER_KWH, Gauges.sum(energy, delivered))
        .build();
  }

  /** The site's battery, as {@code config/profiles/example-battery.yaml} lays it out. */
  public static Meter exampleBattery(String id, long chargedWattHours, long dischargedWattHours) {
    Gauge power = Gauges.power(Wire.BATTERY_DISCHARGE, Wire.BATTERY_CHARGE);
    return Meter.named(id, "example-battery")
        .block(3, 0, 10)
        .live("power", 0, INT32, WATT, 1, power)
        .wattHours(
            "energy_charged",
            2,
            Gauges.energy(Wire.BATTERY_CHARGE).plus(chargedWattHours * MILLIJOULES_PER_WH))
        .wattHours(
            "energy_discharged",
            4,
            Gauges.energy(Wire.BATTERY_DISCHARGE).plus(dischargedWattHours * MILLIJOULES_PER_WH))
        .live("soc", 6, UINT16, BASIS_POINT, 10, (world, millis) -> world.socBasisPoints())
        .live("soh", 7, UINT16, BASIS_POINT, 10, Gauges.constant(9_840))
        .live("temperature", 8, INT16, MILLICELSIUS, 100, Gauges.warm(power, 30_000))
        .state(
            9,
            (world, millis) ->
                world.watts(Wire.BATTERY_CHARGE) > 0
                    ? 2
                    : world.watts(Wire.BATTERY_DISCHARGE) > 0 ? 3 : 1)
        .block(3, 100, 8)
        .serial(100, 8, "SIM-" + id)
        .build();
  }

  /** The electrolyser, as {@code config/profiles/example-electrolyser.yaml} lays it out. */
  public static Meter exampleElectrolyser(String id, long importedWattHours, long madeGrams) {
    Gauge power = Gauges.power(Wire.ELECTROLYSER);
    return Meter.named(id, "example-electrolyser")
        .block(3, 0, 10)
        .live("power", 0, INT32, WATT, 1, power)
        .wattHours(
            "energy_import",
            2,
            Gauges.energy(Wire.ELECTROLYSER).plus(importedWattHours * MILLIJOULES_PER_WH))
        .wattHours("energy_export", 4, Gauges.constant(0))
        .grams(6, Gauges.mass(Pipe.PRODUCED).plus(madeGrams * 1_000))
        .live("temperature", 8, INT16, MILLICELSIUS, 100, Gauges.warm(power, 5_000))
        .state(9, (world, millis) -> world.electrolyserState() == 2 ? 2 : 1)
        .block(3, 100, 8)
        .serial(100, 8, "SIM-" + id)
        .build();
  }

  /**
   * A group of tanks, as {@code config/profiles/example-h2-tank.yaml} lays it out.
   *
   * @param group from 0
   */
  static Meter exampleTank(String id, int group) {
    return Meter.named(id, "example-h2-tank")
        .block(4, 0, 10)
        .live(
            "pressure",
            0,
            UINT32,
            PASCAL,
            1_000,
            (world, millis) -> world.tankGaugePascal(group, millis))
        .live(
            "temperature",
            2,
            INT16,
            MILLICELSIUS,
            100,
            (world, millis) -> world.tankMillikelvin() - 273_150)
        .grams(4, (world, millis) -> world.tankMilligrams(group, millis))
        .block(4, 100, 8)
        .serial(100, 8, "SIM-" + id)
        .build();
  }

  /** The dispenser, as {@code config/profiles/example-h2-dispenser.yaml} lays it out. */
  public static Meter exampleDispenser(String id, long givenGrams) {
    return Meter.named(id, "example-h2-dispenser")
        .block(3, 0, 10)
        .grams(0, Gauges.mass(Pipe.DISPENSED).plus(givenGrams * 1_000))
        .live("flow", 2, UINT16, LITRE_PER_HOUR, 100, Gauges::dispenserFlow)
        .state(3, (world, millis) -> world.isFuelling() ? 2 : 0)
        .block(3, 100, 8)
        .serial(100, 8, "SIM-" + id)
        .build();
  }
}
