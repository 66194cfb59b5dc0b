package io.lingtan.agent.reading;

import java.util.Map;

/** What became of one poll of one device. The status page sees each; a recorder makes samples. */
public sealed interface Poll {

  String device();

  /** Monotonic nanoseconds at which it ended. */
  long atNanos();

  /**
   * The device answered, wholly or in part.
   *
   * @param atNanos arrival of the block that holds the energy registers
   * @param bad points that were due and have no value, with the reason
   */
  record Answered(String device, long atNanos, Values values, Map<Point, Reason> bad)
      implements Poll {}

  /**
   * Nothing usable came back.
   *
   * @param detail for a person: what was seen
   */
  record Failed(String device, long atNanos, Reason reason, String detail) implements Poll {}
}
