package io.lingtan.agent.carbon;

import io.lingtan.agent.site.Site.Allocation;

/**
 * Which source fed which sink in one interval, in millionths of a kWh. Sources are the grid
 * (import), PV and the battery (discharge); sinks are the load, the battery (charge) and the grid
 * (export). What a site imports and exports within one interval without having made it is {@code
 * gridToGrid}; likewise {@code batteryToBattery}.
 *
 * <p>To be worked out per base interval and then added: on the totals of a day the same rule gives
 * other, wrong flows, because a surplus at noon would feed the evening.
 */
public record Flows(
    long gridToLoad,
    long gridToBattery,
    long gridToGrid,
    long pvToLoad,
    long pvToBattery,
    long pvToGrid,
    long batteryToLoad,
    long batteryToBattery,
    long batteryToGrid) {

  /**
   * Energies of an interval, in millionths of a kWh, none negative.
   *
   * @param gridImport from the grid
   * @param gridExport to the grid
   * @param pv generated
   * @param charge into the battery
   * @param discharge out of the battery
   */
  public record Energies(long gridImport, long gridExport, long pv, long charge, long discharge) {
    public Energies {
      if (gridImport < 0 || gridExport < 0 || pv < 0 || charge < 0 || discharge < 0) {
        throw new IllegalArgumentException("counts are never negative");
      }
    }

    /** What is left for the loads; negative if a sign or a time is wrong somewhere. */
    public long load() {
      return gridImport + pv + discharge - gridExport - charge;
    }
  }

  /** The flows by the site's rule. */
  public static Flows of(Allocation rule, Energies energies) {
    return switch (rule) {
      case PRIORITY -> byPriority(energies);
      case PROPORTIONAL -> proportional(energies);
    };
  }

  /**
   * Grid to battery only beyond the load's need, then PV to battery and grid, then battery to grid,
   * the rest of the charge from the grid; what is left of PV, battery and grid, in this order,
   * feeds the load.
   */
  static Flows byPriority(Energies e) {
    long load = Math.max(0, e.load());
    long grid = e.gridImport;
    long pv = e.pv;
    long battery = e.discharge;
    long charge = e.charge;
    long export = e.gridExport;

    long gridToBattery = Math.max(0, Math.min(charge, grid - load));
    grid -= gridToBattery;
    charge -= gridToBattery;
    long pvToBattery = Math.min(pv, charge);
    pv -= pvToBattery;
    charge -= pvToBattery;
    long pvToGrid = Math.min(pv, export);
    pv -= pvToGrid;
    export -= pvToGrid;
    long batteryToGrid = Math.min(battery, export);
    battery -= batteryToGrid;
    export -= batteryToGrid;
    long restOfCharge = Math.min(grid, charge);
    gridToBattery += restOfCharge;
    grid -= restOfCharge;
    charge -= restOfCharge;
    long pvToLoad = Math.min(pv, load);
    load -= pvToLoad;
    long batteryToLoad = Math.min(battery, load);
    battery -= batteryToLoad;
    load -= batteryToLoad;
    long gridToLoad = Math.min(grid, load);
    grid -= gridToLoad;
    return new Flows(
        gridToLoad,
        gridToBattery,
        Math.min(grid, export),
        pvToLoad,
        pvToBattery,
        pvToGrid,
        batteryToLoad,
        Math.min(battery, charge),
        batteryToGrid);
  }

  /** Each sink takes every source in the ratio of all sources; rounding loses nothing. */
  static Flows proportional(Energies e) {
    long[] sources = {e.gridImport, e.pv, e.discharge};
    long[] sinks = {Math.max(0, e.load()), e.charge, e.gridExport};
    long[][] x = Shares.of(sources, sinks);
    return new Flows(
        x[0][0], x[0][1], x[0][2], x[1][0], x[1][1], x[1][2], x[2][0], x[2][1], x[2][2]);
  }
}
