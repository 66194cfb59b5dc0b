package io.lingtan.simulator.fault;

/**
 * Something that goes wrong during a span of the world's time. What kind of thing it goes wrong
 * with decides who makes it happen; a {@link FaultPlan} knows when.
 */
public sealed interface Fault
    permits WireFault, MeterFault, PulseFault, CoapFault, ClockFault, BrokerFault, HostFault {

  /** Name in scenario files and reports, in lower case with underscores. */
  String kind();

  /**
   * Whom it strikes: the id of a device, {@code line/ID} for a line, {@code clock}, {@code broker}
   * or {@code machine}.
   */
  String target();

  /** First instant, UTC ms of the world. */
  long fromMillis();

  /** First instant after it, UTC ms of the world. */
  long untilMillis();

  /** What a reader may take from values that are served meanwhile. */
  default Belief belief() {
    return Belief.TRUE;
  }

  default boolean isAt(long millis) {
    return millis >= fromMillis() && millis < untilMillis();
  }
}
