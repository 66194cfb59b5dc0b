package io.lingtan.simulator.fault;

/** What a reader may take from the values that are served while a fault holds. */
public enum Belief {
  /** What is served and passes the reader's checks is true. */
  TRUE,

  /**
   * What is served is false, and a careful reader can tell: it must not pass for a good value, and
   * no figure made of it for a measured one.
   */
  TELLING,

  /**
   * What is served is false, and nothing in it says so: wiring or set-up that no reader of the
   * values alone can know. Figures follow what was served.
   */
  DECEIVING
}
