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

  /** The word in the site file. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
