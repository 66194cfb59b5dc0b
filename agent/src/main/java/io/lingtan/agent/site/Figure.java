package io.lingtan.agent.site;

/** What one meter contributes to the site's energy picture, counted over an interval. */
public enum Figure {
  GRID_IMPORT("elec.grid.import", "kW.h"),
  GRID_EXPORT("elec.grid.export", "kW.h"),
  PV_GENERATION("elec.pv.generation", "kW.h"),
  CHP_GENERATION("elec.chp.generation", "kW.h"),
  BATTERY_CHARGE("elec.battery.charge", "kW.h"),
  BATTERY_DISCHARGE("elec.battery.discharge", "kW.h"),
  /** What hybrid inverters gave to the busbar, be it from panels or from a battery. */
  HYBRID_OUTPUT("elec.hybrid.output", "kW.h"),
  /** What they took from it. */
  HYBRID_INPUT("elec.hybrid.input", "kW.h"),
  /** What a sub-metered load takes; always named with its meter's id. */
  LOAD("elec.load", "kW.h"),
  /** Reactive energy at the gate, in kvarh, for which UCUM only has kV.A.h. */
  REACTIVE_IMPORT("reactive.import", "kV.A.h"),
  REACTIVE_EXPORT("reactive.export", "kV.A.h"),
  /** As the meter counts it, at its own reference temperature. */
  GAS("fuel.gas.volume", "m3"),
  HEAT("heat.energy", "kW.h"),
  H2_PRODUCED("h2.produced", "kg"),
  H2_DISPENSED("h2.dispensed", "kg");

  private final String metric;
  private final String ucum;

  Figure(String metric, String ucum) {
    this.metric = metric;
    this.ucum = ucum;
  }

  /** The metric's name, without a meter's id. */
  public String metric() {
    return metric;
  }

  /** The unit whose millionths are counted. */
  public String ucum() {
    return ucum;
  }
}
