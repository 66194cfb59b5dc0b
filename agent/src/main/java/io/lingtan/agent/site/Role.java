package io.lingtan.agent.site;

import java.util.Locale;

/** What a meter measures in the site's energy picture. */
public enum Role {
  GRID,
  PV,
  BATTERY,
  LOAD,
  ELECTROLYSER,
  COMPRESSOR,
  H2_STORAGE,
  H2_DISPENSER,
  CHARGER,
  GAS,
  HEAT,
  CHP;

  /** Whether its meter stands in the balance of electricity. A dispenser's may, and need not. */
  public boolean isElectric() {
    return switch (this) {
      case GRID, PV, BATTERY, LOAD, ELECTROLYSER, COMPRESSOR, CHARGER, CHP -> true;
      case H2_STORAGE, H2_DISPENSER, GAS, HEAT -> false;
    };
  }

  /** Whether what its meter takes is {@code elec.load.{id}}. */
  public boolean isLoad() {
    return switch (this) {
      case LOAD, CHARGER, COMPRESSOR, ELECTROLYSER, H2_DISPENSER -> true;
      case GRID, PV, BATTERY, H2_STORAGE, GAS, HEAT, CHP -> false;
    };
  }

  /** The word in the site file. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
