package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.device.measure.View;

/**
 * Which meter stands somewhere. Models whose maps are typed here from their makers' tables are made
 * of those, and so check the profile that the agent reads them with; every other profile is made of
 * its own file.
 */
public final class Models {

  private Models() {}

  public static Meter of(Installed installed) {
    return model(installed).withSentinels(Sentinels.of(installed.device().profile()));
  }

  private static Meter model(Installed installed) {
    View view = installed.view();
    String id = installed.id();
    String profile = installed.device().profile().name();
    if (!isTypedFor(profile, view)) {
      return ProfileMeter.of(installed);
    }
    return switch (profile) {
      case "sunspec" ->
          Meters.sunSpecInverter(id, view, wattHours(installed, Quantity.ENERGY_GENERATED));
      case "acrel-dtsd1352" ->
          Meters.acrelDtsd1352(
              id,
              view,
              installed.device().ct().intValueExact(),
              wattHours(installed, Quantity.ENERGY_IMPORT),
              wattHours(installed, Quantity.ENERGY_EXPORT));
      case "eastron-sdm630" ->
          Meters.eastronSdm630(
              id,
              view,
              wattHours(installed, Quantity.ENERGY_IMPORT),
              wattHours(installed, Quantity.ENERGY_EXPORT));
      case "example-battery" ->
          Meters.exampleBattery(
              id,
              wattHours(installed, Quantity.ENERGY_CHARGED),
              wattHours(installed, Quantity.ENERGY_DISCHARGED));
      case "example-electrolyser" ->
          Meters.exampleElectrolyser(
              id, wattHours(installed, Quantity.ENERGY_IMPORT), grams(installed));
      case "example-h2-tank" -> Meters.exampleTank(id, view.tankGroup());
      case "example-h2-dispenser" -> Meters.exampleDispenser(id, grams(installed));
      default -> ProfileMeter.of(installed);
    };
  }

  private static boolean isTypedFor(String profile, View view) {
    return switch (profile) {
      case "sunspec" -> view == View.PV;
      case "acrel-dtsd1352", "eastron-sdm630" -> view.isElectric() && !view.isSource();
      case "example-battery" -> view == View.BATTERY;
      case "example-electrolyser" -> view == View.ELECTROLYSER;
      case "example-h2-tank" -> view.tankGroup() >= 0;
      case "example-h2-dispenser" -> view == View.DISPENSER;
      default -> false;
    };
  }

  private static long wattHours(Installed installed, Quantity quantity) {
    return installed.counted(Point.of(quantity), Measure.MILLIJOULE) / Meters.MILLIJOULES_PER_WH;
  }

  private static long grams(Installed installed) {
    return installed.counted(Point.of(Quantity.MASS), Measure.MILLIGRAM) / 1_000;
  }
}
