package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import org.jspecify.annotations.Nullable;

/** A value of a device at its place on the wire, prepared for decoding. */
public sealed interface WireValue permits Register, DataItem, RecordValue {

  Point point();

  /** Whether it is a counter that intervals are made from. */
  default boolean counts() {
    return point().quantity().isRegister();
  }

  /** Whether its 0 may mean "not available", which the poll decides at its end. */
  default boolean isAccumulator() {
    return false;
  }

  /** Puts the zero of an accumulator that has turned out to be one. */
  default @Nullable Reason putZero(Values.Builder values) {
    return Reason.CONFIG;
  }
}
