package io.lingtan.simulator.demo;

import io.lingtan.agent.reading.Point;
import java.util.Map;

/**
 * What a meter put into one reply.
 *
 * @param wallMillis UTC ms of wall time of the instant that the values are of
 * @param values by point, as the registers show them
 */
record Served(String device, long wallMillis, Map<Point, Shown> values) {

  Served {
    values = Map.copyOf(values);
  }

  /**
   * A register's value.
   *
   * @param micros millionths of the point's unit
   * @param stepMicros one step of the register
   */
  record Shown(long micros, long stepMicros) {

    /** Whether a reader who was handed this register would say {@code other}: to half a step. */
    boolean means(long other) {
      return 2 * Math.abs(other - micros) <= stepMicros;
    }
  }
}
