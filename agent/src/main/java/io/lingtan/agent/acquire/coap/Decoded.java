package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a payload came to. */
public sealed interface Decoded {

  /**
   * It says something of the device's points.
   *
   * @param atNanos monotonic nanoseconds at which it was measured: its arrival, less the age that
   *     it gives itself
   * @param counters whether an energy register is among the values
   * @param bad why a point that it tells of has no value
   */
  record Content(long atNanos, boolean counters, Values values, SortedMap<Point, Reason> bad)
      implements Decoded {
    public Content {
      bad = Collections.unmodifiableSortedMap(new TreeMap<>(bad));
    }
  }

  /**
   * It gives no value.
   *
   * @param what was seen, for a person
   */
  record Refused(Reason reason, String what) implements Decoded {}
}
