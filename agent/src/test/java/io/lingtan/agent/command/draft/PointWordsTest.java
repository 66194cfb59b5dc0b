package io.lingtan.agent.command.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which point a maker's name means, name by name. */
final class PointWordsTest {

  @ParameterizedTest
  @CsvSource({
    "Voltage L1, voltage_l1",
    "Phase A voltage, voltage_l1",
    "Ua, voltage_l1",
    "V2, voltage_l2",
    "C相电压, voltage_l3",
    "Current L2, current_l2",
    "Ib, current_l2",
    "A相电流, current_l1",
    "Active power, power",
    "Total system power, power",
    "Active_Power_L3, power_l3",
    "Pb, power_l2",
    "总有功功率, power",
    "A相有功功率, power_l1",
    "Reactive power, reactive_power",
    "总无功功率, reactive_power",
    "Apparent power, apparent_power",
    "视在功率, apparent_power",
    "Power factor, power_factor",
    "PF, power_factor",
    "cos φ, power_factor",
    "功率因数, power_factor",
    "Frequency, frequency",
    "频率, frequency",
    "Import active energy, energy_import",
    "Total kWh, energy_import",
    "正向有功总电能, energy_import",
    "Export active energy, energy_export",
    "反向有功总电能, energy_export",
    "Energy T2, energy_import_t2",
    "Reactive energy import, reactive_energy_import",
    "正向无功总电能, reactive_energy_import",
    "Reactive energy export, reactive_energy_export",
    "反向无功总电能, reactive_energy_export",
    "Total power demand, demand",
    "Maximum demand, demand_max",
    "最大需量, demand_max",
    "Charged energy, energy_charged",
    "累计充电电量, energy_charged",
    "Discharged energy, energy_discharged",
    "累计放电电量, energy_discharged",
    "Accumulated energy yield, energy_generated",
    "累计发电量, energy_generated",
    "PV1 voltage, voltage_dc1",
    "组串2电流, current_dc2",
    "SOC, soc",
    "State of health, soh",
    "Temperature, temperature",
    "环境温度, temperature"
  })
  void aNameThatSaysAPoint(String name, String point) {
    assertEquals(point, PointWords.find(name));
  }

  @ParameterizedTest
  @CsvSource({
    // Between two phases
    "Voltage L1-L2",
    "Uab",
    "AB线电压",
    "Line to line voltage",
    // Of part of a time
    "Daily yield",
    "当日发电量",
    "Energy this month",
    "Resettable energy",
    // Another thing that has the same words
    "Voltage THD L1",
    "Phase angle L1 current",
    "Rated power",
    "额定功率",
    "Maximum current",
    "Average voltage",
    "Neutral current",
    "Voltage unbalance",
    "Overvoltage alarm",
    "Current transformer ratio",
    "PT变比",
    "Power setpoint",
    "Battery cell voltage",
    "尖电能",
    "Apparent energy",
    "Remaining energy",
    // Of two phases at once
    "Power L1 and L2",
    // Nothing of ours
    "Software version",
    "Device address",
    "brightness"
  })
  void aNameThatSaysLessOrSomethingElse(String name) {
    assertEquals(null, PointWords.find(name));
  }
}
