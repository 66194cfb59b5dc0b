package io.lingtan.agent.site;

/** The side of an inverter on which the energy of a source is counted. */
public enum Coupling {
  /** Where the source gives to the busbar, or a battery takes from it. */
  AC,
  /** Behind a hybrid inverter, which panels and a battery share and which loses some of it. */
  DC
}
