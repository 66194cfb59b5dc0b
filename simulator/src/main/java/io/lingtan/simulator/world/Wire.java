package io.lingtan.simulator.world;

/** Where electricity flows in one direction. Energy only ever grows. */
public enum Wire {
  /** From the public grid into the site. */
  GRID_IMPORT(0),
  /** From the site into the public grid. */
  GRID_EXPORT(1),
  /** From the inverter into the site, AC. */
  PV(2),
  /** Into the battery's converter, AC. */
  BATTERY_CHARGE(3),
  /** Out of the battery's converter, AC. */
  BATTERY_DISCHARGE(4),
  /** Offices and workshop. */
  BUILDINGS(5),
  /** The electrolyser as a system: stack, rectifier and auxiliaries, AC. */
  ELECTROLYSER(6),
  /** The hydrogen compressor. */
  COMPRESSOR(7),
  /** Charging points for cars and vans. */
  CHARGERS(8);

  static final int COUNT = 9;

  private final int index;

  Wire(int index) {
    this.index = index;
  }

  /** Place in arrays and lists by wire. */
  public int index() {
    return index;
  }
}
